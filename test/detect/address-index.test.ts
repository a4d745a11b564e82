/** The index of block lists finds the rules that looking at every list finds. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findInterval, packAddressIndex } from '../../src/detect/address-index.js';
import { ListWriter } from '../../src/detect/list-writer.js';
import type { AddressSet } from '../../src/rule/program.js';
import { program } from '../support/rule-programs.js';

const address = fc.oneof(fc.nat(20), fc.integer({ min: 0x7ffffff0, max: 0x8000000f }), fc.integer({ min: 0xfffffff0, max: 0xffffffff }));
const sets: fc.Arbitrary<AddressSet | undefined> = fc.oneof(
  { weight: 1, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constant<AddressSet>({ ipv4: [[0, 0xffffffff]], ipv6: [[0n, 1n]] }) },
  { weight: 6, arbitrary: fc.uniqueArray(address, { minLength: 2, maxLength: 8 }).map((bounds) => {
    const sorted = [...bounds].sort((a, b) => a - b);
    return { ipv4: Array.from({ length: sorted.length >> 1 }, (_, i) => [sorted[2 * i], sorted[2 * i + 1]] as const), ipv6: [] };
  }) },
);
const headers = fc.record({ source: sets, destination: sets, bidirectional: fc.boolean() });
const holds = (set: AddressSet | undefined, value: number): boolean => set === undefined || set.ipv4.some(([low, high]) => value >= low && value <= high);

describe('the address index', () => {
  it('misses no rule', () => {
    fc.assert(fc.property(fc.array(headers, { maxLength: 12 }), address, address, (list, src, dst) => {
      const rules = list.map((header, row) => ({ row, transports: 1, flags: 0, program: program({ header }) }));
      const lists = new ListWriter([7, 7, 7]);
      const index = packAddressIndex(rules, lists);
      const words = Int32Array.from(lists.words);
      const found = new Set(words.subarray(...index.rest4));
      for (const [range, value] of [[index.bySource, src], [index.byDestination, dst]] as const) {
        const entry = findInterval(words, range[0], range[1], value);
        if (entry < 0) continue;
        expect(words[entry] >>> 0).toBeLessThanOrEqual(value);
        const listed = [...words.subarray(words[entry + 1], words[entry + 2])];
        expect(listed).toEqual([...new Set(listed)].sort((a, b) => a - b));
        for (const row of listed) found.add(row);
      }
      list.forEach((header, row) => {
        const matches = (holds(header.source, src) && holds(header.destination, dst)) || (header.bidirectional && holds(header.source, dst) && holds(header.destination, src));
        if (matches) expect(found).toContain(row);
      });
    }), { numRuns: 2000, seed: 31 });
  });

  it('looks at few rules, not at all of them', () => {
    const rules = Array.from({ length: 1000 }, (_, row) => ({ row, transports: 1, flags: 0, program: program({ header: { source: { ipv4: [[row * 16, row * 16 + 3]], ipv6: [] } } }) }));
    const lists = new ListWriter([]);
    const index = packAddressIndex(rules, lists);
    const words = Int32Array.from(lists.words);
    const entry = findInterval(words, ...index.bySource, 500 * 16 + 2);
    expect([...words.subarray(words[entry + 1], words[entry + 2])]).toEqual([500]);
    const gap = findInterval(words, ...index.bySource, 500 * 16 + 7);
    expect(words[gap + 1]).toBe(words[gap + 2]);
    expect(index.rest4[0]).toBe(index.rest4[1]);
    expect(findInterval(words, ...index.byDestination, 5)).toBe(-1);
  });
});
