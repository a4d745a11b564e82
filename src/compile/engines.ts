/**
 * The engines of a rule of transactions: its buffer programs, in the order in which they are tried. Stage: load.
 *
 * They are numbered by side (server first), and within a side by the progress from which on the buffer is there, so that a
 * rule waits for as little as it must. Which of them have passed is one word of bits.
 */
import { BUFFER_SPECS, bufferNumber } from '../app/buffers.js';
import type { BufferSpec } from '../app/buffer-spec.js';
import type { BufferProgram } from '../rule/program.js';

export interface Engine {
  /** -1 for a buffer of packets or streams. */
  readonly number: number;
  /** From which progress on a side has it; -1 where it never does. */
  readonly toServer: number;
  readonly toClient: number;
}

export interface Engines {
  /** By the place of the buffer program in the rule. */
  readonly each: readonly Engine[];
  readonly count: number;
  /** 1 to server, 2 to client. */
  readonly sides: number;
}

const NO_ENGINE: Engine = { number: -1, toServer: -1, toClient: -1 };

export function enginesOf(buffers: readonly BufferProgram[]): Engines {
  const specs = buffers.map(({ buffer }) => BUFFER_SPECS[bufferNumber(buffer)]!);
  const ordered = specs.flatMap((spec, index) => (spec.scope === 'tx' ? [{ spec, index }] : [])).sort((a, b) => rank(a.spec) - rank(b.spec));
  const each = buffers.map(() => NO_ENGINE);
  let sides = 0;
  ordered.forEach(({ spec: { toServer = -1, toClient = -1 }, index }, number) => {
    each[index] = { number, toServer, toClient };
    sides |= (toServer >= 0 ? 1 : 0) | (toClient >= 0 ? 2 : 0);
  });
  return { each, count: ordered.length, sides };
}

/** Progress of a side is far below this. */
const SIDE = 0x10000;

const rank = ({ toServer, toClient }: BufferSpec): number => toServer ?? SIDE + (toClient ?? 0);
