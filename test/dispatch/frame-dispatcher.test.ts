import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LAYER_FLAG, LINK_TYPE, MAX_LAYERS, Packet } from '../../src/decode/packet.js';
import { DEFAULT_DEFRAG_OPTIONS } from '../../src/dispatch/defrag.js';
import type { AdmissionOptions } from '../../src/dispatch/flow-admission.js';
import { FrameDispatcher } from '../../src/dispatch/frame-dispatcher.js';
import { FrameRingReader, FrameRingWriter, MIN_RING_BYTES, RECORD_KIND } from '../../src/ring/frame-ring.js';
import { SequenceWords } from '../../src/dispatch/task.js';
import { CounterRow, allocateCounters } from '../../src/counters/counters.js';
import { DISPATCHER_LAYOUT, DISPATCHER_SLOTS, DROP_REASONS } from '../../src/counters/names.js';
import { VniTable } from '../../src/counters/vni-table.js';
import { DOORBELL_BYTES, Doorbell } from '../../src/util/doorbell.js';
import { NO_RECORD, allocateRing } from '../../src/ring/record-ring.js';
import { batchOf, type BatchFrame } from '../support/batch.js';
import { faultNames } from '../support/decoded.js';
import {
  arp,
  ethernet,
  fragmentIpv4,
  ipv4,
  ipv6,
  ipv6FragmentBody,
  tcp,
  udp,
  vlan,
  vxlan,
} from '../support/packet-builder.js';

interface Seen {
  readonly shard: number;
  readonly kind: number;
  readonly seq: number;
  readonly weight: number;
  /** The layers that the record is for. */
  readonly layers: number;
  readonly vni: number;
  readonly payload: string;
  readonly flags: number;
  readonly tunnel: string;
  /** Names of the faults of the last layer, and the ids of the VLAN tags in front of it. */
  readonly faults: readonly string[];
  readonly vlans: readonly number[];
}

class Bench {
  readonly counters = new CounterRow(allocateCounters(1, DISPATCHER_LAYOUT.size), 0, DISPATCHER_LAYOUT.size);
  readonly sequence = new SequenceWords(SequenceWords.allocate(1));
  readonly vnis = new VniTable(VniTable.allocate(8, 3600));
  readonly dispatcher: FrameDispatcher;
  readonly rings: readonly FrameRingWriter[];
  private readonly readers: FrameRingReader[];

  constructor(shards = 1, offline = true, admission?: AdmissionOptions, defrag = DEFAULT_DEFRAG_OPTIONS) {
    const memories = Array.from({ length: shards }, () => allocateRing(MIN_RING_BYTES));
    this.readers = memories.map((memory) => new FrameRingReader(memory));
    this.rings = memories.map((memory) => new FrameRingWriter(memory));
    this.dispatcher = new FrameDispatcher({
      dispatcher: 0,
      rings: this.rings,
      doorbells: memories.map(() => new Doorbell(new SharedArrayBuffer(DOORBELL_BYTES))),
      counters: this.counters,
      vnis: this.vnis,
      sequence: this.sequence,
      defrag,
      verifyChecksums: false,
      offline,
      admission,
      local: { bytes: Uint8Array.of(192, 0, 2, 9), port: 4789 },
      clockMs: () => 1_700_000_000_000,
    });
  }

  deliver(frames: readonly BatchFrame[], capture = 0): void {
    const batch = batchOf(frames, capture);
    frames.forEach(({ linkType }, i) => {
      if (linkType !== LINK_TYPE.vxlan) return;
      batch.srcIpVersion[i] = 4;
      batch.srcIp.set([198, 51, 100, 7], i * 16);
      batch.srcPort[i] = 65_500;
    });
    this.dispatcher.deliver(batch, frames.length);
  }

  /** Empties all rings. */
  read(): Seen[] {
    const packet = new Packet();
    return this.readers.flatMap((reader, shard) => {
      const seen: Seen[] = [];
      for (let kind = reader.next(); kind !== NO_RECORD; kind = reader.next()) {
        if (kind === RECORD_KIND.packet) {
          reader.loadFrame(packet);
          reader.loadLayer(packet, reader.layerCount - 1);
        }
        const isPacket = kind === RECORD_KIND.packet;
        const tunnel = packet.bytes.subarray(packet.tunnelOffset, packet.tunnelOffset + 20);
        seen.push({
          shard,
          kind,
          seq: reader.seq,
          weight: reader.weight,
          layers: isPacket ? reader.inspectedLayers & ((1 << reader.layerCount) - 1) : 0,
          vni: isPacket ? packet.vni : -1,
          payload: isPacket
            ? Buffer.from(
                packet.bytes.subarray(packet.payloadOffset, packet.payloadOffset + packet.payloadLength),
              ).toString('latin1')
            : '',
          flags: isPacket ? packet.flags : 0,
          faults: isPacket ? faultNames(packet.faults) : [],
          vlans: isPacket ? Array.from({ length: packet.vlanLayers }, (_, i) => packet.vlanId(i)) : [],
          tunnel:
            isPacket && packet.tunnelOffset >= 0
              ? `${tunnel.subarray(0, 4).join('.')}:${packet.tunnelSrcPort} ${tunnel.subarray(16).join('.')}:${packet.tunnelDstPort}`
              : '',
        });
        reader.release();
      }
      return seen;
    });
  }

  count(name: keyof typeof DISPATCHER_SLOTS): number {
    return this.counters.snapshot()[DISPATCHER_SLOTS[name]];
  }

  drops(): Record<string, number> {
    const row = this.counters.snapshot();
    return Object.fromEntries(
      DROP_REASONS.filter((reason) => reason.row === 'dispatcher' && row[reason.slot] > 0).map(
        ({ stage, reason, slot }) => [`${stage}.${reason}`, row[slot]],
      ),
    );
  }

  /** received = routed + dropped + pending, in frames. */
  expectBalance(): void {
    const dropped = Object.values(this.drops()).reduce((sum, n) => sum + n, 0);
    expect(this.count('routedPackets') + dropped + this.count('pendingFragments')).toBe(this.count('receivedPackets'));
  }
}

const segment = (text: string, from = '10.0.0.1', to = '10.0.0.2'): Uint8Array =>
  ipv4({ src: from, dst: to }, tcp({ srcPort: 1234, dstPort: 80 }, text));

describe('the frame dispatcher', () => {
  it('writes one record per frame, with the payload, in sequence', () => {
    const bench = new Bench();
    bench.deliver([{ bytes: ethernet({}, segment('one')) }, { bytes: ethernet({}, segment('two!')) }]);
    const seen = bench.read();
    expect(seen.map(({ payload, weight, vni, tunnel }) => ({ payload, weight, vni, tunnel }))).toEqual([
      { payload: 'one', weight: 1, vni: -1, tunnel: '' },
      { payload: 'two!', weight: 1, vni: -1, tunnel: '' },
    ]);
    expect(seen[1].seq).toBeGreaterThan(seen[0].seq);
    expect(bench.sequence.published(0, bench.sequence.next)).toBeGreaterThan(seen[1].seq);
  });

  it('takes the mirror header off a datagram and tells its addresses and VNI', () => {
    const bench = new Bench();
    bench.deliver([{ bytes: vxlan({ vni: 77 }, ethernet({}, segment('inner'))), linkType: LINK_TYPE.vxlan }]);
    expect(bench.read()).toMatchObject([{ vni: 77, payload: 'inner', tunnel: '198.51.100.7:65500 192.0.2.9:4789' }]);
    expect(bench.vnis.read()).toMatchObject([{ vni: 77, packets: 1 }]);
  });

  it('takes the mirror header off a captured frame and tells the outer addresses', () => {
    const bench = new Bench();
    const outer = ipv4(
      { src: '192.0.2.1', dst: '192.0.2.2' },
      udp({ srcPort: 65_444, dstPort: 4789 }, vxlan({ vni: 5 }, ethernet({}, segment('captured')))),
    );
    bench.deliver([{ bytes: ethernet({}, outer) }]);
    expect(bench.read()).toMatchObject([{ vni: 5, payload: 'captured', tunnel: '192.0.2.1:65444 192.0.2.2:4789' }]);
  });

  it('counts what it cannot use, by stage and reason', () => {
    const bench = new Bench();
    bench.deliver([
      { bytes: vxlan({ vni: 1, flags: 0 }, ethernet({}, segment('x'))), linkType: LINK_TYPE.vxlan },
      { bytes: new Uint8Array(3), linkType: LINK_TYPE.vxlan },
      { bytes: new Uint8Array(5) },
      { bytes: new Uint8Array(60), linkType: 147 },
      { bytes: ethernet({}, arp()) },
    ]);
    expect(bench.drops()).toEqual({
      'decapsulate.vxlan_no_i_flag': 1,
      'decapsulate.vxlan_truncated_header': 1,
      'decode.ethernet_truncated_header': 1,
      'decode.unsupported_link_type': 1,
    });
    // Rules look at what is wrong with mirrored frames all the same; they carry no weight.
    expect(bench.read().map(({ weight, faults }) => [weight, ...faults])).toEqual([
      [0, 'ethernet_truncated_header'],
      [0, 'unsupported_link_type'],
      [1],
    ]);
    bench.expectBalance();
  });

  it.each([
    ['that ends its datagram', 8, 'fragment_overlap'],
    ['that lies within another', 0, 'fragment_overlap'],
    ['of which there is none', 16, undefined],
  ])('tells rules of an overlap with the fragment, where no datagram can: one %s', (_name, at, fault) => {
    for (const isIpv6 of [false, true]) {
      const bench = new Bench();
      const part = (offset: number, text: string): Uint8Array =>
        isIpv6
          ? ipv6(
              { protocol: 99, extensions: [{ type: 44, body: ipv6FragmentBody({ offset, more: true, id: 5 }) }] },
              text,
            )
          : ipv4({ id: 5, protocol: 99, fragmentOffset: offset, flags: 1 }, text);
      // Of the same bytes it is a repetition.
      const texts = ['a'.repeat(16), 'a'.repeat(16), 'b'.repeat(16)];
      bench.deliver([0, 0, at].map((offset, i) => ({ bytes: ethernet({}, part(offset, texts[i]!)) })));
      expect(bench.read().map(({ faults }) => faults)).toEqual([[], [], fault === undefined ? [] : [fault]]);
      bench.expectBalance();
    }
  });

  it('tells rules of the overlap of fragments, with the datagram, and keeps its VLAN tags', () => {
    const bench = new Bench(1, true, undefined, { ...DEFAULT_DEFRAG_OPTIONS, policy: 'bsd' });
    const part = (fragmentOffset: number, text: string, more: boolean): Uint8Array =>
      ethernet(
        {},
        vlan({ id: 7 }, vlan({ id: 9 }, ipv4({ id: 5, protocol: 99, fragmentOffset, flags: more ? 1 : 0 }, text))),
      );
    bench.deliver(
      [part(0, 'a'.repeat(16), true), part(8, 'b'.repeat(16), true), part(24, 'end', false)].map((bytes) => ({
        bytes,
      })),
    );
    const seen = bench.read();
    expect(seen.map(({ weight }) => weight)).toEqual([0, 0, 0, 3]);
    expect(seen.slice(0, 3).flatMap(({ faults }) => faults)).toEqual([]);
    expect(seen[3]!.faults).toContain('fragment_overlap');
    expect(seen.map(({ vlans }) => vlans)).toEqual(new Array(4).fill([7, 9]));
    bench.expectBalance();
  });

  it('tells rules of a fragment that no datagram can take, which is a drop', () => {
    const bench = new Bench();
    bench.deliver([{ bytes: ethernet({}, ipv4({ protocol: 17, fragmentOffset: 65_528 }, 'x'.repeat(40))) }]);
    expect(bench.read().map(({ weight, faults }) => [weight, ...faults])).toEqual([[0, 'fragment_too_large']]);
    expect(bench.drops()).toEqual({ 'defragment.fragment_too_large': 1 });
    bench.expectBalance();
  });

  it('puts no datagram together from fragments of two VLANs', () => {
    const bench = new Bench();
    const [first, rest] = fragmentIpv4(ipv4({ id: 3 }, udp({}, 'x'.repeat(1000))), 600);
    const tagged = (id: number, bytes: Uint8Array): BatchFrame => ({ bytes: ethernet({}, vlan({ id }, bytes)) });
    bench.deliver([tagged(1, first), tagged(2, rest)]);
    expect(bench.count('reassembledDatagrams')).toBe(0);
    bench.deliver([tagged(1, rest)]);
    expect(bench.count('reassembledDatagrams')).toBe(1);
    bench.expectBalance();
  });

  it('holds fragments, shows each on its own without weight, and lets the datagram carry their number', () => {
    const bench = new Bench(3);
    const text = 'fragmented '.repeat(300);
    const fragments = fragmentIpv4(ipv4({ id: 9 }, udp({ srcPort: 53, dstPort: 5353 }, text)), 600);
    const last = fragments.length - 1;
    bench.deliver(fragments.slice(0, last).map((bytes) => ({ bytes: ethernet({}, bytes) })));
    expect(bench.count('pendingFragments')).toBe(last);
    expect(bench.read().every(({ weight, flags }) => weight === 0 && (flags & LAYER_FLAG.fragment) !== 0)).toBe(true);
    bench.expectBalance();
    bench.deliver([{ bytes: ethernet({}, fragments[last]) }]);
    const [whole] = bench.read().filter(({ weight }) => weight > 0);
    expect(whole).toMatchObject({ weight: fragments.length, payload: text });
    expect(bench.count('pendingFragments')).toBe(0);
    bench.expectBalance();
  });

  it('gives fragments up at the end of a capture and marks the new one in every ring', () => {
    const bench = new Bench(2);
    const [first] = fragmentIpv4(ipv4({ id: 3 }, udp({}, 'x'.repeat(2000))), 600);
    bench.deliver([{ bytes: ethernet({}, first) }]);
    bench.deliver([{ bytes: ethernet({}, segment('next')) }], 1);
    expect(bench.drops()).toEqual({ 'defragment.fragment_incomplete': 1 });
    expect(
      bench
        .read()
        .filter(({ kind }) => kind === RECORD_KIND.capture)
        .map(({ shard }) => shard)
        .sort(),
    ).toEqual([0, 1]);
    bench.expectBalance();
  });

  it('puts ticks into every ring of a capture, ten seconds of its packets apart, between the same frames', () => {
    const seconds = [0, 9, 10, 11, 20.5, 400, 300];
    const frames = seconds.map((second) => ({
      bytes: ethernet({}, segment(`at ${second}`)),
      timeUs: 1_700_000_000_000_000 + second * 1e6,
    }));
    const ringsOf = (deliver: (bench: Bench) => void): string[] => {
      const bench = new Bench(2);
      deliver(bench);
      bench.expectBalance();
      const order = bench.read().sort((a, b) => a.seq - b.seq);
      return order.map(({ kind, payload, shard }) => (kind === RECORD_KIND.tick ? `tick ${shard}` : payload));
    };
    const tick = ['tick 0', 'tick 1'];
    const expected = ['at 0', 'at 9', ...tick, 'at 10', 'at 11', ...tick, 'at 20.5', ...tick, 'at 400', 'at 300'];
    expect(ringsOf((bench) => bench.deliver(frames))).toEqual(expected);
    expect(ringsOf((bench) => frames.forEach((frame) => bench.deliver([frame])))).toEqual(expected);
  });

  it('starts the clock of each capture with its first frame', () => {
    const bench = new Bench();
    bench.deliver([{ bytes: ethernet({}, segment('late')), timeUs: 1_700_000_000_000_000 }]);
    bench.deliver([{ bytes: ethernet({}, segment('early')), timeUs: 1_600_000_000_000_000 }], 1);
    bench.deliver([{ bytes: ethernet({}, segment('next')), timeUs: 1_600_000_010_000_000 }], 1);
    const kinds = bench.read().map(({ kind }) => kind);
    const { packet, capture, tick } = RECORD_KIND;
    expect(kinds).toEqual([packet, capture, packet, tick, packet]);
  });

  it('ends every ring', () => {
    const bench = new Bench(2);
    bench.dispatcher.end();
    expect(bench.read().map(({ shard, kind }) => [shard, kind])).toEqual([
      [0, RECORD_KIND.end],
      [1, RECORD_KIND.end],
    ]);
  });

  it('drops and counts for a full ring, live', () => {
    const bench = new Bench(1, false);
    const frames = Array.from({ length: 64 }, () => ({ bytes: ethernet({}, segment('y'.repeat(1400))) }));
    for (let i = 0; i < 20; i++) bench.deliver(frames);
    expect(bench.drops()['ring.full']).toBeGreaterThan(0);
    bench.expectBalance();
    const inRing = bench.read().reduce((sum, { weight }) => sum + weight, 0);
    expect(inRing).toBe(bench.count('routedPackets'));
  });

  it('brings both directions of a flow to one shard', () => {
    const address = fc
      .tuple(fc.integer({ min: 1, max: 223 }), fc.nat(255), fc.nat(255), fc.integer({ min: 1, max: 254 }))
      .map((parts) => parts.join('.'));
    fc.assert(
      fc.property(
        address,
        address,
        fc.integer({ min: 1, max: 65_535 }),
        fc.integer({ min: 1, max: 65_535 }),
        fc.constantFrom(1, 2, 3, 8),
        (a, b, ap, bp, shards) => {
          const bench = new Bench(shards);
          bench.deliver([
            { bytes: ethernet({}, ipv4({ src: a, dst: b }, tcp({ srcPort: ap, dstPort: bp }, 'there'))) },
            {
              bytes: vxlan(
                { vni: 4 },
                ethernet({}, ipv4({ src: b, dst: a }, tcp({ srcPort: bp, dstPort: ap }, 'back'))),
              ),
              linkType: LINK_TYPE.vxlan,
            },
          ]);
          const [there, back] = bench.read();
          expect(back.shard).toBe(there.shard);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('takes each layer to the shard of its own flow, and lets one of the records carry the frame', () => {
    const inner = segment('carried');
    const plain = new Bench(8);
    plain.deliver([{ bytes: ethernet({}, inner) }]);
    const [{ shard: home }] = plain.read();
    let apart = 0;
    for (let node = 1; node <= 30; node++) {
      const bench = new Bench(8);
      bench.deliver([{ bytes: ethernet({}, ipv4({ src: `192.0.2.${node}`, dst: '198.51.100.1' }, inner)) }]);
      const seen = bench.read().toSorted((a, b) => a.layers - b.layers);
      expect(seen.map(({ layers }) => layers)).toEqual(seen.length === 1 ? [3] : [1, 2]);
      expect(seen.map(({ weight }) => weight)).toEqual(seen.length === 1 ? [1] : [0, 1]);
      expect(seen.at(-1)!.shard).toBe(home);
      expect(seen.every(({ payload, seq }) => payload === 'carried' && seq === seen[0]!.seq)).toBe(true);
      bench.expectBalance();
      apart += seen.length - 1;
    }
    expect(apart).toBeGreaterThan(10);
  });

  it('leaves a number to each layer of a frame, and to those of the datagram that it completes', () => {
    const nested = Array.from({ length: MAX_LAYERS - 2 }).reduce<Uint8Array>(
      (packet, _, i) => ipv4({ src: `192.0.2.${i + 1}` }, packet),
      segment('deep'),
    );
    const bench = new Bench();
    const [head, tail] = fragmentIpv4(ipv4({ src: '203.0.113.1' }, nested), 160);
    bench.deliver([
      { bytes: ethernet({}, nested) },
      { bytes: ethernet({}, head!) },
      { bytes: ethernet({}, tail!) },
      { bytes: ethernet({}, segment('after')) },
    ]);
    const seen = bench.read();
    const ends = seen.map(({ seq, layers }) => seq + 31 - Math.clz32(layers));
    expect(seen.map(({ weight }) => weight)).toEqual([1, 0, 0, 2, 1]);
    expect(seen[3]!.layers).toBe((1 << MAX_LAYERS) - 1);
    for (let i = 1; i < seen.length; i++) expect(seen[i]!.seq).toBeGreaterThan(ends[i - 1]!);
    expect(bench.sequence.published(0, bench.sequence.next)).toBeGreaterThan(ends.at(-1)!);
  });

  it('accounts for every one of any frames', () => {
    const good = [segment('abc'), ...fragmentIpv4(ipv4({ id: 4 }, udp({}, 'z'.repeat(1500))), 500)].map((bytes) =>
      ethernet({}, bytes),
    );
    const frame = fc.oneof(
      fc.uint8Array({ maxLength: 120 }),
      fc.constantFrom(...good),
      fc
        .tuple(fc.constantFrom(...good), fc.nat(80), fc.nat(255))
        .map(([bytes, at, value]) => bytes.map((byte, i) => (i === at ? value : byte))),
    );
    const linkType = fc.constantFrom(LINK_TYPE.ethernet, LINK_TYPE.vxlan, LINK_TYPE.geneve, LINK_TYPE.raw);
    fc.assert(
      fc.property(fc.array(fc.record({ bytes: frame, linkType }), { maxLength: 60 }), (frames) => {
        const bench = new Bench(2);
        bench.deliver(frames);
        bench.expectBalance();
        expect(bench.read().reduce((sum, { weight }) => sum + weight, 0)).toBe(bench.count('routedPackets'));
      }),
      { numRuns: 60 },
    );
  });
});

describe('a shard that cannot keep up', () => {
  const flow = (port: number): Uint8Array =>
    ipv4({ src: '10.0.0.1', dst: '10.0.0.2' }, udp({ srcPort: port, dstPort: 53 }, 'x'.repeat(1000)));
  const frames = (packets: readonly Uint8Array[]): BatchFrame[] =>
    packets.map((packet) => ({ bytes: ethernet({}, packet) }));

  it('gets no new flows any more, and those that it has in full; each frame is counted by why', () => {
    const bench = new Bench(1, false, { from: 0.5, flows: 1024, seed: 1 });
    // Ten flows fill the ring beyond the third in which new ones are refused.
    const known = Array.from({ length: 10 }, (_, i) => flow(5000 + i));
    for (let i = 0; bench.rings[0].fill < 2 / 3; i++) bench.deliver(frames([known[i % 10]]));
    bench.deliver([]);
    const routed = bench.count('routedPackets');
    bench.deliver(frames([...known, ...Array.from({ length: 20 }, (_, i) => flow(6000 + i))]));
    expect(bench.count('routedPackets') - routed).toBe(10);
    expect(bench.drops()).toEqual({ 'overload.new_flow': 20 });
    expect(bench.count('overloadRefusedFlows')).toBe(20);
    expect([bench.count('overloads'), bench.count('overloadedRings')]).toEqual([1, 1]);
    bench.expectBalance();
  });

  it('takes a flow within a tunnel for one of its own, and looks at every shard that has a layer of it', () => {
    const bench = new Bench(2, false, { from: 0.5, flows: 1024, seed: 1 });
    const tunnelled = (port: number, dst: string): Uint8Array =>
      ipv4({ src: '192.0.2.1', dst, protocol: 4 }, flow(port));
    /** Shards that have a record of one of these layers. */
    const shardsOf = (packet: Uint8Array, set: number): number[] => {
      const probe = new Bench(2);
      probe.deliver(frames([packet]));
      const records = probe.read().filter(({ kind, layers }) => kind === RECORD_KIND.packet && (layers & set) !== 0);
      return records.map(({ shard }) => shard);
    };
    const dst = ['192.0.2.2', '192.0.2.3', '192.0.2.4', '192.0.2.5', '192.0.2.6'].find((to) =>
      shardsOf(tunnelled(1, to), 1).includes(0),
    )!;
    const filler = Array.from({ length: 50 }, (_, i) => flow(20_000 + i)).filter((packet) =>
      shardsOf(packet, 1).includes(0),
    );
    for (let i = 0; bench.rings[0].fill < 2 / 3; i++) bench.deliver(frames([filler[i % filler.length]]));
    expect(bench.rings[1].fill).toBeLessThan(0.1);
    bench.deliver([]);
    const [dropped, routed] = [bench.drops()['overload.new_flow'] ?? 0, bench.count('routedPackets')];
    bench.deliver(frames(Array.from({ length: 20 }, (_, i) => tunnelled(30_000 + i, dst))));
    expect([bench.drops()['overload.new_flow'] - dropped, bench.count('routedPackets') - routed]).toEqual([20, 0]);
    bench.expectBalance();
  });

  it('drops packets of any flow where that is asked for', () => {
    const bench = new Bench(1, false);
    const known = Array.from({ length: 10 }, (_, i) => flow(5000 + i));
    for (let i = 0; i < 120; i++) bench.deliver(frames(known));
    expect(Object.keys(bench.drops())).toEqual(['ring.full']);
    bench.expectBalance();
  });
});
