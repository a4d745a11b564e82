/**
 * The first answer to what has opened a flow of ICMP: its type and code, 8 bits each. Stage: flow. Kept where other
 * flows have the first word of the stream to the client.
 */
import { IP_PROTOCOL, type Packet } from '../decode/packet.js';
import { DIRECTION, type Flow } from './flow.js';

export const isIcmp = (protocol: number): boolean => protocol === IP_PROTOCOL.icmp || protocol === IP_PROTOCOL.icmpv6;

/** -1 where none has come. */
export const icmpAnswer = (flow: Flow): number => flow.words[flow.row(DIRECTION.toClient)] - 1;

export function noteIcmpAnswer(flow: Flow, { bytes, l4Offset }: Packet): void {
  flow.words[flow.row(DIRECTION.toClient)] = ((bytes[l4Offset] << 8) | bytes[l4Offset + 1]) + 1;
}
