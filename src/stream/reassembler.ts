/**
 * TCP reassembly: from segments in any order to the two streams of a connection. Stage: stream.
 *
 *   take      a packet's segment goes where it belongs in the window of its direction (segment-writer.ts, window.ts)
 *   usable    what the parser may have: contiguous bytes in the arena, or that some are missing
 *   raw       the same for inspection of the stream itself, which looks back at bytes that it has seen
 *
 * Bytes become usable in order, when their receiver has acknowledged them: what it has not may yet be sent otherwise.
 * That is not waited for where one side alone is seen, where more than `unackedBytes` wait, when memory is scarce, and
 * at a flush. Missing bytes are waited for as gaps.ts says. Who uses the bytes moves two marks, the parser's and that
 * of raw inspection; what lies before both may go. The parser's may be ahead of what has come: bytes that nobody wants
 * are not kept. Raw inspection ends at `depthBytes` of a direction; a parser goes on as long as it likes.
 *
 * Bounds: a window of 256 KiB a direction, `memoryBytes` for all of a shard (window-table.ts). A segment costs its
 * length and a constant; all of a flow's state but for its windows is a cache line a direction (flow/record.ts).
 * `release` is to be called when a flow ends. Nothing here allocates but for `waitingSince`.
 */
import type { Packet } from '../decode/packet.js';
import { ACK, FIN } from '../decode/tcp.js';
import { u16 } from '../decode/protocol.js';
import { DIRECTION, opposite, type Direction, type Flow } from '../flow/flow.js';
import { STREAM, STREAM_TRAIT } from '../flow/record.js';
import type { Arena } from '../memory/arena.js';
import { word32 } from '../util/hash.js';
import { offersFastOpen } from './fast-open.js';
import { Gaps } from './gaps.js';
import { HostPolicies } from './host-policies.js';
import { NOTE, SegmentWriter } from './segment-writer.js';
import type { ReassemblyOptions } from './reassembly-options.js';
import { StreamReader } from './stream-reader.js';
import type { StreamSpan } from './stream-span.js';
import type { StreamStats } from './stream-stats.js';
import { raiseEvent, TCP_EVENT } from './tcp-event.js';
import { DOUBT, Receiver } from './receiver.js';
import { isAfter, isBefore } from './tcp-segment.js';
import { MAX_WINDOW, TAKEN, updateTcp, type StreamNumbers, type TcpOptions } from './tcp-state.js';
import { UrgentBytes, urgentPlace } from './urgent.js';
import { ownerOf, Windows } from './window.js';
import { WindowTable, type WindowStats } from './window-table.js';

/** Why what waits is given out. `end`: the flow is over, nothing comes any more. */
export const FLUSH = { waited: 0, reset: 1, end: 2 } as const;
export type FlushReason = (typeof FLUSH)[keyof typeof FLUSH];

/** What a flow may lose between two of its packets: what queues hold, and what 25 Gbit/s carry, in bytes per µs. */
const MISSING_AT_ONCE = 1 << 20;
const FASTEST = 3125;
const { known, assumed, synData, fin, zeroWindow, probe, mapped, hurried, ended, rawDone, bypassed, concealed, early } =
  STREAM_TRAIT;

export class Reassembler implements StreamNumbers {
  readonly stats: StreamStats;
  private readonly words: Uint32Array;
  private readonly doubles: Float64Array;
  private readonly options: ReassemblyOptions;
  private readonly tcp: TcpOptions;
  private readonly table: WindowTable;
  private readonly windows: Windows;
  private readonly gaps: Gaps;
  private readonly writer: SegmentWriter;
  private readonly reader: StreamReader;
  private readonly urgent: UrgentBytes;
  private readonly receiver: Receiver;
  /** The bytes of the packet at hand are not inspected in their stream. */
  private isLeftOut = false;

  constructor(arena: Arena, options: ReassemblyOptions, stats: StreamStats) {
    const policies = new HostPolicies(arena.words, options.policy, options.hostPolicies);
    this.words = arena.words;
    this.doubles = arena.doubles;
    this.options = options;
    this.stats = stats;
    this.tcp = { midstream: options.midstream, stats, numbers: this };
    this.table = new WindowTable(arena, options.memoryBytes);
    this.windows = new Windows(arena, this.table, policies.needsPieces);
    this.gaps = new Gaps(arena.words, this.windows, stats);
    this.writer = new SegmentWriter(arena, this.windows, this.gaps, policies);
    this.urgent = new UrgentBytes(arena, stats);
    this.receiver = new Receiver(arena.words, this.windows, policies, stats);
    this.reader = new StreamReader(arena, options, this.table, this.windows, this.writer, stats);
  }

  get windowStats(): Readonly<WindowStats> {
    return this.table.stats;
  }

  /**
   * Takes a packet into the state of its connection, its bytes into their stream, and its acknowledgement.
   * @returns whether the packet is a part of the stream: what its payload holds will be usable, then or later, or is
   *   not wanted. A segment beyond `depthBytes`, and one for which there is no room, is to be inspected by itself.
   */
  take(flow: Flow, packet: Packet, direction: Direction): boolean {
    const taken = updateTcp(flow, packet, direction, this.tcp);
    if (taken === TAKEN.nothing) return false;
    if (taken === TAKEN.reset) {
      this.flush(flow, FLUSH.reset);
      return false;
    }
    const { bytes, l4Offset } = packet;
    const { words } = this;
    const row = flow.row(direction);
    const peer = flow.row(opposite(direction));
    const flags = bytes[l4Offset + 13];
    const ack = word32(bytes, l4Offset + 8) >>> 0;
    this.reader.second = Math.floor(packet.timeUs / 1e6);
    words[row + STREAM.traits] &= ~hurried;
    if (taken === TAKEN.opening) {
      if ((flags & ACK) !== 0) {
        this.settleSynData(peer, ack);
        if (direction === DIRECTION.toClient) this.receiver.takeOpening(peer, packet);
      }
      return packet.claimedPayloadLength > 0 && this.takeSynData(flow, direction, row, packet);
    }
    const doubt = this.receiver.judge(flow, direction, packet);
    if (doubt === DOUBT.none) this.noteZeroWindow(peer, u16(bytes, l4Offset + 14) === 0);
    this.isLeftOut = this.isBeyondDepth(row, packet);
    this.writer.mostMissing = MISSING_AT_ONCE + flow.idleUs * FASTEST;
    this.takeBytes(flow, direction, row, packet, doubt !== DOUBT.none);
    if ((flags & FIN) !== 0 && doubt !== DOUBT.timestamp) this.takeFin(row, packet);
    this.takeAck(flow, direction, peer, ack, packet.timeUs, doubt !== DOUBT.acknowledgement);
    if (this.gaps.confirmed) {
      this.gaps.confirmed = false;
      this.receiver.correct(peer, packet);
    }
    if (this.gaps.passed) this.noteGap(packet);
    return !this.isLeftOut;
  }

  begin(flow: Flow, direction: Direction, initialSeq: number): void {
    this.beginRow(flow.row(direction), initialSeq);
  }

  private beginRow(row: number, initialSeq: number): void {
    const { words, doubles } = this;
    const first = (initialSeq + 1) >>> 0;
    this.windows.free(row);
    words[row + STREAM.initialSeq] = initialSeq;
    words[row + STREAM.nextSeq] = first;
    words[row + STREAM.acked] = first;
    words[row + STREAM.base] = first;
    words[row + STREAM.ready] = first;
    words[row + STREAM.given] = first;
    words[row + STREAM.inspected] = first;
    doubles[(row + STREAM.consumed) >>> 1] = this.options.parsed ? 0 : Infinity;
    doubles[(row + STREAM.offset) >>> 1] = 0;
    words[row + STREAM.traits] = known | (this.options.depthBytes === 0 ? rawDone : 0);
  }

  /**
   * What the parser may have: from its mark to what is usable, or to a gap. To be asked once after a packet or a flush,
   * and again behind a range that is `cut`: what was left of that is passed over then, and part of the gap.
   * @returns whether there is anything to tell it.
   */
  usable(flow: Flow, direction: Direction, span: StreamSpan): boolean {
    return this.reader.usable(flow, direction, span);
  }

  /** What `usable` would tell, of which it then is as if nobody had asked. */
  peek(flow: Flow, direction: Direction, span: StreamSpan): boolean {
    return this.reader.peek(flow, direction, span);
  }

  /** The parser has taken `bytes` of what is usable. */
  consumed(flow: Flow, direction: Direction, bytes: number): void {
    this.reader.consumed(flow, direction, bytes);
  }

  /** The parser wants none of the next `bytes`, whether they have come or not; Infinity: none at all any more. */
  skip(flow: Flow, direction: Direction, bytes: number): void {
    this.reader.consumed(flow, direction, bytes);
  }

  /** As `usable`, for raw inspection. A range that is `cut` is to be inspected to its end. */
  raw(flow: Flow, direction: Direction, span: StreamSpan): boolean {
    return this.reader.raw(flow, direction, span);
  }

  /** Raw inspection has seen `bytes` of its range. */
  inspected(flow: Flow, direction: Direction, bytes: number): void {
    this.reader.inspected(flow, direction, bytes);
  }

  /** Bytes directly in front of the raw range that are still there. */
  lookback(flow: Flow, direction: Direction): number {
    return this.reader.lookback(flow, direction);
  }

  /** Points the span at those bytes. @returns whether there are any. */
  locateLookback(flow: Flow, direction: Direction, span: StreamSpan): boolean {
    return this.reader.locateLookback(flow, direction, span);
  }

  /** What comes is not to be inspected together with what was: nothing lies in front of the raw range. */
  restart(flow: Flow, direction: Direction): void {
    this.reader.restart(flow, direction);
  }

  /** Place in the stream behind the last byte that the parser has taken; Infinity where it wants no more. */
  consumedEnd(flow: Flow, direction: Direction): number {
    return this.reader.consumedEnd(flow, direction);
  }

  /** Place in the stream behind the last byte that raw inspection has seen. */
  inspectedEnd(flow: Flow, direction: Direction): number {
    return this.reader.inspectedEnd(flow, direction);
  }

  /** Whether what waits on a side was given out, and nothing has come since. */
  isFlushed(flow: Flow, direction: Direction): boolean {
    return (this.words[flow.row(direction) + STREAM.traits] & hurried) !== 0;
  }

  /** Whether bytes of the flow are kept. */
  holds(flow: Flow): boolean {
    const { words } = this;
    const { window } = STREAM;
    return words[flow.row(DIRECTION.toServer) + window] !== 0 || words[flow.row(DIRECTION.toClient) + window] !== 0;
  }

  /**
   * All that comes from here on is encrypted: nobody wants any of it. What has come before is made usable, and raw
   * inspection ends behind that.
   */
  bypass(flow: Flow, direction: Direction): void {
    const { words } = this;
    const row = flow.row(direction);
    this.skip(flow, direction, Infinity);
    words[row + STREAM.traits] |= bypassed | hurried;
    if (words[row + STREAM.inspected] === words[row + STREAM.nextSeq]) this.endRaw(flow, direction);
  }

  /**
   * The stream is encrypted from place `from` on: raw inspection is not to go beyond, nor is anybody to look into
   * segments from the next packet on.
   */
  conceal(flow: Flow, direction: Direction, from: number): void {
    this.words[flow.row(direction) + STREAM.traits] |= concealed;
    if (this.reader.inspectedEnd(flow, direction) >= from) this.endRaw(flow, direction);
  }

  /** Whether what segments hold is encrypted. */
  isConcealed(flow: Flow, direction: Direction): boolean {
    return (this.words[flow.row(direction) + STREAM.traits] & concealed) !== 0;
  }

  /** Nobody wants any of the stream, nor what has come before. */
  giveUp(flow: Flow, direction: Direction): void {
    this.skip(flow, direction, Infinity);
    this.endRaw(flow, direction);
    this.words[flow.row(direction) + STREAM.traits] |= bypassed;
  }

  /** Raw inspection wants no more of the stream. */
  endRaw(flow: Flow, direction: Direction): void {
    this.reader.endRaw(flow, direction);
  }

  /** Makes usable what waits: all that is ready, and what lies behind gaps where those are not waited for any more. */
  flush(flow: Flow, reason: FlushReason): void {
    for (const direction of [DIRECTION.toServer, DIRECTION.toClient] as const) {
      const { words } = this;
      const row = flow.row(direction);
      if ((words[row + STREAM.traits] & known) === 0) continue;
      words[row + STREAM.traits] |= reason === FLUSH.end ? hurried | ended : hurried;
      words[row + STREAM.since] = this.reader.second;
      if ((words[row + STREAM.traits] & mapped) === 0 || reason === FLUSH.reset) continue;
      this.gaps.passOver(row, reason === FLUSH.end ? words[row + STREAM.nextSeq] : this.gaps.acknowledged(row));
    }
    this.gaps.passed = false;
  }

  /**
   * Flows whose bytes wait since before this second of packet time, in the order in which to flush them: their indexes.
   */
  waitingSince(second: number): number[] {
    this.reader.second = second;
    return this.table.waitingSince(second);
  }

  /** The flow is over, and what there was of it flushed: counts what is missing, and gives its memory back. */
  release(flow: Flow): void {
    for (const direction of [DIRECTION.toServer, DIRECTION.toClient] as const) {
      const row = flow.row(direction);
      if (this.words[row + STREAM.window] === 0) continue;
      if ((this.words[row + STREAM.traits] & mapped) !== 0) this.gaps.passOver(row, this.words[row + STREAM.nextSeq]);
      this.windows.free(row);
    }
  }

  private takeBytes(flow: Flow, direction: Direction, row: number, packet: Packet, isDoubtful: boolean): void {
    const { words } = this;
    const seq = word32(packet.bytes, packet.l4Offset + 4) >>> 0;
    const { claimedPayloadLength: claimed } = packet;
    const unsettled = isDoubtful ? assumed : assumed | synData | probe;
    const isUnsettled = (words[row + STREAM.traits] & unsettled) !== 0;
    if (isUnsettled && claimed > 0) this.settleBeginning(row, seq, claimed);
    const next = words[row + STREAM.nextSeq];
    if (claimed === 0 ? this.isBehindAll(row, seq) : this.isKeepAlive(row, seq, claimed)) {
      if ((words[row + STREAM.traits] & mapped) !== 0) this.writer.show(row, seq);
      return;
    }
    if (words[row + STREAM.given] === next) words[row + STREAM.since] = this.reader.second;
    this.write(flow, direction, row, seq, packet, isDoubtful);
    const isProbe = seq === next && claimed === 1 && (words[row + STREAM.traits] & zeroWindow) !== 0;
    if (isProbe) words[row + STREAM.traits] |= probe;
  }

  private write(flow: Flow, direction: Direction, row: number, seq: number, packet: Packet, isDoubtful: boolean): void {
    const { writer } = this;
    const { urgent } = this.options;
    const owner = ownerOf(flow, direction);
    const { bytes, payloadOffset: at, payloadLength: captured, claimedPayloadLength: claimed } = packet;
    const before = this.words[row + STREAM.nextSeq];
    const place = urgent === 'inline' || isDoubtful ? -1 : urgentPlace(packet);
    const ready = this.words[row + STREAM.ready];
    let from = 0;
    let notes = 0;
    if (urgent === 'gap' && place >= 0) {
      // The urgent byte is claimed and not there.
      from = place + 1;
      writer.write(row, owner, seq, bytes, at, place, from);
      notes = writer.notes;
      this.stats.urgentTakenOut++;
    }
    if (from === 0 || from < claimed) {
      writer.write(row, owner, (seq + from) >>> 0, bytes, at + from, captured - from, claimed - from, isDoubtful);
      notes |= writer.notes;
    }
    if (notes !== 0) this.note(row, seq + claimed, packet, notes);
    if (urgent === 'oob' && place >= 0) this.urgent.takeOut(row, (seq + place) >>> 0, ready);
    this.noteDepth(row, packet, before);
  }

  /** Counts what was found of a segment, and makes it known to rules. */
  private note(row: number, end: number, packet: Packet, notes: number): void {
    const { stats, words } = this;
    if ((notes & NOTE.overlapped) !== 0) stats.overlaps++;
    if ((notes & NOTE.different) !== 0) {
      stats.differentOverlaps++;
      raiseEvent(packet, TCP_EVENT.reassembly_overlap_different_data);
    }
    if ((notes & NOTE.late) !== 0) {
      stats.late++;
      // What was acknowledged is a retransmission, and nothing else.
      if (isAfter(end, words[row + STREAM.acked])) raiseEvent(packet, TCP_EVENT.reassembly_segment_before_base_seq);
    }
    if ((notes & (NOTE.tooFar | NOTE.noMemory)) === 0) return;
    this.isLeftOut = (words[row + STREAM.traits] & bypassed) === 0;
    if ((notes & NOTE.tooFar) !== 0) stats.tooFar++;
    if ((notes & NOTE.noMemory) !== 0) stats.noMemory++;
    raiseEvent(packet, TCP_EVENT.reassembly_no_segment);
  }

  /** Whether the segment is the one that goes beyond what raw inspection sees. */
  private noteDepth(row: number, packet: Packet, before: number): void {
    const { words } = this;
    const advanced = (words[row + STREAM.nextSeq] - before) >>> 0;
    const offset = this.doubles[(row + STREAM.offset) >>> 1];
    const place = offset + ((words[row + STREAM.nextSeq] - words[row + STREAM.base]) >>> 0);
    const { depthBytes } = this.options;
    if (place > depthBytes && place - advanced <= depthBytes && depthBytes > 0)
      raiseEvent(packet, TCP_EVENT.reassembly_depth_reached);
  }

  /** Whether raw inspection of the stream ends in front of the segment. */
  private isBeyondDepth(row: number, packet: Packet): boolean {
    const { words } = this;
    const { depthBytes } = this.options;
    if (packet.payloadLength === 0 || depthBytes === 0 || (words[row + STREAM.traits] & (known | bypassed)) !== known) {
      return false;
    }
    const seq = word32(packet.bytes, packet.l4Offset + 4);
    return this.doubles[(row + STREAM.offset) >>> 1] + ((seq - words[row + STREAM.base]) | 0) >= depthBytes;
  }

  /** The packet is the one by which bytes that are missing are given up. */
  private noteGap(packet: Packet): void {
    this.gaps.passed = false;
    raiseEvent(packet, TCP_EVENT.reassembly_seq_gap);
  }

  /** Whether nothing is missing before an empty segment: a FIN has a number of its own. */
  private isBehindAll(row: number, seq: number): boolean {
    const { words } = this;
    const ahead = (seq - words[row + STREAM.nextSeq]) | 0;
    return ahead <= 0 || (ahead === 1 && (words[row + STREAM.traits] & fin) !== 0);
  }

  /** One byte from before what comes next (RFC 9293, section 3.8.4), which the receiver has: it may be any. */
  private isKeepAlive(row: number, seq: number, claimed: number): boolean {
    const { words } = this;
    const next = words[row + STREAM.nextSeq];
    return claimed === 1 && seq === (next - 1) >>> 0 && words[row + STREAM.ready] === next;
  }

  /**
   * A SYN's bytes wait for its acknowledgement, or for the segment behind it. @returns whether they are left to that:
   * without fast open nobody is bound to take them, and the packet is looked at by itself.
   */
  private takeSynData(flow: Flow, direction: Direction, row: number, packet: Packet): boolean {
    const seq = (word32(packet.bytes, packet.l4Offset + 4) + 1) >>> 0;
    this.write(flow, direction, row, seq, packet, false);
    const isEarly = offersFastOpen(packet);
    this.words[row + STREAM.traits] |= isEarly ? synData | early : synData;
    return isEarly;
  }

  /** Whether the receiver took the bytes of the SYN: fast open without a valid cookie ignores them. */
  private settleSynData(row: number, ack: number): void {
    const { words } = this;
    if ((words[row + STREAM.traits] & synData) === 0) return;
    words[row + STREAM.traits] &= ~synData;
    if (ack === (words[row + STREAM.initialSeq] + 1) >>> 0) this.beginRow(row, words[row + STREAM.initialSeq]);
  }

  /** The first segment may say otherwise than what was concluded before it. */
  private settleBeginning(row: number, seq: number, claimed: number): void {
    const { words } = this;
    const traits = words[row + STREAM.traits];
    const next = words[row + STREAM.nextSeq];
    const first = (words[row + STREAM.initialSeq] + 1) >>> 0;
    words[row + STREAM.traits] &= ~(assumed | synData);
    if ((traits & assumed) !== 0 && isBefore(seq, next)) {
      const acked = words[row + STREAM.acked];
      this.beginRow(row, (seq - 1) >>> 0);
      words[row + STREAM.acked] = acked;
    } else if ((traits & synData) !== 0 && seq === first) this.beginRow(row, words[row + STREAM.initialSeq]);
    if ((traits & probe) === 0 || (claimed === 1 && seq === (next - 1) >>> 0)) return;
    words[row + STREAM.traits] &= ~probe;
    const last = (next - 1) >>> 0;
    const covers = !isAfter(seq, last) && isAfter(seq + claimed, last);
    if (covers && words[row + STREAM.ready] === next && words[row + STREAM.given] !== next) {
      words[row + STREAM.nextSeq] = last;
      words[row + STREAM.ready] = last;
    }
  }

  private noteZeroWindow(row: number, isZero: boolean): void {
    const { words } = this;
    if (((words[row + STREAM.traits] & zeroWindow) !== 0) !== isZero) words[row + STREAM.traits] ^= zeroWindow;
  }

  private takeFin(row: number, packet: Packet): void {
    const { words } = this;
    const end = (word32(packet.bytes, packet.l4Offset + 4) + packet.claimedPayloadLength) >>> 0;
    if (end === words[row + STREAM.nextSeq]) words[row + STREAM.traits] |= fin;
  }

  /** The sender of `direction` has acknowledged bytes of the other side, whose row it is, if it is to be believed. */
  private takeAck(
    flow: Flow,
    direction: Direction,
    row: number,
    ack: number,
    timeUs: number,
    isBelieved: boolean,
  ): void {
    const { words } = this;
    if ((words[row + STREAM.traits] & known) === 0) {
      this.beginRow(row, (ack - 1) >>> 0);
      words[row + STREAM.traits] |= assumed;
    }
    const ahead = (ack - words[row + STREAM.nextSeq]) | 0;
    if (ahead > MAX_WINDOW) {
      this.stats.outOfWindow++;
      return;
    }
    const acksFin = ahead === 1 && (words[row + STREAM.traits] & fin) !== 0;
    if (ahead > 0 && !acksFin) this.missBefore(flow, opposite(direction), row, ack);
    const until = acksFin ? words[row + STREAM.nextSeq] : ack;
    if (isAfter(until, words[row + STREAM.acked])) words[row + STREAM.acked] = until;
    const traits = words[row + STREAM.traits];
    if ((traits & probe) !== 0 && until === words[row + STREAM.nextSeq]) words[row + STREAM.traits] = traits & ~probe;
    if (isBelieved && (traits & mapped) !== 0 && isAfter(until, words[row + STREAM.ready]))
      this.gaps.acknowledge(row, until, timeUs);
  }

  /** Bytes before `ack` were acknowledged and not seen. Of a side that is not seen at all, that says nothing. */
  private missBefore(flow: Flow, direction: Direction, row: number, ack: number): void {
    const { words } = this;
    const isSeen = (direction === DIRECTION.toServer ? flow.packetsToServer : flow.packetsToClient) > 0;
    if (isSeen) {
      if (words[row + STREAM.given] === words[row + STREAM.nextSeq]) words[row + STREAM.since] = this.reader.second;
      this.writer.miss(row, ownerOf(flow, direction), ack);
      return;
    }
    const initial = words[row + STREAM.initialSeq];
    this.beginRow(row, (ack - 1) >>> 0);
    words[row + STREAM.initialSeq] = initial;
    words[row + STREAM.traits] |= assumed;
  }
}
