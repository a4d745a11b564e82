/**
 * The flow table: nanoseconds a lookup of a flow that is there, and of one that is new, with packets in random order.
 */
import { IP_PROTOCOL, Packet } from '../../build/decode/packet.js';
import { FlowTable } from '../../build/flow/table.js';
import { expect, rate } from './harness.mjs';

const TABLE = { vniInKey: true, midstream: true };

/** Sets a packet on flow number `flow`: addresses and ports differ, as do those of real flows. */
function point(packet, flow, timeUs) {
  const { bytes } = packet;
  bytes[15] = flow;
  bytes[14] = flow >>> 8;
  bytes[13] = flow >>> 16;
  packet.srcPort = 1024 + (flow % 50_000);
  packet.timeUs = timeUs;
}

function newPacket() {
  const packet = new Packet();
  packet.bytes = new Uint8Array(64);
  packet.bytes.set([10, 0, 0, 0, 192, 168, 0, 1], 12);
  Object.assign(packet, {
    ipVersion: 4,
    protocol: IP_PROTOCOL.udp,
    l4HeaderLength: 8,
    l4Offset: 20,
    dstPort: 53,
    payloadOffset: 28,
    payloadLength: 20,
    vni: 7,
  });
  return packet;
}

/** Every number below `count` once, in an order that no cache foresees. */
function shuffled(count) {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  let state = 12345;
  for (let i = count - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = state % (i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

function lookups(count) {
  const flows = new FlowTable({ ...TABLE, cap: count });
  const packet = newPacket();
  const order = shuffled(count);
  let timeUs = 1.7e15;
  for (let flow = 0; flow < count; flow++) {
    point(packet, flow, timeUs);
    flows.lookup(packet);
  }
  let next = 0;
  const perSecond = rate(() => {
    for (let i = 0; i < 1000; i++) {
      point(packet, order[next], timeUs++);
      next = next + 1 === count ? 0 : next + 1;
      flows.lookup(packet);
    }
    return 1000;
  });
  expect(flows.stats.started, count, 'flows');
  return 1e9 / perSecond;
}

/** New flows into a table that is cleared when it is full; with `full`, each displaces another. */
function inserts(count, full) {
  const flows = new FlowTable({ ...TABLE, cap: count });
  const packet = newPacket();
  let next = 0;
  const perSecond = rate(() => {
    for (let i = 0; i < 1000; i++) {
      if (!full && flows.stats.active === count) flows.clear();
      point(packet, next++, 1.7e15 + next);
      flows.lookup(packet);
    }
    return 1000;
  });
  expect(flows.stats.started, next, 'flows');
  return 1e9 / perSecond;
}

export const flowBenches = [
  { name: 'flow: lookup, 1 000 flows', unit: 'ns', run: () => lookups(1000) },
  { name: 'flow: lookup, 131 072 flows', unit: 'ns', run: () => lookups(131_072) },
  { name: 'flow: lookup, 1 000 000 flows', unit: 'ns', run: () => lookups(1_000_000) },
  { name: 'flow: new flow, room for 131 072', unit: 'ns', run: () => inserts(131_072, false) },
  { name: 'flow: new flow in a full table', unit: 'ns', run: () => inserts(131_072, true) },
];
