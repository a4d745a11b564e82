/**
 * Connections in tunnels within a mirror session: rules find in them what they find in the connections alone, and
 * nothing in the packets that carry them; as Suricata 8 does (docs/decisions/0041).
 */
import { describe, expect, it } from 'vitest';
import { FRAME_TALKS } from '../app/frame/talks.js';
import { framesOf } from '../support/conversation.js';
import { ethernet, geneve, gre, ipv4, udp, vxlan, type Payload } from '../support/packet-builder.js';
import type { CapturedFrame } from '../support/pcap-writer.js';
import { eventsOfFrames } from '../support/reading.js';
import { hasSuricata, suricataEvents } from '../support/suricata.js';

type Wrap = (frame: Uint8Array, isRequest: boolean) => Uint8Array;

const ETHERNET_BYTES = 14;
/** Of the source's address in a frame: the clients' are 10.8.x.x. */
const CLIENTS_AT = 27;
const CLIENTS = 8;
const RULES = [
  'alert ssh any any -> any any (ssh.software; content:"OpenSSH"; sid:1;)',
  'alert tcp any any -> any any (flow:established; content:"SSH-2"; sid:2;)',
  'alert http any any -> any any (http.uri; content:"/a"; sid:3;)',
  'alert ip any any -> any any (content:"SSH-2.0-client"; sid:4;)',
  'alert udp any any -> any any (content:"SSH"; sid:5;)',
  'alert udp any any -> any any (content:!"zzz"; sid:6;)',
  'alert udp any any -> any any (pcre:"/client/"; sid:7;)',
  'alert udp any any -> any any (byte_test:1,>=,0,0; sid:8;)',
  'alert ip any any -> any any (ip_proto:47; content:!"zzz"; sid:9;)',
];
const HTTP = {
  serverPort: 80,
  said: [
    ['>', 'GET /a HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['<', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'],
  ],
} as const;

const between = (isRequest: boolean, payload: Uint8Array): Uint8Array =>
  ethernet(
    {},
    ipv4(isRequest ? { src: '192.0.2.1', dst: '192.0.2.2' } : { src: '192.0.2.2', dst: '192.0.2.1' }, payload),
  );
const overUdp = (dstPort: number, payload: Payload): Uint8Array => udp({ srcPort: 5555, dstPort }, payload);
const WRAPS: Readonly<Record<string, Wrap>> = {
  VXLAN: (frame, isRequest) => between(isRequest, overUdp(4789, vxlan({ vni: 7 }, frame))),
  'VXLAN with a VNI for each direction': (frame, isRequest) =>
    between(isRequest, overUdp(4789, vxlan({ vni: isRequest ? 1 : 2 }, frame))),
  'GENEVE with a VNI for each direction': (frame, isRequest) =>
    between(isRequest, overUdp(6081, geneve({ vni: isRequest ? 1 : 2 }, frame))),
  GRE: (frame, isRequest) => between(isRequest, gre({ type: 0x0800 }, frame.subarray(ETHERNET_BYTES))),
};
const mirrored = (frame: Uint8Array): Uint8Array =>
  ethernet({}, ipv4({ src: '203.0.113.9', dst: '203.0.113.8' }, overUdp(4789, vxlan({ vni: 42 }, frame))));

const PLAIN = [FRAME_TALKS.ssh, HTTP].flatMap((talk, index) => framesOf({ ...talk, host: index + 1 }));
const wrapped = (wrap: Wrap): CapturedFrame[] =>
  PLAIN.map(({ bytes, ...rest }) => ({ ...rest, bytes: mirrored(wrap(bytes, bytes[CLIENTS_AT] === CLIENTS)) }));

interface Event {
  readonly src_ip: string;
  readonly alert?: { readonly signature_id: number };
}
const alertsOf = (events: readonly Event[]): string[] =>
  events.flatMap(({ src_ip, alert }) => (alert === undefined ? [] : [`${alert.signature_id} ${src_ip}`])).sort();

describe('a connection in a tunnel within a mirror session', () => {
  const alone = alertsOf(eventsOfFrames(PLAIN, RULES));

  it('is one that rules find something in', () => {
    expect(alone.map((alert) => Number(alert[0]))).toEqual([1, 2, 2, 3, 4]);
  });

  it.each(Object.entries(WRAPS))('is found as it is alone, and nothing around it: %s', (_name, wrap) => {
    expect(alertsOf(eventsOfFrames(wrapped(wrap), RULES))).toEqual(alone);
  });

  it.skipIf(!hasSuricata)('is found so by Suricata', () => {
    for (const wrap of Object.values(WRAPS)) expect(alertsOf(suricataEvents(wrapped(wrap), RULES, []))).toEqual(alone);
  });

  it('that cannot be decoded is looked at as what carries it', () => {
    const broken: Wrap = (_frame, isRequest) => between(isRequest, overUdp(6081, geneve({ type: 0x1234 }, 'SSH')));
    expect(alertsOf(eventsOfFrames(wrapped(broken).slice(0, 1), RULES)).map((alert) => Number(alert[0]))).toContain(5);
  });
});
