/**
 * Random rules over random packets: what the detector finds by prefilter, index and row flags is what trying every rule
 * on every packet finds. Once with the naive scanner and once with the kernel.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Candidate, type CandidateSink } from '../../src/detect/event/candidate.js';
import { compileRules } from '../../src/compile/compile-rules.js';
import { Detector } from '../../src/detect/detect.js';
import { RuleSet } from '../../src/block/rule-set.js';
import { Packet } from '../../src/decode/packet.js';
import { DIRECTION, Flow } from '../../src/flow/flow.js';
import { compileKernel, openMatcher } from '../../src/match/literal/kernel-matcher.js';
import type { Ranges } from '../../src/block/terms.js';
import type { FlowTest, PacketTest, RuleProgram, RuleProtocol } from '../../src/rule/program.js';
import type { Transform } from '../../src/rule/buffer-match.js';
import { placeBlock } from '../support/detecting.js';
import { newShardMemory, openDetector } from '../support/shard-memory.js';
import { naiveTables, NaiveScanner } from '../support/naive-scanner.js';
import { naiveVerify } from '../support/naive-verify.js';
import { content, field, program } from '../support/rule-programs.js';

/** A packet in the terms of the oracle. */
interface Scene {
  readonly protocol: 'tcp' | 'udp' | 'icmp' | 'icmpv6' | 'gre';
  readonly src: number;
  readonly dst: number;
  readonly srcPort: number;
  readonly dstPort: number;
  /** TCP flags, or the ICMP type. */
  readonly byte: number;
  readonly payload: Uint8Array;
  readonly toServer: boolean;
  readonly established: boolean;
  readonly first: boolean;
  /** Code of a malformation, and number of a TCP event; 0 for none. */
  readonly fault: number;
  readonly event: number;
}

const NUMBERS = { tcp: 6, udp: 17, icmp: 1, icmpv6: 58, gre: 47 } as const;

function load(scene: Scene): { packet: Packet; flow: Flow } {
  const packet = new Packet();
  const bytes = new Uint8Array(128 + scene.payload.length);
  packet.bytes = bytes;
  packet.ipVersion = 4;
  packet.ipOffset = 8;
  packet.ipHeaderLength = 20;
  new DataView(bytes.buffer).setUint32(20, scene.src);
  new DataView(bytes.buffer).setUint32(24, scene.dst);
  packet.protocol = NUMBERS[scene.protocol];
  packet.l4Offset = 28;
  packet.l4HeaderLength = { tcp: 20, udp: 8, icmp: 8, icmpv6: 8, gre: 0 }[scene.protocol];
  if (scene.protocol === 'tcp') bytes[28 + 13] = scene.byte;
  else bytes[28] = scene.byte;
  const hasPorts = scene.protocol === 'tcp' || scene.protocol === 'udp';
  packet.srcPort = hasPorts ? scene.srcPort : 0;
  packet.dstPort = hasPorts ? scene.dstPort : 0;
  packet.faults = scene.fault;
  if (scene.event > 31) packet.moreEvents = 1 << (scene.event - 32);
  else if (scene.event > 0) packet.events = 1 << scene.event;
  packet.payloadOffset = 60;
  packet.payloadLength = scene.payload.length;
  packet.claimedPayloadLength = scene.payload.length;
  bytes.set(scene.payload, 60);
  const flow = new Flow();
  flow.established = scene.established;
  const packets = scene.first ? 1 : 5;
  if (scene.toServer) flow.packetsToServer = packets;
  else flow.packetsToClient = packets;
  return { packet, flow };
}

const inRanges = (ranges: Ranges | undefined, value: number): boolean =>
  ranges === undefined || ranges.some(([low, high]) => value >= low && value <= high);

function headerFits({ header }: RuleProgram, scene: Scene, isAlone: boolean): boolean {
  const protocols: Record<RuleProtocol, readonly string[]> = {
    ip: ['tcp', 'udp', 'icmp', 'icmpv6', 'gre'],
    ipv4: ['tcp', 'udp', 'icmp', 'icmpv6', 'gre'],
    ipv6: [],
    tcp: ['tcp'],
    'tcp-pkt': ['tcp'],
    'tcp-stream': ['tcp'],
    udp: ['udp'],
    icmp: ['icmp', 'icmpv6'],
    icmpv4: ['icmp'],
    icmpv6: ['icmpv6'],
    sctp: [],
    pkthdr: ['tcp', 'udp', 'icmp', 'icmpv6', 'gre'],
  };
  if (!protocols[header.protocol].includes(scene.protocol)) return false;
  const isStream = scene.established && (scene.byte & 6) === 0 && scene.payload.length > 0;
  if (header.protocol === 'tcp-stream' && !isStream && !isAlone) return false;
  const hasPorts = scene.protocol === 'tcp' || scene.protocol === 'udp';
  if (!hasPorts && (header.sourcePorts ?? header.destinationPorts) !== undefined) return false;
  const { srcPort, dstPort } = scene;
  const ends = (src: number, srcP: number, dst: number, dstP: number): boolean =>
    inRanges(header.source?.ipv4, src) &&
    inRanges(header.sourcePorts, srcP) &&
    inRanges(header.destination?.ipv4, dst) &&
    inRanges(header.destinationPorts, dstP);
  return (
    ends(scene.src, srcPort, scene.dst, dstPort) ||
    (header.bidirectional && ends(scene.dst, dstPort, scene.src, srcPort))
  );
}

function testPasses(test: PacketTest | FlowTest, scene: Scene): boolean {
  if (test.kind === 'tcp_flags') {
    const seen = scene.byte & ~test.ignore;
    if (scene.protocol !== 'tcp') return false;
    return {
      exact: seen === test.flags,
      all: (seen & test.flags) === test.flags,
      any: (seen & test.flags) !== 0,
      not: (seen & test.flags) === 0,
    }[test.mode];
  }
  if (test.kind === 'address') {
    const isIn = [scene.src, scene.dst].map((address) => inRanges(test.addresses.ipv4, address));
    return { src: isIn[0]!, dst: isIn[1]!, both: isIn[0]! && isIn[1]!, any: isIn[0]! || isIn[1]! }[test.side];
  }
  if (test.kind === 'tcp_event') return scene.event > 0 && test.events.includes(scene.event);
  if (test.kind !== 'field') throw new Error('not generated');
  const left = (value: number): number => (test.mask === undefined ? value : value & test.mask);
  if (test.field === 'fault') return (scene.fault > 0 && inRanges(test.ranges, scene.fault)) !== test.negated;
  if (test.field === 'dsize') return inRanges(test.ranges, left(scene.payload.length)) !== test.negated;
  if (scene.protocol !== 'icmp' && scene.protocol !== 'icmpv6') return false;
  return inRanges(test.ranges, left(scene.byte)) !== test.negated;
}

const word = (address: number): Uint8Array => Uint8Array.from([24, 16, 8, 0], (shift) => (address >>> shift) & 255);

function fires(rule: RuleProgram, scene: Scene): boolean {
  const { flow } = rule;
  const isAlone =
    rule.buffers.length === 0 &&
    rule.packetTests.length === 0 &&
    rule.flowTests.every((test) => test.kind === 'address' && test.perFlow) &&
    Object.values(flow ?? {}).every((asked) => asked === undefined);
  if (isAlone && !scene.first && scene.protocol !== 'gre') return false;
  if (
    !headerFits(rule, scene, isAlone) ||
    ![...rule.packetTests, ...rule.flowTests].every((test) => testPasses(test, scene))
  )
    return false;
  if (flow?.direction !== undefined && (flow.direction === 'to_server') !== scene.toServer) return false;
  if (flow?.established !== undefined && flow.established !== scene.established) return false;
  return naiveVerify(rule, (buffer) => {
    if (buffer === 'payload') return scene.payload.length > 0 ? scene.payload : undefined;
    return word(buffer === 'ip.src' ? scene.src : scene.dst);
  });
}

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 1 });
const text = fc
  .array(fc.constantFrom(0x61, 0x62, 0x63, 0x41), { maxLength: 12 })
  .map((bytes) => Uint8Array.from(bytes));
const literal = fc
  .array(fc.constantFrom(0x61, 0x62, 0x63, 0x41), { minLength: 1, maxLength: 6 })
  .map((bytes) => Uint8Array.from(bytes));
const addresses = maybe(fc.constantFrom<[number, number][]>([[1, 2]], [[2, 3]], [[0xfffffff0, 0xfffffff1]])).map(
  (ipv4) => ipv4 && { ipv4, ipv6: [] },
);
const ports = maybe(
  fc.constantFrom<Ranges>(
    [[1, 1]],
    [[2, 3]],
    [[1, 60000]],
    Array.from({ length: 80 }, (_, i) => [2 * i, 2 * i] as const),
  ),
);
const header = fc.record({
  protocol: fc.constantFrom<RuleProtocol>(
    'ip',
    'ip',
    'ipv4',
    'tcp',
    'tcp',
    'tcp',
    'tcp-pkt',
    'tcp-stream',
    'udp',
    'icmp',
    'icmpv6',
    'pkthdr',
    'ipv6',
  ),
  source: addresses,
  destination: addresses,
  sourcePorts: ports,
  destinationPorts: ports,
  bidirectional: fc.boolean(),
});
const tests = fc.oneof(
  fc.record({
    kind: fc.constant('tcp_flags' as const),
    flags: fc.constantFrom(0, 2, 4, 16, 18),
    ignore: fc.constantFrom(0, 16),
    mode: fc.constantFrom('exact', 'all', 'any', 'not'),
  }),
  fc
    .record({
      low: fc.nat(9),
      more: fc.nat(9),
      negated: fc.boolean(),
      name: fc.constantFrom('icmp_type' as const, 'dsize' as const),
      mask: fc.option(fc.constantFrom(1, 3, 0x18), { nil: undefined }),
    })
    .map(({ low, more, negated, name, mask }) => field(name, [[low, low + more]], negated, mask)),
  fc
    .record({ low: fc.nat(9), more: fc.nat(9), negated: fc.boolean() })
    .map(({ low, more, negated }) => field('fault', [[low, low + more]], negated)),
  fc.record({
    kind: fc.constant('tcp_event' as const),
    events: fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 20 }),
  }),
) as fc.Arbitrary<PacketTest>;
const flowTests = fc.record({
  kind: fc.constant('address' as const),
  side: fc.constantFrom('src', 'dst', 'both', 'any'),
  perFlow: fc.boolean(),
  addresses: fc
    .constantFrom<[number, number][]>(
      [[1, 2]],
      [
        [2, 3],
        [0xfffffff0, 0xffffffff],
      ],
      [],
    )
    .map((ipv4) => ({ ipv4, ipv6: [] })),
}) as fc.Arbitrary<FlowTest>;
const rules = fc
  .array(
    fc.record({
      header,
      packetTests: fc.oneof(
        { weight: 2, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: fc.array(tests, { maxLength: 2 }) },
      ),
      flowTests: fc.oneof(
        { weight: 3, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: fc.array(flowTests, { maxLength: 2 }) },
      ),
      flow: maybe(
        fc.record({
          direction: maybe(fc.constantFrom('to_server' as const, 'to_client' as const)),
          established: maybe(fc.boolean()),
        }),
      ),
      address: maybe(
        fc
          .tuple(
            fc.constantFrom('ip.src' as const, 'ip.dst' as const),
            fc.constantFrom([0, 1], [1], [2], [0xff]),
            fc.boolean(),
          )
          .map(([buffer, bytes, negated]) => ({ buffer, matches: [content(Uint8Array.from(bytes), { negated })] })),
      ),
      payload: maybe(
        fc.array(
          fc
            .tuple(
              literal,
              fc.boolean(),
              fc.constantFrom(false, false, true),
              fc.constantFrom({}, {}, { startswith: true }, 1, 2),
            )
            .map(([bytes, nocase, negated, where]) =>
              content(bytes, {
                nocase,
                negated,
                ...(typeof where === 'number' ? { offset: where, depth: bytes.length } : where),
              }),
            ),
          { minLength: 1, maxLength: 2 },
        ),
      ),
      transforms: fc.constantFrom<readonly Transform[]>(
        [],
        [],
        [{ kind: 'to_lowercase' }],
        [{ kind: 'dotprefix' }],
        [{ kind: 'to_uppercase' }, { kind: 'dotprefix' }],
      ),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((list) =>
    list.map(({ payload, address, transforms, ...fields }, index) =>
      program({
        ...fields,
        sid: index + 1,
        buffers: [
          ...(payload
            ? [{ buffer: 'payload' as const, ...(transforms.length > 0 ? { transforms } : {}), matches: payload }]
            : []),
          ...(address ? [address] : []),
        ],
      }),
    ),
  );
const scenes: fc.Arbitrary<Scene> = fc.record({
  protocol: fc.constantFrom('tcp', 'tcp', 'tcp', 'udp', 'icmp', 'icmpv6', 'gre'),
  src: fc.constantFrom(1, 2, 3, 0xfffffff0),
  dst: fc.constantFrom(1, 2, 3, 0xfffffff1),
  srcPort: fc.constantFrom(0, 1, 2, 3, 100),
  dstPort: fc.constantFrom(0, 1, 2, 3, 60001),
  byte: fc.constantFrom(0, 2, 4, 8, 16, 18, 24),
  payload: text,
  toServer: fc.boolean(),
  established: fc.boolean(),
  first: fc.boolean(),
  fault: fc.constantFrom(0, 0, 3, 12),
  event: fc.constantFrom(0, 0, 5, 31, 40),
});

class Sids implements CandidateSink {
  list: number[] = [];
  emit(candidate: Candidate): boolean {
    this.list.push(candidate.sid);
    return true;
  }
}

type Open = (programs: readonly RuleProgram[]) => Detector;

function openNaive(programs: readonly RuleProgram[]): Detector {
  const memory = placeBlock(compileRules(programs, { compilePatterns: naiveTables }).block);
  return new Detector(new RuleSet(memory), new NaiveScanner(memory));
}

const memory = newShardMemory();

function openKernel(programs: readonly RuleProgram[]): Detector {
  return openDetector(placeBlock(compileRules(programs).block), openMatcher(compileKernel(), memory), memory);
}

describe('the detector finds what trying everything finds', () => {
  it.each<[string, Open, number]>([
    ['with the naive scanner', openNaive, 1500],
    ['with the kernel', openKernel, 150],
  ])('%s', (_, open, numRuns) => {
    let fired = 0;
    fc.assert(
      fc.property(rules, fc.array(scenes, { minLength: 1, maxLength: 8 }), (programs, packets) => {
        const detector = open(programs);
        for (const scene of packets) {
          const { packet, flow } = load(scene);
          const sink = new Sids();
          detector.inspect(packet, flow, scene.toServer ? DIRECTION.toServer : DIRECTION.toClient, sink);
          expect(sink.list.sort((a, b) => a - b)).toEqual(
            programs.filter((rule) => fires(rule, scene)).map((rule) => rule.sid),
          );
          fired += sink.list.length;
        }
      }),
      { numRuns, seed: 21 },
    );
    expect(fired).toBeGreaterThan(numRuns);
  });
});

describe('the hot path', () => {
  it('allocates nothing for packets without an alert', () => {
    const programs = ['abcd', 'bcda', 'wget', 'passwd'].map((word, index) =>
      program({ sid: index, header: { protocol: 'tcp' }, payload: [content(word), content('zzz', { distance: 0 })] }),
    );
    const detector = openNaive(programs.map((rule) => ({ ...rule, fastPattern: undefined })));
    const { packet, flow } = load({
      protocol: 'tcp',
      src: 1,
      dst: 2,
      srcPort: 3,
      dstPort: 80,
      byte: 16,
      payload: Buffer.from('abcd wget /etc/passwd bcda'),
      toServer: true,
      established: true,
      first: false,
      fault: 0,
      event: 0,
    });
    const sink = new Sids();
    const inspect = (count: number): void => {
      for (let i = 0; i < count; i++) detector.inspect(packet, flow, DIRECTION.toServer, sink);
    };
    inspect(20_000);
    const before = process.memoryUsage().heapUsed;
    inspect(200_000);
    const perPacket = (process.memoryUsage().heapUsed - before) / 200_000;
    expect(detector.stats.verified).toBe(220_000 * 4);
    // One object per packet would be 16 bytes and more; a collection in between makes the figure smaller.
    expect(perPacket).toBeLessThan(8);
  });
});
