import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Packet } from '../../src/decode/packet.js';
import { DIRECTION, type Direction, FLOW_END, FLOW_STATE, type FlowEnd } from '../../src/flow/flow.js';
import { FlowTable, type FlowOptions } from '../../src/flow/table.js';
import { DEFAULT_FLOW_TIMEOUTS } from '../../src/flow/timeouts.js';
import { FlowTuple } from '../../src/flow/tuple.js';
import { PAGE_BYTES } from '../../src/memory/arena.js';
import { fragmentIpv4, icmp, icmpv6, ipv4, ipv6, sctp, tcp, udp } from '../support/packet-builder.js';
import { packetOf, segment } from './packet-of.js';

const SECOND = 1e6;
const table = (options: Partial<FlowOptions> = {}): FlowTable =>
  new FlowTable({ cap: 100, vniInKey: true, midstream: true, ...options });
const from = (host: number, port = 1000, timeUs = 0, vni = -1): Packet =>
  packetOf(
    ipv4({ src: `10.0.${host >> 8}.${host & 255}`, dst: '192.168.0.1' }, udp({ srcPort: port, dstPort: 53 }, 'x')),
    { timeUs, vni },
  );
const answer = (host: number, port = 1000, timeUs = 0, vni = -1): Packet =>
  packetOf(
    ipv4({ dst: `10.0.${host >> 8}.${host & 255}`, src: '192.168.0.1' }, udp({ dstPort: port, srcPort: 53 }, 'xyz')),
    { timeUs, vni },
  );

describe('FlowTable: keys', () => {
  it('puts both directions into one flow and tells them apart', () => {
    const flows = table();
    const { id } = flows.lookup(from(1))!;
    expect(flows.direction).toBe(DIRECTION.toServer);
    const flow = flows.lookup(answer(1))!;
    expect(flow.id).toBe(id);
    expect(flows.direction).toBe(DIRECTION.toClient);
    expect(flow).toMatchObject({
      packetsToServer: 1,
      packetsToClient: 1,
      bytesToServer: 29,
      bytesToClient: 31,
      protocol: 17,
      ipVersion: 4,
    });
  });

  it('is established, where there is no handshake, once both directions were seen', () => {
    const flows = table();
    const flow = flows.lookup(from(1))!;
    expect([flow.state, flow.established]).toEqual([FLOW_STATE.new, false]);
    flows.lookup(from(1));
    expect(flow.established).toBe(false);
    flows.lookup(answer(1));
    expect([flow.state, flow.established]).toEqual([FLOW_STATE.established, true]);
  });

  it('keeps ports, protocols, IP versions and mirror sessions apart', () => {
    const flows = table();
    const ids = [
      from(1),
      from(1, 1001),
      from(1, 1000, 0, 7),
      from(1, 1000, 0, 8),
      packetOf(ipv4({ src: '10.0.0.1', dst: '192.168.0.1' }, tcp({ srcPort: 1000, dstPort: 53 }))),
      packetOf(ipv4({ src: '10.0.0.1', dst: '192.168.0.1' }, sctp({ srcPort: 1000, dstPort: 53 }))),
      // The words of an IPv4 address, as an IPv6 address.
      packetOf(ipv6({ src: 'a00:1::', dst: 'c0a8:1::' }, udp({ srcPort: 1000, dstPort: 53 }))),
    ].map((packet) => flows.lookup(packet)!.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(flows.stats.active).toBe(ids.length);
  });

  it('leaves the mirror session out of the key when told so', () => {
    const flows = table({ vniInKey: false });
    expect(flows.lookup(from(1, 1000, 0, 7))!.id).toBe(flows.lookup(answer(1, 1000, 0, 8))!.id);
    expect(flows.stats.active).toBe(1);
  });

  it('tells directions by ports where the addresses are equal', () => {
    const flows = table();
    const local = (srcPort: number, dstPort: number): Packet =>
      packetOf(ipv4({ src: '127.0.0.1', dst: '127.0.0.1' }, udp({ srcPort, dstPort })));
    const { id } = flows.lookup(local(40000, 53))!;
    expect(flows.lookup(local(53, 40000))!.id).toBe(id);
    expect(flows.direction).toBe(DIRECTION.toClient);
  });

  it.each([
    ['ICMP echo', icmp({ type: 8 }), icmp({ type: 0 }), true],
    ['ICMP echo of another identifier', icmp({ type: 8, id: 1 }), icmp({ type: 0, id: 2 }), true],
    ['ICMP echo and timestamp', icmp({ type: 8 }), icmp({ type: 14 }), false],
  ])('%s', (_, request, reply, same) => {
    const flows = table();
    const { id } = flows.lookup(packetOf(ipv4({ src: '10.0.0.1', dst: '10.0.0.2' }, request)))!;
    expect(flows.lookup(packetOf(ipv4({ src: '10.0.0.2', dst: '10.0.0.1' }, reply)))!.id === id).toBe(same);
  });

  it('pairs ICMPv6 neighbour solicitation and advertisement', () => {
    const flows = table();
    const { id } = flows.lookup(packetOf(ipv6({ src: 'fd00::1', dst: 'fd00::2' }, icmpv6({ type: 135 }))))!;
    expect(flows.lookup(packetOf(ipv6({ src: 'fd00::2', dst: 'fd00::1' }, icmpv6({ type: 136 }))))!.id).toBe(id);
    expect(flows.direction).toBe(DIRECTION.toClient);
  });

  it('uses addresses alone for protocols without ports', () => {
    const flows = table();
    const { id } = flows.lookup(packetOf(ipv4({ src: '10.0.0.1', dst: '10.0.0.2', protocol: 50 }, 'one')))!;
    expect(flows.lookup(packetOf(ipv4({ src: '10.0.0.2', dst: '10.0.0.1', protocol: 50 }, 'two')))!.id).toBe(id);
  });

  it('gives no flow to fragments, to frames without IP and to packets without their transport header', () => {
    const flows = table();
    const [first] = fragmentIpv4(ipv4({}, udp({}, 'x'.repeat(100))), 60);
    expect(flows.lookup(packetOf(first))).toBeNull();
    expect(flows.lookup(packetOf(ipv4({ protocol: 6 }, 'short')))).toBeNull();
    expect(flows.lookup(packetOf(ipv4({ protocol: 1 }, 'x')))).toBeNull();
    expect(flows.lookup(new Packet())).toBeNull();
    expect(flows.stats).toMatchObject({ active: 0, started: 0 });
  });
});

describe('FlowTable: ICMP errors', () => {
  const [client, server, router] = ['10.0.0.1', '192.168.0.1', '172.16.0.1'];
  const [client6, server6, router6] = ['fd00::1', 'fd00:1::1', 'fd00:2::1'];
  const asked = udp({ srcPort: 1000, dstPort: 53 }, 'ask');
  const told = udp({ srcPort: 53, dstPort: 1000 }, 'tell');
  const [ask, tell] = [ipv4({ src: client, dst: server }, asked), ipv4({ src: server, dst: client }, told)];
  const [ask6, tell6] = [ipv6({ src: client6, dst: server6 }, asked), ipv6({ src: server6, dst: client6 }, told)];
  const error = (src: string, dst: string, quoted: Uint8Array, type = 3, code = 3): Uint8Array =>
    ipv4({ src, dst }, icmp({ type, code }, quoted));
  const error6 = (src: string, dst: string, quoted: Uint8Array, type = 1): Uint8Array =>
    ipv6({ src, dst }, icmpv6({ type }, quoted));
  const { toServer, toClient } = DIRECTION;

  it.each<[string, Uint8Array, Uint8Array, Direction]>([
    ['of the server', ask, error(server, client, ask.subarray(0, 28)), toClient],
    ['of a router, to the client', ask, error(router, client, ask, 3, 4), toClient],
    ['of the client', ask, error(client, server, tell), toServer],
    ['of a router, to the server', ask, error(router, server, tell, 3, 1), toServer],
    ['of the server, IPv6', ask6, error6(server6, client6, ask6.subarray(0, 48)), toClient],
    ['of a router, IPv6', ask6, error6(router6, client6, ask6, 2), toClient],
    ['of the client, IPv6', ask6, error6(client6, server6, tell6), toServer],
  ])('one %s belongs to the flow that it is about, and leaves it as it is', (_, packet, about, direction) => {
    const flows = table();
    const { id } = flows.lookup(packetOf(packet))!;
    const flow = flows.lookup(packetOf(about, { timeUs: SECOND }))!;
    expect(flow).toMatchObject({ id, packetsToServer: 1, packetsToClient: 0, lastUs: 0, established: false });
    expect(flows.direction).toBe(direction);
    expect(flows.stats).toMatchObject({ active: 1, started: 1 });
  });

  it.each([
    ['one about a flow that is not known', error(server, client, tell)],
    ['one to somebody else', error(server, router, ask)],
    ['one that quotes nothing', error(server, client, new Uint8Array(0))],
    ['time exceeded', error(router, client, ask, 11, 0)],
    ['time exceeded, IPv6', error6(router6, client6, ask6, 3)],
  ])('%s has none, and begins none', (_, about) => {
    const flows = table();
    flows.lookup(packetOf(ask));
    flows.lookup(packetOf(ask6));
    expect(flows.lookup(packetOf(about))).toBeNull();
    expect(flows.stats.started).toBe(2);
  });

  it('one about a flow whose timeout has passed has none, whether a sweep came by or not', () => {
    const flows = table();
    flows.lookup(packetOf(ask));
    const late = packetOf(error(server, client, ask), { timeUs: 31 * SECOND });
    expect(flows.lookup(late)).toBeNull();
    flows.sweep(31 * SECOND);
    expect(flows.lookup(late)).toBeNull();
    expect(flows.stats).toMatchObject({ active: 0, started: 1, expired: 1 });
  });

  it('are of the mirror session and the VLAN of their flow', () => {
    const flows = table();
    flows.lookup(packetOf(ask, { vni: 7 }));
    const about = error(server, client, ask);
    expect(flows.lookup(packetOf(about, { vni: 8 }))).toBeNull();
    expect(flows.lookup(packetOf(about, { vni: 7 }))).not.toBeNull();
    const tagged = packetOf(about, { vni: 7 });
    tagged.vlans = (1 << 24) | 5;
    expect(flows.lookup(tagged)).toBeNull();
  });
});

describe('FlowTable: VLANs', () => {
  /** A datagram within these VLANs, the outermost first. */
  function tagged(...ids: readonly number[]): Packet {
    const packet = from(1);
    packet.vlans = ids.reduce((word, id, i) => word | (i < 2 ? id << (12 * i) : 0), ids.length << 24);
    packet.thirdVlan = ids[2] ?? 0;
    return packet;
  }

  it('have flows of their own, whatever tags they have', () => {
    const flows = table({ cap: 10_000 });
    const groups = [[], [1], [2], [4095], [1, 2], [2, 1], [1, 3], [1, 2, 3], [1, 2, 4]];
    for (const ids of groups) flows.lookup(tagged(...ids));
    expect(flows.stats.started).toBe(groups.length);
    for (const ids of groups) expect(flows.lookup(tagged(...ids))!.packetsToServer).toBe(2);
    for (let id = 3; id < 4095; id++) flows.lookup(tagged(id));
    expect(flows.stats.started).toBe(groups.length + 4092);
    expect(flows.lookup(tagged(7))!).toMatchObject({ ipVersion: 4, vni: -1 });
  });

  it('are none with a tag that has a priority alone', () => {
    const flows = table();
    flows.lookup(tagged());
    expect(flows.lookup(tagged(0))!.packetsToServer).toBe(2);
  });

  it('share flows where that is asked for', () => {
    const flows = table({ vlanInKey: false });
    flows.lookup(tagged(1));
    expect(flows.lookup(tagged(2, 3))!.packetsToServer).toBe(2);
  });
});

describe('FlowTable: the client', () => {
  it.each([
    ['the sender of a SYN', '<', 'S', true, DIRECTION.toServer],
    ['the receiver of a SYN/ACK', '<', 'SA', true, DIRECTION.toClient],
    ['the receiver of a SYN/ACK, without midstream', '<', 'SA', false, DIRECTION.toClient],
    ['the side with the higher port, midstream', '<', 'A', true, DIRECTION.toClient],
    ['the first sender, when flows must not start midstream', '<', 'A', false, DIRECTION.toServer],
  ] as const)('is %s', (_, way, flags, midstream, direction) => {
    const flows = table({ midstream });
    flows.lookup(segment(way, flags));
    expect(flows.direction).toBe(direction);
  });

  it('is the one that the payload of the first segment tells, midstream', () => {
    const directionOf = ({ payloadLength }: Packet): Direction | -1 =>
      payloadLength === 3 ? DIRECTION.toServer : payloadLength === 4 ? DIRECTION.toClient : -1;
    const direction = (way: '>' | '<', text: string, flags = 'A', midstream = true): Direction => {
      const flows = table({ midstream, directionOf });
      flows.lookup(segment(way, flags, {}, text));
      return flows.direction;
    };
    const { toServer, toClient } = DIRECTION;
    expect([direction('<', 'ask'), direction('>', 'tell'), direction('>', '?'), direction('<', '?')]).toEqual([
      toServer,
      toClient,
      toServer,
      toClient,
    ]);
    expect([direction('>', 'tell', 'S'), direction('>', 'tell', 'A', false)]).toEqual([toServer, toServer]);
  });

  it('is the one that the first payload tells where empty segments came before, midstream', () => {
    const directionOf = ({ payloadLength }: Packet): Direction | -1 => (payloadLength === 3 ? DIRECTION.toServer : -1);
    const { toServer, toClient } = DIRECTION;
    const directions = (...texts: readonly string[]): Direction[] => {
      const ended: number[] = [];
      const flows = table({ midstream: true, directionOf, onEnd: (_, reason) => ended.push(reason) });
      const found = texts.map((text) => {
        flows.lookup(segment('<', 'A', {}, text));
        return flows.direction;
      });
      expect(ended).toEqual(found.at(-1) === toServer ? [FLOW_END.reused] : []);
      return found;
    };
    expect(directions('', '', 'ask', '?')).toEqual([toClient, toClient, toServer, toServer]);
    // What has begun with payload that does not tell goes on as it is.
    expect(directions('', '?', 'ask')).toEqual([toClient, toClient, toClient]);
    expect(directions('?', 'ask')).toEqual([toClient, toClient]);
  });
});

describe('FlowTable: ids', () => {
  const idOf = (packet: Packet, options: Partial<FlowOptions> = {}): number => table(options).lookup(packet)!.id;

  it('depend on the key and the first time, not on the table', () => {
    const id = idOf(from(1, 1000, 5 * SECOND));
    expect(Number.isSafeInteger(id)).toBe(true);
    expect(idOf(answer(1, 1000, 5 * SECOND))).toBe(id);
    expect(idOf(from(1, 1000, 5 * SECOND), { seed: 99, cap: 7 })).toBe(id);
    expect(idOf(from(1, 1000, 5 * SECOND + 1))).not.toBe(id);
    // Times that differ by 2^32 microseconds only.
    expect(idOf(from(1, 1000, 5 * SECOND + 2 ** 32))).not.toBe(id);
  });

  it('are positive, below 2^53 and distinct for ten thousand flows', () => {
    const flows = table({ cap: 10_000 });
    const ids = new Set<number>();
    for (let i = 0; i < 10_000; i++) ids.add(flows.lookup(from(i))!.id);
    expect(ids.size).toBe(10_000);
    expect([...ids].every((id) => id > 0 && id < 2 ** 53)).toBe(true);
    // All 53 bits are in use.
    expect([...ids].reduce((max, id) => Math.max(max, id), 0)).toBeGreaterThan(2 ** 52);
  });
});

describe('FlowTable: time', () => {
  it('ends a flow when its own next packet comes when the timeout of its state is over', () => {
    const flows = table();
    const first = flows.lookup(from(1))!.id;
    expect(flows.lookup(from(1, 1000, 30 * SECOND - 1))!.id).toBe(first);
    expect(flows.lookup(from(1, 1000, 60 * SECOND - 1))!.id).not.toBe(first);
    expect(flows.stats).toMatchObject({ started: 2, expired: 1, active: 1 });
  });

  it('gives an established flow longer', () => {
    const flows = table();
    const flow = flows.lookup(from(1))!;
    const { id } = flow;
    flows.lookup(answer(1));
    expect(flows.lookup(from(1, 1000, 300 * SECOND - 1))!.id).toBe(id);
    expect(flows.lookup(from(1, 1000, 600 * SECOND - 1))!.id).not.toBe(id);
    expect(flow.established).toBe(false);
  });

  it('takes the timeout of the state that a TCP flow is in', () => {
    const flows = table({
      timeouts: { ...DEFAULT_FLOW_TIMEOUTS, tcp: { newSeconds: 1, establishedSeconds: 100, closedSeconds: 10 } },
    });
    const at = (seconds: number): number => flows.lookup(segment('>', 'A', {}, '', { timeUs: seconds * SECOND }))!.id;
    const flow = flows.lookup(segment('>', 'A', {}, ''))!;
    flow.state = FLOW_STATE.established;
    flows.settle(flow);
    const { id } = flow;
    expect(at(99)).toBe(id);
    flow.state = FLOW_STATE.closed;
    flows.settle(flow);
    expect(at(108)).toBe(id);
    expect(at(118)).not.toBe(id);
  });

  it('does not let a packet from the past move a flow back, nor one from the future touch another flow', () => {
    const flows = table();
    const id = flows.lookup(from(1, 1000, 100 * SECOND))!.id;
    flows.lookup(from(2, 1000, 1e15));
    const flow = flows.lookup(from(1, 1000, 10 * SECOND))!;
    expect([flow.id, flow.lastUs]).toEqual([id, 100 * SECOND]);
    expect(flows.lookup(from(1, 1000, 129 * SECOND))!.id).toBe(id);
  });

  it('sweeps what has timed out, and nothing else', () => {
    const flows = table();
    for (let i = 0; i < 10; i++) flows.lookup(from(i, 1000, i * SECOND));
    flows.lookup(answer(0, 1000, 0));
    flows.sweep(33 * SECOND);
    // Seen at 1, 2 and 3 s in one direction; the one at 0 s has both.
    expect(flows.stats).toMatchObject({ active: 7, expired: 3 });
    flows.sweep(33 * SECOND);
    expect(flows.stats).toMatchObject({ active: 7, expired: 3 });
    flows.sweep(1e12);
    expect(flows.stats).toMatchObject({ active: 0, expired: 10, started: 10 });
    expect(flows.lookup(from(3))!.packetsToServer).toBe(1);
  });

  it('forgets everything at a change of capture', () => {
    const flows = table();
    for (let i = 0; i < 10; i++) flows.lookup(from(i))!.setBit(i);
    flows.clear();
    expect(flows.stats).toMatchObject({ active: 0, started: 10 });
    expect(flows.lookup(from(4))).toMatchObject({ packetsToServer: 1, bitCount: 0 });
    expect(flows.stats.active).toBe(1);
  });

  it('starts anew in place when the ports are used again', () => {
    const flows = table();
    const flow = flows.lookup(segment('>', 'S', { seq: 1 }))!;
    const { id } = flow;
    flow.setBit(3);
    flows.lookup(segment('<', 'S', { seq: 9 }, '', { timeUs: 7 }));
    const again = flows.restart(segment('<', 'S', { seq: 9 }, '', { timeUs: 7 }));
    expect(again.id).not.toBe(id);
    expect(again).toMatchObject({ packetsToServer: 1, packetsToClient: 0, bitCount: 0, startUs: 7 });
    expect(flows.direction).toBe(DIRECTION.toServer);
    expect(flows.stats).toMatchObject({ active: 1, started: 2 });
  });
});

describe('FlowTable: ends', () => {
  const ended: [port: number, reason: FlowEnd][] = [];
  const noting = (options: Partial<FlowOptions> = {}): FlowTable => {
    ended.length = 0;
    return table({
      ...options,
      onEnd: (flow, reason) => void ended.push([flow.port(flow.clientIsLower ? 0 : 1), reason]),
    });
  };

  it('are told with their reason, while the flow is still what it was', () => {
    const flows = noting({ cap: 2 });
    flows.lookup(from(1, 1001, 0));
    flows.lookup(from(1, 1001, 31 * SECOND));
    flows.lookup(from(1, 1002, 32 * SECOND));
    flows.lookup(from(1, 1003, 33 * SECOND));
    flows.restart(from(1, 1003, 33 * SECOND));
    flows.sweep(62.5 * SECOND);
    flows.clear();
    const { timeout, evicted, reused, shutdown } = FLOW_END;
    expect(ended).toEqual([
      [1001, timeout],
      [1001, evicted],
      [1003, reused],
      [1002, timeout],
      [1003, shutdown],
    ]);
  });

  it('come in the order of last packets and ids where many end together, however many tables they are in', () => {
    const packets = fc.array(fc.record({ port: fc.integer({ min: 1, max: 40 }), time: fc.nat({ max: 12 }) }), {
      maxLength: 120,
    });
    fc.assert(
      fc.property(packets, fc.boolean(), (list, sweeps) => {
        const order = (shards: number): [lastUs: number, id: number][][] =>
          Array.from({ length: shards }, (_, shard) => {
            const ends: [number, number][] = [];
            const flows = table({ onEnd: ({ lastUs, id }) => void ends.push([lastUs, id]) });
            for (const { port, time } of list)
              if (port % shards === shard) flows.lookup(from(1, port, time * 0.3 * SECOND));
            if (sweeps) flows.sweep(100 * SECOND);
            else flows.clear();
            expect(flows.stats.active).toBe(0);
            return ends;
          });
        const sorted = (ends: readonly [number, number][]): [number, number][] =>
          ends.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
        const [alone] = order(1);
        expect(alone).toEqual(sorted(alone!));
        const three = order(3);
        for (const ends of three) expect(ends).toEqual(sorted(ends));
        expect(sorted(three.flat())).toEqual(alone);
      }),
      { numRuns: 30 },
    );
  });

  it('leave the slots to others', () => {
    const flows = noting({ cap: 8 });
    for (let round = 0; round < 20; round++) {
      for (let port = 1; port <= 5; port++) flows.lookup(from(1, port, round * 100 * SECOND));
      expect(flows.stats.active).toBe(5);
      flows.sweep((round * 100 + 50) * SECOND);
      expect(flows.stats.active).toBe(0);
    }
    expect([flows.stats.evicted, flows.stats.expired, ended.length]).toEqual([0, 100, 100]);
  });
});

describe('FlowTable: cap', () => {
  it('displaces the least recently seen flow', () => {
    const flows = table({ cap: 3 });
    for (const [second, host] of [1, 2, 3, 1, 4].entries()) flows.lookup(from(host, 1000, second * SECOND));
    expect(flows.stats).toMatchObject({ active: 3, evicted: 1, started: 4 });
    expect(flows.lookup(from(1))!.packetsToServer).toBe(3);
    expect(flows.lookup(from(2))!.packetsToServer).toBe(1);
  });

  it('keeps established flows through a flood of opening ones', () => {
    const flows = table({ cap: 10 });
    for (let i = 0; i < 4; i++) {
      flows.lookup(from(i));
      flows.lookup(answer(i));
    }
    for (let i = 100; i < 1000; i++) flows.lookup(from(i));
    for (let i = 0; i < 4; i++) expect(flows.lookup(from(i))!.packetsToServer).toBe(2);
    expect(flows.stats).toMatchObject({ active: 10, evicted: 894 });
  });

  it('lets the heaviest of a sample give way on demand, of several the longest unseen, and none that weighs nothing', () => {
    const ended: number[] = [];
    const flows = table({ cap: 10, onEnd: (flow) => void ended.push(flow.packetsToServer) });
    for (const [second, host] of [1, 2, 2, 3, 3, 4, 4, 4].entries()) flows.lookup(from(host, 1000, second * SECOND));
    flows.giveWay({ weight: () => 0 });
    flows.giveWay({ weight: ({ packetsToServer }) => Number(packetsToServer === 2) });
    flows.giveWay({ weight: ({ packetsToServer }) => packetsToServer });
    expect(ended).toEqual([2, 3]);
    expect(flows.lookup(from(3))!.packetsToServer).toBe(3);
    expect(flows.stats).toMatchObject({ active: 2, evicted: 0, crowdedOut: 2 });
  });

  it('notes what a flow that gives way has freed', () => {
    const flows = table({ cap: 10, onEnd: () => undefined });
    const { arena } = flows;
    const flow = flows.lookup(from(1))!;
    for (let bit = 0; bit < 100; bit++) flow.setBit(bit);
    const used = arena.usedBytes;
    expect(used).toBeGreaterThan(0);
    while (arena.allocateSpare(0) !== 0);
    arena.noteRelief(arena.totalBytes);
    // A refusal asks for a page.
    expect([arena.allocateSpare(0), arena.isScarce]).toEqual([0, true]);
    arena.noteRelief(PAGE_BYTES - used);
    expect(arena.isScarce).toBe(true);
    flows.giveWay({ weight: () => 1 });
    expect([flows.stats.active, arena.isScarce]).toEqual([0, false]);
  });

  it('works with room for one flow', () => {
    const flows = table({ cap: 1 });
    for (let i = 0; i < 5; i++) expect(flows.lookup(from(i))!.packetsToServer).toBe(1);
    expect(flows.stats).toMatchObject({ active: 1, evicted: 4 });
  });

  it('keeps lists apart from records with room for as many flows as can be configured', () => {
    const flows = table({ cap: 16_777_216 });
    const flow = flows.lookup(from(1))!;
    const { id } = flow;
    for (let bit = 0; bit < 1000; bit++) expect(flow.setBit(bit)).toBe(true);
    expect([flow.id, flow.packetsToServer, flow.bitCount]).toEqual([id, 1, 1000]);
    expect(flows.lookup(from(1))!.id).toBe(id);
    expect(flows.stats).toMatchObject({ active: 1, started: 1 });
  });

  it('refuses to have room for none', () => {
    expect(() => table({ cap: 0 })).toThrow(/room/);
  });
});

/** The same behaviour from a Map, without caps. */
class MapTable {
  readonly flows = new Map<
    string,
    { startUs: number; lastUs: number; bothWays: boolean; first: string; packets: number }
  >();
  started = 0;

  lookup(
    host: number,
    port: number,
    toServer: boolean,
    timeUs: number,
    vni: number,
  ): { startUs: number; packets: number; toServer: boolean } {
    const key = `${host} ${port} ${vni}`;
    const way = toServer ? '>' : '<';
    let flow = this.flows.get(key);
    if (flow === undefined || timeUs - flow.lastUs >= (flow.bothWays ? 300 : 30) * SECOND) {
      flow = { startUs: timeUs, lastUs: timeUs, bothWays: false, first: way, packets: 0 };
      this.flows.set(key, flow);
      this.started++;
    }
    flow.lastUs = Math.max(flow.lastUs, timeUs);
    flow.bothWays ||= way !== flow.first;
    flow.packets++;
    return { startUs: flow.startUs, packets: flow.packets, toServer: way === flow.first };
  }
}

describe('FlowTable and a Map', () => {
  const step = fc.record({
    host: fc.nat({ max: 5 }),
    port: fc.constantFrom(1000, 1001),
    toServer: fc.boolean(),
    seconds: fc.oneof({ weight: 5, arbitrary: fc.nat({ max: 20 }) }, { weight: 1, arbitrary: fc.nat({ max: 400 }) }),
    back: fc.nat({ max: 3 }),
    vni: fc.constantFrom(-1, 5),
  });

  it('agree on flows, directions and timeouts, whatever the seed, the shards and the sweeps', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 120 }),
        fc.integer(),
        fc.integer({ min: 1, max: 3 }),
        (steps, seed, shards) => {
          const oracle = new MapTable();
          const tables = Array.from({ length: shards }, () => table({ seed }));
          let now = 0;
          for (const { host, port, toServer, seconds, back, vni } of steps) {
            now += seconds * SECOND;
            const timeUs = Math.max(0, now - back * SECOND);
            const flows = tables[host % shards];
            const flow = flows.lookup((toServer ? from : answer)(host, port, timeUs, vni))!;
            const expected = oracle.lookup(host, port, toServer, timeUs, vni);
            expect({
              startUs: flow.startUs,
              packets: flow.packetsToServer + flow.packetsToClient,
              toServer: flows.direction === DIRECTION.toServer,
            }).toEqual(expected);
            // No packet comes from more than 3 s before.
            flows.sweep(now - 3 * SECOND);
          }
          expect(tables.reduce((sum, { stats }) => sum + stats.started, 0)).toBe(oracle.started);
          for (const { stats } of tables) expect(stats.active).toBe(stats.started - stats.expired - stats.evicted);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('agree, by the second, on the least recently seen flow when the table is full', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 12 }), { maxLength: 200 }), fc.integer({ min: 1, max: 6 }), (hosts, cap) => {
        const flows = table({
          cap,
          timeouts: { ...DEFAULT_FLOW_TIMEOUTS, udp: { newSeconds: 1000, establishedSeconds: 1000 } },
        });
        const recent = new Map<number, number>();
        for (const [second, host] of hosts.entries()) {
          const packets = (recent.get(host) ?? 0) + 1;
          if (packets === 1 && recent.size === cap) recent.delete(recent.keys().next().value!);
          recent.delete(host);
          recent.set(host, packets);
          expect(flows.lookup(from(host, 1000, second * SECOND))!.packetsToServer).toBe(packets);
          expect(flows.stats.active).toBe(recent.size);
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('FlowTable: chains', () => {
  const SEED = 77;
  const BUCKETS = 128;

  /** Packets whose flows all land in one chain, for whoever knows the seed. */
  function colliding(count: number): Packet[] {
    const tuple = new FlowTuple();
    const found: Packet[] = [];
    for (let host = 0; found.length < count; host++) {
      const packet = from(host);
      tuple.load(packet, packet.vni, true);
      if ((tuple.hash(SEED) & (BUCKETS - 1)) === 0) found.push(packet);
    }
    return found;
  }

  it('have a limit: the oldest flow of the chain gives way and is counted', () => {
    const flows = table({ cap: BUCKETS, seed: SEED });
    const packets = colliding(70);
    for (const packet of packets) flows.lookup(packet);
    expect(flows.stats).toMatchObject({ active: 64, evicted: 6, started: 70 });
    expect(flows.lookup(packets[69])!.packetsToServer).toBe(2);
    expect(flows.lookup(packets[6])!.packetsToServer).toBe(2);
    expect(flows.lookup(packets[0])!.packetsToServer).toBe(1);
  });

  it('stay under the limit in a full table that nobody aims at', () => {
    const flows = table({ cap: 4000 });
    for (let i = 0; i < 4000; i++) flows.lookup(from(i));
    expect(flows.stats).toMatchObject({ active: 4000, evicted: 0 });
  });
});

describe('FlowTable: flows that end together', () => {
  /** Ids of the flows of some hosts, in the order in which they end. */
  function endOf(seed: number, hosts: readonly number[], finish: (flows: FlowTable) => void): number[] {
    const ended: number[] = [];
    const flows = table({ seed, onEnd: ({ id }) => void ended.push(id) });
    for (const host of hosts) flows.lookup(from(host, 1000, host * 10));
    finish(flows);
    return ended;
  }

  it.each<[string, (flows: FlowTable) => void]>([
    ['at a tick', (flows) => flows.sweep(3600 * SECOND)],
    ['at the end of a capture', (flows) => flows.clear()],
  ])('do so in the order of their last packets, whichever slots they have, %s', (_, finish) => {
    const inOrder = endOf(1, [1, 2, 3, 4, 5], finish);
    expect(inOrder).toHaveLength(5);
    expect(endOf(2, [4, 2, 5, 1, 3], finish)).toEqual(inOrder);
  });

  it('do so by their ids where their last packets are simultaneous', () => {
    const ended: number[] = [];
    const flows = table({ onEnd: ({ id }) => void ended.push(id) });
    for (const host of [3, 1, 2, 5, 4]) flows.lookup(from(host));
    flows.clear();
    expect(ended).toEqual([...ended].sort((a, b) => a - b));
  });
});

describe('a flow as a packet would show it', () => {
  it.each([4, 6] as const)('has its ends, client and server apart, of IPv%i', (version) => {
    const packet =
      version === 4
        ? packetOf(ipv4({ src: '192.168.0.9', dst: '10.1.2.3' }, udp({ srcPort: 4000, dstPort: 53 })), { vni: 7 })
        : packetOf(ipv6({ src: '2001:db8::9', dst: '2001:db8::1:2' }, udp({ srcPort: 4000, dstPort: 53 })), { vni: 7 });
    const flow = table().lookup(packet)!;
    const size = version === 4 ? 4 : 16;
    const client = flow.clientIsLower ? 0 : 1;
    const bytes = new Uint8Array(32);
    flow.copyAddress(client, bytes, 0);
    flow.copyAddress(1 - client, bytes, 16);
    expect(bytes.slice(0, size)).toEqual(packet.bytes.slice(packet.srcIpOffset, packet.srcIpOffset + size));
    expect(bytes.slice(16, 16 + size)).toEqual(packet.bytes.slice(packet.dstIpOffset, packet.dstIpOffset + size));
    expect([flow.port(client), flow.port(1 - client), flow.vni]).toEqual([4000, 53, 7]);
  });
});
