/** Address sets, port sets, 64-bit numbers and sorting, against the obvious way. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasIpv4, hasIpv6, packAddressSet } from '../../src/block/address-set.js';
import { hasPort, packPortSet } from '../../src/block/port-set.js';
import { sortRows } from '../../src/detect/candidates/sort-rows.js';
import { Uint64 } from '../../src/detect/verify/uint64.js';

/** Sorted, disjoint ranges out of sorted bounds. */
const ranges = <T>(bounds: readonly T[]): [T, T][] =>
  Array.from({ length: bounds.length >> 1 }, (_, i) => [bounds[2 * i], bounds[2 * i + 1]]);
const numeric = (a: number, b: number): number => a - b;
const big = (a: bigint, b: bigint): number => (a < b ? -1 : 1);

describe('address sets', () => {
  it('hold what their ranges hold: IPv4', () => {
    const addresses = fc.oneof(
      fc.nat(8),
      fc.integer({ min: 0x7ffffffe, max: 0x80000001 }),
      fc.integer({ min: 0xfffffffc, max: 0xffffffff }),
    );
    fc.assert(
      fc.property(fc.uniqueArray(addresses, { maxLength: 8 }), addresses, (bounds, address) => {
        const set = ranges([...bounds].sort(numeric));
        const words = Int32Array.from([9, ...packAddressSet({ ipv4: set, ipv6: [] }).ipv4]);
        expect(hasIpv4(words, 1, set.length, address)).toBe(
          set.some(([low, high]) => address >= low && address <= high),
        );
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  it('hold what their ranges hold: IPv6', () => {
    const words128 = fc.tuple(
      fc.constantFrom(0n, 1n, 0xffffffffn),
      fc.constantFrom(0n, 0x80000000n),
      fc.constantFrom(0n, 0x7fffffffn),
      fc.constantFrom(0n, 1n, 2n, 0xffffffffn),
    );
    const addresses = words128.map(([a, b, c, d]) => (a << 96n) | (b << 64n) | (c << 32n) | d);
    fc.assert(
      fc.property(fc.uniqueArray(addresses, { maxLength: 8 }), addresses, (bounds, address) => {
        const set = ranges([...bounds].sort(big));
        const words = Int32Array.from(packAddressSet({ ipv4: [], ipv6: set }).ipv6);
        const bytes = Uint8Array.from([
          7,
          ...Array.from({ length: 16 }, (_, i) => Number((address >> BigInt(8 * (15 - i))) & 255n)),
        ]);
        expect(hasIpv6(words, 0, set.length, bytes, 1)).toBe(
          set.some(([low, high]) => address >= low && address <= high),
        );
      }),
      { numRuns: 2000, seed: 2 },
    );
  });
});

describe('port sets', () => {
  it('hold what their ranges hold, as ranges and as a bitmap', () => {
    const ports = fc.oneof(fc.nat(300), fc.integer({ min: 65_000, max: 65_535 }));
    fc.assert(
      fc.property(fc.uniqueArray(ports, { maxLength: 200 }), ports, (bounds, port) => {
        const set = ranges([...bounds].sort(numeric));
        const { kind, words } = packPortSet(set);
        expect(hasPort(Int32Array.from([5, 6, ...words]), kind, 2, words.length, port)).toBe(
          set.some(([low, high]) => port >= low && port <= high),
        );
      }),
      { numRuns: 1000, seed: 3 },
    );
  });

  it('become a bitmap when long', () => {
    expect(packPortSet(Array.from({ length: 65 }, (_, i) => [i * 3, i * 3])).words.length).toBe(2048);
    expect(packPortSet([[0, 65535]]).words.length).toBe(1);
  });
});

describe('64-bit numbers', () => {
  const word = fc.oneof(
    fc.nat(9),
    fc.integer({ min: 0, max: 0xffffffff }),
    fc.constantFrom(0x7fffffff, 0x80000000, 0xffffffff),
  );
  const join = (high: number, low: number): bigint => (BigInt(high) << 32n) | BigInt(low);
  const make = (high: number, low: number): Uint64 => {
    const number = new Uint64();
    number.set(high, low);
    return number;
  };
  const operations: [string, (n: Uint64, high: number, low: number) => void, (a: bigint, b: bigint) => bigint][] = [
    ['add', (n, high, low) => n.add(high, low), (a, b) => a + b],
    ['subtract', (n, high, low) => n.subtract(high, low), (a, b) => a - b],
    ['multiply', (n, high, low) => n.multiply(high, low), (a, b) => a * b],
    [
      'divide',
      (n, high, low) => (high === 0 && low === 0 ? undefined : n.divide(high, low)),
      (a, b) => (b === 0n ? a : a / b),
    ],
    ['and', (n, high, low) => n.and(high, low), (a, b) => a & b],
    ['negate', (n) => n.negate(), (a) => -a],
    ['shift left', (n, _, low) => n.shiftLeft(low % 70), (a, b) => a << ((b & 0xffffffffn) % 70n)],
    ['shift right', (n, _, low) => n.shiftRight(low % 70), (a, b) => a >> ((b & 0xffffffffn) % 70n)],
    ['align', (n) => n.align(4), (a) => ((a + 3n) / 4n) * 4n],
  ];
  it.each(operations)('%s', (_, operate, expected) => {
    fc.assert(
      fc.property(word, word, word, word, (a, b, c, d) => {
        const number = make(a, b);
        operate(number, c, d);
        expect(join(number.high, number.low)).toBe(BigInt.asUintN(64, expected(join(a, b), join(c, d))));
      }),
      { numRuns: 2000, seed: 4 },
    );
  });

  it('compare, and read as signed', () => {
    fc.assert(
      fc.property(word, word, word, word, (a, b, c, d) => {
        expect(Math.sign(make(a, b).compare(c, d))).toBe(join(a, b) === join(c, d) ? 0 : big(join(a, b), join(c, d)));
        const signed = BigInt.asIntN(64, join(a, b));
        if (signed >= -(2n ** 53n) && signed <= 2n ** 53n) expect(BigInt(make(a, b).toSigned())).toBe(signed);
      }),
      { numRuns: 2000, seed: 5 },
    );
  });
});

describe('sorting rows', () => {
  it('sorts the first ones and leaves the rest', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100_000), { maxLength: 300 }), fc.nat(20), (numbers, rest) => {
        const rows = Int32Array.from([...numbers, ...new Array<number>(rest).fill(-1)]);
        sortRows(rows, numbers.length);
        expect([...rows]).toEqual([...[...numbers].sort(numeric), ...new Array<number>(rest).fill(-1)]);
      }),
      { numRuns: 200, seed: 6 },
    );
  });

  it('sorts many', () => {
    const rows = Int32Array.from({ length: 50_000 }, (_, i) => Math.imul(i, 2654435761) >>> 8);
    sortRows(rows, rows.length);
    expect(rows.every((row, i) => i === 0 || rows[i - 1] <= row)).toBe(true);
  });
});
