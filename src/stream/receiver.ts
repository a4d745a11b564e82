/**
 * Whether the receiver of a segment would drop it for what it says besides its bytes: a timestamp from before the last
 * one (PAWS: RFC 7323, section 5), or an acknowledgement of what the receiver has never sent (RFC 9293, section
 * 3.10.7.4), not even at the start (RFC 5961, section 5). As Linux of today does it. Stage: stream.
 *
 * A sensor misses segments, and then knows less than the receiver: such a segment is *in doubt*. Its bytes give way to
 * those of any other until they are acknowledged (segment-writer.ts), so whoever sends false bytes first hides nothing,
 * and a connection of which the mirror lost something is read all the same.
 *
 * The timestamp that a receiver compares with (TS.Recent) moves with segments that begin where it has acknowledged all,
 * and it echoes it in all that it sends: that is how it is learned, and whether timestamps were agreed on at all. Where
 * the receiver acknowledges bytes in doubt, what it echoes by then holds, whatever was concluded before.
 */
import type { Packet } from '../decode/packet.js';
import { FIN } from '../decode/tcp.js';
import { findTimestamp } from '../decode/tcp-options.js';
import { DIRECTION, opposite, type Direction, type Flow } from '../flow/flow.js';
import { STREAM, STREAM_TRAIT } from '../flow/record.js';
import { word32 } from '../util/hash.js';
import type { HostPolicies } from './host-policies.js';
import type { StreamStats } from './stream-stats.js';
import { TIMESTAMP_SECONDS } from './tcp-segment.js';
import { MAX_WINDOW } from './tcp-state.js';
import { HEAD, ownerOf, type Windows } from './window.js';

/** Why a receiver drops a segment. */
export const DOUBT = { none: 0, timestamp: 1, acknowledgement: 2 } as const;
export type Doubt = (typeof DOUBT)[keyof typeof DOUBT];

const { known, assumed, mapped, fin } = STREAM_TRAIT;

export class Receiver {
  private readonly words: Uint32Array;
  private readonly windows: Windows;
  private readonly policies: HostPolicies;
  private readonly stats: StreamStats;
  /** Of the segment at hand. */
  private timestamp = 0;
  private echo = 0;

  constructor(words: Uint32Array, windows: Windows, policies: HostPolicies, stats: StreamStats) {
    this.words = words;
    this.windows = windows;
    this.policies = policies;
    this.stats = stats;
  }

  /** Looks at a segment with ACK of an established connection, before its bytes and its acknowledgement are taken. */
  judge(flow: Flow, direction: Direction, packet: Packet): Doubt {
    const row = flow.row(direction);
    const peer = flow.row(opposite(direction));
    const isStamped = this.loadTimestamp(packet);
    if (isStamped && flow.idleUs > TIMESTAMP_SECONDS * 1e6) this.forget(row, peer);
    if (isStamped && this.isOld(row, ownerOf(flow, direction))) {
      this.stats.invalidTimestamps++;
      return DOUBT.timestamp;
    }
    if (this.isUnsent(flow, direction, peer, word32(packet.bytes, packet.l4Offset + 8))) {
      this.stats.invalidAcks++;
      return DOUBT.acknowledgement;
    }
    if (isStamped) this.note(row, peer, packet);
    return DOUBT.none;
  }

  /** A SYN/ACK, whose sender has taken up the timestamp of the SYN: `peer` is the row of the side that sent that. */
  takeOpening(peer: number, packet: Packet): void {
    if (this.loadTimestamp(packet)) this.words[peer + STREAM.timestamp] = this.echo;
  }

  /** The receiver has acknowledged bytes in doubt by a segment: what it echoes is what it compares with. */
  correct(peer: number, packet: Packet): void {
    this.words[peer + STREAM.timestamp] = this.loadTimestamp(packet) ? this.echo : 0;
  }

  private loadTimestamp(packet: Packet): boolean {
    const at = findTimestamp(packet);
    if (at < 0) return false;
    this.timestamp = word32(packet.bytes, at + 2) | 0;
    this.echo = word32(packet.bytes, at + 6) | 0;
    return true;
  }

  private forget(row: number, peer: number): void {
    this.words[row + STREAM.timestamp] = 0;
    this.words[peer + STREAM.timestamp] = 0;
  }

  /** Off by one is taken for a clock that is read twice by Linux alone. */
  private isOld(row: number, owner: number): boolean {
    const recent = this.words[row + STREAM.timestamp];
    if (recent === 0) return false;
    const behind = (recent - this.timestamp) | 0;
    return behind > 1 || (behind === 1 && !this.policies.of(row, owner).allowsOldTick);
  }

  /**
   * Whether it acknowledges more than the other side has shown to have sent, or what lies before its first byte. Of a
   * side that is not seen, or by its acknowledgements alone, that cannot be told.
   */
  private isUnsent(flow: Flow, direction: Direction, peer: number, ack: number): boolean {
    const { words } = this;
    const traits = words[peer + STREAM.traits];
    if ((traits & (known | assumed)) !== known) return false;
    if ((direction === DIRECTION.toServer ? flow.packetsToClient : flow.packetsToServer) === 0) return false;
    const sent = (traits & mapped) === 0 ? words[peer + STREAM.nextSeq] : words[this.windows.head(peer) + HEAD.shown];
    if (((ack - sent) | 0) > ((traits & fin) === 0 ? 0 : 1)) return true;
    const acked = words[peer + STREAM.acked];
    const old = (acked - ack) | 0;
    if (old <= 0) return false;
    const all = (acked - words[peer + STREAM.initialSeq] - 1) >>> 0;
    return old > (flow.midstream ? MAX_WINDOW : Math.min(all, MAX_WINDOW));
  }

  /** Moves on what the receiver compares with, and what its sender does. */
  private note(row: number, peer: number, packet: Packet): void {
    const { words, timestamp, echo } = this;
    const { bytes, l4Offset } = packet;
    const recent = words[row + STREAM.timestamp];
    if (recent !== 0 && timestamp !== (recent | 0)) {
      const ahead = (words[row + STREAM.acked] - word32(bytes, l4Offset + 4)) | 0;
      const length = packet.claimedPayloadLength + ((bytes[l4Offset + 13] & FIN) === 0 ? 0 : 1);
      if (ahead >= 0 && ahead <= length && ((timestamp - recent) | 0) > 0) words[row + STREAM.timestamp] = timestamp;
    }
    const other = words[peer + STREAM.timestamp];
    if (echo !== (other | 0) && echo !== 0 && (other === 0 || ((echo - other) | 0) > 0))
      words[peer + STREAM.timestamp] = echo;
  }
}
