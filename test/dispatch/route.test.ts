import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFrame, DecodeCounts } from '../../src/decode/decode.js';
import { DecodedFrame, LAYER, LINK_TYPE } from '../../src/decode/packet.js';
import { allLayers, layersOfShard, outermost, routeLayer } from '../../src/dispatch/route.js';
import { decode } from '../support/decoded.js';
import { DefragmentationHarness } from '../support/defragmentation.js';
import {
  arp,
  ethernet,
  fragmentIpv4,
  fragmentIpv6,
  geneve,
  gre,
  icmp,
  icmpv6,
  ipv4,
  ipv6,
  sctp,
  tcp,
  udp,
  vxlan,
} from '../support/packet-builder.js';

const SHARDS = [1, 2, 3, 8];

/** The shard of the innermost layer for each number of shards. */
const routesOf = (frame: DecodedFrame): number[] =>
  SHARDS.map((shards) => routeLayer(frame, frame.layerCount - 1, shards));
const routes = (packet: Uint8Array, linkType: number = LINK_TYPE.raw): number[] =>
  routesOf(decode(packet, linkType).frame);

const quad = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)).map((parts) => parts.join('.'));
const hextets = fc
  .array(fc.nat(65535), { minLength: 8, maxLength: 8 })
  .map((parts) => parts.map((part) => part.toString(16)).join(':'));
const port = fc.nat(65535);
const transport = fc.constantFrom('tcp', 'udp', 'sctp', 'icmp', 'gre');
const flow = fc.oneof(
  fc.record({ version: fc.constant(4), a: quad, b: quad, aPort: port, bPort: port, transport }),
  fc.record({ version: fc.constant(6), a: hextets, b: hextets, aPort: port, bPort: port, transport }),
);
type Flow = { version: number; a: string; b: string; aPort: number; bPort: number; transport: string };

function packetOf(one: Flow, forward: boolean, data: string | Uint8Array): Uint8Array {
  const [src, dst, srcPort, dstPort] = forward
    ? [one.a, one.b, one.aPort, one.bPort]
    : [one.b, one.a, one.bPort, one.aPort];
  const ports = { srcPort, dstPort };
  const segments: Record<string, () => Uint8Array> = {
    tcp: () => tcp(ports, data),
    udp: () => udp(ports, data),
    sctp: () => sctp(ports, data),
    icmp: () => icmp({ type: forward ? 8 : 0 }, data),
    gre: () => gre({}, ipv4(forward ? {} : { src: '10.0.0.2', dst: '10.0.0.1' }, tcp(ports, data))),
  };
  const segment = segments[one.transport]();
  return one.version === 4 ? ipv4({ src, dst }, segment) : ipv6({ src, dst }, segment);
}

describe('routing', () => {
  it('brings both directions of a flow together, in every shape and under any VNI', () => {
    fc.assert(
      fc.property(flow, fc.nat(0xffffff), (one, vni) => {
        const expected = routes(packetOf(one, true, 'x'));
        for (const forward of [true, false]) {
          const packet = packetOf(one, forward, 'data of another length');
          expect(routes(packet)).toEqual(expected);
          expect(routes(ethernet({}, packet), LINK_TYPE.ethernet)).toEqual(expected);
          expect(routes(vxlan({ vni }, ethernet({}, packet)), LINK_TYPE.vxlan)).toEqual(expected);
        }
        expected.forEach((shard, i) => {
          expect(shard).toBeGreaterThanOrEqual(0);
          expect(shard).toBeLessThan(SHARDS[i]);
        });
      }),
      { seed: 21, numRuns: 800 },
    );
  });

  it('brings an ICMP error to the flow that it is about, in every shape', () => {
    fc.assert(
      fc.property(
        flow.filter(({ transport: name }) => name !== 'icmp' && name !== 'gre'),
        fc.boolean(),
        fc.nat(60),
        fc.nat(0xffffff),
        (one, forward, length, vni) => {
          const quoted = packetOf(one, forward, new Uint8Array(length));
          const [src, dst] = forward ? [one.b, one.a] : [one.a, one.b];
          const about =
            one.version === 4
              ? ipv4({ src, dst }, icmp({ type: 3, code: length % 16 }, quoted.subarray(0, 28 + length)))
              : ipv6({ src, dst }, icmpv6({ type: 1 + (length % 2) }, quoted.subarray(0, 48 + length)));
          const expected = routes(packetOf(one, true, 'x'));
          expect(routes(about)).toEqual(expected);
          expect(routes(vxlan({ vni }, ethernet({}, about)), LINK_TYPE.vxlan)).toEqual(expected);
          expect(routes(ipv4({ src: '1.2.3.4', dst: '5.6.7.8' }, gre({}, about)))).toEqual(expected);
        },
      ),
      { seed: 39, numRuns: 400 },
    );
  });

  it('brings a flow together whatever carries it', () => {
    const carriers: ((packet: Uint8Array) => Uint8Array)[] = [
      (packet) => ipv4({ src: '1.2.3.4', dst: '5.6.7.8' }, gre({}, packet)),
      (packet) => ipv6({ src: 'fd00::5', dst: 'fd00::6' }, packet),
      (packet) =>
        ipv4({ src: '9.9.9.9', dst: '5.6.7.8' }, udp({ srcPort: 777, dstPort: 4789 }, vxlan({}, ethernet({}, packet)))),
      (packet) =>
        ipv4(
          { src: '7.7.7.7', dst: '8.8.8.8' },
          udp({ srcPort: 778, dstPort: 6081 }, geneve({}, ethernet({}, packet))),
        ),
    ];
    fc.assert(
      fc.property(
        flow,
        fc.boolean(),
        fc.array(fc.constantFrom(...carriers), { maxLength: 3 }),
        (one, forward, nesting) => {
          const plain = routes(packetOf(one, true, 'x'));
          const carried = nesting.reduce((packet, carry) => carry(packet), packetOf(one, forward, 'x'));
          // In a mirror's VXLAN, so that a first tunnel is none.
          expect(routes(vxlan({}, ethernet({}, carried)), LINK_TYPE.vxlan)).toEqual(plain);
        },
      ),
      { seed: 23, numRuns: 400 },
    );
  });

  it('brings fragmented packets to the shard of the whole ones, in a tunnel and outside', () => {
    fc.assert(
      fc.property(
        flow,
        fc.boolean(),
        fc.integer({ min: 90, max: 300 }),
        fc.boolean(),
        (one, forward, length, tunnelled) => {
          const packet = packetOf(one, forward, new Uint8Array(length));
          const harness = new DefragmentationHarness({ maxDatagrams: 1, maxBytes: 0 });
          const parts = one.version === 4 ? fragmentIpv4(packet, 68) : fragmentIpv6(packet, 96);
          for (const part of parts)
            harness.add(tunnelled ? ipv4({ src: '1.2.3.4', dst: '5.6.7.8' }, gre({}, part)) : part);
          expect(harness.completed).toHaveLength(1);
          expect(routesOf(harness.datagram)).toEqual(routes(packet));
        },
      ),
      { seed: 22, numRuns: 400 },
    );
  });

  it('brings transfers of FTP to the connection that agrees on them', () => {
    const free = fc.integer({ min: 1024, max: 65_535 });
    const control = fc.oneof(fc.constant(21), free);
    const data = fc.oneof(fc.constant(20), free);
    fc.assert(
      fc.property(flow, control, free, data, free, fc.boolean(), (one, controlPort, port, dataPort, other, forward) => {
        const talk = packetOf({ ...one, transport: 'tcp', aPort: port, bPort: controlPort }, true, 'x');
        const transfer = packetOf({ ...one, transport: 'tcp', aPort: other, bPort: dataPort }, forward, 'y');
        expect(routes(transfer)).toEqual(routes(talk));
      }),
      { seed: 24, numRuns: 400 },
    );
  });

  it('takes connections of services apart', () => {
    const shards = Array.from({ length: 64 }, (_, index) =>
      String(routes(ipv4({}, tcp({ srcPort: 40_000 + index, dstPort: 443 }, 'x')))),
    );
    expect(new Set(shards).size).toBeGreaterThan(8);
  });

  it('takes all fragments of a pair of hosts to one shard, by addresses alone', () => {
    const packet = ipv4({}, udp({ srcPort: 1, dstPort: 2 }, 'x'.repeat(300)));
    const fragments = [
      ...fragmentIpv4(packet, 68),
      ipv4({ src: '10.0.0.2', dst: '10.0.0.1', protocol: 1, fragmentOffset: 8 }, 'back'),
    ];
    expect(new Set(fragments.map((fragment) => String(routes(fragment)))).size).toBe(1);
  });

  it("takes the layers of a frame apart by shard: each layer once, its shard's together", () => {
    fc.assert(
      fc.property(fc.array(quad, { maxLength: 5 }), flow, fc.constantFrom(...SHARDS), (nodes, one, shards) => {
        const packet = nodes.reduce(
          (inner, node) => ipv4({ src: node, dst: '5.6.7.8' }, inner),
          packetOf(one, true, 'x'),
        );
        const { frame } = decode(packet, LINK_TYPE.raw);
        const seen: number[] = [];
        let last = -1;
        for (let left = allLayers(frame); left !== 0;) {
          expect(outermost(left)).toBeGreaterThan(last);
          last = outermost(left);
          const shard = routeLayer(frame, last, shards);
          const layers = layersOfShard(frame, left, shard, shards);
          for (let layer = 0; layer < frame.layerCount; layer++) {
            if (((layers >>> layer) & 1) === 0) continue;
            expect(routeLayer(frame, layer, shards)).toBe(shard);
            seen.push(layer);
          }
          left ^= layers;
        }
        expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: frame.layerCount }, (_, layer) => layer));
      }),
      { seed: 24, numRuns: 300 },
    );
  });

  it('spreads what two nodes tunnel to each other', () => {
    const tunnel = (n: number): Uint8Array =>
      vxlan(
        {},
        ethernet(
          {},
          ipv4(
            {},
            udp({ srcPort: 50_000 + n, dstPort: 4789 }, vxlan({}, ethernet({}, ipv4({}, tcp({ srcPort: 1000 + n }))))),
          ),
        ),
      );
    const mirrored = Array.from({ length: 50 }, (_, n) => routes(tunnel(n), LINK_TYPE.vxlan)[3]);
    expect(new Set(mirrored).size).toBe(8);
  });

  it('takes a frame without IP to shard 0', () => {
    expect(routes(ethernet({}, arp()), LINK_TYPE.ethernet)).toEqual([0, 0, 0, 0]);
  });

  it.each([2, 3, 8])('spreads flows evenly over %i shards', (shards) => {
    const counts = new Array<number>(shards).fill(0);
    const frame = new DecodedFrame();
    const decodeCounts = new DecodeCounts();
    const total = 6000;
    for (let i = 0; i < total; i++) {
      const packet = ipv4(
        { src: `10.0.${i % 7}.${i % 11}`, dst: '10.1.0.1' },
        tcp({ srcPort: 32768 + i, dstPort: 443 }),
      );
      decodeFrame(packet, 0, packet.length, LINK_TYPE.ipv4, frame, decodeCounts);
      counts[routeLayer(frame, 0, shards)]++;
    }
    for (const count of counts) expect(Math.abs(count / (total / shards) - 1)).toBeLessThan(0.15);
  });
});

describe('flow hashes', () => {
  const hash = (packet: Uint8Array): number => decode(packet, LINK_TYPE.raw).layers[0].flowHash;
  it('tell neighbouring flows apart', () => {
    const hashes = new Set<number>();
    for (let i = 1; i < 40; i++)
      for (let j = 1; j < 40; j++)
        hashes.add(
          hash(ipv4({ src: `10.0.0.${i}`, dst: `10.0.1.${j}` }, tcp({ srcPort: 1000 + i, dstPort: 1000 + j }))),
        );
    expect(hashes.size).toBe(39 * 39);
  });

  it('tell swapped ports, the protocol and the IP version apart', () => {
    const packets = [
      ipv4({}, tcp({ srcPort: 1, dstPort: 2 })),
      ipv4({}, tcp({ srcPort: 2, dstPort: 1 })),
      ipv4({}, udp({ srcPort: 1, dstPort: 2 })),
      ipv6({ src: 'a00:1::', dst: 'a00:2::' }, tcp({ srcPort: 1, dstPort: 2 })),
      ipv4({ src: '10.0.0.1', dst: '10.0.0.1' }, tcp({ srcPort: 1, dstPort: 2 })),
      ipv4({ src: '10.0.0.2', dst: '10.0.0.2' }, tcp({ srcPort: 1, dstPort: 2 })),
    ];
    expect(new Set(packets.map(hash)).size).toBe(packets.length);
  });

  it('leave ports out where there are none', () => {
    const [one, other] = [icmp({ type: 8, id: 1 }), icmp({ type: 0, id: 2 })].map((segment) =>
      decode(ipv4({}, segment), LINK_TYPE.ipv4),
    );
    expect(one.layers[0].flowHash).toBe(other.layers[0].flowHash);
    expect(one.layers[0].flowHash).not.toBe(one.frame.layers[LAYER.addressHash]);
  });
});
