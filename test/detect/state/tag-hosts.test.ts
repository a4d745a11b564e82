/** The shared table of hosts' tags: shards, caps, time. What its tags mean is in tag.test.ts. */
import { describe, expect, it } from 'vitest';
import { Packet } from '../../../src/decode/packet.js';
import { allocateHostTags, HostTags, LEAST_HOST_TAGS } from '../../../src/detect/state/tag-hosts.js';
import { TagAskers, type TagSource } from '../../../src/detect/state/tag-state.js';

function packetOf(src: number, seconds = 0): Packet {
  const packet = new Packet();
  packet.bytes = new Uint8Array(64);
  new DataView(packet.bytes.buffer).setUint32(12, src);
  packet.ipVersion = 4;
  packet.frameLength = 64;
  packet.timeUs = 1.7e15 + seconds * 1e6;
  return packet;
}

/** An OP.tag at word 0 of its code. */
const source = (sid: number, packets: number, seconds = 0): TagSource => ({
  gid: 1,
  sid,
  code: Int32Array.of(18, 6, 1, packets, 0, seconds),
  at: 0,
});

function tag(table: HostTags, packet: Packet, asked: TagSource): void {
  table.set(packet, packet.srcIpOffset, asked);
  count(table, packet);
}

function count(table: HostTags, packet: Packet): number[] {
  const askers = new TagAskers();
  table.count(packet, askers);
  return askers.ids.filter((_, i) => i % 2 === 1);
}

describe('the table of tagged hosts', () => {
  it('is one for all shards', () => {
    const memory = allocateHostTags(64);
    const other = new HostTags(memory, true);
    tag(new HostTags(memory, true), packetOf(1), source(7, 3));
    expect(other.used).toBe(1);
    expect([
      count(other, packetOf(1)),
      count(new HostTags(memory, true), packetOf(1)),
      count(other, packetOf(1)),
    ]).toEqual([[7], [7], []]);
    expect(other.used).toBe(0);
  });

  it('keeps hosts of mirror sessions apart where flows are', () => {
    const inSession = (vni: number): Packet => Object.assign(packetOf(1), { vni });
    for (const vniInKey of [true, false]) {
      const table = new HostTags(allocateHostTags(64), vniInKey);
      tag(table, inSession(3), source(7, 9));
      expect([vniInKey, count(table, inSession(4))]).toEqual([vniInKey, vniInKey ? [] : [7]]);
    }
  });

  it('frees what is over as time goes by', () => {
    const table = new HostTags(allocateHostTags(4096), true);
    for (let host = 1; host <= 100; host++)
      tag(table, packetOf(host, host), host % 2 === 0 ? source(7, 9) : source(7, 0, 3600));
    table.sweep(packetOf(0, 650).timeUs);
    expect(table.used).toBe(50 + 26);
    table.sweep(packetOf(0, 5000).timeUs);
    expect([table.used, table.evicted]).toEqual([0, 0]);
  });

  it('has a cap; the tag that has waited longest gives way, and is counted', () => {
    const table = new HostTags(allocateHostTags(LEAST_HOST_TAGS), true);
    for (let host = 1; host <= LEAST_HOST_TAGS; host++) tag(table, packetOf(host, host), source(7, 9));
    count(table, packetOf(1, 50));
    tag(table, packetOf(99, 51), source(7, 9));
    expect([table.used, table.evicted]).toEqual([LEAST_HOST_TAGS, 1]);
    expect([count(table, packetOf(1, 52)), count(table, packetOf(2, 52)), count(table, packetOf(99, 52))]).toEqual([
      [7],
      [],
      [7],
    ]);
  });

  it("gives nobody's place away while one is free or over", () => {
    const table = new HostTags(allocateHostTags(LEAST_HOST_TAGS), true);
    for (let host = 1; host <= LEAST_HOST_TAGS; host++)
      tag(table, packetOf(host), source(7, 0, host === 5 ? 10 : 1000));
    tag(table, packetOf(99, 11), source(7, 9));
    expect([table.used, table.evicted, count(table, packetOf(5, 11))]).toEqual([LEAST_HOST_TAGS, 0, []]);
  });

  it('holds as many hosts as it was made for, about', () => {
    const table = new HostTags(allocateHostTags(1024), true);
    for (let host = 0; host < 512; host++) tag(table, packetOf(0x0a000000 + host * 7), source(7, 9));
    expect(table.used + table.evicted).toBe(512);
    expect(table.evicted).toBeLessThan(26);
  });

  it('forgets everything when it is cleared', () => {
    const table = new HostTags(allocateHostTags(64), true);
    tag(table, packetOf(1), source(7, 9));
    table.clear();
    expect([table.used, count(table, packetOf(1))]).toEqual([0, []]);
  });

  it('is usable when a shard has died with a lock, once that is freed', () => {
    const memory = allocateHostTags(LEAST_HOST_TAGS);
    const table = new HostTags(memory, true);
    // The lock of the one bucket.
    new Int32Array(memory)[16] = 1;
    expect(table.freeLocksOf(1)).toBe(1);
    tag(table, packetOf(1), source(7, 9));
    expect(count(table, packetOf(1))).toEqual([7]);
  });
});
