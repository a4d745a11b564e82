/**
 * Requests in a SYN. With fast open (RFC 7413) they are part of the stream: inspected once, when the server has taken
 * them, or in the end where it refuses or is not seen. Without it the packet is inspected by itself as well
 * (docs/decisions/0026). Asked of Suricata 8.0.7 where it is there.
 */
import { describe, expect, it } from 'vitest';
import { ethernet, ipv4, tcp, TCP_FLAG } from '../support/packet-builder.js';
import type { CapturedFrame } from '../support/pcap-writer.js';
import { eventsOfFrames } from '../support/reading.js';
import { hasSuricata, suricataEvents } from '../support/suricata.js';

const REQUEST = 'GET /evil HTTP/1.0\r\nHost: h\r\n\r\n';
const COOKIE = [34, 10, ...Buffer.from('8 bytes!')];
const EXPERIMENT = [253, 12, 0xf9, 0x89, ...Buffer.from('8 bytes!')];
const RULES = [
  'alert tcp any any -> any any (msg:"m"; content:"/evil"; sid:1;)',
  'alert http any any -> any any (msg:"m"; http.uri; content:"/evil"; sid:2;)',
  'alert tcp-pkt any any -> any any (msg:"m"; content:"/evil"; sid:3;)',
];
const { syn, ack, fin, rst, psh } = TCP_FLAG;
const BEHIND = 1001 + REQUEST.length;

interface Segment {
  readonly side: '>' | '<';
  readonly seq: number;
  readonly ack: number;
  readonly flags: number;
  readonly options?: readonly number[];
  readonly payload?: string;
}
type Talk = readonly Segment[];

const opening = (options: readonly number[]): Segment => ({
  side: '>',
  seq: 1000,
  ack: 0,
  flags: syn,
  options,
  payload: REQUEST,
});
const answer = (acked: number): Segment => ({ side: '<', seq: 5000, ack: acked, flags: syn | ack });
const rest = (from: number): Talk => [
  { side: '>', seq: from, ack: 5001, flags: ack },
  { side: '>', seq: from, ack: 5001, flags: fin | ack },
  { side: '<', seq: 5001, ack: from + 1, flags: fin | ack },
  { side: '>', seq: from + 1, ack: 5002, flags: ack },
];
const again: Segment = { side: '>', seq: 1001, ack: 5001, flags: psh | ack, payload: REQUEST };
const taken = (options: readonly number[]): Talk => [opening(options), answer(BEHIND), ...rest(BEHIND)];

const framesOf = (talk: Talk): CapturedFrame[] =>
  talk.map(({ side, seq, ack: acked, flags, options = [], payload = '' }, index) => {
    const [client, server] = ['10.9.0.1', '192.0.2.1'];
    const isRequest = side === '>';
    const ports = isRequest ? { srcPort: 40000, dstPort: 80 } : { srcPort: 80, dstPort: 40000 };
    const segment = tcp(
      { ...ports, seq, ack: acked, flags, options: Uint8Array.from(options) },
      Buffer.from(payload, 'latin1'),
    );
    const addresses = isRequest ? { src: client, dst: server } : { src: server, dst: client };
    return { timeNs: BigInt(index) * 1_000_000n, bytes: ethernet({}, ipv4(addresses, segment)) };
  });

describe('a request in a SYN', () => {
  it.each<[string, Talk, alerts: number[]]>([
    ['with fast open', taken(COOKIE), [1, 2, 3]],
    ['with fast open by an option of experiments', taken(EXPERIMENT), [1, 2, 3]],
    [
      'that the server ignored, and that came again',
      [opening(COOKIE), answer(1001), again, ...rest(BEHIND)],
      [1, 2, 3, 3],
    ],
    ['that the server refuses', [opening(COOKIE), { side: '<', seq: 0, ack: BEHIND, flags: rst | ack }], [1, 2, 3]],
    ['that nobody answers', [opening(COOKIE)], [1, 2, 3]],
  ])('%s is found once', (_, talk, alerts) => {
    const frames = framesOf(talk);
    const sids = (events: readonly { alert?: { signature_id: number } }[]): number[] =>
      events.flatMap(({ alert }) => (alert === undefined ? [] : [alert.signature_id])).sort();
    expect(sids(eventsOfFrames(frames, RULES, ['stream.midstream=false']))).toEqual(alerts);
    if (hasSuricata) expect(sids(suricataEvents(frames, RULES, ['stream.midstream=false']))).toEqual(alerts);
  });

  it('without fast open is looked at as a packet, too, since it may never be taken', () => {
    const alone = eventsOfFrames(framesOf([opening([])]), RULES, ['stream.midstream=false']);
    expect(alone.flatMap(({ alert }) => alert?.signature_id ?? []).sort()).toEqual([1, 3]);
  });
});
