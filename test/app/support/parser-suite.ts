/**
 * What holds of every parser: it sees the same however messages are cut, and nothing that is sent makes it throw, or
 * keep memory. `PARSER_RUNS` sets how many mutations are tried.
 */
import { describe, expect, it } from 'vitest';
import type { BufferSpec } from '../../../src/app/buffer-spec.js';
import type { Protocol } from '../../../src/app/protocol.js';
import type { ProtocolEvent } from '../../../src/app/protocol-event.js';
import { toBytes, type Payload } from '../../support/packet-builder.js';
import { Talk, talkInPieces, type Part, type Seen } from './talk.js';

export type Said = readonly (readonly [side: '>' | '<', text: Payload])[];

export interface ParserCase {
  readonly protocol: Protocol;
  readonly specs: readonly BufferSpec[];
  readonly events: readonly ProtocolEvent[];
  readonly conversations: Readonly<Record<string, Said>>;
  readonly udp?: boolean;
}

const RUNS = Number(process.env['PARSER_RUNS'] ?? 2000);
const MOST_MUTATIONS = 4;
const TALK_PAGES = 8;

export const partsOf = (said: Said): Part[] => said.map(([side, text]) => [side, Uint8Array.from(toBytes(text))]);
export const newTalk = ({ protocol, specs, events }: ParserCase): Talk => new Talk(protocol, specs, events, TALK_PAGES);

/** What is seen of a conversation from its first to its last byte. */
export function seenOf(of: ParserCase, said: Said, size = 100_000): readonly Seen[] {
  const talk = newTalk(of);
  if (of.udp === true) for (const [side, bytes] of partsOf(said)) talk.datagram(side, bytes as Uint8Array);
  else talkInPieces(talk, partsOf(said), size);
  return endOf(talk, of);
}

function endOf(talk: Talk, { udp }: ParserCase): readonly Seen[] {
  if (udp !== true) for (const side of ['>', '<'] as const) talk.close(side);
  const { seen } = talk;
  talk.reset();
  expect(talk.arena.usedBytes).toBe(0);
  return seen;
}

/** The same numbers in every run. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function mutated(bytes: Uint8Array, next: (below: number) => number): Uint8Array {
  let copy = Uint8Array.from(bytes);
  for (let left = next(MOST_MUTATIONS); left > 0 && copy.length > 0; left--) {
    const at = next(copy.length);
    const kind = next(5);
    if (kind === 0) copy[at] = next(256);
    else if (kind === 1) copy[at] ^= 1 << next(8);
    else if (kind === 2) copy = copy.slice(0, at);
    else if (kind === 3) copy = Uint8Array.from([...copy.slice(0, at), ...copy.slice(next(copy.length))]);
    else copy[at] = next(2) * 255;
  }
  return copy;
}

export function describeParser(of: ParserCase): void {
  const conversations = Object.entries(of.conversations);

  describe.skipIf(of.udp === true).each(conversations)('a conversation: %s', (_name, said) => {
    const whole = seenOf(of, said);

    it.each([1, 2, 3, 5, 7, 11, 64])('is the same in pieces of %i bytes', (size) => {
      expect(seenOf(of, said, size)).toEqual(whole);
    });

    it('is the same when one message is cut in two, at any place', () => {
      const parts = partsOf(said);
      parts.forEach(([side, bytes], index) => {
        if (typeof bytes === 'number') return;
        for (let at = 1; at < Math.min(bytes.length, 200); at++) {
          const talk = newTalk(of);
          const pieces: Part[] = [
            ...parts.slice(0, index),
            [side, bytes.subarray(0, at)],
            [side, bytes.subarray(at)],
            ...parts.slice(index + 1),
          ];
          for (const [from, piece] of pieces) talk.stream(from, piece as Uint8Array);
          expect(endOf(talk, of)).toEqual(whole);
        }
      });
    }, 60_000);
  });

  it('makes of anything something, in bounded memory', () => {
    const next = randomNumbers(7);
    const talk = newTalk(of);
    for (let run = 0; run < RUNS; run++) {
      const [, said] = conversations[run % conversations.length]!;
      for (const [side, bytes] of partsOf(said)) {
        const sent = mutated(bytes as Uint8Array, next);
        if (next(20) === 0 && of.udp !== true) talk.gap(side, 1 + next(100));
        if (of.udp === true) talk.datagram(side, sent);
        else if (talk.waiting + sent.length < 100_000) talk.stream(side, sent);
      }
      if (of.udp !== true) for (const side of ['>', '<'] as const) talk.close(side);
      if (run % 10 === 0)
        expect(talk.seen.every(({ eve }) => eve === '' || JSON.parse(`{${eve}}`) !== null)).toBe(true);
      talk.reset();
    }
    expect(talk.arena.usedBytes).toBe(0);
  }, 3_600_000);
}
