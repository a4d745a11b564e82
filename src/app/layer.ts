/**
 * The application layer of a shard: tells what flows speak, hands their bytes to parsers, and keeps connections and
 * open transactions. Stage: app, behind reassembly and before the inspection of streams and transactions.
 *
 *   stream, datagram ─ identify ─ open ─ parse …     then detection inspects `status(flow)`; then `settle`
 *
 * A flow that nobody parses has no object here, only numbers in its record (flow/flow-application.ts). What a parser
 * throws ends its protocol on that flow, and is counted. Bounds: MOST_LINKS connections, open transactions by
 * connection and by shard. Whoever owns the flows lets some give way where `isCrowded`; should that not suffice, a flow
 * is not parsed, and the oldest transactions of a connection are completed as they are.
 */
import { DIRECTION, opposite, type Direction, type Flow } from '../flow/flow.js';
import {
  applicationOf,
  changeApplication,
  connectionNumber,
  isSideSettled,
  setApplication,
  setConnectionNumber,
  settleSide,
} from '../flow/flow-application.js';
import type { Arena } from '../memory/arena.js';
import { MOST_OBJECT_BYTES } from '../memory/object-bytes.js';
import { StreamSpan } from '../stream/stream-span.js';
import { applicationId, APPLICATIONS, NOT_KNOWN } from './applications.js';
import type { ApplicationSettings } from './application-settings.js';
import { COUNTED, type ApplicationStats } from './application-stats.js';
import type { Connection } from './connection.js';
import { ConnectionPools } from './connection-pools.js';
import { UNKNOWN_SUCCESSOR, type ConnectionStatus, type Successor } from './connection-status.js';
import { carriedMessages, type CarriedMessages } from './dns/carried-messages.js';
import { EXPECTED } from './expectations.js';
import { FlowIdentifier } from './flow-identifier.js';
import { frameLog, type FrameLog } from './frame/frame-log.js';
import { Identifier } from './identify.js';
import { Input } from './input.js';
import { isParsing, LinkTable, MOST_LINKS, type Link, type ParsingLink } from './link.js';
import { objectBudget, type ObjectBudget } from './object-budget.js';
import type { ProxiedClient } from './probe/proxy.js';
import type { Protocol, RangeEnd } from './protocol.js';
import { dropBytes, type StreamBytes } from './stream-bytes.js';
import { TransactionKeeper, type TransactionWatcher } from './transaction-keeper.js';

export interface LayerOptions {
  readonly connections: number;
  /** Open transactions of a connection, and of the shard. */
  readonly transactionsOfConnection: number;
  readonly transactions: number;
  /** What objects may take of the shard's heap. */
  readonly objectBytes: number;
  /** What the configuration says of protocols. */
  readonly settings?: ApplicationSettings | undefined;
  /** Is shown transactions that are done with. */
  readonly watcher?: TransactionWatcher | undefined;
  /** Told of an exception in a parser, once a minute of packet time at most. */
  readonly onError?: ((application: string, error: unknown) => void) | undefined;
}

export const DEFAULT_LAYER_OPTIONS: LayerOptions = {
  connections: MOST_LINKS,
  transactionsOfConnection: 256,
  transactions: 65_536,
  objectBytes: MOST_OBJECT_BYTES,
};

const ERROR_INTERVAL_US = 60_000_000;
/** What nothing but a change of protocol leads to: its first bytes tell nothing. */
const BY_CHANGE_ALONE: readonly Successor[] = ['websocket'];

export class ApplicationLayer {
  private readonly stats: ApplicationStats;
  private readonly options: LayerOptions;
  private readonly flows: FlowIdentifier;
  private readonly input: Input;
  private readonly span = new StreamSpan();
  private readonly otherSpan = new StreamSpan();
  private readonly identifier: Identifier;
  /** Time of the packet at hand, microseconds since 1970: to be set before what it makes known is read. */
  timeUs = 0;
  private readonly arena: Arena;
  private readonly links: LinkTable;
  private readonly pools: ConnectionPools;
  private readonly keeper: TransactionKeeper;
  private readonly objects: ObjectBudget;
  /** What parsers come by for rules over frames: to be inspected with the transactions, before `settle`. */
  readonly frames: FrameLog;
  /** Messages of DNS that the flow's protocol carries: likewise. */
  readonly carried: CarriedMessages;
  private reportedUs = -Infinity;

  constructor(
    arena: Arena,
    protocols: readonly Protocol[],
    stats: ApplicationStats,
    options: LayerOptions = DEFAULT_LAYER_OPTIONS,
  ) {
    this.arena = arena;
    this.stats = stats;
    this.options = options;
    const expectations = EXPECTED.of(arena);
    expectations.countIn(stats);
    this.identifier = new Identifier(options.settings);
    this.flows = new FlowIdentifier(arena.bytes, stats, expectations, this.identifier);
    this.input = new Input(arena.bytes);
    this.links = new LinkTable(options.connections);
    this.pools = new ConnectionPools(arena, protocols);
    this.keeper = new TransactionKeeper(arena, stats, options);
    this.objects = objectBudget(arena);
    this.objects.limitBytes = options.objectBytes;
    this.frames = frameLog(arena);
    this.carried = carriedMessages(arena);
  }

  /**
   * Which way a segment goes of a connection that is picked up with it, by its payload: `length` bytes from `start` on;
   * -1 where that does not tell.
   */
  directionOf(bytes: Uint8Array, start: number, length: number, srcPort: number, dstPort: number): Direction | -1 {
    return length === 0 ? -1 : this.identifier.directionOf(bytes, start, length, srcPort, dstPort);
  }

  /** Takes what has become usable of one direction of a stream. To be called once for each packet or flush. */
  stream(flow: Flow, direction: Direction, source: StreamBytes): void {
    this.input.timeUs = this.timeUs;
    this.takeRanges(flow, direction, source, this.span);
  }

  /** Takes a datagram, whose payload lies in the shard's memory. */
  datagram(flow: Flow, direction: Direction, start: number, length: number): void {
    if (length === 0) return;
    if (!isSideSettled(flow, direction) && this.flows.datagram(flow, direction, start, length)) this.begin(flow);
    const application = applicationOf(flow);
    this.stats.add(COUNTED.inspectedBytes, application, length);
    const link = this.linkOf(flow);
    if (!isParsing(link) || link.status.broken) return;
    this.input.timeUs = this.timeUs;
    this.input.begin(start, length, 0, false, true);
    link.isFresh = true;
    this.parse(link, direction);
  }

  /** The parser of a flow. */
  connection(flow: Flow): Connection | null {
    return this.linkOf(flow)?.connection ?? null;
  }

  /** What is parsed of a flow: its open transactions are there for inspection. */
  status(flow: Flow): ConnectionStatus | null {
    return this.linkOf(flow)?.status ?? null;
  }

  /** The same where its parser was told something since the last `settle`; else nothing is new in its transactions. */
  freshStatus(flow: Flow): ConnectionStatus | null {
    const link = this.linkOf(flow);
    return link !== null && link.isFresh ? link.status : null;
  }

  /** Progress of a side of the application's transactions that is complete. */
  complete(application: number, direction: Direction): number {
    return this.pools.traits(application).complete[direction];
  }

  /** What ends a range of the application's streams. */
  rangeEnd(application: number): RangeEnd {
    return this.pools.traits(application).endsRange;
  }

  /** Whom a load balancer in front of the server named as the client. */
  client(flow: Flow): ProxiedClient | null {
    return this.linkOf(flow)?.client ?? null;
  }

  /** Whether the next `settle` changes the protocol. */
  isChanging(flow: Flow): boolean {
    const status = this.freshStatus(flow);
    return status !== null && !status.broken && status.successor !== '';
  }

  /** A pass rule covers the flow: nothing of its transactions waits for inspection. */
  passOver(flow: Flow): void {
    const status = this.freshStatus(flow);
    if (status === null) return;
    for (let i = 0; i < status.count; i++) status.transactions[i].dirty = 0;
  }

  /**
   * To be called once what there is has been inspected: frees what is complete.
   * @returns true where the protocol has changed: `stream` is to be called again, for both directions.
   */
  settle(flow: Flow): boolean {
    this.frames.clear();
    this.carried.clear();
    const link = this.linkOf(flow);
    if (!isParsing(link) || !link.isFresh) return false;
    const { status } = link;
    const { broken, successor, endsInspection } = status;
    if (endsInspection) flow.passed = true;
    if (!broken && successor === '') {
      const { complete } = this.pools.traits(link.application);
      link.isFresh = this.keeper.releaseComplete(link, complete, silentSide(flow));
      return false;
    }
    this.close(flow, link);
    this.dropLink(flow, link);
    if (broken || successor === '') return false;
    this.change(flow, successor);
    return true;
  }

  /** Nothing more comes of a flow of datagrams, which say nothing of it themselves. */
  closeDatagrams(flow: Flow): void {
    const link = this.linkOf(flow);
    if (!isParsing(link) || link.status.broken) return;
    this.closeSide(link, DIRECTION.toServer);
    this.closeSide(link, DIRECTION.toClient);
  }

  /** The flow is over, and its transactions are done; who its client is is known until `end`. */
  finish(flow: Flow): void {
    const link = this.linkOf(flow);
    if (link !== null) this.close(flow, link);
  }

  /** The flow is over, and all that it has was inspected. */
  end(flow: Flow): void {
    const link = this.linkOf(flow);
    if (link === null) return;
    this.close(flow, link);
    link.client = null;
    this.dropLink(flow, link);
  }

  /** Whether there is no room for one more, or little memory: flows should give way, by their `weight`. */
  get isCrowded(): boolean {
    return this.takesTooMuch || this.keeper.isCrowded;
  }

  /** Whether the shard's heap is nearly full. */
  noteHeap(isFull: boolean): void {
    this.objects.noteHeap(isFull);
  }

  /** What a flow takes of what there is too much of; 0: nothing. */
  weight(flow: Flow): number {
    const link = this.linkOf(flow);
    if (link === null) return 0;
    return this.takesTooMuch ? 1 : (link.status?.count ?? 0);
  }

  /** Whether it is what a connection takes, whatever it has open, that there is too little of. */
  private get takesTooMuch(): boolean {
    return this.links.isFull || this.arena.isScarce || this.objects.isCrowded;
  }

  /** Connections in use, and their open transactions. */
  get inUse(): { readonly connections: number; readonly transactions: number } {
    return { connections: this.links.inUse, transactions: this.keeper.open };
  }

  /** Makes ready what the flow needs, once it is known what it speaks. */
  private begin(flow: Flow): void {
    const id = applicationOf(flow);
    if (!this.pools.has(id)) return;
    const link = this.takeLink(flow);
    if (link === null) {
      this.stats.add(COUNTED.connectionsRefused, id);
      return;
    }
    const connection = this.pools.take(id);
    if (connection === null) {
      this.stats.add(COUNTED.connectionsRefused, id);
      this.dropLink(flow, link);
      return;
    }
    link.begin(id, connection);
    connection.noteFlow(flow);
  }

  private noteClient(flow: Flow): void {
    const { client } = this.flows;
    if (client === null) return;
    const link = this.takeLink(flow);
    if (link !== null) link.client = client;
  }

  private takeRanges(flow: Flow, direction: Direction, source: StreamBytes, span: StreamSpan): void {
    do {
      if (!source.usable(flow, direction, span)) return;
      this.takeRange(flow, direction, source, span);
    } while (span.cut);
  }

  private takeRange(flow: Flow, direction: Direction, source: StreamBytes, span: StreamSpan): void {
    const known = applicationOf(flow) !== NOT_KNOWN;
    if (!known || !isSideSettled(flow, direction)) {
      const ready = this.flows.stream(flow, direction, source, span);
      this.noteClient(flow);
      if (!ready) return;
    } else if (span.gap > 0) {
      this.stats.add(COUNTED.gaps, applicationOf(flow));
      this.stats.add(COUNTED.gapBytes, applicationOf(flow), span.gap);
    }
    if (!known) {
      this.begin(flow);
      // What waited on the other side came first.
      this.takeRanges(flow, opposite(direction), source, this.otherSpan);
    }
    this.feed(flow, direction, source, span);
  }

  /** Gives the parser all that it takes; without one the bytes are done with. */
  private feed(flow: Flow, direction: Direction, source: StreamBytes, span: StreamSpan): void {
    const link = this.linkOf(flow);
    if (!isParsing(link)) {
      this.consume(flow, direction, source, span, span.length);
      return;
    }
    const { status } = link;
    if (status.successor !== '') return;
    link.isFresh = true;
    if (span.gap > 0 && !status.broken) this.tellGap(link, direction, span.gap);
    while (span.length > 0 && !status.broken && this.feedOnce(flow, direction, source, span, link));
    if (status.broken) this.consume(flow, direction, source, span, span.length);
    else if (span.last && status.successor === '') this.closeSide(link, direction);
  }

  /** @returns false where nothing more is to be had of these bytes. */
  private feedOnce(
    flow: Flow,
    direction: Direction,
    source: StreamBytes,
    span: StreamSpan,
    link: ParsingLink,
  ): boolean {
    const { input } = this;
    const { status } = link;
    input.begin(span.start, span.length, span.offset, span.last, false);
    this.parse(link, direction);
    const taken = input.position - span.start;
    this.consume(flow, direction, source, span, taken);
    if (input.skipped > 0) {
      source.skip(flow, direction, input.skipped);
      this.stats.add(COUNTED.bypassedBytes, applicationOf(flow), input.skipped);
    }
    if (status.isEncrypted) conceal(flow, status, source);
    if ((status.bypassed & (1 << direction)) === 0) return taken > 0 && status.successor === '';
    this.bypass(flow, direction, source, span);
    return false;
  }

  private bypass(flow: Flow, direction: Direction, source: StreamBytes, span: StreamSpan): void {
    this.stats.add(COUNTED.bypassedBytes, applicationOf(flow), span.length);
    dropBytes(span, span.length);
    source.bypass(flow, direction);
    const link = this.linkOf(flow);
    if (link !== null) link.bypassedFrom[direction] = flow.sentBytes(direction);
  }

  private consume(flow: Flow, direction: Direction, source: StreamBytes, span: StreamSpan, count: number): void {
    if (count === 0) return;
    this.stats.add(COUNTED.inspectedBytes, applicationOf(flow), count);
    source.consumed(flow, direction, count);
    dropBytes(span, count);
  }

  private tellGap(link: ParsingLink, direction: Direction, bytes: number): void {
    const { connection, status } = link;
    const before = status.count;
    this.frames.interrupt(status.openFrames, direction);
    try {
      status.broken = !connection.gap(direction, bytes);
    } catch (error) {
      this.fail(link, error);
    }
    if (status.broken) this.stats.add(COUNTED.brokenFlows, link.application);
    this.count(link, before);
  }

  private closeSide(link: ParsingLink, direction: Direction): void {
    if ((link.closed & (1 << direction)) !== 0) return;
    link.closed |= 1 << direction;
    const { connection, status } = link;
    this.frames.end(status.openFrames, direction);
    const before = status.count;
    try {
      connection.close(direction);
    } catch (error) {
      this.fail(link, error);
    }
    this.count(link, before);
  }

  /** The error boundary. */
  private parse(link: ParsingLink, direction: Direction): void {
    const { connection, status } = link;
    const before = status.count;
    const { input, frames } = this;
    input.frames = frames.isOn ? frames : null;
    frames.enter(input.position);
    try {
      connection.parse(direction, input);
    } catch (error) {
      this.fail(link, error);
    }
    if (frames.isOn) frames.take(status.openFrames, direction, input.position);
    if (status.broken) this.stats.add(COUNTED.brokenFlows, link.application);
    this.count(link, before);
  }

  /** Counts the transactions that a call of the parser has added. */
  private count(link: ParsingLink, before: number): void {
    this.keeper.count(link.status, before, link.application, this.pools.traits(link.application));
  }

  /** What a parser has thrown ends its protocol on this flow. */
  private fail({ status, application }: ParsingLink, error: unknown): void {
    status.broken = true;
    this.stats.add(COUNTED.parserErrors, application);
    const { timeUs } = this.input;
    if (Math.abs(timeUs - this.reportedUs) < ERROR_INTERVAL_US) return;
    this.reportedUs = timeUs;
    this.options.onError?.(APPLICATIONS[application - 1].name, error);
  }

  private change(flow: Flow, successor: Successor): void {
    const expected = successor === UNKNOWN_SUCCESSOR ? NOT_KNOWN : applicationId(successor);
    changeApplication(flow, expected);
    if (!BY_CHANGE_ALONE.includes(successor)) return;
    settleSide(flow, DIRECTION.toServer, expected);
    settleSide(flow, DIRECTION.toClient, expected);
    setApplication(flow, expected);
    this.stats.add(COUNTED.flows, expected);
    this.begin(flow);
  }

  private linkOf(flow: Flow): Link | null {
    const number = connectionNumber(flow);
    return number === 0 ? null : this.links.at(number);
  }

  private takeLink(flow: Flow): Link | null {
    const number = connectionNumber(flow) || this.links.take();
    if (number === 0) return null;
    setConnectionNumber(flow, number);
    return this.links.at(number);
  }

  /** Ends the connection of a link. */
  private close(flow: Flow, link: Link): void {
    if (!isParsing(link)) return;
    const { openFrames } = link.status;
    this.keeper.releaseAll(link);
    this.frames.drop(openFrames, DIRECTION.toServer);
    this.frames.drop(openFrames, DIRECTION.toClient);
    this.frames.clear();
    this.carried.clear();
    this.countBypassed(flow, link);
    this.pools.give(link.application, link.connection);
    link.leave();
  }

  /** What has come since the protocol was passed over, by sequence numbers. */
  private countBypassed(flow: Flow, link: Link): void {
    for (const direction of [DIRECTION.toServer, DIRECTION.toClient] as const) {
      const from = link.bypassedFrom[direction];
      if (from >= 0) this.stats.add(COUNTED.bypassedBytes, link.application, (flow.sentBytes(direction) - from) >>> 0);
      link.bypassedFrom[direction] = -1;
    }
  }

  /** Gives the link back, unless it holds who the client is. */
  private dropLink(flow: Flow, link: Link): void {
    if (link.client !== null) return;
    this.links.give(connectionNumber(flow));
    setConnectionNumber(flow, 0);
  }
}

function conceal(flow: Flow, { encryptedFrom }: ConnectionStatus, source: StreamBytes): void {
  source.conceal(flow, DIRECTION.toServer, encryptedFrom[DIRECTION.toServer]);
  source.conceal(flow, DIRECTION.toClient, encryptedFrom[DIRECTION.toClient]);
}

const TCP = 6;
/** More than a host sends at once without an answer: ten segments at first (RFC 6928), and again behind a pause. */
const UNANSWERED_PACKETS = 16;

/**
 * The set of directions in which a connection was heard nothing at all, as where one side alone is mirrored. A
 * connection that was picked up with a request has heard nothing yet: its answer comes.
 */
function silentSide(flow: Flow): number {
  const { packetsToServer, packetsToClient } = flow;
  if (flow.protocol !== TCP || packetsToServer + packetsToClient < UNANSWERED_PACKETS) return 0;
  return (packetsToServer === 0 ? 1 << DIRECTION.toServer : 0) | (packetsToClient === 0 ? 1 << DIRECTION.toClient : 0);
}
