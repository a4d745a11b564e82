/**
 * Growing buffers: bodies that are looked at while they come. Stage: detect.
 *
 * Steps look at exactly the first 4, 16 and 64 KiB, and at all once it is complete (or has reached its limit), so that
 * segments change nothing. What says that something is not there, or where the end is, is believed only where the peer
 * looks for the first time, or at the end: before, it merely has not come yet.
 */
import { BUFFER_SPECS } from '../app/buffers.js';
import { DIRECTION, type Direction } from '../flow/flow.js';

const CHECKPOINTS = [65_536, 16_384, 4096] as const;
/** Suricata's minimal sizes of a request's and a response's body before it inspects one. */
const FIRST_LOOK = { [DIRECTION.toServer]: 32_768, [DIRECTION.toClient]: 40_960 } as const;

/** The buffers that grow, by their numbers; and by buffer, its place among these, or -1. */
export const GROWING_BUFFERS: readonly number[] = BUFFER_SPECS.flatMap(({ kind }, number) =>
  kind === 'growing' ? number : [],
);
export const GROWING_INDEX = Int8Array.from(BUFFER_SPECS, (_, number) => GROWING_BUFFERS.indexOf(number));

/** How many of those places it has passed. */
export function stageOf(length: number, direction: Direction): number {
  let stage = Number(length >= FIRST_LOOK[direction]);
  for (let i = 0; i < CHECKPOINTS.length; i++) stage += Number(length >= CHECKPOINTS[i]);
  return stage;
}

/** Bytes that steps may look at, of `length` that are there and not all: 0 for none yet. */
export function checkpoint(length: number): number {
  for (let i = 0; i < CHECKPOINTS.length; i++) if (length >= CHECKPOINTS[i]) return CHECKPOINTS[i];
  return 0;
}

/** The same for steps that need to see the whole. */
export function firstLook(length: number, direction: Direction): number {
  const least = FIRST_LOOK[direction];
  return length >= least ? least : 0;
}
