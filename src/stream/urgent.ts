/**
 * Urgent bytes of TCP: which byte of a segment its urgent pointer means, and how it is taken out of the stream. Stage:
 * stream.
 *
 * The pointer names the byte behind the urgent one (RFC 6093, sections 3.1 and 3.2: as all systems have it). A receiver
 * that has not asked for SO_OOBINLINE reads the stream without that byte, so what comes behind it moves up by one:
 *
 *   base ─ a b c ! d e ─ nextSeq        base + 1 ─ a b c d e ─ nextSeq
 *
 * That is one move of what has come behind it, mostly nothing. Only bytes in order are taken out, and only before
 * anybody was given them; others stay, and are counted. Nothing is allocated.
 */
import { u16 } from '../decode/protocol.js';
import type { Packet } from '../decode/packet.js';
import { STREAM, STREAM_TRAIT } from '../flow/record.js';
import type { Arena } from '../memory/arena.js';
import type { StreamStats } from './stream-stats.js';
import { isAfter, isBefore } from './tcp-segment.js';
import { HEAD_BYTES } from './window.js';

/** `inline`: a byte like any other; `oob`: no part of the stream; `gap`: missing in it. */
export const URGENT_POLICIES = ['inline', 'oob', 'gap'] as const;
export type UrgentPolicy = (typeof URGENT_POLICIES)[number];

const URG = 0x20;
const FLAGS_OFFSET = 13;
const POINTER_OFFSET = 18;

/** Place of the urgent byte in the payload of a segment, -1 where it has none, or not in this segment. */
export function urgentPlace({ bytes, l4Offset, payloadLength }: Packet): number {
  if ((bytes[l4Offset + FLAGS_OFFSET] & URG) === 0) return -1;
  const pointer = u16(bytes, l4Offset + POINTER_OFFSET);
  return pointer <= payloadLength ? pointer - 1 : -1;
}

export class UrgentBytes {
  private readonly words: Uint32Array;
  private readonly bytes: Uint8Array;
  private readonly stats: StreamStats;

  constructor({ words, bytes }: Arena, stats: StreamStats) {
    this.words = words;
    this.bytes = bytes;
    this.stats = stats;
  }

  /**
   * Takes the byte with number `seq` out of the stream, whose segment was written. `ready`: up to where the stream was
   * in order before that. What was there then is of another segment, or has another number since one was taken out.
   */
  takeOut(row: number, seq: number, ready: number): void {
    const { stats } = this;
    if (!isBefore(seq, ready) && this.isInOrder(row, seq)) {
      this.close(row, seq);
      stats.urgentTakenOut++;
    } else stats.urgentKept++;
  }

  /** Whether the byte is there, with all in front of it, and nobody was given it. */
  private isInOrder(row: number, seq: number): boolean {
    const { words } = this;
    return (
      words[row + STREAM.window] !== 0 &&
      (words[row + STREAM.traits] & STREAM_TRAIT.mapped) === 0 &&
      !isBefore(seq, words[row + STREAM.base]) &&
      isBefore(seq, words[row + STREAM.nextSeq]) &&
      !isAfter(words[row + STREAM.given], seq)
    );
  }

  /** Bytes in front keep their places in the window and in the stream; their numbers rise by one. */
  private close(row: number, seq: number): void {
    const { words } = this;
    const base = words[row + STREAM.base];
    const at = words[row + STREAM.window] + HEAD_BYTES + ((seq - base) >>> 0);
    const behind = (words[row + STREAM.nextSeq] - seq - 1) >>> 0;
    this.bytes.copyWithin(at, at + 1, at + 1 + behind);
    words[row + STREAM.base] = base + 1;
    words[row + STREAM.given]++;
    if (!isAfter(words[row + STREAM.inspected], seq)) words[row + STREAM.inspected]++;
    if (isBefore(words[row + STREAM.acked], base + 1)) words[row + STREAM.acked] = base + 1;
  }
}
