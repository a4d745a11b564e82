/** Searches and copies within a shard's memory: the kernel and its twin against what arrays do. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileKernel, openMatcher } from '../../../src/match/literal/kernel-matcher.js';
import type { MemoryMatcher } from '../../../src/match/literal/matcher.js';
import type { ShardMemory } from '../../../src/memory/shard-memory.js';
import { newShardMemory } from '../../support/shard-memory.js';

const kernel = compileKernel('');
const EDGE = 65_536;

const lower = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte);

interface Found {
  readonly at: number;
  readonly compared: number;
}

/** The first place, and what was compared in vain before it. */
function naiveFind(text: Uint8Array, literal: Uint8Array, anchor: number, nocase: boolean): Found {
  const fold = nocase ? lower : (byte: number): number => byte;
  let compared = 0;
  for (let at = 0; at + literal.length <= text.length; at++) {
    if (fold(text[at + anchor]!) !== literal[anchor]) continue;
    let same = 0;
    while (same < literal.length && fold(text[at + same]!) === literal[same]) same++;
    if (same === literal.length) return { at, compared };
    compared += same;
  }
  return { at: -1, compared };
}

const byte = fc.constantFrom(0x61, 0x41, 0x62, 0x42, 0x00, 0x80, 0xff, 0x40, 0x5b);
const bytesOf = (minLength: number, maxLength: number): fc.Arbitrary<Uint8Array> =>
  fc.array(byte, { minLength, maxLength }).map((list) => Uint8Array.from(list));

describe.each([
  ['kernel', kernel],
  ['scalar', undefined],
])('operations of the %s matcher', (_, module) => {
  const memory: ShardMemory = newShardMemory({ streamBytes: 4 * EDGE });
  const matcher: MemoryMatcher = openMatcher(module, memory);
  const { bytes, layout } = memory;
  /**
   * Places that a text may end at: inside, at the edge of a page of the memory, and at the last byte that may be one's.
   */
  const pageEnd = Math.ceil((layout.arena + EDGE) / EDGE) * EDGE;
  const ends = [pageEnd - 1, pageEnd, pageEnd + 7, layout.flows + layout.sizes.recordBytes];
  const literalAt = layout.tables[1];

  function find(
    text: Uint8Array,
    end: number,
    literal: Uint8Array,
    anchor: number,
    nocase: boolean,
    mayCompare = Infinity,
  ): Found {
    // What lies around the text is the literal over and over: whoever looks there finds something.
    for (let i = 0; i < 2 * literal.length; i++) {
      bytes[end - text.length - 2 * literal.length + i] = literal[i % literal.length]!;
      if (end + i < bytes.length) bytes[end + i] = literal[i % literal.length]!;
    }
    bytes.set(text, end - text.length);
    bytes.set(literal, literalAt);
    const found = matcher.find(end - text.length, end, literalAt, literal.length, anchor, nocase, mayCompare);
    return { at: found === 0 ? -1 : found - (end - text.length), compared: matcher.compared };
  }

  it.runIf(module !== undefined)(
    'do not look for patterns in a text beyond the memory, where the kernel would trap',
    () => {
      const hits = { ids: new Uint32Array(1), count: 0 };
      expect(() => matcher.scan(layout.tables[0], bytes, bytes.length - 8, bytes.length + 1, hits)).toThrow(RangeError);
      expect(find(Uint8Array.of(1, 2, 3), pageEnd, Uint8Array.of(2), 0, false).at).toBe(1);
    },
  );

  it('find what a loop finds, and compare as much, at every alignment and edge', () => {
    const where = fc.tuple(fc.constantFrom(...ends), fc.nat(15));
    fc.assert(
      fc.property(
        bytesOf(0, 100),
        bytesOf(1, 20),
        fc.nat(),
        where,
        fc.boolean(),
        (text, wanted, place, [end, shift], nocase) => {
          const literal = nocase ? wanted.map(lower) : wanted;
          const anchor = place % literal.length;
          const stop = end === ends.at(-1) ? end : end + shift;
          expect(find(text, stop, literal, anchor, nocase)).toEqual(naiveFind(text, literal, anchor, nocase));
        },
      ),
      { numRuns: 2000, seed: 11 },
    );
  });

  it('find a literal at each place of a text', () => {
    const literal = Uint8Array.from(Buffer.from('needle'));
    for (let at = 0; at <= 94; at++) {
      const text = new Uint8Array(100).fill(0x2e);
      text.set(Buffer.from('NeEdLe'), at);
      for (const end of ends) expect(find(text, end, literal, 3, true).at).toBe(at);
      for (const end of ends) expect(find(text, end, literal, 3, false).at).toBe(-1);
    }
  });

  it('give a search up once it has compared as much as it may', () => {
    const text = new Uint8Array(4000).fill(0x61);
    text[3999] = 0x62;
    const literal = Uint8Array.from([...new Uint8Array(15).fill(0x61), 0x62]);
    expect(find(text, pageEnd, literal, 0, false).at).toBe(3984);
    expect(find(text, pageEnd, literal, 0, false, 1000)).toEqual({ at: -1, compared: 1005 });
    expect(find(text, pageEnd, literal, 0, false, 15 * 3984)).toEqual({ at: 3984, compared: 15 * 3984 });
  });

  it('copy, whatever overlaps, and fold', () => {
    const data = fc.uint8Array({ minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(data, fc.nat(200), fc.nat(200), fc.nat(300), (filling, from, to, length) => {
        bytes.set(filling, layout.arena);
        const expected = bytes.slice(layout.arena, layout.arena + 600);
        expected.copyWithin(to, from, from + length);
        matcher.copy(layout.arena + to, layout.arena + from, length);
        expect(bytes.slice(layout.arena, layout.arena + 600)).toEqual(expected);
        matcher.fold(layout.arena + 1000, layout.arena + from, length);
        expect(bytes.slice(layout.arena + 1000, layout.arena + 1000 + length)).toEqual(
          expected.slice(from, from + length).map(lower),
        );
      }),
      { numRuns: 300, seed: 12 },
    );
  });
});
