/** Marks of hosts and pairs: the table against a plain map, and rules that set and ask across flows. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocateHostBits, HostBits } from '../../../src/detect/state/host-bits.js';
import { HOST_SCOPE } from '../../../src/block/rule-block.js';
import { Packet } from '../../../src/decode/packet.js';
import { ethernet, ipv4, ipv6, udp } from '../../support/packet-builder.js';
import { Sensor } from '../../support/detecting.js';
import { content, program } from '../../support/rule-programs.js';

interface Ends {
  readonly version: 4 | 6;
  readonly src: number;
  readonly dst: number;
  readonly vni?: number;
  readonly seconds?: number;
}

function packetOf({ version, src, dst, vni = -1, seconds = 0 }: Ends): Packet {
  const packet = new Packet();
  packet.bytes = new Uint8Array(64);
  packet.ipVersion = version;
  packet.bytes[version === 4 ? 15 : 23] = src;
  packet.bytes[version === 4 ? 19 : 39] = dst;
  packet.vni = vni;
  packet.timeUs = 1.7e15 + seconds * 1e6;
  return packet;
}

const { source, destination, pair } = HOST_SCOPE;

describe('marks', () => {
  const table = (vniInKey = true): HostBits => new HostBits(allocateHostBits(), vniInKey);
  const ab: Ends = { version: 4, src: 1, dst: 2 };
  const ba: Ends = { version: 4, src: 2, dst: 1 };

  it('belong to one host, whichever end it is', () => {
    const hosts = table();
    hosts.set(packetOf(ab), source, 7, 30);
    expect([
      hosts.has(packetOf(ab), source, 7),
      hosts.has(packetOf(ba), destination, 7),
      hosts.has(packetOf(ab), destination, 7),
      hosts.has(packetOf(ab), source, 8),
    ]).toEqual([true, true, false, false]);
  });

  it('of a pair hold in both directions, and not for its hosts', () => {
    const hosts = table();
    hosts.set(packetOf(ba), pair, 7, 30);
    expect([
      hosts.has(packetOf(ab), pair, 7),
      hosts.has(packetOf(ba), pair, 7),
      hosts.has(packetOf(ab), source, 7),
      hosts.has(packetOf({ ...ab, dst: 3 }), pair, 7),
    ]).toEqual([true, true, false, false]);
  });

  it('are not those of the same bytes in IPv6, nor of another mirror session', () => {
    const hosts = table();
    hosts.set(packetOf({ ...ab, vni: 5 }), source, 7, 30);
    expect(hosts.has(packetOf({ ...ab, vni: 6 }), source, 7)).toBe(false);
    expect(hosts.has(packetOf({ ...ab, vni: 5, version: 6 }), source, 7)).toBe(false);
    const open = table(false);
    open.set(packetOf({ ...ab, vni: 5 }), source, 7, 30);
    expect(open.has(packetOf({ ...ab, vni: 6 }), source, 7)).toBe(true);
  });

  it("end with their time, by the packets' clock, and start anew when set again", () => {
    const hosts = table();
    hosts.set(packetOf(ab), source, 7, 30);
    expect([30, 31].map((seconds) => hosts.has(packetOf({ ...ab, seconds }), source, 7))).toEqual([true, false]);
    hosts.set(packetOf({ ...ab, seconds: 40 }), source, 7, 30);
    hosts.set(packetOf({ ...ab, seconds: 60 }), source, 7, 30);
    expect([90, 91].map((seconds) => hosts.has(packetOf({ ...ab, seconds }), source, 7))).toEqual([true, false]);
  });

  it('are seen by every shard', () => {
    const memory = allocateHostBits();
    new HostBits(memory, true).set(packetOf(ab), source, 7, 30);
    expect(new HostBits(memory, true).has(packetOf(ab), source, 7)).toBe(true);
  });

  it('give way to newer ones in a full table, which is counted', () => {
    const hosts = table();
    for (let bit = 0; bit < 90_000; bit++) hosts.set(packetOf({ ...ab, seconds: bit / 1000 }), source, bit, 3600);
    const kept = Array.from({ length: 90_000 }, (_, bit) => bit).filter((bit) => hosts.has(packetOf(ab), source, bit));
    expect(kept.length).toBeGreaterThan(55_000);
    expect(kept.length + hosts.evicted).toBe(90_000);
    expect(hosts.has(packetOf(ab), source, 89_999)).toBe(true);
  });

  it('come out as a map has them', () => {
    const step = fc.record({
      operation: fc.constantFrom('set' as const, 'unset' as const, 'toggle' as const, 'has' as const),
      scope: fc.constantFrom(source, destination, pair),
      bit: fc.integer({ min: 1, max: 3 }),
      src: fc.integer({ min: 1, max: 3 }),
      dst: fc.integer({ min: 1, max: 3 }),
      version: fc.constantFrom(4 as const, 6 as const),
      wait: fc.nat(4),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const hosts = table();
        const ends = new Map<string, number>();
        let now = 0;
        for (const { operation, scope, bit, src, dst, version, wait } of steps) {
          now += wait;
          const who = scope === pair ? [src, dst].sort().join('-') : String(scope === source ? src : dst);
          const key = `${version}/${who}/${bit}`;
          const isSet = (ends.get(key) ?? -1) >= now;
          const packet = packetOf({ version, src, dst, seconds: now });
          if (operation === 'has') expect(hosts.has(packet, scope, bit)).toBe(isSet);
          else hosts[operation](packet, scope, bit, 5);
          if (operation === 'set' || (operation === 'toggle' && !isSet)) ends.set(key, now + 5);
          else if (operation !== 'has') ends.delete(key);
        }
      }),
      { numRuns: 60, seed: 20_261_122 },
    );
  });
});

describe('rules', () => {
  const frame = (src: string, dst: string, payload: string, port = 1000) =>
    ethernet({ type: 0x0800 }, ipv4({ src, dst, protocol: 17 }, udp({ srcPort: port, dstPort: 53 }, payload)));
  const payload = (text: string) => ({ payload: [content(text)] });

  it('see what another flow of the host has left', () => {
    const sensor = new Sensor([
      program({
        sid: 1,
        ...payload('set'),
        effects: [{ scope: 'host_src', operation: 'set', names: ['a'], expireSeconds: 60 }],
      }),
      program({ sid: 2, ...payload('ask'), bitTests: [{ scope: 'host_src', operation: 'isset', names: ['a'] }] }),
      program({ sid: 3, ...payload('ask'), bitTests: [{ scope: 'host_dst', operation: 'isnotset', names: ['a'] }] }),
      program({ sid: 4, ...payload('ask'), bitTests: [{ scope: 'host_both', operation: 'isset', names: ['a'] }] }),
    ]);
    expect(sensor.rules.hostState).toBe(true);
    expect(sensor.sids(frame('10.0.0.1', '10.0.0.2', 'ask'))).toEqual([3]);
    expect(sensor.sids(frame('10.0.0.1', '10.0.0.2', 'set', 1001))).toEqual([1]);
    expect(sensor.sids(frame('10.0.0.1', '10.0.0.3', 'ask', 1002))).toEqual([2, 3, 4]);
    expect(sensor.sids(frame('10.0.0.4', '10.0.0.1', 'ask', 1003))).toEqual([4]);
  });

  it('keep the state of a pair apart from IPv6', () => {
    const sensor = new Sensor([
      program({
        sid: 1,
        ...payload('set'),
        effects: [{ scope: 'ip_pair', operation: 'set', names: ['a'], expireSeconds: 60 }],
      }),
      program({ sid: 2, ...payload('ask'), bitTests: [{ scope: 'ip_pair', operation: 'isset', names: ['a'] }] }),
    ]);
    sensor.send(frame('10.0.0.1', '10.0.0.2', 'set'));
    expect(sensor.sids(frame('10.0.0.2', '10.0.0.1', 'ask', 1001))).toEqual([2]);
    expect(
      sensor.sids(
        ethernet(
          { type: 0x86dd },
          ipv6({ src: '::a00:1', dst: '::a00:2', protocol: 17 }, udp({ srcPort: 1, dstPort: 53 }, 'ask')),
        ),
      ),
    ).toEqual([]);
  });

  it('without such state need no table', () => expect(new Sensor([program(payload('x'))]).rules.hostState).toBe(false));
});
