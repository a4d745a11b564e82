/**
 * Flags of a PCRE pattern: those behind its last slash and those set within it. Stage: load. Reference:
 * pcre2pattern(3), "INTERNAL OPTION SETTING".
 */
import type { Cursor } from './escape.js';
import { PcreError } from './node.js';

export interface PcreFlags {
  i: boolean;
  s: boolean;
  m: boolean;
  x: boolean;
  xx: boolean;
  n: boolean;
  /** Greedy and lazy change places. */
  ungreedy: boolean;
  /** `$` only at the very end. */
  dollarEnd: boolean;
}

/** The flags that letters among i s m x G E, written behind a pattern, start it with. */
export function flagsOf(letters: string): PcreFlags {
  const has = (letter: string): boolean => letters.includes(letter);
  return {
    i: has('i'),
    s: has('s'),
    m: has('m'),
    x: has('x'),
    xx: false,
    n: false,
    ungreedy: has('G'),
    dollarEnd: has('E'),
  };
}

/**
 * Reads the rest of `(?i)` or of the start of `(?i:...)`; the cursor is behind the parenthesis that opens at `start`.
 * Returns the flags of the group that starts here, or undefined where `flags` were changed instead.
 */
export function readFlagGroup(cursor: Cursor, start: number, flags: PcreFlags): PcreFlags | undefined {
  const match = /^\?(\^?)([imsxnU]*)(-?)([imsxnU]*)([:)])/.exec(cursor.text.slice(cursor.at));
  if (!match || (match[1] === '^' && match[3] === '-')) throw new PcreError('unknown kind of group or flag', start);
  cursor.at += match[0].length;
  const target = match[5] === ':' ? { ...flags } : flags;
  if (match[1] === '^') Object.assign(target, { i: false, m: false, s: false, x: false, xx: false, n: false });
  setFlags(target, match[2]!, true);
  setFlags(target, match[4]!, false);
  return match[5] === ':' ? target : undefined;
}

function setFlags(flags: PcreFlags, letters: string, on: boolean): void {
  for (const letter of letters) {
    if (letter === 'U') flags.ungreedy = on;
    else flags[letter as 'i' | 'm' | 's' | 'x' | 'n'] = on;
  }
  if (letters.includes('x')) flags.xx = on && letters.includes('xx');
}
