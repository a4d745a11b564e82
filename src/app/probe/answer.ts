/**
 * What a probe says of the first bytes of one side, and how texts are compared. Stage: app.
 *
 * A probe is a function of bytes alone: no port, no other side, no state. It looks at PROBE_BYTES at most and says yes
 * or no in the end, so that looking again at each byte that comes costs no more than a constant a byte. What it has
 * said with yes or no, more bytes do not change.
 */
import type { Direction } from '../../flow/flow.js';

export const ANSWER = {
  no: 0,
  /** Fits so far; more bytes tell. */
  more: 1,
  /** Fits, and others would: the port, or the other side, tells. */
  open: 2,
  yes: 3,
} as const;
export type Answer = (typeof ANSWER)[keyof typeof ANSWER];

/** Looks at `[start, start + length)`, the first bytes that one side sends. */
export type Probe = (bytes: Uint8Array, start: number, length: number, direction: Direction) => Answer;

/** Bytes that any probe looks at. */
export const PROBE_BYTES = 512;

const LF = 0x0a;
const CR = 0x0d;

/** The bytes of an ASCII text. */
export const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
export const asciiTexts = (...texts: readonly string[]): readonly Uint8Array[] => texts.map(ascii);

/** Whether the bytes begin with the text. */
export function beginsWith(bytes: Uint8Array, start: number, length: number, text: Uint8Array): Answer {
  const count = Math.min(length, text.length);
  for (let i = 0; i < count; i++) if (bytes[start + i] !== text[i]) return ANSWER.no;
  return length < text.length ? ANSWER.more : ANSWER.yes;
}

export const lower = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte);

/** The same, letters of either case being the same; the text is in lower case. */
export function beginsLike(bytes: Uint8Array, start: number, length: number, text: Uint8Array): Answer {
  const count = Math.min(length, text.length);
  for (let i = 0; i < count; i++) if (lower(bytes[start + i]) !== text[i]) return ANSWER.no;
  return length < text.length ? ANSWER.more : ANSWER.yes;
}

/** The best answer for one of several texts, which are in lower case. */
export function beginsLikeAny(bytes: Uint8Array, start: number, length: number, texts: readonly Uint8Array[]): Answer {
  let best: Answer = ANSWER.no;
  for (let i = 0; i < texts.length && best !== ANSWER.yes; i++) {
    const answer = beginsLike(bytes, start, length, texts[i]);
    if (answer > best) best = answer;
  }
  return best;
}

/** Length of the first line, without its end; -1 while its end is not there. */
export function lineLength(bytes: Uint8Array, start: number, length: number): number {
  const end = start + Math.min(length, PROBE_BYTES);
  let at = start;
  while (at < end && bytes[at] !== LF) at++;
  if (at === end) return -1;
  return at > start && bytes[at - 1] === CR ? at - 1 - start : at - start;
}

/** Whether a text, in lower case, occurs in the bytes, in letters of either case. */
export function contains(bytes: Uint8Array, start: number, length: number, text: Uint8Array): boolean {
  for (let at = start; at <= start + length - text.length; at++) {
    if (beginsLike(bytes, at, text.length, text) === ANSWER.yes) return true;
  }
  return false;
}

export const u16 = (bytes: Uint8Array, at: number): number => (bytes[at] << 8) | bytes[at + 1];
export const u24 = (bytes: Uint8Array, at: number): number => (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
export const u32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] << 24) | (bytes[at + 1] << 16) | u16(bytes, at + 2)) >>> 0;
export const u16le = (bytes: Uint8Array, at: number): number => bytes[at] | (bytes[at + 1] << 8);
export const u32le = (bytes: Uint8Array, at: number): number => (u16le(bytes, at) | (u16le(bytes, at + 2) << 16)) >>> 0;

export const isZero = (bytes: Uint8Array, from: number, to: number): boolean => {
  for (let at = from; at < to; at++) if (bytes[at] !== 0) return false;
  return true;
};

export const isPrintable = (byte: number): boolean => byte >= 0x20 && byte < 0x7f;
export const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

/** What fits, and is not enough to tell by. */
export const opened = (answer: Answer): Answer => (answer === ANSWER.yes ? ANSWER.open : answer);

/** Of answers for different texts: yes, else what may become it. */
export function better(first: Answer, second: Answer): Answer {
  if (first === ANSWER.yes || second === ANSWER.no) return first;
  if (second === ANSWER.yes || first === ANSWER.no) return second;
  return first === ANSWER.more || second === ANSWER.more ? ANSWER.more : ANSWER.open;
}

/** Yes for one of `texts`, open for one of those that others begin with, too. All are in lower case. */
export function beginsLikeOneOf(
  bytes: Uint8Array,
  start: number,
  length: number,
  texts: readonly Uint8Array[],
  shared: readonly Uint8Array[],
): Answer {
  return better(beginsLikeAny(bytes, start, length, texts), opened(beginsLikeAny(bytes, start, length, shared)));
}
