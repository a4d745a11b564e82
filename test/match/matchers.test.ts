import { describe, expect, it } from 'vitest';
import type { Pattern } from '../../src/match/literal/matcher.js';
import { matchers, pattern, scanAll } from './support.js';

interface Case {
  readonly name: string;
  readonly patterns: readonly Pattern[];
  readonly text: string;
  /** Part of the text that is scanned; all of it if left out. */
  readonly range?: readonly [number, number];
  readonly hits: readonly number[];
}

const s = (text: string): Pattern => pattern(text);
const i = (text: string): Pattern => pattern(text, true);

const cases: readonly Case[] = [
  { name: 'no patterns', patterns: [], text: 'abc', hits: [] },
  { name: 'no text', patterns: [s('a'), s('ab'), s('abc'), s('abcd')], text: '', hits: [] },
  { name: 'a text of one byte', patterns: [s('a'), s('ab'), i('A')], text: 'a', hits: [0, 2] },
  { name: 'the whole text, by length', patterns: [s('abc'), s('abcd'), s('abcde')], text: 'abcd', hits: [0, 1] },
  {
    name: 'at the start',
    patterns: [s('GET /'), s('GE'), s('GET'), s('G')],
    text: 'GET / HTTP/1.1',
    hits: [0, 1, 2, 3],
  },
  {
    name: 'at the end',
    patterns: [s('1.1'), s('/1.1'), s('.1'), s('TP/1.1'), s('1.1\0')],
    text: 'GET / HTTP/1.1',
    hits: [0, 1, 2, 3],
  },
  {
    name: 'once though it occurs often',
    patterns: [s('ab'), s('abab'), s('b')],
    text: 'abababababab',
    hits: [0, 1, 2],
  },
  {
    name: 'overlapping each other',
    patterns: [s('abcdef'), s('cdefgh'), s('efghij'), s('abcdefghij')],
    text: 'abcdefghij',
    hits: [0, 1, 2, 3],
  },
  {
    name: 'one within another',
    patterns: [s('ssword'), s('password'), s('word'), s('swor')],
    text: 'a password',
    hits: [0, 1, 2, 3],
  },
  { name: 'case counts', patterns: [s('Host'), s('host'), s('HOST')], text: 'Host: x', hits: [0] },
  {
    name: 'nocase folds both sides',
    patterns: [i('hOsT'), i('HOST'), i('ho'), i('OS'), i('T')],
    text: 'HoSt: x',
    hits: [0, 1, 2, 3, 4],
  },
  {
    name: 'the same bytes with and without case',
    patterns: [s('User'), i('user'), s('USER'), i('User')],
    text: 'xUSERx',
    hits: [1, 2, 3],
  },
  {
    name: 'folding is for ASCII letters only',
    patterns: [i('\xc4BCD'), i('[ab]'), i('@AB@')],
    text: '\xe4bcd {AB} `ab`',
    hits: [],
  },
  {
    name: 'bytes next to the letters keep their case',
    patterns: [i('@[`{'), s('@[`{')],
    text: '..@[`{..',
    hits: [0, 1],
  },
  {
    name: 'duplicates are all reported',
    patterns: [s('abcd'), s('abcd'), s('ab'), s('ab'), s('a'), s('a'), i('ABCD'), i('abcd')],
    text: 'xabcdx',
    hits: [0, 1, 2, 3, 4, 5, 6, 7],
  },
  {
    name: 'only in the range: start',
    patterns: [s('abcd'), s('ab'), s('a')],
    text: 'abcdbcd',
    range: [1, 7],
    hits: [],
  },
  { name: 'only in the range: end', patterns: [s('wxyz'), s('yz'), s('z')], text: 'xxwxyz', range: [0, 5], hits: [] },
  {
    name: 'only in the range: all of it',
    patterns: [s('bcde'), s('b'), s('de'), s('cde')],
    text: 'abcdef',
    range: [1, 5],
    hits: [0, 1, 2, 3],
  },
  { name: 'an empty range', patterns: [s('a'), s('ab')], text: 'ab', range: [1, 1], hits: [] },
  {
    name: 'zero bytes',
    patterns: [s('\0'), s('\0\0'), s('\0\0\0'), s('\0\0\0\0'), s('\0\0\0\0\0')],
    text: 'x\0\0\0\0x',
    hits: [0, 1, 2, 3],
  },
  {
    name: 'a run that begins the text',
    patterns: [s('\0\0\0\0\x01'), s('\0\0\x01'), s('\0\0\0\0\0\0')],
    text: '\0\0\0\0\0\0\0\x01',
    hits: [0, 1, 2],
  },
  {
    name: 'a run of case-sensitive letters within a run of both cases',
    patterns: [s('AAAA'), s('aaaa'), s('aAaA'), s('AA'), s('aA'), s('AAA')],
    text: 'aaaAAAaAaAAAA',
    hits: [0, 2, 3, 4, 5],
  },
  {
    name: 'a long run with an end, known only by its last bytes',
    patterns: [s(`${'\x90'.repeat(150)}\xcc`), s('\x90'.repeat(150)), s(`\xcc${'\x90'.repeat(150)}`)],
    text: `${'\x90'.repeat(200)}\xcc`,
    hits: [0, 1],
  },
  {
    name: 'runs side by side',
    patterns: [s('\xff\xff\0\0'), s('\0\0\xff'), s('\xff\xff\xff\xff')],
    text: '\0\0\0\0\0\0\0\0\xff\xff\xff\0\0\0\0\0',
    hits: [0, 1],
  },
  {
    name: 'all byte values',
    patterns: [s('\x00\x80\xff'), s('\x7f\x80\x81\x82'), s('\xff')],
    text: '\x00\x80\xff\x7f\x80\x81\x82',
    hits: [0, 1, 2],
  },
  {
    name: 'longer than the text',
    patterns: [s('a'.repeat(1000)), s('ab'.repeat(40))],
    text: 'a'.repeat(999),
    hits: [],
  },
  {
    name: 'many that share a start',
    patterns: ['a', 'b', 'c', 'd', 'e'].map((end) => s(`Content-${end}`)),
    text: 'Content-a Content-c Content-e',
    hits: [0, 2, 4],
  },
  {
    name: 'the next byte decides',
    patterns: [s('abcd1'), s('abcd2'), s('ab1'), s('ab2')],
    text: 'abcd2 ab1',
    hits: [1, 2],
  },
  {
    name: 'more patterns of one byte than bytes',
    patterns: Array.from({ length: 512 }, (_, n) => pattern(String.fromCharCode(n & 255), n > 255)),
    text: 'aB',
    hits: [0x61, 0x42, 0x161, 0x141, 0x142, 0x162].sort((a, b) => a - b),
  },
];

describe.each(Object.entries(matchers))('%s', (_name, make) => {
  it.each(cases)('$name', ({ patterns, text, range, hits }) => {
    const bytes = new Uint8Array(Buffer.from(text, 'latin1'));
    expect(scanAll(make(patterns), bytes, patterns.length, range?.[0], range?.[1])).toEqual(hits);
  });

  it('forgets the scan before', () => {
    const matcher = make([s('abcd'), s('zz'), s('q')]);
    const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value));
    expect(scanAll(matcher, text('abcd zz q'), 3)).toEqual([0, 1, 2]);
    expect(scanAll(matcher, text('nothing'), 3)).toEqual([]);
    expect(scanAll(matcher, text('abcd'), 3)).toEqual([0]);
  });

  it('scans at any alignment, amid other bytes', () => {
    const matcher = make([s('needle'), s('xx'), s('ee')]);
    for (let offset = 0; offset < 20; offset++) {
      const bytes = new Uint8Array(offset + 9).fill(0x78);
      bytes.set(Buffer.from('needle'), offset);
      expect(scanAll(matcher, bytes, 3, offset, offset + 6)).toEqual([0, 2]);
      expect(scanAll(matcher, bytes, 3, offset, offset + 5)).toEqual([2]);
    }
  });
});
