/**
 * byte_test, byte_jump, byte_extract, byte_math, isdataat and bsize over a buffer. Stage: detect (verify).
 *
 * Numbers are unsigned 64 bits and wrap around, as in Suricata; a variable used as an offset is read as signed. A read
 * that is not wholly inside the buffer fails, negated or not. Each function says whether the step passes and moves
 * `state.position` where the keyword does. Allocates nothing.
 */
import { hexDigit, isSpace } from '../../util/ascii.js';
import { OP } from '../../block/rule-block.js';
import { comparedHolds } from '../../block/compared.js';
import {
  BSIZE,
  BYTE_EXTRACT,
  BYTE_JUMP,
  BYTE_MATH,
  BYTE_READ,
  BYTE_TEST,
  ISDATAAT,
  STEP_FLAG,
} from '../../block/step-layout.js';
import type { StepState } from './step-state.js';

const MAX_BINARY_BYTES = 8;
const MAX_DIGITS = 23;

/**
 * Absolute: byte n is there. Relative: the buffer reaches n bytes behind the last match (Suricata allows its very end).
 */
export function isDataAt(state: StepState, step: number, flags: number): boolean {
  const wanted = state.value(step + ISDATAAT.position);
  const present =
    (flags & STEP_FLAG.relative) !== 0 ? state.position + wanted <= state.length : wanted < state.origin + state.length;
  return present !== ((flags & STEP_FLAG.negated) !== 0);
}

export function hasSize(state: StepState, step: number): boolean {
  const { code } = state;
  const length = (code[step + 2] & STEP_FLAG.relative) !== 0 ? state.length - state.position : state.length;
  return comparedHolds(code, step + BSIZE.compared, step + code[step + 1], length);
}

export function byteTest(state: StepState, step: number, flags: number): boolean {
  const at = readPosition(state, step, flags);
  if (at < 0 || readNumber(state, step, flags, at) < 0) return false;
  const high = state.wideHigh(step + BYTE_TEST.value);
  const low = state.wideLow(step + BYTE_TEST.value);
  return compare(state, state.code[step + BYTE_TEST.operator], high, low) !== ((flags & STEP_FLAG.negated) !== 0);
}

/** Operators by their place in TEST_OPERATORS. */
function compare(state: StepState, operator: number, high: number, low: number): boolean {
  const { number } = state;
  switch (operator) {
    case 0:
      return number.compare(high, low) < 0;
    case 1:
      return number.compare(high, low) > 0;
    case 2:
      return number.compare(high, low) === 0;
    case 3:
      return number.compare(high, low) <= 0;
    case 4:
      return number.compare(high, low) >= 0;
    case 5:
      return (number.high & high) !== 0 || (number.low & low) !== 0;
    default:
      return number.high !== high || number.low !== low;
  }
}

/**
 * Moves to the jump's target, which may be the buffer's end; one before the buffer counts as its start, one behind it
 * fails.
 */
export function byteJump(state: StepState, step: number, flags: number): boolean {
  const { code, number } = state;
  const at = readPosition(state, step, flags);
  const consumed = at < 0 ? -1 : readNumber(state, step, flags, at);
  if (consumed < 0) return false;
  if (code[step + BYTE_JUMP.multiplier] !== 1) number.multiply(0, code[step + BYTE_JUMP.multiplier]);
  if ((flags & STEP_FLAG.align) !== 0) number.align(4);
  const distance = number.toSigned() + state.value(step + BYTE_JUMP.postOffset);
  const from = code[step + BYTE_JUMP.from];
  const origin = from === 0 ? at + consumed : from === 1 ? 0 : state.length;
  const target = origin + distance;
  if (target > state.length) return false;
  state.position = Math.max(0, target) | 0;
  return true;
}

export function byteExtract(state: StepState, step: number, flags: number): boolean {
  const { code, number } = state;
  const at = readPosition(state, step, flags);
  const consumed = at < 0 ? -1 : readNumber(state, step, flags, at);
  if (consumed < 0) return false;
  if (code[step + BYTE_EXTRACT.multiplier] !== 1) number.multiply(0, code[step + BYTE_EXTRACT.multiplier]);
  if (code[step + BYTE_EXTRACT.align] !== 0) number.align(code[step + BYTE_EXTRACT.align]);
  state.store(code[step + BYTE_EXTRACT.variable]);
  state.position = at + consumed;
  return true;
}

export function byteMath(state: StepState, step: number, flags: number): boolean {
  const at = readPosition(state, step, flags);
  const consumed = at < 0 ? -1 : readNumber(state, step, flags, at);
  if (consumed < 0) return false;
  const high = state.wideHigh(step + BYTE_MATH.value);
  const low = state.wideLow(step + BYTE_MATH.value);
  if (!calculate(state, state.code[step + BYTE_MATH.operator], high, low)) return false;
  state.store(state.code[step + BYTE_MATH.variable]);
  state.position = at + consumed;
  return true;
}

/** Operators by their place in MATH_OPERATORS. False only for a division by zero. */
function calculate(state: StepState, operator: number, high: number, low: number): boolean {
  const { number } = state;
  const shift = high === 0 ? low : 64;
  switch (operator) {
    case 0:
      number.add(high, low);
      return true;
    case 1:
      number.subtract(high, low);
      return true;
    case 2:
      number.multiply(high, low);
      return true;
    case 3:
      if (high === 0 && low === 0) return false;
      number.divide(high, low);
      return true;
    case 4:
      number.shiftLeft(shift);
      return true;
    default:
      number.shiftRight(shift);
      return true;
  }
}

/**
 * Where the read at `step` starts, or -1 outside the buffer. A relative read needs a byte behind the last match, a jump
 * reads none perhaps.
 */
function readPosition(state: StepState, step: number, flags: number): number {
  const relative = (flags & STEP_FLAG.relative) !== 0;
  const at = state.value(step + BYTE_READ.offset) + (relative ? state.position : 0 - state.origin);
  if (
    at < 0 ||
    at > state.length ||
    state.length === 0 ||
    (relative && at === state.length && state.code[step] !== OP.byteJump)
  )
    return -1;
  return at;
}

const isLittle = (state: StepState, flags: number): boolean =>
  (flags & STEP_FLAG.little) !== 0 || ((flags & STEP_FLAG.dce) !== 0 && state.littleEndian);

/** Reads the number at `at` into `state.number`, masked; returns the bytes consumed or -1. */
function readNumber(state: StepState, step: number, flags: number, at: number): number {
  const { code, number } = state;
  const base = code[step + BYTE_READ.base];
  const wanted = state.value(step + BYTE_READ.bytes);
  // Digits without a number of them: as many as there are.
  const count = wanted === 0 && base !== 0 ? Math.min(MAX_DIGITS, state.length - at) : wanted;
  if (count < 0 || count > (base === 0 ? MAX_BINARY_BYTES : MAX_DIGITS) || at + count > state.length) return -1;
  let consumed = count;
  if (base === 0) number.read(state.bytes, state.start + at, count, isLittle(state, flags));
  else consumed = readDigits(state, state.start + at, count, base);
  if (consumed >= 0 && (flags & STEP_FLAG.masked) !== 0) {
    number.and(code[step + BYTE_READ.maskHigh], code[step + BYTE_READ.maskLow]);
    number.shiftRight(code[step + BYTE_READ.shift]);
  }
  return consumed;
}

/**
 * Reads digits as C's strtoull does: blanks, a sign, `0x` for base 16, then digits; returns the bytes consumed or -1.
 */
function readDigits(state: StepState, from: number, count: number, base: number): number {
  const { bytes, number } = state;
  const end = from + count;
  let at = from;
  while (at < end && isSpace(bytes[at])) at++;
  const negative = at < end && bytes[at] === 0x2d;
  if (negative || (at < end && bytes[at] === 0x2b)) at++;
  if (
    base === 16 &&
    at + 2 < end &&
    bytes[at] === 0x30 &&
    (bytes[at + 1] | 0x20) === 0x78 &&
    hexDigit(bytes[at + 2]) >= 0
  )
    at += 2;
  const first = at;
  number.set(0, 0);
  for (; at < end; at++) {
    const value = hexDigit(bytes[at]);
    if (value < 0 || value >= base) break;
    if (!number.appendDigit(base, value)) return -1;
  }
  if (at === first) return -1;
  if (negative) number.negate();
  return at - from;
}
