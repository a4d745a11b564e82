import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openMatcher } from '../../src/match/literal/kernel-matcher.js';
import type { Pattern } from '../../src/match/literal/matcher.js';
import { NaiveMatcher } from '../../src/match/literal/naive.js';
import { compilePatternSet } from '../../src/match/literal/tables.js';
import { memoryWithTables } from '../support/shard-memory.js';
import { kernel, matchers, pattern, scanAll, shared } from './support.js';

const fast = ['kernel', 'scalar'] as const;

/** Few different bytes, both cases and runs among them, so that patterns occur, overlap and nearly occur. */
const byte = fc.constantFrom(0x61, 0x41, 0x62, 0x42, 0x00, 0x00, 0x01, 0xff, 0x40, 0x60);
const bytes = (minLength: number, maxLength: number): fc.Arbitrary<Uint8Array> =>
  fc.array(byte, { minLength, maxLength }).map((list) => Uint8Array.from(list));
const anyPattern: fc.Arbitrary<Pattern> = fc.record({
  bytes: fc.oneof(bytes(1, 3), bytes(4, 6), bytes(1, 40)),
  nocase: fc.boolean(),
});

describe.each(fast)('%s against the naive matcher', (name) => {
  it('finds the same in random texts of a small alphabet', () => {
    fc.assert(
      fc.property(
        fc.array(anyPattern, { maxLength: 30 }),
        fc.array(bytes(0, 700), { minLength: 1, maxLength: 4 }),
        (patterns, texts) => {
          const matcher = matchers[name]!(patterns);
          const oracle = new NaiveMatcher(patterns);
          for (const text of texts)
            expect(scanAll(matcher, text, patterns.length)).toEqual(scanAll(oracle, text, patterns.length));
        },
      ),
      { numRuns: 150, seed: 1 },
    );
  });

  it('finds what was put into random bytes, at any place and within any bounds', () => {
    const input = fc.record({
      patterns: fc.array(fc.record({ bytes: fc.uint8Array({ minLength: 1, maxLength: 30 }), nocase: fc.boolean() }), {
        minLength: 1,
        maxLength: 40,
      }),
      noise: fc.uint8Array({ minLength: 0, maxLength: 3000 }),
      places: fc.array(fc.nat(3000), { maxLength: 20 }),
      cut: fc.tuple(fc.nat(60), fc.nat(60)),
      offset: fc.nat(9),
    });
    fc.assert(
      fc.property(input, ({ patterns, noise, places, cut, offset }) => {
        places.forEach((place, n) =>
          noise.set(
            patterns[n % patterns.length]!.bytes.subarray(0, Math.max(0, noise.length - place)),
            Math.min(place, noise.length),
          ),
        );
        const start = Math.min(noise.length, cut[0]);
        const end = Math.max(start, noise.length - cut[1]);
        const expected = scanAll(new NaiveMatcher(patterns), noise, patterns.length, start, end);
        const text = shared(noise, offset, 0x61);
        expect(scanAll(matchers[name]!(patterns), text, patterns.length, offset + start, offset + end)).toEqual(
          expected,
        );
      }),
      { numRuns: 150, seed: 2 },
    );
  });

  it('finds patterns of every length where chunks meet', () => {
    const lengths = [1, 2, 3, 4, 5, 100, 4000, 9000, 65_535];
    const patterns = lengths.map((length, n) => ({
      bytes: Uint8Array.from({ length }, (_, i) => (i * 7 + n * 31 + (i >> 8)) & 0xff),
      nocase: n % 2 === 1,
    }));
    const some = patterns.slice(0, 7);
    for (const list of [some, patterns]) {
      const matcher = matchers[name]!(list);
      for (const edge of [16_384, 131_072]) {
        list.forEach((each, id) => {
          for (const before of [0, 1, each.bytes.length >> 1, each.bytes.length - 1, each.bytes.length]) {
            if (before > edge) continue;
            const text = new Uint8Array(edge + each.bytes.length + 100).fill(0xfe);
            text.set(each.bytes, edge - before);
            expect(
              scanAll(matcher, text, list.length),
              `${each.bytes.length} bytes, ${before} before ${edge}`,
            ).toContain(id);
            text[edge - before + each.bytes.length - 1]! ^= 0x80;
            if (each.bytes.length > 100) expect(scanAll(matcher, text, list.length)).not.toContain(id);
          }
        });
      }
    }
  });

  it('finds exactly the patterns of a large set', () => {
    const random = mulberry(7);
    const text = Uint8Array.from({ length: 60_000 }, () => random() * 256);
    const patterns: Pattern[] = Array.from({ length: 20_000 }, (_, n) => {
      const length = 3 + Math.floor(random() * 20);
      const at = Math.floor(random() * (text.length - length));
      const piece = text.slice(at, at + length);
      if (n % 4 === 3) piece[Math.floor(random() * length)]! ^= 1 + Math.floor(random() * 255);
      return { bytes: piece, nocase: n % 3 === 0 };
    });
    const latin1 = Buffer.from(text).toString('latin1');
    const folded = lower(latin1);
    const expected = patterns.flatMap(({ bytes: piece, nocase }, id) => {
      const wanted = Buffer.from(piece).toString('latin1');
      return (nocase ? folded.includes(lower(wanted)) : latin1.includes(wanted)) ? [id] : [];
    });
    expect(expected.length).toBeGreaterThanOrEqual(15_000);
    expect(scanAll(matchers[name]!(patterns), text, patterns.length)).toEqual(expected);
  });

  it('keeps several sets of one memory apart, wherever they lie', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(anyPattern, { maxLength: 12 }), { minLength: 2, maxLength: 4 }),
        fc.nat(5),
        bytes(0, 400),
        (sets, gap, text) => {
          const tables = sets.map(compilePatternSet);
          const offsets: number[] = [];
          let at = 64 * gap;
          for (const table of tables) {
            offsets.push(at);
            at += table.length + 64 * gap;
          }
          const block = new Uint8Array(at).fill(0xee);
          tables.forEach((table, n) => block.set(table, offsets[n]!));
          const memory = memoryWithTables(block);
          const [tablesAt] = memory.layout.tables;
          const matcher = openMatcher(name === 'kernel' ? kernel : undefined, memory);
          for (const [n, patterns] of sets.entries()) {
            const set = { scan: matcher.scan.bind(matcher, tablesAt + offsets[n]!) };
            expect(scanAll(set, text, 12)).toEqual(scanAll(new NaiveMatcher(patterns), text, 12));
          }
          // What a scan changes in them it puts back.
          expect(memory.bytes.slice(tablesAt, tablesAt + block.length)).toEqual(block);
        },
      ),
      { numRuns: 60, seed: 3 },
    );
  });

  it('reports what ends behind a place, and nothing that ends before, wherever that place is', () => {
    const runs = fc.array(
      fc.oneof(
        bytes(0, 40),
        fc.integer({ min: 1, max: 300 }).map((length) => new Uint8Array(length)),
      ),
      { maxLength: 12 },
    );
    const somePatterns = fc.array(
      fc.oneof(
        anyPattern,
        fc.record({
          bytes: fc.integer({ min: 1, max: 40 }).map((length) => new Uint8Array(length)),
          nocase: fc.boolean(),
        }),
      ),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(somePatterns, runs, fc.nat(), fc.nat(30), fc.boolean(), (patterns, parts, place, start, inPlace) => {
        const text = Uint8Array.from(parts.flatMap((part) => [...part]));
        const fresh = Math.min(text.length, start + (place % (text.length + 2)));
        const expected = scanAll(
          new NaiveMatcher(patterns),
          text,
          patterns.length,
          Math.min(start, text.length),
          text.length,
          fresh,
        );
        const memory = memoryWithTables(compilePatternSet(patterns));
        const matcher = openMatcher(name === 'kernel' ? kernel : undefined, memory);
        const one = { scan: matcher.scan.bind(matcher, memory.layout.tables[0]) };
        const at = inPlace ? memory.layout.arena + (place & 15) : 0;
        if (inPlace) memory.bytes.set(text, at);
        const found = scanAll(
          one,
          inPlace ? memory.bytes : text,
          patterns.length,
          at + Math.min(start, text.length),
          at + text.length,
          at + fresh,
        );
        expect(found).toEqual(expected);
      }),
      { numRuns: 400, seed: 4 },
    );
  });

  it('reports across chunks what ends behind a place', () => {
    const patterns = [pattern('before'), pattern('across'), pattern('behind')];
    const text = new Uint8Array(60_000).fill(0x2e);
    const fresh = 40_000;
    text.set(patterns[0]!.bytes, fresh - 6);
    text.set(patterns[1]!.bytes, fresh - 3);
    text.set(patterns[2]!.bytes, 59_000);
    expect(scanAll(matchers[name]!(patterns), text, 3, 0, text.length, fresh)).toEqual([1, 2]);
  });

  it('scans a text where it lies, up to the last byte of the memory that may hold one', () => {
    const patterns = [pattern('last', true), pattern('\0\0\0\0\0\0\0\0')];
    const memory = memoryWithTables(compilePatternSet(patterns));
    const { flows, sizes, tables } = memory.layout;
    const end = flows + sizes.recordBytes;
    memory.bytes.set(Buffer.from('LaSt'), end - 4);
    const before = memory.bytes.slice(flows, end);
    const matcher = openMatcher(name === 'kernel' ? kernel : undefined, memory);
    const one = { scan: matcher.scan.bind(matcher, tables[0]) };
    expect(scanAll(one, memory.bytes, 2, flows, end)).toEqual([0, 1]);
    expect(memory.bytes.slice(flows, end)).toEqual(before);
    expect(scanAll(one, memory.bytes, 2, end - 4, end)).toEqual([0]);
    expect(scanAll(one, memory.bytes, 2, end - 4, end - 1)).toEqual([]);
  });
});

const lower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** A small seeded generator of numbers in [0, 1). */
function mulberry(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
