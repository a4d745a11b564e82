/**
 * What holds of every parser: it sees the same however messages are cut, and nothing that is sent makes it throw, or
 * keep memory (test/fuzz).
 */
import { describe, expect, it } from 'vitest';
import type { BufferSpec } from '../../../src/app/buffer-spec.js';
import type { Protocol } from '../../../src/app/protocol.js';
import type { ProtocolEvent } from '../../../src/app/protocol-event.js';
import { conversationTarget } from '../../fuzz/conversation-target.js';
import { describeFuzz } from '../../fuzz/fuzz-target.js';
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

export function describeParser(of: ParserCase): void {
  const conversations = Object.entries(of.conversations);
  describeFuzz(conversationTarget({ ...of, said: Object.values(of.conversations) }));

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
}
