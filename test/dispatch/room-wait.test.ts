import { describe, expect, it } from 'vitest';
import { RoomWait } from '../../src/dispatch/room-wait.js';

const RING_BYTES = 8 * 2 ** 20;

/** Fills a ring that is drained at so many bytes a millisecond, again and again. @returns the naps, milliseconds. */
function napsOf(drainedPerMs: number, rounds: number): number[] {
  const naps: number[] = [];
  const ring = { fill: 1 };
  const room = new RoomWait((ms) => {
    naps.push(ms);
    ring.fill = Math.max(0, ring.fill - (ms * drainedPerMs) / RING_BYTES);
  });
  for (let round = 0; round < rounds; round++) {
    ring.fill = 1;
    room.wait(ring);
  }
  return naps;
}

describe('waiting for room in a ring', () => {
  it.each([
    // Bytes per millisecond that the shard takes, and the wait that leaves between a quarter and 5/8 of the ring.
    ['a shard of 20 MB/s: as long as it may be', 20_000, 64],
    ['of 100 MB/s', 100_000, 32],
    ['of 200 MB/s', 200_000, 16],
    ['of 1 GB/s', 1_000_000, 4],
    ['one that is faster than all waits', 16e6, 1],
  ])('%s', (_, drainedPerMs, expected) => {
    expect(napsOf(drainedPerMs, 20).at(-1)).toBe(expected);
  });

  it('gets shorter where the shard gets faster, so that no ring runs dry for long', () => {
    const naps: number[] = [];
    let drained = 0.1;
    const ring = { fill: 1 };
    const room = new RoomWait((ms) => {
      naps.push(ms);
      ring.fill = 1 - drained;
    });
    for (let i = 0; i < 8; i++) room.wait(ring);
    drained = 0.9;
    for (let i = 0; i < 8; i++) room.wait(ring);
    expect(naps).toEqual([1, 2, 4, 8, 16, 32, 64, 64, 64, 32, 16, 8, 4, 2, 1, 1]);
  });
});
