/**
 * Conversations whose packets are wrapped differently in each direction, or from packet to packet: a flow is found
 * whatever it is wrapped in, the number of shards changes no byte of what is written, and each frame is counted once.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { DISPATCHER_SLOTS, SHARD_SLOTS } from '../../src/counters/names.js';
import { batchOf } from '../support/batch.js';
import {
  ethernet,
  fragmentIpv4,
  geneve,
  gre,
  ipv4,
  ipv6,
  tcp,
  TCP_FLAG,
  udp,
  vxlan,
} from '../support/packet-builder.js';
import { InProcessSensor } from './in-process-sensor.js';

const folder = mkdtempSync(join(tmpdir(), 'periscope-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rules = join(folder, 'nested.rules');
writeFileSync(
  rules,
  `
alert udp any any -> any any (msg:"asked"; flow:to_server; content:"ask"; flowbits:set,asked; noalert; sid:1;)
alert udp any any -> any any (msg:"answered"; flow:established,to_client; content:"tell"; flowbits:isset,asked; sid:2;)
alert tcp any any -> any 80 (msg:"said in an established connection"; flow:established,to_server; content:"ask"; sid:3;)
alert tcp any 80 -> any any (msg:"answered in an established connection"; flow:established,to_client; content:"tell"; sid:4;)
alert ip any any -> any any (msg:"every layer"; ttl:>0; sid:5;)
alert ip any any -> any any (msg:"every layer once more"; ttl:>0; sid:6;)
alert ip any any -> any any (msg:"GRE"; ip_proto:47; sid:7;)
alert ip any any -> any any (msg:"a flow goes on"; flow.pkts_toserver:>2; sid:8;)
alert ip any any -> any any (msg:"some of all"; ttl:>0; threshold:type threshold, track by_rule, count 7, seconds 60; sid:9;)
alert ip any any -> any any (msg:"a fragment"; fragbits:M; sid:10;)
alert udp any any -> any 7 (msg:"followed"; content:"ask"; tag:session,3,packets; sid:11;)
pass ip 172.16.0.1 any <> 172.16.0.2 any (msg:"a trusted tunnel"; sid:12;)
`,
);

/** One header around a packet, from one node to another. */
interface Tunnel {
  readonly kind: 'gre' | 'ipip' | 'vxlan' | 'geneve' | 'fragments';
  readonly src: number;
  readonly dst: number;
  readonly port: number;
  readonly overIpv6: boolean;
}
/** The tunnels of a packet, the innermost first. */
type Nesting = readonly Tunnel[];

function wrap(packet: Uint8Array, { kind, src, dst, port, overIpv6 }: Tunnel, id: number): Uint8Array[] {
  const outer = (payload: Uint8Array): Uint8Array =>
    overIpv6
      ? ipv6({ src: `fd00::${src}`, dst: `fd00::${dst}` }, payload)
      : ipv4({ src: `172.16.0.${src}`, dst: `172.16.0.${dst}`, id }, payload);
  switch (kind) {
    case 'gre':
      return [outer(gre({}, packet))];
    case 'ipip':
      return [outer(packet)];
    case 'vxlan':
      return [outer(udp({ srcPort: port, dstPort: 4789, checksum: 0 }, vxlan({ vni: 5 }, ethernet({}, packet))))];
    case 'geneve':
      return [outer(udp({ srcPort: port, dstPort: 6081, checksum: 0 }, geneve({ vni: 6 }, ethernet({}, packet))))];
    case 'fragments':
      return packet[0]! >>> 4 === 4 ? fragmentIpv4(packet, 68) : [packet];
  }
}

/** The frames that a packet becomes: more than one where it is fragmented. */
function framesOf(packet: Uint8Array, nesting: Nesting, mirrored: boolean, id: number): Uint8Array[] {
  const packets = nesting.reduce(
    (inner, tunnel) => inner.flatMap((each, i) => wrap(each, tunnel, (id * 16 + i) & 0xffff)),
    [packet],
  );
  const frames = packets.map((each) => ethernet({}, each));
  // Else the first VXLAN or GENEVE would be taken for the mirror's.
  if (!mirrored) return frames;
  return frames.map((frame) =>
    ethernet(
      {},
      ipv4(
        { src: '192.0.2.1', dst: '192.0.2.2' },
        udp({ srcPort: 5, dstPort: 4789, checksum: 0 }, vxlan({ vni: 9 }, frame)),
      ),
    ),
  );
}

interface Conversation {
  readonly transport: 'udp' | 'tcp';
  /** Of each packet in turn. */
  readonly there: readonly Nesting[];
  readonly back: readonly Nesting[];
  readonly mirrored: boolean;
  /** Bytes of a payload, about. */
  readonly size?: number;
}

/** The packets of a conversation, each as the frames that it becomes. */
function packetsOf({ transport, there, back, mirrored, size = 90 }: Conversation, n: number): Uint8Array[][] {
  const [client, server] = [`10.0.${n >> 6}.${1 + (n & 63)}`, '10.9.0.1'];
  const port = 20_000 + n;
  const text = (word: string): string => `${word} ${'.'.repeat((n * 7) % size)}`;
  const datagrams: [back: boolean, segment: Uint8Array][] =
    transport === 'udp'
      ? [
          [false, udp({ srcPort: port, dstPort: 7 }, text('ask'))],
          [true, udp({ srcPort: 7, dstPort: port }, text('tell'))],
          [false, udp({ srcPort: port, dstPort: 7 }, 'thanks')],
        ]
      : [
          [false, tcp({ srcPort: port, dstPort: 80, seq: 100, ack: 0, flags: TCP_FLAG.syn })],
          [true, tcp({ srcPort: 80, dstPort: port, seq: 500, ack: 101, flags: TCP_FLAG.syn | TCP_FLAG.ack })],
          [false, tcp({ srcPort: port, dstPort: 80, seq: 101, ack: 501, flags: TCP_FLAG.ack })],
          [false, tcp({ srcPort: port, dstPort: 80, seq: 101, ack: 501 }, text('ask'))],
          [true, tcp({ srcPort: 80, dstPort: port, seq: 501, ack: 101 + text('ask').length }, text('tell'))],
        ];
  return datagrams.map(([isBack, segment], i) => {
    const packet = ipv4(
      isBack ? { src: server, dst: client, id: n * 8 + i } : { src: client, dst: server, id: n * 8 + i },
      segment,
    );
    const nestings = isBack ? back : there;
    return framesOf(packet, nestings[i % nestings.length]!, mirrored, n * 8 + i);
  });
}

const tunnel: fc.Arbitrary<Tunnel> = fc.record({
  kind: fc.constantFrom('gre', 'ipip', 'vxlan', 'geneve', 'fragments'),
  src: fc.integer({ min: 1, max: 6 }),
  dst: fc.integer({ min: 1, max: 6 }),
  port: fc.integer({ min: 5000, max: 5003 }),
  overIpv6: fc.boolean(),
});
const nestings = fc.array(fc.array(tunnel, { maxLength: 3 }), { minLength: 1, maxLength: 2 });
const conversations = fc.array(
  fc.record({ transport: fc.constantFrom('udp', 'tcp'), there: nestings, back: nestings, mirrored: fc.boolean() }),
  { minLength: 1, maxLength: 24 },
);

/** Conversations at the same time: the next packet is one of any of them. */
function interleave(all: readonly Conversation[], order: readonly number[]): Uint8Array[] {
  const waiting = all.map((conversation, n) => packetsOf(conversation, n));
  const frames: Uint8Array[] = [];
  for (let turn = 0; waiting.some((packets) => packets.length > 0); turn++) {
    const open = waiting.filter((packets) => packets.length > 0);
    frames.push(...open[(order[turn % order.length]! + turn) % open.length]!.shift()!);
  }
  return frames;
}

interface Run {
  readonly lines: readonly string[];
  readonly received: number;
  readonly inspected: number;
  readonly dropped: number;
  readonly bytes: number;
}

function run(frames: readonly Uint8Array[], shards: number, batchSize: number): Run {
  const lines: string[] = [];
  const sensor = new InProcessSensor({
    rules: [rules],
    shards,
    flowCap: 4096,
    midstream: false,
    verifyChecksums: true,
    candidateBytes: 1 << 22,
    onEvent: (line) => lines.push(Buffer.from(line).toString('latin1')),
  });
  const timed = frames.map((bytes, i) => ({ bytes, timeUs: 1_700_000_000_000_000 + i * 1000 }));
  for (let at = 0; at < timed.length; at += batchSize) {
    const part = timed.slice(at, at + batchSize);
    sensor.deliver(batchOf(part), part.length);
    expectBalance(sensor);
    sensor.drain();
    expectBalance(sensor);
  }
  sensor.end();
  expectBalance(sensor);
  const { received, inspected, dropped, pending } = sensor.balance();
  expect(pending).toBe(0);
  return { lines, received, inspected, dropped, bytes: sensor.totals().shard[SHARD_SLOTS.inspectedBytes]! };
}

function expectBalance(sensor: InProcessSensor): void {
  const { received, inspected, dropped, pending } = sensor.balance();
  expect(received).toBe(inspected + dropped + pending);
  expect(pending).toBeGreaterThanOrEqual(0);
}

const sidsOf = (lines: readonly string[]): number[] =>
  lines.map((line) => (JSON.parse(line) as { alert?: { signature_id: number } }).alert?.signature_id ?? 0);

describe('packets in tunnels, each wrapped in its own way', () => {
  it('bring the same bytes for any number of shards', () => {
    fc.assert(
      fc.property(
        conversations,
        fc.array(fc.nat(23), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 40 }),
        (all, order, batchSize) => {
          const frames = interleave(all, order);
          const alone = run(frames, 1, batchSize);
          expect(alone.received).toBe(frames.length);
          for (const shards of [2, 3, 8]) {
            const { lines, ...sums } = run(frames, shards, batchSize);
            expect(lines.join('\n')).toBe(alone.lines.join('\n'));
            expect({ lines: alone.lines, ...sums }).toEqual(alone);
          }
        },
      ),
      { seed: 31, numRuns: 25 },
    );
  });

  it('are found by as many shards as by one where request and reply come through different tunnels', () => {
    const through = (kind: Tunnel['kind'], src: number): Nesting => [
      { kind, src, dst: src + 1, port: 5000, overIpv6: false },
    ];
    const ways: Nesting[] = [
      [],
      through('gre', 3),
      through('gre', 5),
      through('ipip', 7),
      through('vxlan', 9),
      through('geneve', 11),
    ];
    const all = Array.from({ length: 72 }, (_, n): Conversation => ({
      transport: n % 2 === 0 ? 'udp' : 'tcp',
      there: [ways[n % 6]!],
      back: [ways[Math.floor(n / 6) % 6]!],
      mirrored: true,
    }));
    const frames = interleave(all, [0]);
    for (const shards of [1, 2, 3, 8]) {
      const sids = sidsOf(run(frames, shards, 16).lines);
      expect([2, 3, 4].map((sid) => sids.filter((each) => each === sid).length)).toEqual([36, 36, 36]);
    }
  });

  it('raise the alerts of a frame from the outer layer to the inner one, and of a layer in the order of rules', () => {
    const nesting: Nesting = [1, 2, 3].map((i) => ({
      kind: 'gre',
      src: 10 * i,
      dst: 10 * i + 1,
      port: 0,
      overIpv6: false,
    }));
    const all = Array.from({ length: 20 }, (): Conversation => ({
      transport: 'udp',
      there: [nesting],
      back: [nesting],
      mirrored: true,
    }));
    const { lines } = run(interleave(all, [0]), 8, 64);
    const seen = lines
      .map(
        (line) =>
          JSON.parse(line) as { timestamp: string; tunnel: { depth: number }; alert?: { signature_id: number } },
      )
      .filter(({ alert }) => alert?.signature_id === 5 || alert?.signature_id === 6);
    const key = ({ timestamp, tunnel: { depth }, alert }: (typeof seen)[number]): string =>
      `${timestamp} ${depth} ${alert!.signature_id}`;
    expect(seen).toHaveLength(60 * 4 * 2);
    expect(seen.map(key)).toEqual(seen.map(key).toSorted());
  });

  it.each([2, 3])('are each counted once when a ring is full: that of any of %i shards', (shards) => {
    const nesting: Nesting = [{ kind: 'gre', src: 1, dst: 3, port: 0, overIpv6: false }];
    const all = Array.from({ length: 60 }, (_, n): Conversation => ({
      transport: n % 2 === 0 ? 'udp' : 'tcp',
      there: [nesting],
      back: [[]],
      mirrored: false,
      size: 1000,
    }));
    const frames = interleave(all, [0]).map((bytes) => ({ bytes }));
    for (let late = 0; late < shards; late++) {
      const sensor = new InProcessSensor({
        rules: [rules],
        shards,
        flowCap: 4096,
        midstream: true,
        verifyChecksums: false,
        onEvent: () => undefined,
      });
      const ringFull = (): number => sensor.totals().dispatcher[DISPATCHER_SLOTS.droppedRingFull]!;
      let delivered = 0;
      for (let i = 0; i < 200 && ringFull() === 0; i++) {
        sensor.deliver(batchOf(frames), frames.length);
        delivered += frames.length;
        sensor.drain(late);
        expectBalance(sensor);
      }
      expect(ringFull()).toBeGreaterThan(0);
      sensor.drain();
      sensor.end();
      expect(sensor.balance()).toMatchObject({
        received: delivered,
        inspected: delivered - ringFull(),
        dropped: ringFull(),
        pending: 0,
      });
    }
  });
});
