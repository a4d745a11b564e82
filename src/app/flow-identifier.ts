/**
 * Tells what a flow speaks, from the first bytes of its sides, and keeps it in the flow's record. Stage: app.
 *
 * The first side that tells says what the flow speaks; the other then may say the same, something else (a mismatch) or
 * nothing (FAILED). A side that has said all and told nothing waits for the other, with its bytes, MOST_BYTES at most;
 * a flow of two such sides has FAILED. A side that ends without a word has told nothing, and has not FAILED. Of
 * datagrams the first of each side counts. A PROXY header is stepped over first. What was agreed on elsewhere for a
 * connection (expectations.ts) goes before its bytes.
 */
import { DIRECTION, opposite, type Direction, type Flow } from '../flow/flow.js';
import {
  applicationOf,
  hasBegun,
  isSideSettled,
  noteAlone,
  noteBegun,
  setApplication,
  settleSide,
  sideApplication,
} from '../flow/flow-application.js';
import { StreamSpan } from '../stream/stream-span.js';
import { COUNTED, type ApplicationStats } from './application-stats.js';
import { FAILED, NOT_KNOWN } from './applications.js';
import type { Expectations } from './expectations.js';
import { Identifier, LOOK, MOST_BYTES, type Look } from './identify.js';
import { ANSWER } from './probe/answer.js';
import { proxiedClient, probeProxy, proxyBytes, type ProxiedClient } from './probe/proxy.js';
import { dropBytes, type StreamBytes } from './stream-bytes.js';

export class FlowIdentifier {
  /** Whom the PROXY header named that the last call stepped over. */
  client: ProxiedClient | null = null;
  private readonly bytes: Uint8Array;
  private readonly stats: ApplicationStats;
  private readonly expectations: Expectations;
  private readonly identifier: Identifier;
  /** What the last call was given. */
  private span = new StreamSpan();
  private readonly otherSpan = new StreamSpan();

  constructor(
    bytes: Uint8Array,
    stats: ApplicationStats,
    expectations: Expectations,
    identifier: Identifier = new Identifier(),
  ) {
    this.identifier = identifier;
    this.bytes = bytes;
    this.stats = stats;
    this.expectations = expectations;
  }

  /** Looks at what a stream's side, or the flow, is not settled by. @returns true once its bytes can be handed on. */
  stream(flow: Flow, direction: Direction, source: StreamBytes, span: StreamSpan): boolean {
    this.client = null;
    this.span = span;
    this.countGap(span.gap);
    if (this.expectations.count > 0 && this.tellExpected(flow)) return true;
    if (isSideSettled(flow, direction)) return this.failIfFull(flow);
    if (direction === DIRECTION.toServer && !hasBegun(flow) && !this.passProxy(flow, source)) return false;
    return this.conclude(flow, direction, this.look(flow, direction, span), source);
  }

  /** Looks at the first datagram of a side. @returns true where it is the first to tell. */
  datagram(flow: Flow, direction: Direction, start: number, length: number): boolean {
    const known = applicationOf(flow);
    if (known !== NOT_KNOWN && known !== FAILED) {
      settleSide(flow, direction, known);
      return false;
    }
    const client = flow.clientIsLower ? 0 : 1;
    const { bytes, identifier } = this;
    const look = identifier.datagram(bytes, start, length, direction, flow.port(1 - client), flow.port(client));
    if (look === LOOK.found) return this.tell(flow, direction, identifier.found);
    settleSide(flow, direction, FAILED);
    if (known === NOT_KNOWN) this.nameFlow(flow, FAILED);
    return false;
  }

  /** What was agreed on for a flow is what it speaks, whatever its bytes look like. */
  private tellExpected(flow: Flow): boolean {
    if (applicationOf(flow) !== NOT_KNOWN) return false;
    const id = this.expectations.applicationOf(flow);
    if (id === NOT_KNOWN) return false;
    settleSide(flow, DIRECTION.toServer, id);
    settleSide(flow, DIRECTION.toClient, id);
    this.nameFlow(flow, id);
    return true;
  }

  private countGap(bytes: number): void {
    if (bytes === 0) return;
    this.stats.add(COUNTED.gaps, NOT_KNOWN);
    this.stats.add(COUNTED.gapBytes, NOT_KNOWN, bytes);
  }

  private look(flow: Flow, direction: Direction, span: StreamSpan): Look {
    const isWhole = span.last || span.cut || span.gap > 0;
    return this.identifier.stream(
      this.bytes,
      span.start,
      span.length,
      direction,
      flow.ports >>> 16,
      flow.ports & 0xffff,
      isWhole,
    );
  }

  private conclude(flow: Flow, direction: Direction, look: Look, source: StreamBytes): boolean {
    const { identifier } = this;
    const known = applicationOf(flow);
    if (look === LOOK.found) this.tell(flow, direction, identifier.found);
    else if (known !== NOT_KNOWN && identifier.mayBe(known)) this.tell(flow, direction, known);
    else if (known !== NOT_KNOWN && this.span.length === 0) return true;
    else if (known !== NOT_KNOWN && look === LOOK.more) return false;
    else if (known !== NOT_KNOWN) settleSide(flow, direction, FAILED);
    else return look === LOOK.none ? this.giveUp(flow, direction) : this.askOtherSide(flow, direction, look, source);
    return true;
  }

  /** It is what the bytes that wait on both sides may be as they are, if that is one application. */
  private askOtherSide(flow: Flow, direction: Direction, look: Look, source: StreamBytes): boolean {
    const { identifier, otherSpan } = this;
    const other = opposite(direction);
    const { open } = identifier;
    if (open !== 0 && !isSideSettled(flow, other) && source.peek(flow, other, otherSpan)) {
      this.look(flow, other, otherSpan);
      const common = identifier.common(open, identifier.open);
      if (common !== NOT_KNOWN) return this.tell(flow, direction, common);
    }
    return look === LOOK.open && this.failIfFull(flow);
  }

  /** The side tells nothing; one that has not said a word may be silent for good. */
  private giveUp(flow: Flow, direction: Direction): boolean {
    if (this.span.length === 0) return false;
    settleSide(flow, direction, NOT_KNOWN);
    return isSideSettled(flow, opposite(direction)) ? this.fail(flow) : this.failIfFull(flow);
  }

  private failIfFull(flow: Flow): boolean {
    return this.span.length >= MOST_BYTES && this.fail(flow);
  }

  private fail(flow: Flow): true {
    settleSide(flow, DIRECTION.toServer, FAILED);
    settleSide(flow, DIRECTION.toClient, FAILED);
    if (isSilent(flow, DIRECTION.toServer) || isSilent(flow, DIRECTION.toClient)) noteAlone(flow);
    this.nameFlow(flow, FAILED);
    return true;
  }

  /** Notes what one side speaks. @returns true where it is the first to tell: the flow speaks that. */
  private tell(flow: Flow, direction: Direction, id: number): boolean {
    const known = applicationOf(flow);
    settleSide(flow, direction, id);
    if (known !== NOT_KNOWN && known !== FAILED) {
      if (known !== id) this.stats.add(COUNTED.mismatches, id);
      return false;
    }
    const other = opposite(direction);
    if (isSideSettled(flow, other) && sideApplication(flow, other) === NOT_KNOWN) settleSide(flow, other, FAILED);
    if (direction === DIRECTION.toClient && !flow.midstream && isSilent(flow, other)) noteAlone(flow);
    this.nameFlow(flow, id);
    return true;
  }

  private nameFlow(flow: Flow, id: number): void {
    setApplication(flow, id);
    this.stats.add(COUNTED.flows, id);
  }

  /** @returns false while the stream may still begin with a PROXY header, or where nothing has come behind it. */
  private passProxy(flow: Flow, source: StreamBytes): boolean {
    const { span, bytes } = this;
    const answer = span.gap > 0 ? ANSWER.no : probeProxy(bytes, span.start, span.length);
    if (answer === ANSWER.more && !span.last) return false;
    noteBegun(flow);
    if (answer !== ANSWER.yes) return true;
    this.client = proxiedClient(bytes, span.start, span.length) ?? null;
    const header = proxyBytes(bytes, span.start, span.length);
    source.consumed(flow, DIRECTION.toServer, header);
    dropBytes(span, header);
    return span.length > 0;
  }
}

/** Whether a side has sent its SYN at most. */
const isSilent = (flow: Flow, direction: Direction): boolean => flow.sentBytes(direction) <= 1;
