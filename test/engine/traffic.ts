/**
 * Captures and rules in which much crosses flows, hosts and layers: thresholds, flowbits, fragments out of order, IPv6,
 * tunnels in tunnels, mirror sessions. The same for the same seed.
 */
import {
  ethernet,
  fragmentIpv4,
  fragmentIpv6,
  gre,
  ipv4,
  ipv6,
  mpls,
  tcp,
  TCP_FLAG,
  udp,
  vlan,
  vxlan,
} from '../support/packet-builder.js';
import { pcapFile, PcapngWriter, type CapturedFrame } from '../support/pcap-writer.js';
import { Recording } from '../support/recording.js';

export const RULES = `
alert udp any any -> any any (msg:"limit by source"; content:"probe"; threshold:type limit, track by_src, count 2, seconds 60; sid:1;)
alert udp any any -> any any (msg:"every third for a target"; content:"probe"; threshold:type threshold, track by_dst, count 3, seconds 60; sid:2;)
alert udp any any -> any any (msg:"once for all"; content:"probe"; threshold:type both, track by_rule, count 10, seconds 60; sid:3;)
alert udp any any -> any any (msg:"many from a source"; content:"probe"; detection_filter:track by_src, count 3, seconds 60; sid:4;)
alert tcp any any -> any 80 (msg:"login sent"; flow:established,to_server; content:"LOGIN"; flowbits:set,login; noalert; sid:5;)
alert tcp any 80 -> any any (msg:"login denied"; flow:established,to_client; content:"denied"; flowbits:isset,login; sid:6;)
alert tcp any 80 -> any any (msg:"denied without login"; flow:established,to_client; content:"denied"; flowbits:isnotset,login; sid:7;)
alert ip any any -> any any (msg:"a fragment"; fragbits:M; sid:8;)
alert udp any any -> any any (msg:"over the edge of fragments"; content:"BEGIN"; content:"END"; distance:100; sid:9;)
alert udp [fd00::/8] any -> any any (msg:"IPv6"; content:"six"; sid:10;)
alert ip any any -> any any (msg:"GRE outside"; ip_proto:47; sid:11;)
alert udp any any -> any any (msg:"inside a tunnel"; content:"hidden"; sid:12;)
alert udp any any -> any any (msg:"one session"; vni:7; content:"hidden"; sid:13;)
alert icmp any any -> any any (msg:"ping"; itype:8; sid:14;)
pass udp 10.9.9.9 any -> any any (msg:"ours"; content:"probe"; sid:15;)
alert tcp any any -> any any (msg:"opening"; flags:S; threshold:type limit, track by_src, count 1, seconds 5; sid:16;)
`;

/** Numbers that look random, 0 to `below` - 1 (mulberry32). */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const wrap = (vni: number, frame: Uint8Array): Uint8Array =>
  ethernet(
    {},
    ipv4(
      { src: '172.16.0.1', dst: '172.16.0.2' },
      udp({ srcPort: 65_500, dstPort: 4789, checksum: 0 }, vxlan({ vni }, frame)),
    ),
  );

/** A packet as a mirror session sends it: in Ethernet and VXLAN. */
export const mirrored = (vni: number, packet: Uint8Array): Uint8Array => wrap(vni, ethernet({}, packet));

function login(recording: Recording, n: number, withLogin: boolean): void {
  const session = recording.tcp(`10.1.${n % 5}.${1 + (n % 250)}:${20_000 + n}`, `10.2.0.${1 + (n % 3)}:80`).open();
  session
    .client(withLogin ? 'LOGIN anna' : 'HELLO')
    .server('access denied')
    .close();
}

function fragmented(recording: Recording, random: (below: number) => number, n: number): void {
  const text = `BEGIN${'x'.repeat(150 + random(2000))}END`;
  const whole =
    n % 2 === 0
      ? fragmentIpv4(
          ipv4(
            { src: `10.3.0.${1 + random(200)}`, dst: '10.4.0.1', id: n },
            udp({ srcPort: 1000 + n, dstPort: 9999 }, text),
          ),
          128 + 8 * random(40),
        )
      : fragmentIpv6(
          ipv6(
            { src: `fd00::${(1 + random(200)).toString(16)}`, dst: 'fd00::ffff' },
            udp({ srcPort: 1000 + n, dstPort: 9999 }, text),
          ),
          128 + 8 * random(40),
          n,
        );
  const order = whole.map((fragment) => ({ fragment, key: random(1_000_000) })).sort((a, b) => a.key - b.key);
  for (const { fragment } of order)
    recording.add(n % 3 === 0 ? wrap(7, ethernet({}, fragment)) : ethernet({}, fragment));
}

function tunnelled(recording: Recording, random: (below: number) => number, n: number): void {
  const inner = ipv4(
    { src: `10.5.0.${1 + random(200)}`, dst: `10.6.0.${1 + random(200)}` },
    udp({ srcPort: 2000 + n, dstPort: 9 }, 'hidden'),
  );
  const outer = ipv4({ src: '192.0.2.1', dst: '192.0.2.2' }, gre({}, inner));
  const frames = [
    ethernet({}, outer),
    wrap(7, ethernet({}, inner)),
    wrap(8, ethernet({}, inner)),
    wrap(8, ethernet({}, outer)),
    ethernet({}, vlan({ id: 5 }, mpls({}, inner))),
  ];
  recording.add(frames[random(frames.length)]!);
}

/** A capture of a few hundred packets. */
export function traffic(seed: number, steps = 120): Recording {
  const random = randomNumbers(seed);
  const recording = new Recording();
  for (let n = 0; n < steps; n++) {
    recording.wait(random(200));
    const kind = random(6);
    if (kind === 0) login(recording, n, random(2) === 0);
    else if (kind === 1) fragmented(recording, random, n);
    else if (kind === 2) tunnelled(recording, random, n);
    else if (kind === 3) recording.icmp(`10.7.0.${1 + random(20)}:0`, '10.7.1.1:0', { type: 8, id: n });
    else if (kind === 4)
      recording.add(
        ethernet({}, ipv6({ src: `fd00::${random(30).toString(16)}` }, udp({ srcPort: n + 1, dstPort: 6 }, 'six'))),
      );
    else
      recording.udp(
        random(8) === 0 ? '10.9.9.9:999' : `10.8.0.${1 + random(3)}:${3000 + n}`,
        `10.8.1.${1 + random(3)}:7`,
        'probe',
      );
  }
  // An attempt that gets no answer, in the middle of whatever else there is.
  recording.segment('10.8.0.1:55555', '10.8.1.1:22', { flags: TCP_FLAG.syn });
  recording.add(ethernet({}, ipv4({ src: '10.8.0.2', dst: '10.8.1.1' }, tcp({ flags: TCP_FLAG.rst }))));
  return recording;
}

export function framesOf(recording: Recording): CapturedFrame[] {
  return recording.frames.map(({ timeUs, bytes }) => ({ timeNs: BigInt(timeUs) * 1000n, bytes }));
}

export const pcapOf = (recording: Recording): Uint8Array => pcapFile(framesOf(recording));

export function pcapngOf(recording: Recording): Uint8Array {
  const writer = new PcapngWriter().interface({ linkType: 1 });
  for (const frame of framesOf(recording)) writer.enhanced(frame);
  return writer.finish();
}
