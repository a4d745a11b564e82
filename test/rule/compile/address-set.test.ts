import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import {
  addressDifference,
  addressUnion,
  EVERY_ADDRESS,
  isEveryAddress,
  isNoAddress,
  NO_ADDRESS,
  parseAddressWord,
} from '../../../src/rule/compile/address-set.js';
import type { AddressSet } from '../../../src/block/terms.js';
import { rangeDifference, rangeUnion, type RangeSet } from '../../../src/rule/compile/range-set.js';

const SPACE = 40;

/** The oracle: a set of small integers, one bit each. */
function members(ranges: RangeSet<number>): boolean[] {
  return Array.from({ length: SPACE }, (_, value) => ranges.some(([low, high]) => low <= value && value <= high));
}

const someRanges = fc.array(
  fc.tuple(fc.nat(SPACE - 1), fc.nat(8)).map(([low, more]) => [low, Math.min(low + more, SPACE - 1)] as const),
  { maxLength: 6 },
);

function expectNormal(ranges: RangeSet<number>): void {
  ranges.forEach(([low, high], index) => {
    expect(low).toBeLessThanOrEqual(high);
    if (index > 0) expect(low).toBeGreaterThan(ranges[index - 1]![1] + 1);
  });
}

describe('range sets', () => {
  it('unite as sets do', () => {
    fc.assert(
      fc.property(someRanges, (ranges) => {
        const union = rangeUnion(ranges);
        expectNormal(union);
        expect(members(union)).toEqual(members(ranges));
      }),
      { numRuns: 1000, seed: 1 },
    );
  });

  it('differ as sets do', () => {
    fc.assert(
      fc.property(someRanges, someRanges, (a, b) => {
        const difference = rangeDifference(rangeUnion(a), rangeUnion(b));
        expectNormal(difference);
        const [inA, inB] = [members(a), members(b)];
        expect(members(difference)).toEqual(inA.map((member, value) => member && !inB[value]));
      }),
      { numRuns: 1000, seed: 2 },
    );
  });

  it('work on bigints alike', () => {
    const wide = (ranges: RangeSet<number>): RangeSet<bigint> =>
      ranges.map(([low, high]) => [BigInt(low), BigInt(high)]);
    fc.assert(
      fc.property(someRanges, someRanges, (a, b) => {
        expect(rangeDifference(rangeUnion(wide(a)), rangeUnion(wide(b)))).toEqual(
          wide(rangeDifference(rangeUnion(a), rangeUnion(b))),
        );
      }),
      { numRuns: 200, seed: 3 },
    );
  });
});

describe('a word of an address list', () => {
  const set = (text: string): AddressSet => parseAddressWord(text) as AddressSet;

  it('is an address, a block, a block with a netmask or a range', () => {
    expect(set('1.2.3.4')).toEqual({ ipv4: [[0x01020304, 0x01020304]], ipv6: [] });
    expect(set('10.1.2.3/8')).toEqual({ ipv4: [[0x0a000000, 0x0affffff]], ipv6: [] });
    expect(set('10.1.2.3/255.255.0.0')).toEqual({ ipv4: [[0x0a010000, 0x0a01ffff]], ipv6: [] });
    expect(set('10.0.0.1-10.0.0.9')).toEqual({ ipv4: [[0x0a000001, 0x0a000009]], ipv6: [] });
    expect(set('0.0.0.0/0').ipv4).toEqual([[0, 0xffffffff]]);
    expect(set('::1')).toEqual({ ipv4: [], ipv6: [[1n, 1n]] });
    expect(set('fe80::/10').ipv6).toEqual([[0xfe80n << 112n, (0xfec0n << 112n) - 1n]]);
    expect(set('::ffff:1.2.3.4').ipv4).toEqual([]);
    expect(set('2001:db8::1-2001:db8::2').ipv6[0]![1] & 0xffn).toBe(2n);
  });

  it('is a block as ipaddr.js sees it', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.nat(32), fc.ipV4(), (base, prefix, address) => {
        const [[low, high]] = set(`${base}/${prefix}`).ipv4 as [[number, number]];
        const [[value]] = set(address).ipv4 as [[number, number]];
        expect(low <= value && value <= high).toBe(
          ipaddr.IPv4.parse(address).match(ipaddr.IPv4.parseCIDR(`${base}/${prefix}`)),
        );
      }),
      { numRuns: 500, seed: 4 },
    );
  });

  it('reads of IPv4 what ipaddr.js takes for four decimal numbers', () => {
    const part = fc.oneof(
      fc.nat(300).map(String),
      fc.constantFrom('', '0', '00', '01', '255', '256', '1a', ' 1', '9999'),
    );
    const joined = fc.array(part, { minLength: 3, maxLength: 5 }).map((parts) => parts.join('.'));
    const four = fc.tuple(part, part, part, part).map((parts) => parts.join('.'));
    fc.assert(
      fc.property(fc.oneof(four, joined), (text) => {
        const isGood = ipaddr.IPv4.isValidFourPartDecimal(text);
        const expected = isGood
          ? new DataView(Uint8Array.from(ipaddr.IPv4.parse(text).octets).buffer).getUint32(0)
          : NaN;
        const read = parseAddressWord(text);
        expect(read).toEqual(isGood ? { ipv4: [[expected, expected]], ipv6: [] } : `'${text}' is no address`);
      }),
      { numRuns: 2000, seed: 5 },
    );
  });

  const broken = [
    '1.2.3',
    '1.2.3.256',
    '010.1.1.1.1',
    '0x7f000001',
    'example.org',
    '1.2.3.4/33',
    '1.2.3.4/',
    '1.2.3.4/255.0.255.0',
    '::1/129',
    'fe80::1%eth0',
    ':',
    '1.2.3.9-1.2.3.4',
    '1.2.3.4-',
    '1.2.3.4-::1',
  ];
  for (const text of broken) it(`is not ${text}`, () => expect(parseAddressWord(text)).toBeTypeOf('string'));
});

describe('address sets', () => {
  it('know nothing and everything', () => {
    expect(isNoAddress(NO_ADDRESS)).toBe(true);
    expect(isEveryAddress(EVERY_ADDRESS)).toBe(true);
    expect(isNoAddress(addressDifference(EVERY_ADDRESS, EVERY_ADDRESS))).toBe(true);
    const half = parseAddressWord('0.0.0.0/0') as AddressSet;
    expect(isEveryAddress(half)).toBe(false);
    expect(isEveryAddress(addressUnion([half, parseAddressWord('::/0') as AddressSet]))).toBe(true);
  });
});
