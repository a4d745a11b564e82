/**
 * How PCRE patterns name the group that a back reference is to. Stage: load. Reference: pcre2pattern(3),
 * "BACKREFERENCES".
 */
import type { Cursor } from './escape.js';
import { PcreError } from './node.js';

const FORM =
  /^g(?:([-+]?\d+)|\{([-+]?\d+)\}|\{([A-Za-z_]\w*)\})|^k(?:\{([A-Za-z_]\w*)\}|<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)')/;

/**
 * Reads \1 \g1 \g{1} \g{-1} \g{name} \k{name} \k<name> \k'name'; the cursor is behind the backslash, `groupCount`
 * groups have been opened before. Returns the group's name or number; undefined, with nothing read, for anything else.
 */
export function readReferenceEscape(cursor: Cursor, groupCount: number): string | number | undefined {
  const { text, at } = cursor;
  if (!/[1-9gk]/.test(text[at] ?? '')) return undefined;
  const rest = text.slice(at);
  const number = /^[1-9][0-9]*/.exec(rest)?.[0];
  if (number !== undefined) {
    const group = Number(number);
    if (group >= 10 && number[0]! < '8' && group > groupCount) return undefined; // octal
    cursor.at += number.length;
    return group;
  }
  if (/^g[<']/.test(rest)) throw new PcreError('calling a group again (\\g<...>) is not supported', at - 1);
  const match = FORM.exec(rest);
  if (!match) throw new PcreError(`a group's name or number follows \\${rest[0]}`, at - 1);
  cursor.at += match[0].length;
  const digits = match[1] ?? match[2];
  if (digits === undefined) return match.slice(3).find((name) => name !== undefined)!;
  if (digits[0] === '-') return groupCount + 1 + Number(digits);
  return Number(digits) + (digits[0] === '+' ? groupCount : 0);
}

/** Reads the rest of (?P=name); the cursor is behind the parenthesis that opens at `start`. */
export function readReferenceGroup(cursor: Cursor, start: number): string {
  const match = /^\?P=([A-Za-z_]\w*)\)/.exec(cursor.text.slice(cursor.at));
  if (!match) throw new PcreError('a name is expected after (?P=', start);
  cursor.at += match[0].length;
  return match[1]!;
}
