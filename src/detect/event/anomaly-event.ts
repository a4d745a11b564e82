/**
 * Renders the event of something odd in a packet, or in a message: `event_type` anomaly, as in Suricata. Stage: detect,
 * in the shard. Events may allocate; this one is off unless it is asked for.
 *
 *   {"timestamp":…,"event_type":"anomaly","src_ip":…,"anomaly":{"type":"stream","event":"stream.fin_but_no_session"}}
 *   {…,"tx_id":0,"anomaly":{"app_proto":"dns","type":"applayer","event":"z_flag_set","layer":"proto_parser"}}
 *   {…,"anomaly":{"app_proto":"http","type":"applayer","event":"applayer_unexpected_protocol","layer":"proto_detect"}}
 */
import { APPLICATIONS, FAILED } from '../../app/applications.js';
import { APPLICATION_EVENTS } from '../../app/application-events.js';
import type { Transaction } from '../../app/transaction.js';
import { FAULTS } from '../../decode/fault.js';
import type { Packet } from '../../decode/packet.js';
import type { Flow } from '../../flow/flow.js';
import { spokenApplication } from '../../flow/flow-application.js';
import type { Candidate } from './candidate.js';
import { EventWriter, type EventOptions } from './event-writer.js';

export type AnomalyType = 'decode' | 'stream';

/** Names of the events of an application, by its number. */
const EVENTS_OF: readonly (readonly string[])[] = [
  [],
  ...APPLICATIONS.map(({ name }) =>
    (APPLICATION_EVENTS.find(({ application }) => application === name)?.events ?? []).map((event) => event.name),
  ),
];

/** By code of the fault: as Suricata's decoder names it (the first name of several), else by the name it has here. */
const DECODER_EVENTS = FAULTS.map(({ name, event }) => `decoder.${event === '' ? name : event.split(' ')[0]}`);

export const decoderEvent = (fault: number): string => DECODER_EVENTS[fault];

export class AnomalyRenderer {
  private readonly writer: EventWriter;

  constructor(options: EventOptions = {}) {
    this.writer = new EventWriter(0, options);
  }

  /** The same object every time. */
  render(type: AnomalyType, event: string, packet: Packet, flow: Flow | null, receivedMs: number): Candidate {
    const { writer } = this;
    writer.begin('anomaly', packet, flow, receivedMs);
    writer.line.append(`"anomaly":{"type":"${type}","event":"${event}"}`);
    return this.end(packet, flow);
  }

  /** The same of how the application of the flow was told: the name of one of the events of identification. */
  renderTold(event: string, packet: Packet, flow: Flow, receivedMs: number): Candidate {
    const { writer } = this;
    writer.begin('anomaly', packet, flow, receivedMs);
    const application = spokenApplication(flow);
    const named = application === FAILED ? '' : `"app_proto":"${APPLICATIONS[application - 1].name}",`;
    const object = `${named}"type":"applayer","event":"${event}","layer":"proto_detect"`;
    writer.line.append(`"anomaly":{${object}}`);
    return this.end(packet, flow);
  }

  /** The same of what a transaction has raised: an event of its application, by its number. `packet` goes its way. */
  renderRaised(event: number, application: number, transaction: Transaction, packet: Packet, flow: Flow): Candidate {
    const { writer } = this;
    writer.begin('anomaly', packet, flow, 0);
    const object = `"app_proto":"${APPLICATIONS[application - 1].name}","type":"applayer"`;
    const name = EVENTS_OF[application][event] ?? '';
    writer.line.append(`"tx_id":${transaction.id},"anomaly":{${object},"event":"${name}","layer":"proto_parser"}`);
    return this.end(packet, flow);
  }

  private end(packet: Packet, flow: Flow | null): Candidate {
    const { writer } = this;
    writer.marks(flow);
    writer.line.append(`${writer.frame(packet)}}`);
    return writer.candidate;
  }
}
