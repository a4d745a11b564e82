/**
 * The comparison that integer keywords share: `n`, `=n`, `!n`, `!=n`, `<n`, `<=n`, `>n`, `>=n`, `a<>b` and `a-b` (both
 * without their ends, as Suricata has it), `!a<>b`, Snort 3's `a<=>b` (with its ends), and the bit masks `&mask=n` and
 * `&mask!=n`. Numbers are decimal or 0x, with kb, mb or gb behind them where wanted. Stage: rule. Reference: Suricata,
 * integer keywords.
 */
import type { Word } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import type { Ranges } from '../../block/terms.js';
import { parseNumber, SIZE_UNITS, slice } from './value.js';

export type IntegerOperator = '=' | '!=' | '<' | '<=' | '>' | '>=' | '<>' | '!<>' | '<=>' | '&=' | '&!=';

export interface IntegerTest {
  readonly operator: IntegerOperator;
  readonly value: number;
  /** Upper end of the operators with two numbers. */
  readonly high?: number | undefined;
  /** Of the operators with a mask: the bits that are compared. */
  readonly mask?: number | undefined;
}

const FORMS = 'write n, !n, <n, <=n, >n, >=n, low<>high or &mask=n';
/** A mask passes runs of numbers; more of them than this are not spelt out. */
const MAXIMUM_RUNS = 1024;

/**
 * What a test asks of a number: to be in the ranges, and where there is a mask, that of what the mask leaves of it.
 */
export interface Compared {
  readonly ranges: Ranges;
  readonly mask?: number;
}

/**
 * Reads a test of numbers from 0 to `maximum`; what can never hold is an error too.
 *
 * @param masks `any`: the test is used by `comparedThrough`; `runs`: by `integerRanges`, so that a mask may not pass
 *   more runs of numbers than can be spelt out.
 */
export function parseIntegerTest(
  word: Word,
  what: string,
  maximum: number,
  diagnostics: Diagnostics,
  masks: 'any' | 'runs' = 'runs',
): IntegerTest | undefined {
  const test = /^!?\s*&/.test(word.text)
    ? readMask(word, what, maximum, diagnostics, masks)
    : readTest(word, what, maximum, diagnostics);
  if (test === undefined) return undefined;
  if (canHold(test, maximum)) return test;
  diagnostics.error(
    'never-matches',
    `${what} can never match '${word.text}'`,
    word.span,
    `${what} goes from 0 to ${maximum}`,
  );
  return undefined;
}

function canHold(test: IntegerTest, maximum: number): boolean {
  const { operator, value, mask } = test;
  if (mask === undefined) return integerRanges(test, maximum).length > 0;
  return operator === '&!=' || leavesAll(mask, value);
}

/** Whether the mask has all bits of the value. */
const leavesAll = (mask: number, value: number): boolean => (BigInt(value) & ~BigInt(mask)) === 0n;

/** A test with its mask left as it is: every mask can be asked for. */
export function comparedThrough(test: IntegerTest, maximum: number): Compared {
  const { operator, value, mask } = test;
  if (mask === undefined) return { ranges: integerRanges(test, maximum) };
  return { mask, ranges: integerRanges({ operator: operator === '&!=' ? '!=' : '=', value }, maximum) };
}

/** The values from 0 to `maximum` that pass. */
export function integerRanges(test: IntegerTest, maximum: number): Ranges {
  const { value } = test;
  const high = test.high ?? value;
  switch (test.operator) {
    case '=':
      return clip([[value, value]], maximum);
    case '!=':
      return clip(
        [
          [0, value - 1],
          [value + 1, maximum],
        ],
        maximum,
      );
    case '<':
      return clip([[0, value - 1]], maximum);
    case '<=':
      return clip([[0, value]], maximum);
    case '>':
      return clip([[value + 1, maximum]], maximum);
    case '>=':
      return clip([[value, maximum]], maximum);
    case '<>':
      return clip([[value + 1, high - 1]], maximum);
    case '!<>':
      return clip(
        [
          [0, value],
          [high, maximum],
        ],
        maximum,
      );
    case '<=>':
      return clip([[value, high]], maximum);
    case '&=':
      return clip(maskedRuns(test, maximum), maximum);
    case '&!=':
      return clip(between(clip(maskedRuns(test, maximum), maximum), maximum), maximum);
  }
}

/**
 * The numbers whose masked bits are the value's: the bits below the mask run free, each one above it doubles the runs.
 */
function maskedRuns({ value, mask = 0 }: IntegerTest, maximum: number): (readonly [number, number])[] {
  const length = lowestBit(mask);
  let runs: (readonly [number, number])[] = leavesAll(mask, value) ? [[value, value + length - 1]] : [];
  for (const bit of freeBits(mask, length, maximum))
    runs = [...runs, ...runs.map(([low, high]) => [low + bit, high + bit] as const)];
  return runs;
}

/** The bits above the mask's lowest one that it leaves free, from the lowest on, up to those of `maximum`. */
function freeBits(mask: number, from: number, maximum: number): number[] {
  const bits: number[] = [];
  for (let bit = from; bit <= maximum && bits.length < 53; bit *= 2)
    if (Math.floor(mask / bit) % 2 === 0) bits.push(bit);
  return bits;
}

function lowestBit(mask: number): number {
  let bit = 1;
  while (mask % (bit * 2) === 0) bit *= 2;
  return bit;
}

/** What lies between ranges that ascend. */
function between(ranges: Ranges, maximum: number): (readonly [number, number])[] {
  const ends = [-1, ...ranges.map(([, high]) => high)];
  return ends.map((end, index) => [end + 1, (ranges[index]?.[0] ?? maximum + 1) - 1] as const);
}

export function printIntegerTest(test: IntegerTest): string {
  switch (test.operator) {
    case '=':
      return String(test.value);
    case '!=':
      return `!${test.value}`;
    case '!<>':
      return `!${test.value}<>${test.high}`;
    case '<>':
    case '<=>':
      return `${test.value}${test.operator}${test.high}`;
    case '&=':
    case '&!=':
      return `&${test.mask}${test.operator.slice(1)}${test.value}`;
    default:
      return `${test.operator}${test.value}`;
  }
}

function readTest(word: Word, what: string, maximum: number, diagnostics: Diagnostics): IntegerTest | undefined {
  const sign = /^(?:!=|<=|>=|[!=<>])?/.exec(word.text)![0];
  const operand = slice(word, sign.length, word.text.length);
  const between = /(<=>|<>|-)/.exec(operand.text);
  if (between === null) {
    const value = readBound(operand, what, maximum, diagnostics);
    const operator = (sign === '' ? '=' : sign === '!' ? '!=' : sign) as IntegerOperator;
    return value === undefined ? undefined : { operator, value };
  }
  const inclusive = between[0] === '<=>';
  if ((sign !== '' && sign !== '!') || (inclusive && sign === '!')) {
    diagnostics.error('bad-range', `'${sign}' cannot stand before a range`, word.span, FORMS);
    return undefined;
  }
  const low = readBound(slice(operand, 0, between.index), what, maximum, diagnostics);
  const high = readBound(
    slice(operand, between.index + between[0].length, operand.text.length),
    what,
    maximum,
    diagnostics,
  );
  if (low === undefined || high === undefined) return undefined;
  if (low > high) {
    diagnostics.error(
      'bad-range',
      `the range ${operand.text} ends below its start`,
      operand.span,
      `write ${high}${between[0]}${low}`,
    );
    return undefined;
  }
  return { operator: inclusive ? '<=>' : sign === '!' ? '!<>' : '<>', value: low, high };
}

/** `&mask=n`, `&mask!=n`, `!&mask=n`. */
function readMask(
  word: Word,
  what: string,
  maximum: number,
  diagnostics: Diagnostics,
  masks: 'any' | 'runs',
): IntegerTest | undefined {
  const form = /^(!?)\s*&\s*([^=!]+?)\s*(!?=)/.exec(word.text);
  if (form === null) {
    diagnostics.error(
      'bad-range',
      `'${word.text}' is no comparison through a mask`,
      word.span,
      'write &<mask>=<number> or &<mask>!=<number>, as in &0xf0=0x40',
    );
    return undefined;
  }
  const [whole, bang, maskText, sign] = form;
  const start = whole.indexOf('&') + 1;
  const mask = readBound(
    slice(word, start, start + whole.slice(start).indexOf(maskText!) + maskText!.length),
    what,
    maximum,
    diagnostics,
  );
  const value = readBound(slice(word, whole.length, word.text.length), what, maximum, diagnostics);
  if (mask === undefined || value === undefined) return undefined;
  if (mask > 0 && (masks === 'any' || 2 ** freeBits(mask, lowestBit(mask), maximum).length <= MAXIMUM_RUNS)) {
    return { operator: (bang === '!') === (sign === '=') ? '&!=' : '&=', value, mask };
  }
  diagnostics.error(
    'unsupported-bitmask',
    `${what} cannot be tested through the mask ${maskText}`,
    word.span,
    'write a mask of the upper bits, or test the header with byte_test in a header buffer, as in tcp.hdr',
  );
  return undefined;
}

function readBound(word: Word, what: string, maximum: number, diagnostics: Diagnostics): number | undefined {
  const suffix = word.text.toLowerCase().startsWith('0x') ? '' : (/[kmg]i?b$/i.exec(word.text)?.[0] ?? '');
  const unit = SIZE_UNITS[suffix.toLowerCase()]!;
  const plain = parseNumber(word.text.slice(0, word.text.length - suffix.length).trimEnd());
  if (plain === undefined || plain < 0 || !/^[0-9]/.test(word.text)) {
    diagnostics.error('bad-number', `${what} is not a number: '${word.text}'`, word.span, FORMS);
    return undefined;
  }
  const value = plain * unit;
  if (value <= maximum) return value;
  diagnostics.error(
    'number-out-of-range',
    `${what} cannot be ${word.text}`,
    word.span,
    `${what} goes from 0 to ${maximum}`,
  );
  return undefined;
}

function clip(ranges: readonly (readonly [number, number])[], maximum: number): Ranges {
  return ranges
    .map(([low, high]) => [Math.max(0, low), Math.min(high, maximum)] as const)
    .filter(([low, high]) => low <= high);
}
