/**
 * Writes an event for each transaction that is done with, of the applications whose events are asked for. Stage: shard,
 * behind the alerts of the packet; before them where the packet ends the protocol and begins another.
 *
 * A transaction is done with when both sides are complete, when its flow ends, or when its connection has too many; its
 * event has the place of the packet or mark at which that was so. What the ring has no room for is lost and counted.
 */
import { APPLICATIONS, eventTypeOf } from '../app/applications.js';
import type { ApplicationStats } from '../app/application-stats.js';
import type { TransactionWatcher } from '../app/transaction-keeper.js';
import type { Transaction } from '../app/transaction.js';
import type { Packet } from '../decode/packet.js';
import type { Candidate, CandidateSink } from '../detect/event/candidate.js';
import type { EventOptions } from '../detect/event/event-writer.js';
import { TransactionRenderer } from '../detect/event/transaction-event.js';
import type { Direction, Flow } from '../flow/flow.js';

export class TransactionLog implements TransactionWatcher {
  private readonly sink: CandidateSink;
  private readonly stats: ApplicationStats;
  private readonly renderer: TransactionRenderer;
  /** By number of an application: what its events are called; '' where they are not asked for. */
  private readonly types: readonly string[];
  private readonly onError: (application: string, error: unknown) => void;
  private packet!: Packet;
  private flow!: Flow;
  private direction: Direction = 0;

  /** `onError` is told of exceptions in what makes an event, which is then lost. */
  constructor(
    sink: CandidateSink,
    stats: ApplicationStats,
    types: readonly string[],
    options: EventOptions,
    onError: (application: string, error: unknown) => void,
  ) {
    this.sink = sink;
    this.onError = onError;
    this.stats = stats;
    this.renderer = new TransactionRenderer(options);
    const asked = (type: string): string => (types.includes(type) ? type : '');
    this.types = ['', ...APPLICATIONS.map((_, index) => asked(eventTypeOf(index + 1)))];
  }

  /** Says what the transactions are of that are done with next: `packet` goes in `direction`. */
  begin(packet: Packet, flow: Flow, direction: Direction): void {
    this.packet = packet;
    this.flow = flow;
    this.direction = direction;
  }

  done(transaction: Transaction, application: number): void {
    const type = this.types[application];
    if (type === '') return;
    const { packet } = this;
    const isReversed = transaction.direction !== this.direction;
    if (isReversed) packet.reverse();
    const event = this.render(type, transaction, application);
    if (isReversed) packet.reverse();
    if (event !== null) this.stats.add(this.sink.emit(event) ? 'events' : 'eventsDropped', application);
  }

  private render(type: string, transaction: Transaction, application: number): Candidate | null {
    try {
      return this.renderer.render(type, transaction, this.packet, this.flow);
    } catch (error) {
      this.stats.add('parserErrors', application);
      this.stats.add('eventsDropped', application);
      this.onError(APPLICATIONS[application - 1].name, error);
      return null;
    }
  }
}
