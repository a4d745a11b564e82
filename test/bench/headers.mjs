/**
 * Block lists: what 10 000 rules on addresses, or on addresses and ports, cost a packet that is the first of its flow.
 * One core.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DecodeCounts, decodeFrame } from '../../build/decode/decode.js';
import { DecodedFrame, LINK_TYPE, Packet } from '../../build/decode/packet.js';
import { compileFromFiles } from '../../build/load/build-rule-set.js';
import { Detector } from '../../build/detect/detect.js';
import { RuleSet } from '../../build/block/rule-set.js';
import { DIRECTION, Flow } from '../../build/flow/flow.js';
import { compileKernel, openMatcher } from '../../build/match/literal/kernel-matcher.js';
import { memoryWithTables } from './shard-memory.mjs';
import { expect, rate } from './harness.mjs';
import { mirroredTcp } from './packets.mjs';

const RULES = 10_000;
const FIRST_HOST = 0x0b000000;
/** Of the tunnelled segments of `mirroredTcp`: offset of the destination address in the datagram. */
const DESTINATION = 8 + 14 + 16;

const addressOf = (row) => FIRST_HOST + row * 977;
const host = (row) => [24, 16, 8, 0].map((shift) => (addressOf(row) >>> shift) & 0xff).join('.');

/** One packet in 64 goes to an address of the list. */
function datagrams() {
  return Array.from({ length: 64 }, (_, i) => {
    const datagram = mirroredTcp(200, 40_000 + i);
    new DataView(datagram.buffer, datagram.byteOffset).setUint32(
      DESTINATION,
      i === 0 ? addressOf(5000) : FIRST_HOST + 1 + i * 7919,
    );
    return datagram;
  });
}

function detectorOf(lines) {
  const folder = mkdtempSync(join(tmpdir(), 'periscope-headers-'));
  try {
    const file = join(folder, 'bench.rules');
    writeFileSync(file, lines.join('\n'));
    const { block, report } = compileFromFiles({ rules: [file], lint: false });
    expect(report.loaded, RULES, 'rules');
    const { memory, tables } = memoryWithTables(new RuleSet(block.buffer).tables);
    return new Detector(new RuleSet(block.buffer, 0, tables), openMatcher(compileKernel(), memory));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** `header`: what packets are for, behind the arrow. */
function cost(header, more) {
  const rule = (_, row) => `alert tcp any any -> ${header(row)} (msg:"bench"; ${more}sid:${row + 1};)`;
  const detector = detectorOf(Array.from({ length: RULES }, rule));
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

/** The port that the packets go to, and another. */
const ports = (row) => `[80,${81 + (row % 500)}]`;
const bench = (name, header, more = '') => ({
  name: `headers: 10 000 rules on ${name}`,
  unit: 'ns/packet',
  run: () => ({ value: cost(header, more) }),
});

export const headerBenches = [
  bench('addresses', (row) => `${host(row)} any`),
  bench('addresses and one port', (row) => `${host(row)} 80`),
  bench('addresses and ports', (row) => `${host(row)} ${ports(row)}`),
  bench('addresses and ports, flow', (row) => `${host(row)} ${ports(row)}`, 'flow:to_server; '),
];
