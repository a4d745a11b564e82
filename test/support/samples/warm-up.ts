/**
 * What threads warm up with (src/warm-up/traffic.pcap): the samples, the beginning of each application protocol, a
 * frame for each decoder, and streams that come out of order, twice, with holes and cut into pieces.
 */
import { APPLICATION_SAMPLES } from '../application-samples.js';
import { httpRequest, httpResponse } from '../application-messages.js';
import { framesOf } from '../conversation.js';
import {
  arp,
  ethernet,
  gre,
  icmp,
  icmpv6,
  ipv4,
  ipv6,
  mpls,
  pppoe,
  sctp,
  tcp,
  TCP_FLAG,
  udp,
  vlan,
  vxlan,
  type Payload,
} from '../packet-builder.js';
import { pcapFile, type CapturedFrame } from '../pcap-writer.js';
import { Recording } from '../recording.js';
import { benign } from './benign.js';
import { dnsTunnel } from './dns-tunnel.js';
import { mirrored } from './mirrored.js';
import { reverseShell } from './reverse-shell.js';
import { webAttack } from './web-attack.js';

/** Bytes of a segment, of the same talk. */
const CUTS = [1400, 300, 40];

/** The bytes of the capture. */
export const warmUpFile = (): Uint8Array => pcapFile(frames());

function frames(): CapturedFrame[] {
  const samples = [benign(), dnsTunnel(), mirrored(), reverseShell(), webAttack(), disordered()];
  return [
    ...samples.flatMap(({ frames }) => frames.map(({ timeUs, bytes }) => ({ timeNs: BigInt(timeUs) * 1000n, bytes }))),
    ...conversations(),
    ...layers().map((bytes) => ({ timeNs: 0n, bytes })),
  ].map((frame, index) => ({ ...frame, timeNs: 1_700_000_000_000_000_000n + BigInt(index) * 200_000n }));
}

function conversations(): CapturedFrame[] {
  const page = `<html><body>${'<p>tea and coffee</p>'.repeat(300)}</body></html>`;
  const talk = [1, 2, 3].flatMap((item): (readonly ['>' | '<', string])[] => [
    ['>', httpRequest(`GET /Search/item?id=${item}&colour=red`)],
    ['<', httpResponse('200 OK', page, { 'Content-Type': 'text/html', Server: 'shop' })],
  ]);
  return [
    ...APPLICATION_SAMPLES.flatMap(({ said, port, udp = false }, host) =>
      framesOf({ said, serverPort: port, udp, host: host + 1 }),
    ),
    ...CUTS.flatMap((cut, index) => framesOf({ said: talk, serverPort: 80, host: 1000 + index, cut })),
  ];
}

/** Headers within headers, whole and cut off. */
function layers(): Uint8Array[] {
  const datagram = udp({ srcPort: 4000, dstPort: 4001 }, 'payload');
  const inner = ethernet({}, vlan({}, ipv4({}, tcp({}, 'GET / HTTP/1.0\r\n\r\n'))));
  const frames = [
    ethernet({}, ipv4({}, udp({ dstPort: 4789 }, vxlan({ vni: 5 }, inner)))),
    ethernet({}, ipv4({}, gre({}, ipv4({}, datagram)))),
    ethernet({}, ipv4({}, icmp({ type: 8 }, 'ping'))),
    ethernet({}, ipv6({}, icmpv6({ type: 128 }, 'ping'))),
    ethernet({}, ipv6({ extensions: [{ type: 0 }, { type: 43 }] }, datagram)),
    ethernet({}, mpls({}, ipv4({}, sctp({}, 'chunk')))),
    ethernet({}, pppoe({}, ipv4({}, datagram))),
    ethernet({}, ipv4({ id: 9, flags: 1 }, datagram.subarray(0, 8))),
    ethernet({}, ipv4({ id: 9, fragmentOffset: 8 }, datagram.subarray(8))),
    ethernet({}, arp()),
  ];
  return [...frames, ...frames.map((frame) => frame.subarray(0, 20 + (frame.length >> 2)))];
}

/** Segments out of order, sent again, with other bytes, with a hole that nobody fills, and a reset. */
function disordered(): Recording {
  const recording = new Recording();
  const [client, server] = ['10.1.0.9', '10.2.0.9'];
  const request = httpRequest('POST /form', { body: 'name=Anna&text=some' });
  const { syn, ack, psh, rst } = TCP_FLAG;
  const toServer = (seq: number, flags: number, payload: Payload = ''): void => {
    recording.ip(
      client,
      server,
      tcp({ srcPort: 41_000, dstPort: 80, seq, ack: flags === syn ? 0 : 1, flags }, payload),
    );
  };
  const toClient = (seq: number, acknowledged: number, flags: number): void => {
    recording.ip(server, client, tcp({ srcPort: 80, dstPort: 41_000, seq, ack: acknowledged, flags }));
  };
  const segment = (at: number, payload: string): void => toServer(1000 + at, ack | psh, payload);
  toServer(999, syn);
  toClient(0, 1000, syn | ack);
  segment(0, request.slice(0, 30));
  segment(60, request.slice(60));
  segment(30, request.slice(30, 60));
  segment(30, request.slice(30, 60).toUpperCase());
  segment(10_000, 'behind a hole');
  toClient(1, 11_100, ack);
  toClient(1, 0, rst);
  return recording;
}
