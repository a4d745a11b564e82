/**
 * Renders the event of a flow that is over: `event_type` flow, as in Suricata. Stage: detect, in the shard. Events may
 * allocate; this one is off unless it is asked for.
 *
 *   {"timestamp":…,"event_type":"flow","src_ip":…,"flow":{"pkts_toserver":6,…,"state":"closed","reason":"timeout",
 *    "conn_state":"SF"},"tcp":{"tcp_flags":"1b",…,"state":"closed"}}
 *
 * Source is the client. The time is that of the flow's last packet. Bytes are those of IP packets. `conn_state` is
 * ours: the state of the connection as Zeek names it (stream/connection-state.ts).
 */
import { IP_PROTOCOL, type Packet } from '../../decode/packet.js';
import { DIRECTION, FLOW_END, FLOW_STATE, type Flow, type FlowEnd } from '../../flow/flow.js';
import { icmpAnswer, isIcmp } from '../../flow/icmp-answer.js';
import { connectionState, flagsOf, tcpStateName } from '../../stream/connection-state.js';
import type { Candidate } from './candidate.js';
import { eveTime } from './eve-text.js';
import { CLOSE } from './event-line.js';
import { EventWriter, type EventOptions } from './event-writer.js';

const STATE_NAMES: Readonly<Record<number, string>> = {
  [FLOW_STATE.new]: 'new',
  [FLOW_STATE.established]: 'established',
  [FLOW_STATE.closed]: 'closed',
};
const REASON_NAMES: Readonly<Record<FlowEnd, string>> = {
  [FLOW_END.timeout]: 'timeout',
  [FLOW_END.evicted]: 'forced',
  [FLOW_END.reused]: 'tcp_reuse',
  [FLOW_END.shutdown]: 'shutdown',
};
/** By bit of the TCP flags. */
const FLAG_NAMES = ['fin', 'syn', 'rst', 'psh', 'ack', 'urg', 'ecn', 'cwr'] as const;

export class FlowRenderer {
  private readonly writer: EventWriter;

  constructor(options: EventOptions = {}) {
    this.writer = new EventWriter(0, options);
  }

  /**
   * `packet` stands for the flow: its ends as the client has them, its time. `transactions` there have been, -1 where
   * none are told apart. The same object every time.
   */
  render(packet: Packet, flow: Flow, reason: FlowEnd, transactions = -1): Candidate {
    const { writer } = this;
    writer.begin('flow', packet, flow, 0);
    writer.line.append(icmpResponse(flow)).append(flowObject(flow, reason, transactions));
    if (flow.protocol === IP_PROTOCOL.tcp) writer.line.append(`,${tcpObject(flow)}`);
    writer.marks(flow);
    writer.line.put(CLOSE);
    return writer.candidate;
  }
}

/** Type and code of the first answer of ICMP, with a comma behind each; else ''. */
function icmpResponse(flow: Flow): string {
  const answer = isIcmp(flow.protocol) ? icmpAnswer(flow) : -1;
  return answer < 0 ? '' : `"response_icmp_type":${answer >>> 8},"response_icmp_code":${answer & 0xff},`;
}

function flowObject(flow: Flow, reason: FlowEnd, transactions: number): string {
  const { startUs, lastUs } = flow;
  return (
    `"flow":{"pkts_toserver":${flow.packetsToServer},"pkts_toclient":${flow.packetsToClient},` +
    `"bytes_toserver":${flow.bytesToServer},"bytes_toclient":${flow.bytesToClient},` +
    `"start":"${eveTime(startUs)}","end":"${eveTime(lastUs)}",` +
    `"age":${Math.floor(lastUs / 1e6) - Math.floor(startUs / 1e6)},` +
    `"state":"${STATE_NAMES[flow.state]}","reason":"${REASON_NAMES[reason]}","alerted":${flow.alerted},` +
    `"conn_state":"${connectionState(flow)}"${transactions < 0 ? '' : `,"tx_cnt":${transactions}`}}`
  );
}

function tcpObject(flow: Flow): string {
  const client = flagsOf(flow, DIRECTION.toServer);
  const server = flagsOf(flow, DIRECTION.toClient);
  const names = FLAG_NAMES.filter((_, bit) => (((client | server) >>> bit) & 1) === 1).map((name) => `,"${name}":true`);
  const state = tcpStateName(flow);
  return (
    `"tcp":{"tcp_flags":"${hex(client | server)}","tcp_flags_ts":"${hex(client)}",` +
    `"tcp_flags_tc":"${hex(server)}"${names.join('')}${state === 'none' ? '' : `,"state":"${state}"`}}`
  );
}

const hex = (flags: number): string => flags.toString(16).padStart(2, '0');
