/**
 * The comparison that integer keywords share: `n`, `=n`, `!n`, `!=n`, `<n`, `<=n`, `>n`, `>=n`, `a<>b` and `a-b` (both
 * without their ends, as Suricata has it, but for a few keywords), `!a<>b`, Snort 3's `a<=>b` (with its ends), and the
 * bit masks `&mask=n` and `&mask!=n`. Numbers are decimal or 0x, with kb, mb or gb behind them where wanted. Stage:
 * rule. Reference: Suricata, integer keywords.
 */
import type { Word } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import type { Compared, Ranges } from '../../block/terms.js';
import { parseNumber, SIZE_UNITS, slice } from './value.js';

export type IntegerOperator = '=' | '!=' | '<' | '<=' | '>' | '>=' | '<>' | '!<>' | '<=>' | '!<=>';

export interface IntegerTest {
  readonly operator: IntegerOperator;
  readonly value: number;
  /** Upper end of the operators with two numbers. */
  readonly high?: number | undefined;
  /** The bits that are compared, by = or !=; undefined for all. */
  readonly mask?: number | undefined;
}

const MASK_FORM = 'write &<mask>=<number> or &<mask>!=<number>, as in &0xf0=0x40';
const FORMS = 'write n, !n, <n, <=n, >n, >=n, low<>high or &mask=n';
/**
 * Reads a test of numbers from 0 to `maximum`; what can never hold is an error too. `ends`: whether `a<>b` has them in.
 */
export function parseIntegerTest(
  word: Word,
  what: string,
  maximum: number,
  diagnostics: Diagnostics,
  ends: 'in' | 'out' = 'out',
): IntegerTest | undefined {
  const test = /^!?\s*&/.test(word.text)
    ? readMask(word, what, maximum, diagnostics)
    : readTest(word, what, maximum, diagnostics, ends);
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
  if (mask === undefined || operator === '!=') return integerRanges(test, maximum).length > 0;
  return (BigInt(value) & ~BigInt(mask)) === 0n;
}

/** What a test asks of numbers from 0 to `maximum`. */
export function compared(test: IntegerTest, maximum: number): Compared {
  const { mask } = test;
  return { ranges: integerRanges(test, maximum), ...(mask === undefined ? {} : { mask }) };
}

/** The values from 0 to `maximum` that pass; of a test with a mask, what may be left of them. */
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
    case '!<=>':
      return clip(
        [
          [0, value - 1],
          [high + 1, maximum],
        ],
        maximum,
      );
  }
}

export function printIntegerTest(test: IntegerTest): string {
  if (test.mask !== undefined) return `&${test.mask}${test.operator}${test.value}`;
  switch (test.operator) {
    case '=':
      return String(test.value);
    case '!=':
      return `!${test.value}`;
    case '!<>':
    case '!<=>':
      return `!${test.value}<>${test.high}`;
    case '<>':
    case '<=>':
      return `${test.value}${test.operator}${test.high}`;
    default:
      return `${test.operator}${test.value}`;
  }
}

function readTest(
  word: Word,
  what: string,
  maximum: number,
  diagnostics: Diagnostics,
  ends: 'in' | 'out',
): IntegerTest | undefined {
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
  const operator = inclusive || ends === 'in' ? '<=>' : '<>';
  return { operator: sign === '!' ? `!${operator}` : operator, value: low, high };
}

/** `&mask=n`, `&mask!=n`, `!&mask=n`. */
function readMask(word: Word, what: string, maximum: number, diagnostics: Diagnostics): IntegerTest | undefined {
  const form = /^(!?)\s*&\s*([^=!]+?)\s*(!?=)/.exec(word.text);
  if (form === null) {
    diagnostics.error('bad-range', `'${word.text}' is no comparison through a mask`, word.span, MASK_FORM);
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
  if (mask > 0) return { operator: (bang === '!') === (sign === '=') ? '!=' : '=', value, mask };
  diagnostics.error('bad-range', 'a mask of 0 leaves nothing to compare', word.span, MASK_FORM);
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
