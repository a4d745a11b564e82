/**
 * Block lists: what 10 000 rules on addresses, or on addresses and ports, cost a packet that is the first of its flow.
 * One core.
 */
import { DecodeCounts, decodeFrame } from '../../dist/decode/decode.js';
import { DecodedFrame, LINK_TYPE, Packet } from '../../dist/decode/packet.js';
import { compileRules } from '../../dist/compile/compile-rules.js';
import { Detector } from '../../dist/detect/detect.js';
import { RuleSet } from '../../dist/block/rule-set.js';
import { DIRECTION, Flow } from '../../dist/flow/flow.js';
import { compileKernel, openMatcher } from '../../dist/match/literal/kernel-matcher.js';
import { memoryWithTables } from './shard-memory.mjs';
import { expect, rate } from './harness.mjs';
import { mirroredTcp } from './packets.mjs';

const RULES = 10_000;
/** Of the tunnelled segments of `mirroredTcp`: offset of the destination address in the datagram. */
const DESTINATION = 8 + 14 + 16;

const host = (row) => ({ ipv4: [[0x0b000000 + row * 977, 0x0b000000 + row * 977]], ipv6: [] });
const BASE = {
  action: 'alert',
  gid: 1,
  rev: 1,
  msg: 'bench',
  classtype: undefined,
  category: '',
  priority: 3,
  references: [],
  metadata: new Map(),
  flow: undefined,
  packetTests: [],
  bitTests: [],
  buffers: [],
  effects: [],
  noalert: false,
  thresholds: [],
  fastPattern: undefined,
  variableCount: 0,
  waitingFor: [],
  origin: { file: 'bench.rules', line: 1 },
};
const rule = (row, header, more = {}) => ({
  ...BASE,
  sid: row + 1,
  header: {
    protocol: 'tcp',
    source: undefined,
    sourcePorts: undefined,
    destination: undefined,
    destinationPorts: undefined,
    bidirectional: false,
    ...header,
  },
  ...more,
});

/** One packet in 64 goes to an address of the list. */
function datagrams() {
  return Array.from({ length: 64 }, (_, i) => {
    const datagram = mirroredTcp(200, 40_000 + i);
    new DataView(datagram.buffer, datagram.byteOffset).setUint32(
      DESTINATION,
      i === 0 ? host(5000).ipv4[0][0] : 0x0b000001 + i * 7919,
    );
    return datagram;
  });
}

function detectorOf(programs) {
  const { block } = compileRules(programs);
  const { memory, tables } = memoryWithTables(new RuleSet(block.buffer).tables);
  return new Detector(new RuleSet(block.buffer, 0, tables), openMatcher(compileKernel(), memory));
}

function cost(header, more) {
  const detector = detectorOf(Array.from({ length: RULES }, (_, row) => rule(row, header(row), more)));
  const frame = new DecodedFrame();
  const packets = datagrams().map((bytes) => {
    decodeFrame(bytes, 0, bytes.length, LINK_TYPE.vxlan, frame, new DecodeCounts());
    const packet = new Packet();
    packet.loadFrame(bytes, frame, frame.layerCount - 1);
    return packet;
  });
  const flow = new Flow();
  flow.packetsToServer = 1;
  let alerts = 0;
  const sink = { emit: () => ++alerts > 0 };
  const perSecond = rate(() => {
    alerts = 0;
    for (const packet of packets) detector.inspect(packet, flow, DIRECTION.toServer, sink);
    expect(alerts, 1, 'alerts');
    return packets.length;
  });
  return 1e9 / perSecond;
}

/** Of the port that the packets go to, and of another. */
const ports = (row) => [
  [80, 80],
  [81 + (row % 500), 81 + (row % 500)],
];
const bench = (name, header, more) => ({
  name: `headers: 10 000 rules on ${name}`,
  unit: 'ns/packet',
  run: () => ({ value: cost(header, more) }),
});

export const headerBenches = [
  bench('addresses', (row) => ({ destination: host(row) })),
  bench('addresses and one port', (row) => ({ destination: host(row), destinationPorts: [[80, 80]] })),
  bench('addresses and ports', (row) => ({ destination: host(row), destinationPorts: ports(row) })),
  bench('addresses and ports, flow', (row) => ({ destination: host(row), destinationPorts: ports(row) }), {
    flow: { direction: 'to_server' },
  }),
];
