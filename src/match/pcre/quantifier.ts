/** Quantifiers of PCRE patterns: * + ? {2} {2,} {2,3}. Stage: load. Reference: pcre2pattern(3), "REPETITION". */
import type { Cursor } from './escape.js';
import { PcreError } from './node.js';

/** PCRE's own limit. */
const MAX_REPEAT = 65_535;
/** What is no quantifier begins with a literal brace. */
const QUANTIFIER = /^(?:[*+?]|\{(\d+)(,(\d*))?\})/;
const MAX_LENGTH = 32;

/** The quantifier at the cursor, which is not moved; '' if there is none. */
export function peekQuantifier(cursor: Cursor): string {
  return QUANTIFIER.exec(cursor.text.slice(cursor.at, cursor.at + MAX_LENGTH))?.[0] ?? '';
}

/** Reads the quantifier at the cursor; undefined, with nothing read, if there is none. */
export function readBounds(cursor: Cursor): [min: number, max: number] | undefined {
  const match = QUANTIFIER.exec(cursor.text.slice(cursor.at, cursor.at + MAX_LENGTH));
  if (!match) return undefined;
  const bounds = boundsOf(match, cursor.at);
  cursor.at += match[0].length;
  return bounds;
}

function boundsOf(match: RegExpExecArray, at: number): [number, number] {
  if (match[0] === '*') return [0, Infinity];
  if (match[0] === '+') return [1, Infinity];
  if (match[0] === '?') return [0, 1];
  const min = Number(match[1]);
  const max = match[2] === undefined ? min : match[3] === '' ? Infinity : Number(match[3]);
  if (min > MAX_REPEAT || (max > MAX_REPEAT && max !== Infinity))
    throw new PcreError(`a count is above ${MAX_REPEAT}`, at);
  if (min > max) throw new PcreError('the counts are in the wrong order', at);
  return [min, max];
}
