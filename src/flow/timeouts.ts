/**
 * How long a flow lives without a packet of its own, by protocol and state. Stage: flow. Defaults are Suricata's.
 *
 * `closed` exists for TCP alone; other protocols have no end that can be seen.
 */
import { IP_PROTOCOL } from '../decode/packet.js';
import { FLOW_STATE } from './flow.js';

export interface FlowTimeouts {
  readonly tcp: { readonly newSeconds: number; readonly establishedSeconds: number; readonly closedSeconds: number };
  readonly udp: { readonly newSeconds: number; readonly establishedSeconds: number };
  readonly icmp: { readonly newSeconds: number; readonly establishedSeconds: number };
  /** All other protocols. */
  readonly other: { readonly newSeconds: number; readonly establishedSeconds: number };
}

export const DEFAULT_FLOW_TIMEOUTS: FlowTimeouts = {
  tcp: { newSeconds: 60, establishedSeconds: 600, closedSeconds: 60 },
  udp: { newSeconds: 30, establishedSeconds: 300 },
  icmp: { newSeconds: 30, establishedSeconds: 300 },
  other: { newSeconds: 30, establishedSeconds: 300 },
};

/** Kinds of a protocol: one for each FLOW_STATE. */
export const KIND_STATES = 3;

/** The timeouts by kind of flow (`kindOf`), microseconds that it lives on after its last packet. */
export class TimeoutTable {
  readonly us: Float64Array;

  constructor(timeouts: FlowTimeouts) {
    const rows = [timeouts.tcp, timeouts.udp, timeouts.icmp, timeouts.other];
    this.us = new Float64Array(rows.length * KIND_STATES);
    rows.forEach((row, i) => {
      this.us[i * KIND_STATES + FLOW_STATE.new] = row.newSeconds * 1e6;
      this.us[i * KIND_STATES + FLOW_STATE.established] = row.establishedSeconds * 1e6;
      this.us[i * KIND_STATES + FLOW_STATE.closed] = timeouts.tcp.closedSeconds * 1e6;
    });
  }
}

/** Number of the timeout that holds for a flow of this protocol and state; modulo KIND_STATES it is the state. */
export function kindOf(protocol: number, state: number): number {
  return rowOf(protocol) * KIND_STATES + state;
}

function rowOf(protocol: number): number {
  switch (protocol) {
    case IP_PROTOCOL.tcp:
      return 0;
    case IP_PROTOCOL.udp:
      return 1;
    case IP_PROTOCOL.icmp:
    case IP_PROTOCOL.icmpv6:
      return 2;
    default:
      return 3;
  }
}
