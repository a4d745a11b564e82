/**
 * Writes an event for each flow that is over, where that is asked for. Stage: shard.
 *
 * An event has the place in the order of packets at which its flow ended: of the packet that came after its timeout,
 * that made it give way or took its ports, or of the mark at which many end together. Those come in the order of their
 * last packets and of their ids, in each shard and, by the merge, in all. What the ring has no room for is lost and
 * counted.
 */
import type { CandidateSink } from '../detect/event/candidate.js';
import type { EventOptions } from '../detect/event/event-writer.js';
import { FlowRenderer } from '../detect/event/flow-event.js';
import type { Flow, FlowEnd } from '../flow/flow.js';
import type { FlowOrigins } from '../flow/flow-origins.js';
import { FlowPacket } from './flow-packet.js';

export class FlowLog {
  written = 0;
  dropped = 0;
  private readonly sink: CandidateSink;
  private readonly renderer: FlowRenderer;
  private readonly standIn: FlowPacket;

  constructor(sink: CandidateSink, origins: FlowOrigins, options: EventOptions) {
    this.sink = sink;
    this.standIn = new FlowPacket(origins);
    this.renderer = new FlowRenderer(options);
  }

  /** To be called while the flow is still what it was; `transactions` there have been, -1 where none are told apart. */
  log(flow: Flow, reason: FlowEnd, seq: number, capture: number, transactions: number): void {
    const packet = this.standIn.load(flow, seq, capture);
    // A flow is of many packets.
    packet.captureNumber = 0;
    if (this.sink.emit(this.renderer.render(packet, flow, reason, transactions))) this.written++;
    else this.dropped++;
  }
}
