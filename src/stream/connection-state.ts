/**
 * What a flow was in one word, for events: as Zeek names connections, and the state of TCP as Suricata names it. Stage:
 * stream. Both follow from which side has sent SYN, FIN and RST, not from their order, so that packets which come out
 * of order, or more than once, change nothing.
 *
 *   S0 opening without answer | REJ refused | S1 open | SF opened and closed | S2, S3 closed by the client, the server
 *   RSTO, RSTR reset by the client, the server | RSTOS0 SYN, then RST of the client, no answer | SH SYN, FIN, likewise
 *   RSTRH, SHR the same of the server, whose client's opening was not seen | OTH neither opening nor end was seen
 */
import { IP_PROTOCOL } from '../decode/packet.js';
import { FIN, SYN } from '../decode/tcp.js';
import { DIRECTION, type Direction, type Flow } from '../flow/flow.js';
import { STREAM } from '../flow/record.js';
import { TCP_SEEN } from './tcp-state.js';

export type ConnectionState =
  'S0' | 'S1' | 'S2' | 'S3' | 'SF' | 'REJ' | 'RSTO' | 'RSTR' | 'RSTOS0' | 'RSTRH' | 'SH' | 'SHR' | 'OTH';

/** UDP is `SF` with an answer and `S0` without; protocols without ports are `OTH`, as in Zeek. */
export function connectionState(flow: Flow): ConnectionState {
  if (flow.protocol === IP_PROTOCOL.tcp) return tcpConnection(flow);
  if (flow.protocol !== IP_PROTOCOL.udp) return 'OTH';
  return flow.packetsToServer > 0 && flow.packetsToClient > 0 ? 'SF' : 'S0';
}

/** All flags that a side has sent. */
export const flagsOf = (flow: Flow, direction: Direction): number =>
  flow.words[flow.row(direction) + STREAM.flags] & 0xff;

function tcpConnection(flow: Flow): ConnectionState {
  const client = flagsOf(flow, DIRECTION.toServer);
  const server = flagsOf(flow, DIRECTION.toClient);
  const opened = (client & SYN) !== 0;
  const answered = (server & SYN) !== 0;
  if (isReset(flow, DIRECTION.toClient)) {
    if (!opened) return 'RSTRH';
    return flow.established ? 'RSTR' : 'REJ';
  }
  if (isReset(flow, DIRECTION.toServer)) return answered ? 'RSTO' : 'RSTOS0';
  if ((client & server & FIN) !== 0) return 'SF';
  if ((client & FIN) !== 0) return answered ? 'S2' : 'SH';
  if ((server & FIN) !== 0) return opened ? 'S3' : 'SHR';
  if (opened && server === 0) return 'S0';
  return opened && answered && flow.established ? 'S1' : 'OTH';
}

export type TcpStateName = 'none' | 'syn_sent' | 'syn_recv' | 'established' | 'fin_wait1' | 'close_wait' | 'closed';

/** The state at the flow's end: `fin_wait1` where the server alone has sent FIN, `close_wait` where the client has. */
export function tcpStateName(flow: Flow): TcpStateName {
  const client = flagsOf(flow, DIRECTION.toServer);
  const server = flagsOf(flow, DIRECTION.toClient);
  if (isReset(flow, DIRECTION.toServer) || isReset(flow, DIRECTION.toClient)) return 'closed';
  if (!flow.hasSession) return 'none';
  if ((client & server & FIN) !== 0) return 'closed';
  if ((server & FIN) !== 0) return 'fin_wait1';
  if ((client & FIN) !== 0) return 'close_wait';
  if (flow.established) return 'established';
  return (server & SYN) !== 0 ? 'syn_recv' : 'syn_sent';
}

const isReset = (flow: Flow, direction: Direction): boolean => (flow.tcpState & (TCP_SEEN.rst << direction)) !== 0;
