/** A table of flows in the memory of another one that did not come to its end, as that of a shard that died. */
import { expect, it } from 'vitest';
import { Packet } from '../../src/decode/packet.js';
import type { Flow } from '../../src/flow/flow.js';
import { FLOW_BYTES } from '../../src/flow/record.js';
import { FlowTable } from '../../src/flow/table.js';
import { Arena, arenaBytesFor } from '../../src/memory/arena.js';
import { ipv4, udp } from '../support/packet-builder.js';
import { packetOf } from './packet-of.js';

const CAP = 64;
const from = (host: number): Packet =>
  packetOf(ipv4({ src: `10.0.0.${host}`, dst: '192.168.0.1' }, udp({ srcPort: 1000, dstPort: 53 }, 'x')));
const bitsOf = (flow: Flow): number[] => Array.from({ length: flow.bitCount }, (_, index) => flow.bitId(index));

it('gives nothing back that was never taken from its own arena', () => {
  const bytes = arenaBytesFor(CAP);
  const memory = new ArrayBuffer(FLOW_BYTES + bytes + CAP * FLOW_BYTES);
  const open = (): { arena: Arena; flows: FlowTable } => {
    const arena = new Arena(memory, FLOW_BYTES, bytes);
    const offset = FLOW_BYTES + bytes;
    return { arena, flows: new FlowTable({ cap: CAP, vniInKey: true, midstream: true, memory: { arena, offset } }) };
  };
  const dead = open();
  for (let host = 1; host <= 20; host++) dead.flows.lookup(from(host))!.setBit(host);
  expect(dead.arena.usedBytes).toBeGreaterThan(0);

  const { arena, flows } = open();
  for (let host = 1; host <= 20; host++) {
    const flow = flows.lookup(from(host))!;
    expect(flow.hasBit(host)).toBe(false);
    expect(arena.usedBytes).toBe(0);
  }
  for (let host = 1; host <= 20; host++) flows.lookup(from(host))!.setBit(100 + host);
  for (let host = 1; host <= 20; host++) expect(bitsOf(flows.lookup(from(host))!)).toEqual([100 + host]);
});
