/**
 * Where a literal may occur, and where it does. Stage: detect (verify). Allocates nothing.
 *
 * A search looks for the literal's rarest byte (the anchor, chosen by pack-steps.ts) and compares the rest around it:
 * literals are short and have already passed the prefilter, so tables per literal would not pay for their memory. On a
 * text made for it that takes the length of the literal at each byte: what was compared in vain counts, and has a
 * limit. In long ranges of the shard's memory the kernel does the same.
 */
import { CONTENT, STEP_FLAG } from '../../block/step-layout.js';
import type { StepState } from './step-state.js';

/** From this length of range on, calling the kernel pays. */
const LONG_RANGE = 64;

/** First position at which the content at `step` may start, for the position that relative contents count from. */
export function windowStart(state: StepState, step: number, flags: number, position: number): number {
  const offset = state.value(step + CONTENT.offset);
  const first = Math.max(0, offset - state.origin);
  if ((flags & STEP_FLAG.relative) === 0) return offset < 0 ? Infinity : first;
  return Math.max(first, position + state.value(step + CONTENT.distance));
}

/** Position behind the last byte that the content at `step` may cover. */
export function windowEnd(state: StepState, step: number, flags: number, position: number): number {
  let end = state.length;
  if ((flags & STEP_FLAG.hasDepth) !== 0) {
    end = Math.min(end, state.value(step + CONTENT.offset) + state.value(step + CONTENT.depth) - state.origin);
  }
  if ((flags & STEP_FLAG.hasWithin) !== 0) {
    end = Math.min(end, position + state.value(step + CONTENT.distance) + state.value(step + CONTENT.within));
  }
  return end;
}

/**
 * Start of the first occurrence of the content at `step` in [from, to) of the buffer, or -1; also once `state.compared`
 * has passed `state.mayCompare`.
 */
export function findContent(state: StepState, step: number, flags: number, from: number, to: number): number {
  const length = state.code[step + CONTENT.length];
  const literal = state.code[step + CONTENT.bytes];
  state.compared = 0;
  if (to - from < length) return -1;
  if ((flags & STEP_FLAG.endswith) !== 0) {
    const at = state.length - length;
    if (at < from || to < state.length) return -1;
    return occursAt(state, literal, length, at, flags) ? at : -1;
  }
  const anchor = state.code[step + CONTENT.anchor];
  const { operations } = state.workspace;
  if (to - from > LONG_RANGE && operations !== undefined && operations.bytes === state.bytes && state.literals !== 0) {
    const nocase = (flags & STEP_FLAG.nocase) !== 0;
    const { start } = state;
    const found = operations.find(
      start + from,
      start + to,
      state.literals + literal,
      length,
      anchor,
      nocase,
      state.mayCompare,
    );
    state.compared = operations.compared;
    return found === 0 ? -1 : found - start;
  }
  return (flags & STEP_FLAG.nocase) !== 0
    ? findFolded(state, state.start + from, state.start + to, literal, length, anchor)
    : findExact(state, state.start + from, state.start + to, literal, length, anchor);
}

function findExact(
  state: StepState,
  from: number,
  to: number,
  literal: number,
  length: number,
  anchor: number,
): number {
  const { bytes, pool } = state;
  const wanted = pool[literal + anchor];
  const last = to - length + anchor;
  for (let at = from + anchor; at <= last; at++) {
    if (bytes[at] !== wanted) continue;
    const equal = equalExact(bytes, at - anchor, pool, literal, length);
    if (equal === length) return at - anchor - state.start;
    state.compared += equal;
    if (state.compared > state.mayCompare) return -1;
  }
  return -1;
}

function findFolded(
  state: StepState,
  from: number,
  to: number,
  literal: number,
  length: number,
  anchor: number,
): number {
  const { bytes, pool } = state;
  const lower = pool[literal + anchor];
  const upper = lower >= 0x61 && lower <= 0x7a ? lower & 0xdf : lower;
  const last = to - length + anchor;
  for (let at = from + anchor; at <= last; at++) {
    const byte = bytes[at];
    if (byte !== lower && byte !== upper) continue;
    const equal = equalFolded(bytes, at - anchor, pool, literal, length);
    if (equal === length) return at - anchor - state.start;
    state.compared += equal;
    if (state.compared > state.mayCompare) return -1;
  }
  return -1;
}

function occursAt(state: StepState, literal: number, length: number, at: number, flags: number): boolean {
  return (flags & STEP_FLAG.nocase) !== 0
    ? equalFolded(state.bytes, state.start + at, state.pool, literal, length) === length
    : equalExact(state.bytes, state.start + at, state.pool, literal, length) === length;
}

/** Bytes that are equal, up to the first that is not. */
function equalExact(bytes: Uint8Array, at: number, pool: Uint8Array, literal: number, length: number): number {
  for (let i = 0; i < length; i++) if (bytes[at + i] !== pool[literal + i]) return i;
  return length;
}

/** The same; the literal is in lower case. */
function equalFolded(bytes: Uint8Array, at: number, pool: Uint8Array, literal: number, length: number): number {
  for (let i = 0; i < length; i++) {
    const byte = bytes[at + i];
    if ((byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte) !== pool[literal + i]) return i;
  }
  return length;
}
