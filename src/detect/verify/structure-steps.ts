/**
 * Steps that read a structure rather than a number: base64, ASN.1, and the entropy of bytes. Stage: detect (verify).
 * Each returns whether it passes. Allocates nothing.
 */
import { decodeBase64 } from './base64.js';
import { hasBerFault } from './ber.js';
import { ASN1, BASE64_DECODE, BER, ENTROPY, ENTROPY_OPERATORS, STEP_FLAG } from '../../block/step-layout.js';
import type { StepState } from './step-state.js';

const BIT_STRING = 1;
const REAL = 2;
const RFC4648 = 0;

/** Decodes into `state.decoded`; passes when something came of it. */
export function base64Decode(state: StepState, step: number, flags: number): boolean {
  const { code } = state;
  const from = startOf(state, flags, code[step + BASE64_DECODE.offset]);
  const limit = code[step + BASE64_DECODE.bytes];
  state.decodedLength = 0;
  if (from < 0 || from >= state.length) return false;
  const to = limit === 0 ? state.length : Math.min(state.length, from + limit);
  state.decodedLength = decodeBase64(state.bytes, state.start + from, state.start + to, state.decoded, RFC4648);
  return state.decodedLength > 0;
}

export function asn1(state: StepState, step: number, flags: number): boolean {
  const { code, start, length } = state;
  const from = startOf(state, flags, code[step + ASN1.offset]);
  if (from < 0 || from >= length) return false;
  const faults = code[step + ASN1.faults];
  return hasBerFault(
    state.element,
    state.bytes,
    start + from,
    start + length,
    (faults & BIT_STRING) !== 0,
    (faults & REAL) !== 0,
    code[step + ASN1.oversize],
  );
}

/** Moves into or behind the element at the last match's end. */
export function berElement(state: StepState, step: number): boolean {
  const { code, element, start } = state;
  const end = start + state.length;
  if (!element.read(state.bytes, start + state.position, end)) return false;
  if (element.identifier !== code[step + BER.type]) return code[step + BER.optional] === 1;
  if (element.length < 0) return false;
  const target = element.contents + (code[step + BER.move] === 1 ? element.length : 0);
  if (target > end) return false;
  state.position = target - start;
  return true;
}

/** Where there are fewer bytes than the rule asks for, it says nothing of them. */
export function hasEntropy(state: StepState, step: number): boolean {
  const { code, start, length } = state;
  const from = code[step + ENTROPY.offset];
  const limit = code[step + ENTROPY.bytes];
  if (from >= length || from + limit > length) return false;
  const to = limit === 0 ? length : from + limit;
  return compare(
    entropyOf(state, start + from, start + to),
    code[step + ENTROPY.operator],
    code[step + ENTROPY.value],
    code[step + ENTROPY.high],
  );
}

/** Shannon entropy of bytes in [from, to), in millionths of a bit per byte. */
function entropyOf({ bytes, counts }: StepState, from: number, to: number): number {
  counts.fill(0);
  for (let at = from; at < to; at++) counts[bytes[at]]++;
  const total = to - from;
  let entropy = 0;
  for (let value = 0; value < 256; value++) {
    if (counts[value] === 0) continue;
    const share = counts[value] / total;
    entropy -= share * Math.log2(share);
  }
  return Math.round(entropy * 1e6);
}

/** `high` is the upper end of the operators between two values. */
function compare(value: number, operator: number, wanted: number, high: number): boolean {
  switch (ENTROPY_OPERATORS[operator]) {
    case '<':
      return value < wanted;
    case '<=':
      return value <= wanted;
    case '>':
      return value > wanted;
    case '>=':
      return value >= wanted;
    case '=':
      return value === wanted;
    case '<>':
      return value > wanted && value < high;
    case '!<>':
      return value <= wanted || value >= high;
    default:
      return value !== wanted;
  }
}

const startOf = (state: StepState, flags: number, offset: number): number =>
  ((flags & STEP_FLAG.relative) !== 0 ? state.position : 0) + offset;
