/**
 * Writes an event for each transaction that is done with, of the applications whose events are asked for, and before it
 * one for each file that it carried and each anomaly that it has raised. Stage: shard, behind the alerts of the packet;
 * before them where the packet ends the protocol and begins another.
 *
 * A transaction is done with when both sides are complete, when its flow ends, or when its connection has too many; its
 * event has the place of the packet or mark at which that was so. What the ring has no room for is lost and counted.
 */
import { APPLICATIONS, eventTypeOf } from '../app/applications.js';
import { FILE_EVENT } from '../app/file/eve.js';
import { COUNTED, type ApplicationStats } from '../app/application-stats.js';
import type { TransactionWatcher } from '../app/transaction-keeper.js';
import type { Transaction } from '../app/transaction.js';
import type { Packet } from '../decode/packet.js';
import type { Candidate, CandidateSink } from '../detect/event/candidate.js';
import type { EventOptions } from '../detect/event/event-writer.js';
import { TransactionRenderer } from '../detect/event/transaction-event.js';
import { DIRECTION, type Direction, type Flow } from '../flow/flow.js';
import type { AnomalyLog } from './anomaly-log.js';

export class TransactionLog implements TransactionWatcher {
  private readonly sink: CandidateSink;
  private readonly stats: ApplicationStats;
  private readonly renderer: TransactionRenderer;
  private readonly asked: ReadonlySet<string>;
  /** By number of an application: what its events are called; '' where they are not asked for. */
  private readonly types: readonly string[];
  private readonly showsFiles: boolean;
  private readonly onError: (application: string, error: unknown) => void;
  private readonly anomalies: AnomalyLog | undefined;
  private packet!: Packet;
  private flow!: Flow;
  private direction: Direction = 0;

  /** `onError` is told of exceptions in what makes an event, which is lost; `anomalies`: where they are asked for. */
  constructor(
    sink: CandidateSink,
    stats: ApplicationStats,
    types: readonly string[],
    options: EventOptions,
    onError: (application: string, error: unknown) => void,
    anomalies?: AnomalyLog,
  ) {
    this.sink = sink;
    this.anomalies = anomalies;
    this.onError = onError;
    this.stats = stats;
    this.renderer = new TransactionRenderer(options);
    this.asked = new Set(types);
    this.showsFiles = this.asked.has(FILE_EVENT);
    const whereAsked = (type: string): string => (this.asked.has(type) ? type : '');
    this.types = ['', ...APPLICATIONS.map((_, index) => whereAsked(eventTypeOf(index + 1)))];
  }

  /** Says what the transactions are of that are done with next: `packet` goes in `direction`. */
  begin(packet: Packet, flow: Flow, direction: Direction): void {
    this.packet = packet;
    this.flow = flow;
    this.direction = direction;
  }

  done(transaction: Transaction, application: number): void {
    if (this.anomalies !== undefined && transaction.hasEvents)
      this.inDirection(transaction.direction, () =>
        this.anomalies!.logRaised(transaction, application, this.packet, this.flow),
      );
    if (this.showsFiles) {
      this.writeFiles(transaction, DIRECTION.toServer, application);
      this.writeFiles(transaction, DIRECTION.toClient, application);
    }
    const type = this.typeOf(transaction, application);
    if (type === '') return;
    if (transaction.isSilenced) {
      this.stats.add(COUNTED.eventsSilenced, application);
      return;
    }
    this.write(application, transaction.direction, () =>
      this.renderer.render(type, transaction, this.packet, this.flow),
    );
  }

  /** '' where events of that kind are not asked for. */
  private typeOf({ eventType }: Transaction, application: number): string {
    return this.asked.has(eventType) ? eventType : this.types[application];
  }

  /** Each file once, however many sides it is seen from. */
  private writeFiles(transaction: Transaction, direction: Direction, application: number): void {
    const files = transaction.files(direction);
    if (files === null) return;
    for (let index = 0; index < files.count; index++) {
      const file = files.at(index);
      if (file.isLogged) continue;
      file.isLogged = true;
      this.write(application, direction, () =>
        this.renderer.renderFile(file, files.bytes, transaction, direction, this.packet, this.flow),
      );
    }
  }

  /** Writes what `render` makes, with the packet in that direction. Events may allocate. */
  private write(application: number, direction: Direction, render: () => Candidate | null): void {
    const event = this.inDirection(direction, () => this.attempt(application, render));
    if (event !== null) this.stats.add(this.sink.emit(event) ? COUNTED.events : COUNTED.eventsDropped, application);
  }

  private inDirection<T>(direction: Direction, make: () => T): T {
    const { packet } = this;
    const isReversed = direction !== this.direction;
    if (isReversed) packet.reverse();
    const made = make();
    if (isReversed) packet.reverse();
    return made;
  }

  private attempt(application: number, render: () => Candidate | null): Candidate | null {
    try {
      return render();
    } catch (error) {
      this.stats.add(COUNTED.parserErrors, application);
      this.stats.add(COUNTED.eventsDropped, application);
      this.onError(APPLICATIONS[application - 1].name, error);
      return null;
    }
  }
}
