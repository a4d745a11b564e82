/**
 * Writes an event for each fault of a packet's headers, each odd segment of a TCP connection, what is odd about how its
 * application was told, and what transactions have raised, where that is asked for. Stage: shard, behind the alerts of
 * the packet; of transactions that are done with.
 *
 * Strangers can make as many as they like, so each second has a limit: here, to keep room in the ring for alerts, and
 * once more for all shards together (output/alert-stream.ts). What is beyond it, or finds the ring full, is counted.
 */
import { oddlyTold } from '../app/oddly-told.js';
import type { Transaction } from '../app/transaction.js';
import type { Packet } from '../decode/packet.js';
import { AnomalyRenderer, decoderEvent, type AnomalyType } from '../detect/event/anomaly-event.js';
import type { Candidate, CandidateSink } from '../detect/event/candidate.js';
import type { EventOptions } from '../detect/event/event-writer.js';
import type { Flow } from '../flow/flow.js';
import { eventNames } from '../stream/tcp-event.js';
import { SecondLimit } from '../util/second-limit.js';

export class AnomalyLog {
  written = 0;
  dropped = 0;
  private readonly sink: CandidateSink;
  private readonly renderer: AnomalyRenderer;
  private readonly limit: SecondLimit;

  constructor(sink: CandidateSink, perSecond: number, options: EventOptions) {
    this.sink = sink;
    this.limit = new SecondLimit(perSecond);
    this.renderer = new AnomalyRenderer(options);
  }

  /** Beyond the limit of their second. */
  get withheld(): number {
    return this.limit.withheld;
  }

  log(packet: Packet, flow: Flow | null, receivedMs: number): void {
    for (let faults = packet.faults; faults !== 0; faults >>>= 8) {
      this.write('decode', decoderEvent(faults & 0xff), packet, flow, receivedMs);
    }
    if ((packet.events | packet.moreEvents) === 0) return;
    for (const name of eventNames(packet)) this.write('stream', `stream.${name}`, packet, flow, receivedMs);
  }

  /** What is odd about how the application was told: to be called once a side of the flow has. */
  logTold(packet: Packet, flow: Flow, receivedMs: number): void {
    for (const name of oddlyTold(flow)) {
      if (this.limit.passes(packet.timeUs)) this.emit(this.renderer.renderTold(name, packet, flow, receivedMs));
    }
  }

  /** `packet` goes in the direction of the transaction, which is one of the application with that number. */
  logRaised(transaction: Transaction, application: number, packet: Packet, flow: Flow): void {
    for (let instance = 0; ; instance++) {
      const event = transaction.eventAt(instance);
      if (Number.isNaN(event)) return;
      if (this.limit.passes(packet.timeUs))
        this.emit(this.renderer.renderRaised(event, application, transaction, packet, flow));
    }
  }

  private write(type: AnomalyType, event: string, packet: Packet, flow: Flow | null, receivedMs: number): void {
    if (this.limit.passes(packet.timeUs)) this.emit(this.renderer.render(type, event, packet, flow, receivedMs));
  }

  private emit(event: Candidate): void {
    if (this.sink.emit(event)) this.written++;
    else this.dropped++;
  }
}
