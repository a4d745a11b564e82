/** What a TCP connection was in one word, from the packets that were seen of it. */
import { describe, expect, it } from 'vitest';
import type { Packet } from '../../src/decode/packet.js';
import { FlowTable } from '../../src/flow/table.js';
import { connectionState, tcpStateName } from '../../src/stream/connection-state.js';
import { icmp, ipv4, udp } from '../support/packet-builder.js';
import { packetOf, segment } from '../flow/packet-of.js';
import { Streams } from '../support/streams.js';

const syn = segment('>', 'S', { seq: 1000 });
const synAck = segment('<', 'SA', { seq: 5000, ack: 1001 });
const ack = segment('>', 'A', { seq: 1001, ack: 5001 });
const request = segment('>', 'PA', { seq: 1001, ack: 5001 }, 'request');
const response = segment('<', 'PA', { seq: 5001, ack: 1008 }, 'response');
const clientFin = segment('>', 'FA', { seq: 1008, ack: 5009 });
const serverFin = segment('<', 'FA', { seq: 5009, ack: 1009 });
const clientReset = segment('>', 'RA', { seq: 1008, ack: 5009 });
const serverReset = segment('<', 'RA', { seq: 5009, ack: 1008 });
const refusal = segment('<', 'RA', { seq: 0, ack: 1001 });
const talk = [syn, synAck, ack, request, response];

function namesOf(packets: readonly Packet[]): [connection: string, tcp: string] {
  const streams = new Streams({ parsed: false, depthBytes: 0 });
  for (const packet of packets) streams.take(packet);
  expect(streams.flows.stats.started).toBe(1);
  const { flow } = streams;
  return [connectionState(flow), tcpStateName(flow)];
}

describe('a TCP connection', () => {
  it.each([
    ['an opening without answer', [syn, syn], 'S0', 'syn_sent'],
    ['an opening that is refused', [syn, refusal], 'REJ', 'closed'],
    ['one that is answered and no more', [syn, synAck], 'OTH', 'syn_recv'],
    ['one that is open', talk, 'S1', 'established'],
    ['opened and closed', [...talk, clientFin, serverFin], 'SF', 'closed'],
    ['the same, as the server closes first', [...talk, serverFin, clientFin], 'SF', 'closed'],
    ['closed by the client alone', [...talk, clientFin], 'S2', 'close_wait'],
    ['closed by the server alone', [...talk, serverFin], 'S3', 'fin_wait1'],
    ['reset by the client', [...talk, clientReset], 'RSTO', 'closed'],
    ['reset by the server', [...talk, serverReset], 'RSTR', 'closed'],
    ['reset by the server that was asked to close', [...talk, clientFin, serverReset], 'RSTR', 'closed'],
    ['SYN, then RST, without answer', [syn, segment('>', 'R', { seq: 1001 })], 'RSTOS0', 'closed'],
    ['SYN, then FIN, without answer', [syn, segment('>', 'FA', { seq: 1001, ack: 1 })], 'SH', 'close_wait'],
    ['answer and RST of a server, without opening', [synAck, segment('<', 'R', { seq: 5001 })], 'RSTRH', 'closed'],
    [
      'answer and FIN of a server, without opening',
      [synAck, segment('<', 'FA', { seq: 5001, ack: 1001 })],
      'SHR',
      'fin_wait1',
    ],
    ['the middle of one', [request, response], 'OTH', 'established'],
    ['the middle and the end of one', [request, clientFin, serverFin], 'SF', 'closed'],
  ])('%s', (_, packets, connection, tcp) => {
    expect(namesOf(packets)).toEqual([connection, tcp]);
  });

  it('is the same in whichever order its packets come, once it was opened', () => {
    expect(namesOf([...talk, serverFin, clientFin, request, response])).toEqual(
      namesOf([...talk, clientFin, serverFin]),
    );
  });
});

describe('other protocols', () => {
  const ask = packetOf(ipv4({ src: '10.0.0.1', dst: '10.0.0.2' }, udp({ srcPort: 1000, dstPort: 53 }, 'x')));
  const tell = packetOf(ipv4({ src: '10.0.0.2', dst: '10.0.0.1' }, udp({ srcPort: 53, dstPort: 1000 }, 'x')));

  it('are S0 and SF over UDP, and OTH elsewhere', () => {
    const flows = new FlowTable({ cap: 4, vniInKey: true, midstream: true });
    expect(connectionState(flows.lookup(ask)!)).toBe('S0');
    expect(connectionState(flows.lookup(tell)!)).toBe('SF');
    expect(connectionState(flows.lookup(packetOf(ipv4({}, icmp({ type: 8 }))))!)).toBe('OTH');
  });
});
