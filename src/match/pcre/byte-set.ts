/**
 * Sets of bytes: what one position of a regular expression accepts. Stage: load.
 *
 * In byte-wise PCRE everything that takes one character (a literal, `.`, `\w`, a class) is such a set; case folding,
 * negation and POSIX names are operations on it. Sets are not changed once they are made.
 */
export type ByteSet = Uint8Array;

const NEWLINE = 0x0a;
const isLetter = (byte: number): boolean => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;

export const EMPTY_SET: ByteSet = new Uint8Array(256);
export const ANY_BYTE: ByteSet = new Uint8Array(256).fill(1);

/** The bytes for which the test holds. */
export function setWhere(test: (byte: number) => boolean): ByteSet {
  return EMPTY_SET.map((_, byte) => (test(byte) ? 1 : 0));
}

export const range = (low: number, high: number): ByteSet => new Uint8Array(256).fill(1, low, high + 1);

export function complement(set: ByteSet): ByteSet {
  const result = new Uint8Array(256);
  for (let byte = 0; byte < 256; byte++) result[byte] = set[byte]! ^ 1;
  return result;
}

/** Adds to a set under construction. */
export function addSet(set: ByteSet, more: ByteSet): void {
  for (let byte = 0; byte < 256; byte++) set[byte]! |= more[byte]!;
}

/** Adds the bytes from `low` to `high` to a set under construction, with `nocase` also their other case. */
export function addRange(set: ByteSet, low: number, high: number, nocase: boolean): void {
  for (let byte = low; byte <= high; byte++) {
    set[byte] = 1;
    if (nocase && isLetter(byte)) set[byte ^ 0x20] = 1;
  }
}

const SINGLETONS: readonly ByteSet[] = Array.from({ length: 256 }, (_, byte) => range(byte, byte));
export const singleton = (byte: number): ByteSet => SINGLETONS[byte]!;

export function sizeOf(set: ByteSet): number {
  let size = 0;
  for (let byte = 0; byte < 256; byte++) size += set[byte]!;
  return size;
}

export function areDisjoint(a: ByteSet, b: ByteSet): boolean {
  for (let byte = 0; byte < 256; byte++) if (a[byte]! & b[byte]!) return false;
  return true;
}

/** With the other case of each ASCII letter; PCRE's default tables fold no others. */
export function foldCase(set: ByteSet): ByteSet {
  const result = set.slice();
  for (let upper = 0x41; upper <= 0x5a; upper++)
    result[upper] = result[upper | 0x20] = set[upper]! | set[upper | 0x20]!;
  return result;
}

const FOLDED_SINGLETONS: readonly ByteSet[] = SINGLETONS.map(foldCase);
export const foldedSingleton = (byte: number): ByteSet => FOLDED_SINGLETONS[byte]!;

const isUpper = (byte: number): boolean => byte >= 0x41 && byte <= 0x5a;
const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
const isSpace = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
const isGraph = (byte: number): boolean => byte > 0x20 && byte < 0x7f;

export const NOT_NEWLINE = complement(singleton(NEWLINE));
export const DIGITS = setWhere(isDigit);
export const WORD = setWhere((byte) => isLetter(byte) || isDigit(byte) || byte === 0x5f);
export const SPACE = setWhere(isSpace);
export const HORIZONTAL_SPACE = setWhere((byte) => byte === 0x09 || byte === 0x20 || byte === 0xa0);
export const VERTICAL_SPACE = setWhere((byte) => (byte >= 0x0a && byte <= 0x0d) || byte === 0x85);

/** The POSIX classes in the C locale, as PCRE has them by default. */
export const POSIX_CLASSES: ReadonlyMap<string, ByteSet> = new Map([
  ['alpha', setWhere(isLetter)],
  ['lower', setWhere((byte) => isLetter(byte) && !isUpper(byte))],
  ['upper', setWhere(isUpper)],
  ['alnum', setWhere((byte) => isLetter(byte) || isDigit(byte))],
  ['ascii', range(0, 0x7f)],
  ['blank', setWhere((byte) => byte === 0x09 || byte === 0x20)],
  ['cntrl', setWhere((byte) => byte < 0x20 || byte === 0x7f)],
  ['digit', DIGITS],
  ['graph', setWhere(isGraph)],
  ['print', range(0x20, 0x7e)],
  ['punct', setWhere((byte) => isGraph(byte) && !isLetter(byte) && !isDigit(byte))],
  ['space', SPACE],
  ['word', WORD],
  ['xdigit', setWhere((byte) => isDigit(byte) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66))],
]);

/** The bytes that have a Unicode general category ("Lu", "L", "L&"), or undefined if there is none of this name. */
export function unicodeCategory(name: string): ByteSet | undefined {
  if (name === 'Any') return ANY_BYTE;
  if (!/^[CLMNPSZ][a-z&]?$/.test(name)) return undefined;
  try {
    const test = new RegExp(`\\p{${name === 'L&' ? 'LC' : name}}`, 'u');
    return setWhere((byte) => test.test(String.fromCharCode(byte)));
  } catch {
    return undefined;
  }
}

/** JavaScript for one byte of the set, without flags, on text whose characters are all below 0x100. */
export function printSet(set: ByteSet): string {
  return PRINTED.get(set) ?? print(set);
}

function print(set: ByteSet): string {
  const size = sizeOf(set);
  if (size === 0) return '[]';
  if (size === 256) return '[^]';
  if (size === 1) return printLiteral(set.indexOf(1));
  const negative = size > 128;
  return `[${negative ? '^' : ''}${printRanges(negative ? complement(set) : set)}]`;
}

function printRanges(set: ByteSet): string {
  let text = '';
  for (let low = 0; low < 256; low++) {
    if (!set[low]) continue;
    let high = low;
    while (set[high + 1]) high++;
    text += printInClass(low);
    if (high > low) text += `${high > low + 1 ? '-' : ''}${printInClass(high)}`;
    low = high;
  }
  return text;
}

const hex = (byte: number): string => `\\x${byte.toString(16).padStart(2, '0')}`;
const printLiteral = (byte: number): string => printByte(byte, /[\\^$.*+?()[\]{}|/]/);
const printInClass = (byte: number): string => printByte(byte, /[\\^\]-]/);

function printByte(byte: number, special: RegExp): string {
  if (!isGraph(byte) && byte !== 0x20) return hex(byte);
  const text = String.fromCharCode(byte);
  return special.test(text) ? `\\${text}` : text;
}

/** Sets that patterns share, which are most of all: the text of each is written once. */
const PRINTED: ReadonlyMap<ByteSet, string> = new Map(
  [...SINGLETONS, ...FOLDED_SINGLETONS, EMPTY_SET, ANY_BYTE, NOT_NEWLINE, DIGITS, WORD, SPACE].map((set) => [
    set,
    print(set),
  ]),
);
