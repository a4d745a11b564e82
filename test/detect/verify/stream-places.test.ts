/** Steps over a later part of a stream: positions count from where the stream begins, not from where the part does. */
import { describe, expect, it } from 'vitest';
import { compileRules } from '../../../src/compile/compile-rules.js';
import { RuleSet } from '../../../src/block/rule-set.js';
import { StreamSource } from '../../../src/detect/verify/stream-source.js';
import { Verifier } from '../../../src/detect/verify/verify.js';
import type { BufferMatch } from '../../../src/rule/buffer-match.js';
import { placeBlock } from '../../support/detecting.js';
import { naiveTables } from '../../support/naive-scanner.js';
import { byteTest, content, isdataat, pcre, program } from '../../support/rule-programs.js';

const STREAM = 'GET / HTTP/1.1\r\nabc: def\r\n';

/** Whether the steps pass on the stream from `origin` on. */
function passes(origin: number, ...steps: BufferMatch[]): boolean {
  const rules = new RuleSet(
    placeBlock(compileRules([program({ payload: steps })], { compilePatterns: naiveTables }).block),
  );
  const bytes = Uint8Array.from(Buffer.from(`??${STREAM}??`, 'latin1'));
  const verifier = new Verifier(rules);
  verifier.begin();
  verifier.use(new StreamSource(bytes).use(2 + origin, STREAM.length - origin, origin));
  return verifier.verify(0);
}

describe('a part of a stream', () => {
  it.each<[string, number, BufferMatch[], boolean]>([
    ['offset counts from the start of the stream', 8, [content('HTTP', { offset: 6 })], false],
    ['and is reached in a later part', 3, [content('HTTP', { offset: 6 })], true],
    ['an offset before the part does not matter', 6, [content('HTTP', { offset: 2 })], true],
    ['depth counts from the start of the stream', 4, [content('HTTP', { depth: 10 })], true],
    ['and ends there', 4, [content('HTTP', { depth: 9 })], false],
    ['depth that ends before the part', 12, [content('abc', { depth: 10 })], false],
    ['startswith is the start of the stream', 4, [content('/ HTTP', { startswith: true })], false],
    ['also where the part is the whole', 0, [content('GET', { startswith: true })], true],
    [
      'relative steps count from the match before',
      4,
      [content('HTTP'), content('abc', { distance: 6, within: 3 })],
      true,
    ],
    ['isdataat counts from the start of the stream', 20, [isdataat(STREAM.length - 1)], true],
    ['and ends with it', 20, [isdataat(STREAM.length)], false],
    ['a number at a place of the stream', 10, [byteTest({ offset: 16, value: 0x61 })], true],
    ['a number before the part is not there', 20, [byteTest({ offset: 16, value: 0x61 })], false],
    ['^ is the start of the stream', 4, [pcre('^/')], false],
    ['^ where the part is the whole', 0, [pcre('^GET')], true],
    ['lines begin in a part, too', 4, [pcre('^abc', { flags: 'm' })], true],
    ['^ of a relative expression is the last match', 4, [content('abc'), pcre('^:', { relative: true })], true],
  ])('%s', (_, origin, steps, expected) => {
    expect(passes(origin, ...steps)).toBe(expected);
  });
});
