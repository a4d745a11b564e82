/**
 * Arguments of plain words without the grammar. Stage: rule (parse).
 *
 *   type limit, track by_src, count 1
 *
 * PERF: nearly all are such, and the grammar takes thirty times as long. What is not exactly this (quotes, other blanks
 * than spaces, an argument that is missing) is the grammar's; a property test holds the two together.
 */
import type { Word } from '../ast.js';
import type { Argument } from './values.js';

/** Words of printable characters without quotes. */
const PLAIN = /^[!#-+\--~]+(?: +[!#-+\--~]+)*(?: *, *[!#-+\--~]+(?: +[!#-+\--~]+)*)*$/;
/** Below the grammar's cap on tokens. */
const MAXIMUM_LENGTH = 2048;
const SPACE = 0x20;
const COMMA = 0x2c;

/** Undefined where the grammar must look. */
export function quickArguments({ text, span }: Word): readonly Argument[] | undefined {
  if (text.length > MAXIMUM_LENGTH || !PLAIN.test(text)) return undefined;
  const written: Argument[] = [];
  let words: Word[] = [];
  for (let at = 0; at <= text.length; at++) {
    if (at === text.length || text.charCodeAt(at) === COMMA) {
      written.push({ words, span: { start: words[0]!.span.start, end: words[words.length - 1]!.span.end } });
      words = [];
    } else if (text.charCodeAt(at) !== SPACE) {
      const end = endOfWord(text, at);
      words.push({ text: text.slice(at, end), span: { start: span.start + at, end: span.start + end } });
      at = end - 1;
    }
  }
  return written;
}

function endOfWord(text: string, from: number): number {
  let end = from;
  while (end < text.length && text.charCodeAt(end) !== SPACE && text.charCodeAt(end) !== COMMA) end++;
  return end;
}
