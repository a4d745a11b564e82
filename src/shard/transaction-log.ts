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
import type { CandidateSink } from '../detect/event/candidate.js';
import type { EventOptions } from '../detect/event/event-writer.js';
import { TransactionRenderer } from '../detect/event/transaction-event.js';
import type { Direction, Flow } from '../flow/flow.js';

export class TransactionLog implements TransactionWatcher {
  private readonly sink: CandidateSink;
  private readonly stats: ApplicationStats;
  private readonly renderer: TransactionRenderer;
  /** By number of an application: what its events are called; '' where they are not asked for. */
  private readonly types: readonly string[];
  private packet!: Packet;
  private flow!: Flow;
  private direction: Direction = 0;

  constructor(sink: CandidateSink, stats: ApplicationStats, types: readonly string[], options: EventOptions) {
    this.sink = sink;
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
    const event = this.renderer.render(type, transaction, packet, this.flow);
    if (isReversed) packet.reverse();
    if (event !== null) this.stats.add(this.sink.emit(event) ? 'events' : 'eventsDropped', application);
  }
}
