/** The index of headers finds the rules that looking at every header finds, and looks at few others. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeaderIndexWriter, type Family } from '../../src/compile/header-index.js';
import { HeaderLookup } from '../../src/detect/candidates/header-lookup.js';
import { ListWriter } from '../../src/compile/list-writer.js';
import { Packet } from '../../src/decode/packet.js';
import type { AddressSet, Ranges } from '../../src/block/terms.js';
import type { RuleHeader } from '../../src/rule/program.js';
import { program } from '../support/rule-programs.js';

interface Scene {
  readonly src: number;
  readonly dst: number;
  readonly srcPort: number;
  readonly dstPort: number;
}

/** IPv6 addresses of the tests: a common prefix, then the IPv4 address in the last word. */
const PREFIX = 0x20010db8_00000000_00000000_00000000n;
const set = (ipv4: Ranges): AddressSet => ({
  ipv4,
  ipv6: ipv4.map(([low, high]) => [PREFIX + BigInt(low), PREFIX + BigInt(high)] as const),
});

function packetOf({ src, dst, srcPort, dstPort }: Scene, family: Family): Packet {
  const packet = new Packet();
  packet.bytes = new Uint8Array(64);
  packet.ipVersion = family;
  packet.srcPort = srcPort;
  packet.dstPort = dstPort;
  const view = new DataView(packet.bytes.buffer);
  for (const [offset, address] of [
    [packet.srcIpOffset, src],
    [packet.dstIpOffset, dst],
  ] as const) {
    if (family === 6) view.setUint32(offset, 0x20010db8);
    view.setUint32(offset + (family === 6 ? 12 : 0), address);
  }
  return packet;
}

class Index {
  private readonly words: Int32Array;
  private readonly root: number;
  private readonly lookup: HeaderLookup;
  private readonly family: Family;

  constructor(headers: readonly Partial<RuleHeader>[], family: Family) {
    const lists = new ListWriter([7, 7, 7]);
    this.family = family;
    this.root = new HeaderIndexWriter(lists).add(
      headers.map((header, row) => ({ row, transports: 1, flags: 0, program: program({ header }) })),
      family,
    );
    this.words = Int32Array.from(lists.words);
    this.lookup = new HeaderLookup(this.words);
  }

  get size(): number {
    return this.words.length;
  }

  /** What a packet costs: words of the index that are read, and rules that are looked at. */
  work(scene: Scene): number {
    let reads = 0;
    const counted = new Proxy(this.words, { get: (words, key) => (reads++, Reflect.get(words, key) as unknown) });
    const lookup = new HeaderLookup(counted);
    lookup.find(this.root, packetOf(scene, this.family));
    for (let i = 0; i < lookup.count; i++) reads += lookup.ranges[2 * i + 1]! - lookup.ranges[2 * i]!;
    return reads;
  }

  /** Rows looked at; each list must be ascending. */
  rows(scene: Scene): number[] {
    this.lookup.find(this.root, packetOf(scene, this.family));
    return Array.from({ length: this.lookup.count }, (_, i) => {
      const list = [...this.words.subarray(this.lookup.ranges[2 * i], this.lookup.ranges[2 * i + 1])];
      expect(list).toEqual([...new Set(list)].sort((a, b) => a - b));
      return list;
    }).flat();
  }
}

const within = (ranges: Ranges | undefined, value: number): boolean =>
  ranges === undefined || ranges.some(([low, high]) => value >= low && value <= high);

function fits(
  { source, destination, sourcePorts, destinationPorts, bidirectional }: RuleHeader,
  { src, dst, srcPort, dstPort }: Scene,
): boolean {
  const way = (from: number, fromPort: number, to: number, toPort: number): boolean =>
    within(source?.ipv4, from) &&
    within(destination?.ipv4, to) &&
    within(sourcePorts, fromPort) &&
    within(destinationPorts, toPort);
  return way(src, srcPort, dst, dstPort) || (bidirectional && way(dst, dstPort, src, srcPort));
}

const disjoint = (bounds: readonly number[]): Ranges => {
  const sorted = [...bounds].sort((a, b) => a - b);
  return Array.from({ length: sorted.length >> 1 }, (_, i) => [sorted[2 * i]!, sorted[2 * i + 1]!] as const);
};
const address = fc.oneof(
  fc.nat(20),
  fc.integer({ min: 0x7ffffff0, max: 0x8000000f }),
  fc.integer({ min: 0xfffffff0, max: 0xffffffff }),
);
const addresses: fc.Arbitrary<AddressSet | undefined> = fc.oneof(
  { weight: 2, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constantFrom(set([[0, 0xffffffff]]), set([])) },
  {
    weight: 6,
    arbitrary: fc.uniqueArray(address, { minLength: 2, maxLength: 8 }).map((bounds) => set(disjoint(bounds))),
  },
);
const port = fc.oneof(fc.nat(6), fc.integer({ min: 65_530, max: 65_535 }));
const ports: fc.Arbitrary<Ranges | undefined> = fc.oneof(
  { weight: 2, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constantFrom<Ranges>([[0, 65_535]], [[1024, 65_535]]) },
  { weight: 4, arbitrary: fc.uniqueArray(port, { minLength: 2, maxLength: 6 }).map(disjoint) },
);
const headers: fc.Arbitrary<RuleHeader> = fc.record({
  protocol: fc.constant('tcp' as const),
  source: addresses,
  destination: addresses,
  sourcePorts: ports,
  destinationPorts: ports,
  bidirectional: fc.boolean(),
});
const scenes: fc.Arbitrary<Scene> = fc.record({ src: address, dst: address, srcPort: port, dstPort: port });

describe('the index of headers', () => {
  it.each<Family>([4, 6])('misses no rule on IPv%i', (family) => {
    fc.assert(
      fc.property(
        fc.array(headers, { maxLength: 60 }),
        fc.array(scenes, { minLength: 1, maxLength: 8 }),
        (list, packets) => {
          const index = new Index(list, family);
          for (const scene of packets) {
            const found = new Set(index.rows(scene));
            list.forEach((header, row) => {
              if (fits(header, scene)) expect(found).toContain(row);
            });
          }
        },
      ),
      { numRuns: 1000, seed: 31 },
    );
  });

  it.each<Family>([4, 6])('says the same of IPv%i packets that come again, in any order', (family) => {
    const order = fc.array(fc.nat(7), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(
        fc.array(headers, { maxLength: 30 }),
        fc.array(scenes, { minLength: 8, maxLength: 8 }),
        order,
        (list, packets, sent) => {
          const index = new Index(list, family);
          for (const which of sent)
            expect(index.rows(packets[which]!)).toEqual(new Index(list, family).rows(packets[which]!));
        },
      ),
      { numRuns: 100 },
    );
  });

  const scene: Scene = { src: 5, dst: 500 * 16 + 2, srcPort: 40_000, dstPort: 500 };
  const host = (row: number): AddressSet => set([[row * 16, row * 16 + 3]]);
  const every = (header: (row: number) => Partial<RuleHeader>): Partial<RuleHeader>[] =>
    Array.from({ length: 10_000 }, (_, row) => header(row));
  const net = set([[0, 0xffffff]]);
  it.each<[string, Partial<RuleHeader>[]]>([
    ['addresses', every((row) => ({ destination: host(row) }))],
    ['addresses with one port', every((row) => ({ destination: host(row), destinationPorts: [[500, 500]] }))],
    ['ports of one network', every((row) => ({ destination: net, destinationPorts: [[row, row]] }))],
    ['ports of one host', every((row) => ({ destination: host(500), destinationPorts: [[row, row]] }))],
    ['ports of either side', every((row) => ({ source: host(500), sourcePorts: [[row, row]], bidirectional: true }))],
    ['pairs of hosts', every((row) => ({ source: set([[row % 99, row % 99]]), destination: host(row) }))],
    [
      'source ports to one port',
      every((row) => ({ sourcePorts: [[row + 30_001, row + 30_001]], destinationPorts: [[500, 500]] })),
    ],
  ])('looks at few of 10 000 rules on %s', (_, list) => {
    for (const family of [4, 6] as const) {
      const rows = new Index(list, family).rows(scene);
      expect(rows.length).toBeGreaterThan(0);
      expect(rows.length).toBeLessThanOrEqual(16);
    }
  });

  it.each([100, 1000, 10_000])('asks at most half as much again of lists of address and port: %i rules', (count) => {
    const list = (ports: boolean): Index =>
      new Index(
        Array.from({ length: count }, (_, row) => ({
          destination: set([[row * 16, row * 16 + 3]]),
          ...(ports ? { destinationPorts: [[1000 + (row % 5000), 1000 + (row % 5000)]] as const } : {}),
        })),
        4,
      );
    const [addresses, both] = [list(false), list(true)];
    let [one, two] = [0, 0];
    for (let row = 0; row < count; row += count / 100) {
      // The host and its port, the host and another one, and a host that is in no rule.
      for (const [dst, dstPort] of [
        [row * 16 + 2, 1000 + (row % 5000)],
        [row * 16 + 2, 443],
        [row * 16 + 9, 443],
      ]) {
        one += addresses.work({ src: 5, dst: dst!, srcPort: 40_000, dstPort: dstPort! });
        two += both.work({ src: 5, dst: dst!, srcPort: 40_000, dstPort: dstPort! });
      }
    }
    expect(one).toBeGreaterThan(300);
    expect(two / one).toBeLessThanOrEqual(1.5);
  });

  it('looks at none where none fits', () => {
    const index = new Index(
      every((row) => ({ source: host(row), sourcePorts: [[80, 80]] })),
      4,
    );
    expect(index.rows({ src: 7, dst: 0, srcPort: 80, dstPort: 80 })).toEqual([]);
    expect(index.rows({ src: 0xffffffff, dst: 0, srcPort: 80, dstPort: 80 })).toEqual([]);
  });

  it('does not grow with the square of rules that overlap', () => {
    const nested = Array.from({ length: 3000 }, (_, row) => ({
      destination: set([[row, 100_000 - row]]),
      destinationPorts: [[row, 30_000 - row]] as const,
    }));
    expect(new Index(nested, 4).size).toBeLessThan(3000 * 300);
  });
});
