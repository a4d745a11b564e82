/** Rings amid other things in one memory, and what becomes of these. */
import { ringBytesFor } from '../../src/memory/layout.js';
import type { RingPlace } from '../../src/ring/record-ring.js';

const NOISE = 0xa5;
const AROUND = 4096;

/** A ring of at least `bytes`, its positions at `at`, with noise before and behind it. */
export function ringAmid(bytes: number, at = 0): RingPlace {
  const size = ringBytesFor(bytes);
  const memory = new SharedArrayBuffer(AROUND + size + AROUND);
  new Uint8Array(memory).fill(NOISE).fill(0, AROUND, AROUND + size);
  new Int32Array(memory, AROUND).fill(at, 0, 1).fill(at, 16, 17);
  return { memory, offset: AROUND, bytes: size };
}

/** Whether what lies around the ring is as it was. */
export function isNoiseAround({ memory, offset, bytes }: RingPlace): boolean {
  const all = new Uint8Array(memory);
  return [...all.subarray(0, offset), ...all.subarray(offset + bytes)].every((byte) => byte === NOISE);
}
