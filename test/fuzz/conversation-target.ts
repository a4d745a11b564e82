/**
 * A parser as a target: conversations are given to it in pieces, and once more in pieces of another size (of the same
 * where that may matter), behind which other bytes lie, neither of which must matter; what events say of its
 * transactions is JSON; and the arena is empty behind each.
 */
import assert from 'node:assert/strict';
import type { BufferSpec } from '../../src/app/buffer-spec.js';
import type { Protocol } from '../../src/app/protocol.js';
import type { ProtocolEvent } from '../../src/app/protocol-event.js';
import { Talk, type Seen } from '../app/support/talk.js';
import { toBytes, type Payload } from '../support/packet-builder.js';
import { sizeOf, type FuzzInput } from './fuzz-input.js';
import type { FuzzTarget, Taker } from './fuzz-target.js';

export interface Conversations {
  readonly protocol: Protocol;
  readonly specs: readonly BufferSpec[];
  readonly events: readonly ProtocolEvent[];
  readonly said: readonly (readonly (readonly ['>' | '<', Payload | number])[])[];
  readonly udp?: boolean;
  /** Whether it must not matter how bytes are cut, however damaged they are; it must not, where it is left out. */
  readonly anyCut?: boolean | ((seen: readonly Seen[]) => boolean);
  /** Tells targets of one protocol apart. */
  readonly suffix?: string;
  /** Frames are asked for: they are looked at, too. */
  readonly frames?: boolean;
  /** Makes what is sent of a piece, where that is encrypted. */
  readonly wrap?: (bytes: Uint8Array) => Uint8Array;
}

/** Of what waits in a window, which reassembly would give up beyond it. */
const MOST_WAITING = 60_000;
const PAGES = 16;
const SIDES = ['>', '<'] as const;

export function conversationTarget(of: Conversations): FuzzTarget {
  const { protocol, said, udp = false, suffix = udp ? '-udp' : '' } = of;
  return {
    name: `${protocol.name}${suffix}`,
    seeds: said.map((one) => one.map(([side, bytes]) => [side, typeof bytes === 'number' ? bytes : toBytes(bytes)])),
    pieces: udp ? 'whole' : 'of a stream',
    open: () => (udp ? datagramTaker(of) : streamTaker(of)),
  };
}

function newTalk({ protocol, specs, events, frames = false }: Conversations): Talk {
  const talk = new Talk(protocol, specs, events, PAGES);
  return frames ? talk.watchFrames() : talk;
}

function datagramTaker(of: Conversations): Taker {
  const talk = newTalk(of);
  const other = newTalk(of).leaveBytes();
  const { wrap } = of;
  const feed = (to: Talk, input: FuzzInput): readonly Seen[] => {
    for (const [side, bytes] of input) {
      if (typeof bytes === 'number' || bytes.length === 0 || to.connection.broken) continue;
      to.datagram(side as '>' | '<', wrap === undefined ? bytes : wrap(bytes));
    }
    return finish(to);
  };
  return (input) => {
    const seen = feed(talk, input);
    if (sizeOf(input) % 4 === 0) {
      assert.deepEqual(feed(other, input), seen, 'behind which other bytes lie');
      reset(other);
    }
    return told(talk, seen);
  };
}

function streamTaker(of: Conversations): Taker {
  const talk = newTalk(of);
  const other = newTalk(of).leaveBytes();
  return (input) => {
    const isWhole = feed(talk, input, Infinity);
    const seen = finish(talk);
    const frames = framesBySide(talk);
    goOn(talk, input);
    const words = told(talk, seen);
    const bytes = sizeOf(input);
    // One in four, as it costs as much again. Where bytes are missing, what waited in front of them depends on what
    // was parsed till then.
    if (bytes % 4 === 0) {
      const isAnyCut =
        isWhole && bytes < 8192 && input.every(([, piece]) => typeof piece !== 'number') && mayBeCut(of, seen);
      const how = isAnyCut ? 'in other pieces' : 'behind which other bytes lie';
      feed(other, input, isAnyCut ? 1 + (bytes % 37) : Infinity);
      assert.deepEqual(finish(other), seen, how);
      assert.deepEqual(framesBySide(other), frames, `frames ${how}`);
      reset(other);
    }
    return words;
  };
}

const mayBeCut = ({ anyCut = true }: Conversations, seen: readonly Seen[]): boolean =>
  typeof anyCut === 'boolean' ? anyCut : anyCut(seen);

/** @returns false where a window is full before all of it was given. */
function feed(talk: Talk, input: FuzzInput, size: number): boolean {
  for (const [side, bytes] of input) {
    if (talk.connection.broken || talk.connection.successor !== '') return true;
    if (typeof bytes === 'number') {
      talk.gap(side as '>' | '<', bytes);
      continue;
    }
    for (let at = 0; at < bytes.length; at += size) {
      const piece = bytes.subarray(at, at + size);
      if (talk.waiting + piece.length > MOST_WAITING) return false;
      talk.stream(side as '>' | '<', piece);
    }
  }
  return true;
}

function finish(talk: Talk): readonly Seen[] {
  if (!talk.connection.broken) for (const side of SIDES) talk.close(side);
  const { seen } = talk;
  for (const { eve } of seen) if (eve !== '') JSON.parse(`{${eve}}`);
  return seen;
}

/** Says all once more, behind the ends of both sides. */
function goOn(talk: Talk, input: FuzzInput): void {
  for (const [side, bytes] of input) {
    if (talk.connection.broken || talk.connection.successor !== '') return;
    if (typeof bytes !== 'number' && talk.waiting + bytes.length <= MOST_WAITING) talk.stream(side as '>' | '<', bytes);
  }
}

const framesBySide = ({ seenFrames }: Talk): string[][] =>
  SIDES.map((side) => seenFrames.filter((frame) => frame.startsWith(side)));

function reset(talk: Talk): void {
  talk.reset();
  assert.equal(talk.arena.usedBytes, 0, 'bytes of the arena that are still in use');
}

/** What there was of transactions: which buffers, events and states, not which values. */
function told(talk: Talk, seen: readonly Seen[]): ReadonlySet<string> {
  const { broken, successor } = talk.connection;
  const words = new Set([broken ? 'broken' : `then ${successor}`]);
  for (const { values, events, progress } of seen) {
    words.add(`${Object.keys(values).join()} ${progress.join()}`);
    for (const event of events) words.add(`${event} ${progress.join()}`);
  }
  for (const frame of talk.seenFrames) words.add(frame.slice(0, frame.indexOf('=')));
  reset(talk);
  return words;
}
