/**
 * Rules that are their header alone alert once per flow and direction; whatever asks for more is asked of every packet.
 */
import { describe, expect, it } from 'vitest';
import { inspect } from '../support/inspect.js';
import { ethernet, gre, icmp, ipv4, ipv6, tcp, TCP_FLAG, udp, type Payload } from '../support/packet-builder.js';

const CLIENT = '10.0.0.1';
const SERVER = '10.0.0.2';
const { syn, ack } = TCP_FLAG;

function segment(toServer: boolean, flags: number, seq: number, acked: number, data: Payload = ''): Uint8Array {
  const [src, dst, srcPort, dstPort] = toServer ? [CLIENT, SERVER, 40_000, 23] : [SERVER, CLIENT, 23, 40_000];
  return ethernet({}, ipv4({ src, dst }, tcp({ srcPort, dstPort, seq, ack: acked, flags }, data)));
}

/** Frames 0, 2, 3, 5 go to the server, 1 and 4 to the client. */
const telnet = [
  segment(true, syn, 100, 0),
  segment(false, syn | ack, 500, 101),
  segment(true, ack, 101, 501),
  segment(true, ack, 101, 501, 'abc'),
  segment(false, ack, 501, 104, 'def'),
  segment(true, ack, 104, 504),
];
const TO_SERVER = [0, 2, 3, 5];
const ALL = [0, 1, 2, 3, 4, 5];

/** Frames that the rule alerts on. */
function framesOf(rule: string, frames: readonly Uint8Array[] = telnet): number[] {
  return inspect(
    rule,
    frames.map((bytes, index) => ({ timeUs: 1_700_000_000_000_000 + index * 1000, bytes })),
    { midstream: false },
  ).map(({ frame }) => frame);
}
const on = (header: string, options = ''): number[] => framesOf(`alert ${header} (msg:"x"; ${options} sid:1;)`);

describe('a rule that is its header alone', () => {
  it.each<[string, number[]]>([
    ['tcp any any -> any 23', [0]],
    ['tcp any 23 -> any any', [1]],
    ['tcp any any <> any 23', [0, 1]],
    ['tcp any any -> any [23,2323]', [0]],
    ['tcp any any -> any [1:1023,!80]', [0]],
    ['tcp any any -> any !80', [0, 1]],
    ['tcp any any -> any any', [0, 1]],
    ['tcp any any -> 10.0.0.2 23', [0]],
    ['tcp 10.0.0.2 23 <> 10.0.0.1 any', [0, 1]],
    ['tcp !10.9.9.9 any -> any 23', [0]],
    ['ip any any -> any 23', [0]],
    ['ipv4 any any -> any 23', [0]],
    ['tcp-pkt any any -> any 23', [0]],
    ['tcp-stream any any -> any 23', [0]],
    ['pkthdr 10.0.0.1 any -> any any', [0]],
    ['udp any any -> any 23', []],
    ['tcp any any -> any 24', []],
  ])('%s', (header, expected) => expect(on(header)).toEqual(expected));

  it.each([
    'threshold:type limit,track by_src,count 9,seconds 60;',
    'flowbits:set,a;',
    'flowbits:set,a&b;',
    'ip_proto:6;',
    'l3_proto:ipv4;',
    'xbits:set,a,track ip_src;',
    'xbits:unset,a,track ip_src;',
    'xbits:isnotset,a,track ip_src;',
    'hostbits:set,a;',
    'hostbits:isnotset,a,src;',
    'tag:session,2,packets;',
    'target:dest_ip;',
    'priority:1;',
    'flow:no_stream;',
  ])('is one still with %s', (options) => expect(on('tcp any any -> any 23', options)).toEqual([0]));

  it('is one with a threshold that it does not reach', () => {
    expect(on('tcp any any -> any 23', 'detection_filter:track by_src,count 1,seconds 60;')).toEqual([]);
  });

  it.each<[string, number[]]>([
    ['flow:to_server;', TO_SERVER],
    ['flow:stateless;', TO_SERVER],
    ['flow:no_frag;', TO_SERVER],
    ['flow:only_stream;', [3]],
    ['flowbits:isnotset,a;', TO_SERVER],
    ['flowbits:unset,a;', TO_SERVER],
    ['flowbits:toggle,a;', TO_SERVER],
    ['flowint:count,+,1;', TO_SERVER],
    ['flow.pkts:toserver,>0;', TO_SERVER],
    ['flow.bytes:toserver,>0;', TO_SERVER],
    ['flow.age:<9;', TO_SERVER],
    ['ttl:64;', TO_SERVER],
    ['ipv4-csum:valid;', TO_SERVER],
    ['dsize:>0;', [3]],
    ['flags:A;', [2, 3, 5]],
  ])('is none with %s', (options, expected) => expect(on('tcp any any -> any 23', options)).toEqual(expected));

  it('is none at a hook', () => {
    expect([on('tcp:all any any -> any 23'), on('tcp:flow_start any any -> any any')]).toEqual([TO_SERVER, [0, 1]]);
  });

  it('looks at each flow anew', () => {
    const other = ethernet(
      {},
      ipv4({ src: CLIENT, dst: SERVER }, tcp({ srcPort: 40_001, dstPort: 23, seq: 1, flags: syn })),
    );
    expect(framesOf('alert tcp any any -> any 23 (msg:"x"; sid:1;)', [...telnet, other, telnet[5]!])).toEqual([0, 6]);
  });

  it('sees every packet of protocols without sessions', () => {
    const pings = [icmp({ type: 8 }), icmp({ type: 8 })].map((inner) => ethernet({}, ipv4({}, inner)));
    const tunnelled = [1, 2].map(() => ethernet({}, ipv4({ protocol: 103 }, 'abcd')));
    const encrypted = [1, 2].map(() => ethernet({}, ipv4({ protocol: 50 }, 'abcdefghijkl')));
    expect(
      framesOf('alert ip any any -> any any (msg:"x"; ip_proto:!6; sid:1;)', [...pings, ...tunnelled, ...encrypted]),
    ).toEqual([0, 2, 3, 4]);
    const layers = inspect(
      'alert ip any any -> any any (msg:"x"; ip_proto:47; sid:1;)',
      [1, 2].map((timeUs) => ({ timeUs, bytes: ethernet({}, ipv4({}, gre({}, ipv4({}, udp())))) })),
    );
    expect(layers).toHaveLength(2);
  });

  it('sees IP in IP once per direction of its two ends', () => {
    const inner = ipv4({ src: '192.0.2.1', dst: '192.0.2.2' }, udp());
    const frames = [4, 41].flatMap((protocol) =>
      [true, false, true, false].map((there) => {
        const [src, dst] = there ? [CLIENT, SERVER] : [SERVER, CLIENT];
        return ethernet({}, ipv4({ src, dst, protocol }, protocol === 4 ? inner : ipv6({}, udp())));
      }),
    );
    expect(framesOf('alert ip any any -> any any (msg:"x"; ip_proto:!17; sid:1;)', frames)).toEqual([0, 1, 4, 5]);
    const broken = [4, 41].flatMap((protocol) => [1, 2].map(() => ethernet({}, ipv4({ protocol }, 'xyz'))));
    expect(framesOf('alert ip any any -> any any (msg:"x"; ip_proto:!17; sid:1;)', broken)).toEqual([0, 1, 2, 3]);
  });

  it('asks for ports that the packet has', () => {
    const frames = [icmp({ type: 8 }), udp({ srcPort: 7, dstPort: 0 })].map((inner) => ethernet({}, ipv4({}, inner)));
    frames.push(ethernet({}, ipv4({ protocol: 17, flags: 1 }, udp({ dstPort: 0 }, 'abcdefgh'))));
    expect(framesOf('alert ip any any -> any 0 (msg:"x"; sid:1;)', frames)).toEqual([1]);
    expect(framesOf('alert ip any any -> any !80 (msg:"x"; sid:1;)', frames)).toEqual([1]);
    expect(framesOf('alert ip any !80 -> any any (msg:"x"; fragbits:M; sid:1;)', frames)).toEqual([]);
  });

  it('passes its flow in both directions', () => {
    const alerts = framesOf(
      'pass tcp any any -> any 23 (msg:"p"; sid:1;)\nalert tcp any any -> any any (msg:"x"; ttl:64; sid:2;)',
    );
    expect(alerts).toEqual([]);
    expect(
      framesOf(
        'pass tcp any any -> any 23 (msg:"p"; ttl:64; sid:1;)\nalert tcp any any -> any any (msg:"x"; ttl:64; sid:2;)',
      ),
    ).toEqual([1, 4]);
  });

  it('knows the other rules', () => expect(on('tcp any any -> any any', 'ttl:64;')).toEqual(ALL));
});
