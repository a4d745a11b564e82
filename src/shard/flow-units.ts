/**
 * What a packet makes known of its flow besides itself: ranges of its streams, and what is new in transactions of its
 * application. Stage: shard; a part of the path in pipeline.ts. Nothing here allocates.
 *
 * Ranges do not end where segments or acknowledgements do, so that these change nothing of what is found: they end at
 * multiples of RANGE_BYTES in the stream, where a parser has read a message to its end (`RangeEnd`), at a gap, and at
 * the stream's end.
 */
import type { ApplicationLayer } from '../app/layer.js';
import { applicationId } from '../app/applications.js';
import type { ConnectionStatus } from '../app/connection-status.js';
import { OF_FRAMES } from '../block/rule-block.js';
import type { Detector } from '../detect/detect.js';
import { IP_PROTOCOL, type Packet } from '../decode/packet.js';
import { DIRECTION, opposite, type Direction, type Flow } from '../flow/flow.js';
import { applicationOf } from '../flow/flow-application.js';
import type { Reassembler } from '../stream/reassembler.js';
import { LOOKBACK_BYTES } from '../stream/stream-reader.js';
import { StreamSpan } from '../stream/stream-span.js';

const DNS = applicationId('dns');
/** As the peer has it (its chunk size, without chance). */
const RANGE_BYTES = 2560;
/** A place that no content of a rule reaches. Whole numbers of this size are quicker than others. */
const FAR = 2 ** 30;

export interface FlowUnitsParts {
  readonly reassembler: Reassembler;
  readonly applications: ApplicationLayer;
}

export class FlowUnits {
  private readonly parts: FlowUnitsParts;
  private readonly span = new StreamSpan();

  constructor(parts: FlowUnitsParts) {
    this.parts = parts;
  }

  /**
   * Lets the application of the flow read what a segment has made known. What the segment acknowledges was sent before
   * it, and comes first. Before the packet is inspected: rules about an application see the packet that tells which.
   */
  readStreams(flow: Flow, direction: Direction): void {
    const { applications, reassembler } = this.parts;
    applications.stream(flow, opposite(direction), reassembler);
    applications.stream(flow, direction, reassembler);
  }

  readDatagram(flow: Flow, direction: Direction, packet: Packet): void {
    this.parts.applications.datagram(flow, direction, packet.payloadOffset, packet.payloadLength);
  }

  /** Inspects what was read of the streams, and their ranges. */
  inspectStreams(detector: Detector, flow: Flow, direction: Direction): void {
    const { applications } = this.parts;
    this.inspectSides(detector, flow, this.firstSide(flow, direction), false);
    if (detector.silences) this.silence(flow);
    if (!applications.isChanging(flow)) return;
    detector.describeMatches();
    applications.settle(flow);
    // What the flow now speaks reads what its predecessor has left.
    this.readStreams(flow, direction);
    this.inspectSides(detector, flow, opposite(direction), false);
  }

  inspectDatagram(detector: Detector, flow: Flow, direction: Direction): void {
    const status = this.parts.applications.freshStatus(flow);
    if (status === null) return;
    if (status.count === 1) detector.noteMessage(status.transactions[0]);
    this.inspectTransactions(detector, flow, status, direction, false);
    this.inspectTransactions(detector, flow, status, opposite(direction), false);
    if (detector.silences) this.silence(flow);
  }

  /** No events are written of the transactions at hand. */
  private silence(flow: Flow): void {
    const status = this.parts.applications.status(flow);
    if (status === null) return;
    for (let i = 0; i < status.count; i++) status.transactions[i].isSilenced = true;
  }

  /** Gives back what is done with. To be called once the alerts are out that tell of it. */
  settle(flow: Flow): void {
    this.parts.applications.settle(flow);
  }

  /** A pass rule covers the flow: what was read of it is not inspected. */
  passOver(flow: Flow): void {
    const { applications, reassembler } = this.parts;
    applications.passOver(flow);
    reassembler.endRaw(flow, DIRECTION.toServer);
    reassembler.endRaw(flow, DIRECTION.toClient);
  }

  /** Whether something of the flow is kept that was perhaps not inspected. */
  hasRest(flow: Flow): boolean {
    const { applications, reassembler } = this.parts;
    return reassembler.holds(flow) || (applications.status(flow)?.count ?? 0) > 0;
  }

  /** All that there is of a flow that is over, or has waited for long. */
  inspectRest(detector: Detector, flow: Flow, isOver: boolean): void {
    this.parts.applications.timeUs = flow.lastUs;
    this.readStreams(flow, DIRECTION.toClient);
    if (isOver && flow.protocol === IP_PROTOCOL.udp) this.parts.applications.closeDatagrams(flow);
    this.inspectSides(detector, flow, DIRECTION.toServer, isOver);
    if (detector.silences) this.silence(flow);
  }

  /** The same of a flow that a pass rule covers. */
  passOverRest(flow: Flow): void {
    this.parts.applications.timeUs = flow.lastUs;
    this.readStreams(flow, DIRECTION.toClient);
    this.passOver(flow);
  }

  /**
   * A packet makes known what the other side has sent. Where both sides have something new, as what is spoken was told
   * only now, the request comes before its response: what it marks is there for that.
   */
  private firstSide(flow: Flow, direction: Direction): Direction {
    const status = this.parts.applications.freshStatus(flow);
    if (status === null || direction === DIRECTION.toClient || status.count === 0) return opposite(direction);
    const { dirty } = status.transactions[0];
    return (dirty & (1 << DIRECTION.toServer)) === 0 ? opposite(direction) : DIRECTION.toServer;
  }

  /** Both sides, that one first: what one says may say something of the other's transactions, too. */
  private inspectSides(detector: Detector, flow: Flow, first: Direction, isOver: boolean): void {
    const second = opposite(first);
    const { applications } = this.parts;
    const status = isOver ? applications.status(flow) : applications.freshStatus(flow);
    this.inspectSide(detector, flow, status, first, isOver);
    this.inspectSide(detector, flow, status, second, isOver);
    if (status !== null) this.inspectTransactions(detector, flow, status, first, isOver);
  }

  private inspectSide(
    detector: Detector,
    flow: Flow,
    status: ConnectionStatus | null,
    direction: Direction,
    isOver: boolean,
  ): void {
    const { applications } = this.parts;
    detector.showTransactions(applications.status(flow), applications.complete(applicationOf(flow), direction));
    const inspects = this.inspectRanges(detector, flow, status, direction);
    if (status === null) return;
    if (!inspects) this.showPayload(detector, flow, direction);
    this.inspectTransactions(detector, flow, status, direction, isOver);
  }

  /** @returns whether there was a range to inspect. */
  private inspectRanges(
    detector: Detector,
    flow: Flow,
    status: ConnectionStatus | null,
    direction: Direction,
  ): boolean {
    const { span } = this;
    const { applications, reassembler } = this.parts;
    if (!reassembler.raw(flow, direction, span)) return false;
    const isEncrypted = status !== null && status.isEncrypted;
    const rangeEnd = status === null ? 'nothing' : applications.rangeEnd(applicationOf(flow));
    const hasCompleted = rangeEnd === 'transaction' && this.hasCompleted(flow, status!, direction);
    const isDue = hasCompleted || reassembler.isFlushed(flow, direction);
    let inspects = false;
    let beside = 0;
    let behind = 0;
    do {
      const end = span.offset + span.length;
      const isWhole = isDue || span.last || span.cut;
      let bytes = isWhole ? span.length : (end - (end % RANGE_BYTES) - span.offset) | 0;
      let restarts = hasCompleted;
      if (isEncrypted) {
        // What comes before that is one range.
        bytes = Math.min(span.length, status.encryptedFrom[direction] - span.offset) | 0;
      } else if (rangeEnd === 'message' || (rangeEnd === 'longMessage' && bytes > 0)) {
        const taken = reassembler.consumedEnd(flow, direction) - span.offset;
        const isWithin = ((status!.unfinished >>> direction) & 1) === 1;
        restarts = taken > 0 && taken <= span.length && !isWithin;
        if (restarts) bytes = taken | 0;
      }
      if (bytes <= 0) break;
      if (!inspects || span.gap > 0) beside = span.start - reassembler.lookback(flow, direction);
      behind = span.start + bytes;
      inspects = true;
      this.inspectRange(detector, flow, direction, bytes);
      if (restarts && (!hasCompleted || this.isBetweenMessages(flow, status!, direction))) {
        reassembler.restart(flow, direction);
      }
    } while (reassembler.raw(flow, direction, span));
    if (isEncrypted) reassembler.endRaw(flow, direction);
    // Beside transactions lies all of it: what has read a message may have begun the next one.
    if (inspects) detector.showPayload(beside, behind - beside);
    return inspects;
  }

  /** The first `bytes` of the span, behind what was inspected before. */
  private inspectRange(detector: Detector, flow: Flow, direction: Direction, bytes: number): void {
    const { span } = this;
    const { reassembler } = this.parts;
    const seen = reassembler.lookback(flow, direction);
    // What reaches back to where a range began counts from there: the stream's start, a message's, a gap's end.
    const origin = seen < LOOKBACK_BYTES ? 0 : Math.min(span.offset - seen, FAR) | 0;
    detector.inspectRange(direction, span.start - seen, seen + bytes, origin, seen);
    reassembler.inspected(flow, direction, bytes);
  }

  /** Whether a side of a transaction was completed since the last time. */
  private hasCompleted(flow: Flow, status: ConnectionStatus, direction: Direction): boolean {
    const { applications } = this.parts;
    const complete = applications.complete(applicationOf(flow), direction);
    for (let i = 0; i < status.count; i++) {
      const transaction = status.transactions[i];
      if (((transaction.dirty >>> direction) & 1) === 1 && transaction.progress(direction) >= complete) return true;
    }
    return false;
  }

  /** Whether the next bytes of this side begin a message that has nothing to do with those before. */
  private isBetweenMessages(flow: Flow, status: ConnectionStatus, direction: Direction): boolean {
    const { applications, reassembler } = this.parts;
    if (reassembler.consumedEnd(flow, direction) < reassembler.inspectedEnd(flow, direction)) return false;
    const complete = applications.complete(applicationOf(flow), direction);
    for (let i = 0; i < status.count; i++) {
      const progress = status.transactions[i].progress(direction);
      if (progress > 0 && progress < complete) return false;
    }
    return true;
  }

  /** What lies in the stream beside a transaction, where no range of it is inspected: what is new, or came last. */
  private showPayload(detector: Detector, flow: Flow, direction: Direction): void {
    const { span } = this;
    const { reassembler } = this.parts;
    const seen = reassembler.lookback(flow, direction);
    if (reassembler.raw(flow, direction, span)) detector.showPayload(span.start - seen, seen + span.length);
    else if (reassembler.locateLookback(flow, direction, span)) detector.showPayload(span.start, span.length);
    else detector.showPayload(0, 0);
  }

  private inspectTransactions(
    detector: Detector,
    flow: Flow,
    status: ConnectionStatus,
    direction: Direction,
    isOver: boolean,
  ): void {
    const { applications } = this.parts;
    const application = applicationOf(flow);
    const complete = applications.complete(application, direction);
    for (let i = 0; i < status.count; i++) {
      const transaction = status.transactions[i];
      const side = 1 << direction;
      // PERF: each protocol has transactions of its own shape, so that each look at one costs; most have nothing new.
      const isDirty = (transaction.dirty & side) !== 0;
      if (!isDirty && !isOver) continue;
      transaction.dirty &= ~side;
      const progress = transaction.progress(direction);
      if ((!isDirty && progress === 0) || (transaction.inspected & side) !== 0) continue;
      const isComplete = isOver || progress >= complete;
      detector.inspectTransaction(transaction, application, direction, isComplete);
      if (isComplete) transaction.inspected |= side;
    }
    if (applications.frames.count > 0) this.inspectFrames(detector, direction);
    if (applications.carried.count > 0) this.inspectCarried(detector, direction);
  }

  private inspectCarried(detector: Detector, direction: Direction): void {
    const { messages, count } = this.parts.applications.carried;
    for (let i = 0; i < count; i++) {
      const message = messages[i];
      if (message.direction !== direction || message.dirty === 0) continue;
      message.dirty = 0;
      detector.inspectTransaction(message, DNS, direction, true);
    }
  }

  private inspectFrames(detector: Detector, direction: Direction): void {
    const { whole, count } = this.parts.applications.frames;
    for (let i = 0; i < count; i++) {
      const frame = whole[i];
      if (frame.direction !== direction || frame.dirty === 0) continue;
      frame.dirty = 0;
      detector.inspectTransaction(frame, OF_FRAMES, direction, true);
    }
  }
}
