/** Reassembly: nanoseconds a segment of 1 448 bytes, from the packet to a parser that takes what is usable. */
import { IP_PROTOCOL, LINK_TYPE, Packet } from '../../build/decode/packet.js';
import { FlowTable } from '../../build/flow/table.js';
import { Reassembler } from '../../build/stream/reassembler.js';
import { DEFAULT_REASSEMBLY } from '../../build/stream/reassembly-options.js';
import { StreamSpan } from '../../build/stream/stream-span.js';
import { newStreamStats } from '../../build/stream/stream-stats.js';
import { expect, rate } from './harness.mjs';

const SEGMENT = 1448;
const HEADERS = 40;
const ACK = 0x10;

/** A connection whose packets lie in the memory of its windows, as those of a shard do. */
function connection(options) {
  const flows = new FlowTable({ cap: 64, vniInKey: true, midstream: true });
  const memoryBytes = flows.arena.totalBytes / 2;
  const all = { ...DEFAULT_REASSEMBLY, midstream: true, parsed: true, memoryBytes, ...options };
  const reassembler = new Reassembler(flows.arena, all, newStreamStats());
  const packet = new Packet();
  const { bytes } = flows.arena;
  const at = flows.arena.allocate(1);
  bytes.set([10, 0, 0, 1, 10, 0, 0, 2], at + 12);
  bytes[at + 33] = ACK;
  bytes[at + 34] = 0xff;
  Object.assign(packet, {
    bytes,
    ipVersion: 4,
    protocol: IP_PROTOCOL.tcp,
    ipOffset: at,
    l4Offset: at + 20,
    l4HeaderLength: 20,
    dstPort: 80,
    payloadOffset: at + HEADERS,
    linkType: LINK_TYPE.raw,
    timeUs: 1.7e15,
  });
  return { flows, reassembler, packet, at };
}

function setNumber(bytes, at, number) {
  bytes[at] = number >>> 24;
  bytes[at + 1] = number >>> 16;
  bytes[at + 2] = number >>> 8;
  bytes[at + 3] = number;
}

/** `order` is that of each run of as many segments; `acked`: the other side answers every second one. */
function segments(order, acked, options) {
  const { flows, reassembler, packet, at } = connection(options);
  const span = new StreamSpan();
  let seen = 0;
  let start = 1;
  const take = (srcPort, seq, ack, length) => {
    packet.srcPort = srcPort === 80 ? 80 : 40_000;
    packet.dstPort = srcPort === 80 ? 40_000 : 80;
    setNumber(packet.bytes, at + 24, seq);
    setNumber(packet.bytes, at + 28, ack);
    packet.payloadLength = length;
    packet.claimedPayloadLength = length;
    const flow = flows.lookup(packet);
    reassembler.take(flow, packet, flows.direction);
    const direction = srcPort === 80 ? 0 : flows.direction;
    if (reassembler.usable(flow, direction, span)) {
      seen += span.length;
      reassembler.consumed(flow, direction, span.length);
    }
    if (reassembler.raw(flow, direction, span)) reassembler.inspected(flow, direction, span.length);
  };
  take(40_000, start, 1, 0);
  if (acked) take(80, 1, start, 0);
  let sent = 0;
  const perSecond = rate(() => {
    for (let i = 0; i < order.length; i++) {
      take(40_000, start + order[i] * SEGMENT, 1, SEGMENT);
      if (acked && (i & 1) === 1 && order[i] === i) take(80, 1, start + (i + 1) * SEGMENT, 0);
    }
    start = (start + order.length * SEGMENT) >>> 0;
    if (acked) take(80, 1, start, 0);
    sent += order.length;
    return order.length;
  });
  expect(seen, options.parsed === false ? 0 : sent * SEGMENT, 'bytes');
  return 1e9 / perSecond;
}

const inOrder = Array.from({ length: 32 }, (_, i) => i);
const shuffled = inOrder.map((i) => (i * 13 + 5) % 32);
const noRaw = { depthBytes: 0 };
const raw = { depthBytes: Infinity };
const unwanted = { depthBytes: 0, parsed: false };

export const streamBenches = [
  { name: 'stream: segment in order, one side seen', unit: 'ns', run: () => segments(inOrder, false, noRaw) },
  { name: 'stream: segment in order, acknowledged', unit: 'ns', run: () => segments(inOrder, true, noRaw) },
  { name: 'stream: segment in order, looked back at', unit: 'ns', run: () => segments(inOrder, false, raw) },
  { name: 'stream: segment of 32 in any order', unit: 'ns', run: () => segments(shuffled, true, noRaw) },
  { name: 'stream: segment that nobody wants', unit: 'ns', run: () => segments(inOrder, false, unwanted) },
];
