/**
 * Backslash sequences and bracket classes of PCRE patterns. Stage: load. Reference: pcre2pattern(3), "BACKSLASH",
 * "SQUARE BRACKETS AND CHARACTER CLASSES", "POSIX CHARACTER CLASSES"; 8-bit library, no UTF, default tables.
 */
import {
  addRange,
  addSet,
  complement,
  DIGITS,
  foldCase,
  HORIZONTAL_SPACE,
  POSIX_CLASSES,
  SPACE,
  unicodeCategory,
  VERTICAL_SPACE,
  WORD,
  type ByteSet,
} from './byte-set.js';
import { PcreError } from './node.js';

/** A place in a pattern that moves on as things are read. */
export interface Cursor {
  readonly text: string;
  at: number;
}

/** What looks like a POSIX class or a collating element, and how long one is at most. */
export const POSIX_CLASS = /^\[([:.=])[^\]\\]*?\1\]/;
export const POSIX_LENGTH = 64;
const CONTROLS: Readonly<Record<string, number>> = { a: 7, e: 0x1b, f: 0x0c, n: 0x0a, r: 0x0d, t: 9 };
const TYPES: Readonly<Record<string, ByteSet>> = {
  d: DIGITS,
  w: WORD,
  s: SPACE,
  h: HORIZONTAL_SPACE,
  v: VERTICAL_SPACE,
  D: complement(DIGITS),
  W: complement(WORD),
  S: complement(SPACE),
  H: complement(HORIZONTAL_SPACE),
  V: complement(VERTICAL_SPACE),
};

/**
 * Reads an escape that stands for one given byte; the cursor is after the backslash. Undefined, with nothing read, if
 * the escape means something else. Digits that might be a back reference are octal here: those are read before.
 */
export function readByteEscape(cursor: Cursor): number | undefined {
  const { text, at: start } = cursor;
  const letter = text[start];
  if (letter === undefined) throw new PcreError('the pattern ends with a backslash', start - 1);
  if (letter === 'x') return readHex(cursor);
  if (letter === 'o') return readBraced(cursor, /^o\{([0-7]+)\}/, 8, 'octal digits in braces follow \\o');
  if (letter === 'c') return readControl(cursor);
  if (letter >= '0' && letter <= '7') {
    const digits = /^[0-7]{1,3}/.exec(text.slice(start))![0];
    cursor.at += digits.length;
    return checkedByte(Number.parseInt(digits, 8), start);
  }
  const control = CONTROLS[letter];
  if (control === undefined && /[0-9A-Za-z]/.test(letter)) return undefined;
  cursor.at++;
  return control ?? checkedByte(letter.charCodeAt(0), start);
}

/** Reads an escape that stands for a set of bytes (\d, \H, \pL ...), else undefined with nothing read. */
export function readSetEscape(cursor: Cursor): ByteSet | undefined {
  const letter = cursor.text[cursor.at]!;
  if (letter === 'p' || letter === 'P') return readProperty(cursor);
  const set = TYPES[letter];
  if (set) cursor.at++;
  return set;
}

function readHex(cursor: Cursor): number {
  const start = cursor.at;
  if (cursor.text[start + 1] === '{')
    return readBraced(cursor, /^x\{([0-9A-Fa-f]+)\}/, 16, 'hexadecimal digits in braces follow \\x');
  const digits = /^x([0-9A-Fa-f]{0,2})/.exec(cursor.text.slice(start))![1]!;
  cursor.at += 1 + digits.length;
  return digits === '' ? 0 : Number.parseInt(digits, 16);
}

function readBraced(cursor: Cursor, form: RegExp, radix: number, expected: string): number {
  const start = cursor.at;
  const match = form.exec(cursor.text.slice(start));
  if (!match) throw new PcreError(expected, start - 1);
  cursor.at += match[0].length;
  return checkedByte(Number.parseInt(match[1]!, radix), start);
}

function readControl(cursor: Cursor): number {
  const code = cursor.text.charCodeAt(cursor.at + 1);
  if (!(code >= 0x20 && code < 0x7f)) throw new PcreError('a printable ASCII character follows \\c', cursor.at - 1);
  cursor.at += 2;
  return (code >= 0x61 && code <= 0x7a ? code - 0x20 : code) ^ 0x40;
}

function readProperty(cursor: Cursor): ByteSet {
  const start = cursor.at;
  const match = /^[pP](?:([A-Z])|\{\s*(\^?)\s*([A-Za-z&_ ]+?)\s*\})/.exec(cursor.text.slice(start));
  const set = match ? unicodeCategory(match[1] ?? match[3]!) : undefined;
  if (!match || !set)
    throw new PcreError('unknown property; general categories such as L or {Lu} can be used', start - 1);
  cursor.at += match[0].length;
  return (cursor.text[start] === 'P') !== (match[2] === '^') ? complement(set) : set;
}

function checkedByte(value: number, start: number): number {
  if (value > 0xff) throw new PcreError('the character is not a byte: its code is above 255', start - 1);
  return value;
}

export interface ClassFlags {
  readonly nocase: boolean;
  /** Space and tab mean nothing: (?xx). */
  readonly ignoreBlanks: boolean;
}

/** One thing in a class: a byte, which may begin or end a range, or a set. */
type ClassItem = number | ByteSet;

/** Reads a bracket class; the cursor is after the `[`. */
export function readClass(cursor: Cursor, flags: ClassFlags): ByteSet {
  const start = cursor.at - 1;
  const { text } = cursor;
  const negated = text[cursor.at] === '^';
  if (negated) cursor.at++;
  const set = new Uint8Array(256);
  let first = true;
  let quoting = false;
  for (;;) {
    if (cursor.at >= text.length) throw new PcreError('the class is not closed: ] is missing', start);
    if (!quoting && !first && text[cursor.at] === ']') break;
    const skipped = skipInClass(cursor, quoting, flags);
    if (skipped !== undefined) {
      quoting = skipped;
      continue;
    }
    first = false;
    const itemAt = cursor.at;
    const low = readClassItem(cursor, quoting, flags.nocase);
    const high = typeof low === 'number' ? readRangeEnd(cursor, quoting) : undefined;
    if (high !== undefined) quoting = false;
    if (typeof low !== 'number') addSet(set, low);
    else if (high !== undefined && low > high) throw new PcreError('the range runs backward', itemAt);
    else addRange(set, low, high ?? low, flags.nocase);
  }
  cursor.at++;
  return negated ? complement(set) : set;
}

/**
 * Passes over what stands for nothing, and answers whether quoting is on after it; undefined if there was no such
 * thing.
 */
function skipInClass(cursor: Cursor, quoting: boolean, flags: ClassFlags): boolean | undefined {
  const { text } = cursor;
  if (text.startsWith('\\E', cursor.at) || (!quoting && text.startsWith('\\Q', cursor.at))) {
    cursor.at += 2;
    return text[cursor.at - 1] === 'Q';
  }
  if (!quoting && flags.ignoreBlanks && (text[cursor.at] === ' ' || text[cursor.at] === '\t')) {
    cursor.at++;
    return false;
  }
  return undefined;
}

function readClassItem(cursor: Cursor, quoting: boolean, nocase: boolean): ClassItem {
  const { text, at } = cursor;
  if (!quoting && text[at] === '\\') return readClassEscape(cursor);
  if (!quoting && text[at] === '[' && POSIX_CLASS.test(text.slice(at, at + POSIX_LENGTH)))
    return readPosixClass(cursor, nocase);
  cursor.at++;
  return checkedByte(text.charCodeAt(at), at + 1);
}

function readClassEscape(cursor: Cursor): ClassItem {
  const start = cursor.at++;
  const letter = cursor.text[cursor.at];
  if (letter === 'b' || letter === '8' || letter === '9') {
    cursor.at++;
    return letter === 'b' ? 8 : letter.charCodeAt(0);
  }
  const item = readByteEscape(cursor) ?? readSetEscape(cursor);
  if (item === undefined) throw new PcreError(`\\${letter} means nothing in a class`, start);
  return item;
}

/** Without case, [:upper:] and [:lower:] are both [:alpha:], also where they are negated. */
function readPosixClass(cursor: Cursor, nocase: boolean): ByteSet {
  const match = /^\[([:.=])(\^?)(.*?)\1\]/.exec(cursor.text.slice(cursor.at, cursor.at + POSIX_LENGTH))!;
  const set = match[1] === ':' ? POSIX_CLASSES.get(match[3]!) : undefined;
  if (!set)
    throw new PcreError(
      match[1] === ':' ? `there is no POSIX class '${match[3]}'` : 'POSIX collating elements are not supported',
      cursor.at,
    );
  cursor.at += match[0].length;
  const folded = nocase ? foldCase(set) : set;
  return match[2] === '^' ? complement(folded) : folded;
}

/**
 * Reads the rest of a range whose first byte was just read, if there is one. A hyphen beside a set ([\w-.]) or before
 * the closing bracket is a hyphen, as in Perl and PCRE 1; PCRE 2 refuses the former.
 */
function readRangeEnd(cursor: Cursor, quoting: boolean): number | undefined {
  const start = cursor.at;
  const { text } = cursor;
  const ended = text.startsWith('\\E', start);
  const hyphen = ended ? start + 2 : start;
  if ((quoting && !ended) || text[hyphen] !== '-' || hyphen + 1 >= text.length || text[hyphen + 1] === ']')
    return undefined;
  if (text.startsWith('\\Q', hyphen + 1) || text.startsWith('\\E', hyphen + 1))
    throw new PcreError('\\Q and \\E are not supported within a range', hyphen + 1);
  cursor.at = hyphen + 1;
  const high = readClassItem(cursor, false, false);
  if (typeof high === 'number') return high;
  cursor.at = start;
  return undefined;
}
