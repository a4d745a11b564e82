/** Packets that a group of mirror sessions shows more than once count once; nothing else is a copy. */
import { describe, expect, it } from 'vitest';
import { FlowTable } from '../../src/flow/table.js';
import { VniGroups } from '../../src/flow/vni-groups.js';
import { Duplicates } from '../../src/shard/duplicates.js';
import { packetOf } from '../flow/packet-of.js';
import { icmp, ipv4, ipv6, tcp, udp } from '../support/packet-builder.js';

const GROUPS = [[42, 43, 44]];
const SECOND = 1_000_000;

/** Whether each of the packets is a copy, by its bytes, session and second. */
function copies(packets: readonly (readonly [bytes: Uint8Array, vni: number, seconds?: number])[]): boolean[] {
  const duplicates = new Duplicates(new VniGroups(GROUPS), 8, 1);
  return packets.map(([bytes, vni, seconds = 0]) =>
    duplicates.isCopy(packetOf(bytes, { vni, timeUs: seconds * SECOND })),
  );
}

const segment = (text: string, id = 7, ttl = 64, seq = 1): Uint8Array =>
  ipv4({ src: '10.0.0.1', dst: '10.0.0.2', id, ttl }, tcp({ srcPort: 40_000, dstPort: 80, seq }, text));

describe('a packet', () => {
  it('is a copy where another session of its group has shown it, whatever routers changed', () => {
    expect(
      copies([
        [segment('data'), 42],
        [segment('data', 7, 63), 43],
        [segment('data', 7, 62), 44],
      ]),
    ).toEqual([false, true, true]);
    for (const inner of [udp({}, 'data'), icmp({}, 'data')])
      expect(
        copies([
          [ipv4({ id: 5 }, inner), 42],
          [ipv4({ id: 5, ttl: 9 }, inner), 43],
        ]),
      ).toEqual([false, true]);
    expect(
      copies([
        [ipv6({}, tcp({}, 'data')), 42],
        [ipv6({ hopLimit: 9 }, tcp({}, 'data')), 43],
      ]),
    ).toEqual([false, true]);
  });

  it('is none from the same session, from outside of the group, or a second later', () => {
    const data = segment('data');
    expect(
      copies([
        [data, 42],
        [data, 42],
        [data, 43],
      ]),
    ).toEqual([false, false, true]);
    expect(
      copies([
        [data, 42],
        [data, 50],
        [data, 50],
      ]),
    ).toEqual([false, false, false]);
    expect(
      copies([
        [data, 42],
        [data, 43, 1.5],
      ]),
    ).toEqual([false, false]);
  });

  it.each([
    ['identification', segment('data', 8)],
    ['number', segment('data', 7, 64, 2)],
    ['payload', segment('dada')],
    ['length', segment('data!')],
  ])('is none with another %s', (_, other) => {
    expect(
      copies([
        [segment('data'), 42],
        [other, 43],
      ]),
    ).toEqual([false, false]);
  });
});

describe('the flow of a group', () => {
  it('is one for all its sessions, and knows which have shown it', () => {
    const flows = new FlowTable({ cap: 8, vniInKey: true, vniGroups: GROUPS, midstream: true });
    const duplicates = new Duplicates(new VniGroups(GROUPS), 8, 1);
    const see = (bytes: Uint8Array, vni: number): number[] | undefined => {
      const packet = packetOf(bytes, { vni });
      if (!duplicates.isCopy(packet)) duplicates.note(flows.lookup(packet)!, packet);
      return duplicates.vnisOf(flows.at(0));
    };
    expect(see(segment('a', 1), 43)).toBeUndefined();
    expect(see(segment('a', 1), 42)).toEqual([42, 43]);
    expect(see(segment('b', 2), 44)).toEqual([42, 43, 44]);
    expect([flows.stats.active, flows.at(0).packetsToServer, duplicates.count]).toEqual([1, 2, 1]);
    expect(flows.lookup(packetOf(segment('a', 1), { vni: 50 }))!.index).not.toBe(0);
  });
});
