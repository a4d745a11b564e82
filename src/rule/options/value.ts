/**
 * Reading the opaque text of option values: arguments, numbers and names, each with its place in the source. Stage:
 * rule (parse). Shared by the keywords; reports through `Diagnostics`, never throws.
 */
import type { OptionNode, Word } from '../ast.js';
import type { Diagnostics, Span } from '../diagnostics/diagnostic.js';
import { Recent } from '../../util/recent.js';

/** A number as written, or the name of a byte_extract or byte_math variable. */
export type Operand = number | string;

const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;
const NUMBER = /^[+-]?(?:0x[0-9a-f]+|[0-9]+)$/i;

/** The value, or undefined (and an error) where an option has none. */
export function requireValue(node: OptionNode, diagnostics: Diagnostics): Word | undefined {
  if (node.value !== undefined && node.value.text !== '') return node.value;
  diagnostics.error(
    'missing-value',
    `${node.name.text} needs a value`,
    node.name.span,
    `write ${node.name.text}:<value>;`,
  );
  return undefined;
}

/**
 * Reads the value of an option, which is required, and remembers what came of the last `most` texts: of those about
 * which nothing was to be said, and whose option holds no place of the text.
 */
export function remembering<T>(
  most: number,
  read: (value: Word, diagnostics: Diagnostics, node: OptionNode) => T | undefined,
): (node: OptionNode, diagnostics: Diagnostics) => T | undefined {
  const recent = new Recent<string, T>(most);
  return (node, diagnostics) => {
    const value = requireValue(node, diagnostics);
    if (value === undefined) return undefined;
    const known = recent.get(value.text);
    if (known !== undefined) return known;
    const said = diagnostics.list.length;
    const option = read(value, diagnostics, node);
    if (option !== undefined && diagnostics.list.length === said) recent.set(value.text, option);
    return option;
  };
}

/** The part of a word from `start` to `end`, without surrounding blanks; an empty part keeps its place. */
export function slice(word: Word, start: number, end: number): Word {
  let from = start;
  let to = end;
  while (from < to && isBlank(word.text.charCodeAt(from))) from++;
  while (to > from && isBlank(word.text.charCodeAt(to - 1))) to--;
  return { text: word.text.slice(from, to), span: partSpan(word, from, to) };
}

/**
 * Span of the characters `start` to `end` of a word; never outside the word, and at least one character where it can
 * be.
 */
export function partSpan(word: Word, start: number, end: number): Span {
  const from = Math.min(word.span.start + start, word.span.end);
  const to = Math.min(word.span.start + end, word.span.end);
  return { start: from, end: Math.max(from, to) };
}

/**
 * Arguments between separators (a comma unless said otherwise), blanks around them taken off; '' where one is missing.
 */
export function splitArguments(word: Word, separator = ','): Word[] {
  const parts: Word[] = [];
  let start = 0;
  for (;;) {
    const end = word.text.indexOf(separator, start);
    if (end < 0) break;
    parts.push(slice(word, start, end));
    start = end + separator.length;
  }
  parts.push(slice(word, start, word.text.length));
  return parts;
}

/** `multiplier 4` as its first word and the rest; the rest is undefined when there is none. */
export function splitHead(word: Word): { readonly head: Word; readonly rest: Word | undefined } {
  const blank = word.text.search(/\s/);
  if (blank < 0) return { head: word, rest: undefined };
  return { head: slice(word, 0, blank), rest: slice(word, blank, word.text.length) };
}

/** A decimal or 0x number, signed; undefined when the text is none or not exact as a double. */
export function parseNumber(text: string): number | undefined {
  if (!NUMBER.test(text)) return undefined;
  const negative = text.startsWith('-');
  const digits = negative || text.startsWith('+') ? text.slice(1) : text;
  const value = Number(digits);
  if (!Number.isSafeInteger(value)) return undefined;
  return negative && value !== 0 ? -value : value;
}

/** What may stand behind a number of bytes, in lower case. */
export const SIZE_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  kb: 1024,
  kib: 1024,
  mb: 1024 ** 2,
  mib: 1024 ** 2,
  gb: 1024 ** 3,
  gib: 1024 ** 3,
};

export interface Limits {
  readonly minimum: number;
  readonly maximum: number;
}

/** A number within limits; reports `bad-number` or `number-out-of-range`. `what` names it in the message. */
export function readNumber(word: Word, what: string, limits: Limits, diagnostics: Diagnostics): number | undefined {
  const value = parseNumber(word.text);
  if (value === undefined) {
    const bare = /^"([^"]+)"$/.exec(word.text)?.[1];
    diagnostics.error(
      'bad-number',
      `${what} is not a number: '${word.text}'`,
      word.span,
      bare === undefined ? 'write a decimal number, or a hexadecimal one as 0x1f' : `write ${bare} without quotes`,
    );
    return undefined;
  }
  return checkLimits(value, word, what, limits, diagnostics) ? value : undefined;
}

/** A number within limits or a variable's name; what is neither is reported as `bad-argument`. */
export function readOperand(word: Word, what: string, limits: Limits, diagnostics: Diagnostics): Operand | undefined {
  const value = parseNumber(word.text);
  if (value !== undefined) return checkLimits(value, word, what, limits, diagnostics) ? value : undefined;
  if (isVariableName(word.text)) return word.text;
  diagnostics.error(
    'bad-argument',
    `${what} is neither a number nor a variable: '${word.text}'`,
    word.span,
    'write a number, or the name that byte_extract or byte_math gives a value to',
  );
  return undefined;
}

export function isVariableName(text: string): boolean {
  return VARIABLE_NAME.test(text);
}

function checkLimits(value: number, word: Word, what: string, limits: Limits, diagnostics: Diagnostics): boolean {
  if (value >= limits.minimum && value <= limits.maximum) return true;
  diagnostics.error(
    'number-out-of-range',
    `${what} is ${value}`,
    word.span,
    `write a number from ${limits.minimum} to ${limits.maximum}`,
  );
  return false;
}

function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}
