/**
 * The comparison that integer keywords share: `n`, `=n`, `!n`, `!=n`, `<n`, `<=n`, `>n`, `>=n`, `a<>b` and `a-b` (both
 * without their ends, as Suricata has it), `!a<>b`, and Snort 3's `a<=>b` (with its ends). Numbers are decimal or 0x,
 * with kb, mb or gb behind them where wanted. Stage: rule. Reference: Suricata, integer keywords.
 */
import type { Word } from '../ast.js';
import type { Diagnostics } from '../diagnostic.js';
import type { Ranges } from '../program.js';
import { parseNumber, slice } from './value.js';

export type IntegerOperator = '=' | '!=' | '<' | '<=' | '>' | '>=' | '<>' | '!<>' | '<=>';

export interface IntegerTest {
  readonly operator: IntegerOperator;
  readonly value: number;
  /** Upper end of the operators with two numbers. */
  readonly high?: number | undefined;
}

const UNITS: Readonly<Record<string, number>> = { kb: 1024, kib: 1024, mb: 1_048_576, mib: 1_048_576, gb: 1_073_741_824, gib: 1_073_741_824 };
const FORMS = 'write n, !n, <n, <=n, >n, >=n or low<>high';

/** Reads a test of numbers from 0 to `maximum`; what can never hold is an error too. */
export function parseIntegerTest(word: Word, what: string, maximum: number, diagnostics: Diagnostics): IntegerTest | undefined {
  if (/^!?\s*&/.test(word.text)) {
    diagnostics.error('bitmask-not-supported', `${what} cannot be tested through a bit mask`, word.span, 'test the header with byte_test in a header buffer, as in tcp.hdr');
    return undefined;
  }
  const test = readTest(word, what, maximum, diagnostics);
  if (test === undefined) return undefined;
  if (integerRanges(test, maximum).length > 0) return test;
  diagnostics.error('never-matches', `${what} can never match '${word.text}'`, word.span, `${what} goes from 0 to ${maximum}`);
  return undefined;
}

/** The values from 0 to `maximum` that pass. */
export function integerRanges(test: IntegerTest, maximum: number): Ranges {
  const { value } = test;
  const high = test.high ?? value;
  switch (test.operator) {
    case '=': return clip([[value, value]], maximum);
    case '!=': return clip([[0, value - 1], [value + 1, maximum]], maximum);
    case '<': return clip([[0, value - 1]], maximum);
    case '<=': return clip([[0, value]], maximum);
    case '>': return clip([[value + 1, maximum]], maximum);
    case '>=': return clip([[value, maximum]], maximum);
    case '<>': return clip([[value + 1, high - 1]], maximum);
    case '!<>': return clip([[0, value], [high, maximum]], maximum);
    case '<=>': return clip([[value, high]], maximum);
  }
}

export function printIntegerTest(test: IntegerTest): string {
  switch (test.operator) {
    case '=': return String(test.value);
    case '!=': return `!${test.value}`;
    case '!<>': return `!${test.value}<>${test.high}`;
    case '<>':
    case '<=>': return `${test.value}${test.operator}${test.high}`;
    default: return `${test.operator}${test.value}`;
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
  const high = readBound(slice(operand, between.index + between[0].length, operand.text.length), what, maximum, diagnostics);
  if (low === undefined || high === undefined) return undefined;
  if (low > high) {
    diagnostics.error('bad-range', `the range ${operand.text} ends below its start`, operand.span, `write ${high}${between[0]}${low}`);
    return undefined;
  }
  return { operator: inclusive ? '<=>' : sign === '!' ? '!<>' : '<>', value: low, high };
}

function readBound(word: Word, what: string, maximum: number, diagnostics: Diagnostics): number | undefined {
  const parts = /^(.*?)\s*([a-z]+)?$/is.exec(word.text)!;
  const unit = word.text.toLowerCase().startsWith('0x') || parts[2] === undefined ? undefined : UNITS[parts[2].toLowerCase()];
  const plain = parseNumber(unit === undefined ? word.text : parts[1]!);
  if (plain === undefined || plain < 0 || !/^[0-9]/.test(word.text)) {
    diagnostics.error('bad-number', `${what} is not a number: '${word.text}'`, word.span, FORMS);
    return undefined;
  }
  const value = plain * (unit ?? 1);
  if (value <= maximum) return value;
  diagnostics.error('number-out-of-range', `${what} cannot be ${word.text}`, word.span, `${what} goes from 0 to ${maximum}`);
  return undefined;
}

function clip(ranges: readonly (readonly [number, number])[], maximum: number): Ranges {
  return ranges
    .map(([low, high]) => [Math.max(0, low), Math.min(high, maximum)] as const)
    .filter(([low, high]) => low <= high);
}
