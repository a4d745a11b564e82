/**
 * What inspection leaves for V8 to collect: packets for each collection of the young generation, bytes a packet, and
 * what the heap has grown by in the end. Connections of one protocol, whole, again and again, under rules that never
 * match: what is left of a packet is waste.
 */
import { PerformanceObserver, constants } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, spend } from './harness.mjs';
import { InProcess } from './in-process.mjs';
import { loadSupport } from './support.mjs';

/** Connections played in a row, and packets of a measurement. */
const CONNECTIONS = 200;
const PACKETS = 1_000_000;
const WARM_UP_SECONDS = 4;
/** Packets for each collection, at least. */
const LEAST_PACKETS = 100_000;
const RULES = [
  'alert http any any -> any any (http.uri; content:"/not-there"; sid:1;)',
  'alert http any any -> any any (http.response_body; content:"not-there"; sid:2;)',
  'alert dns any any -> any any (dns.query; content:"not-there"; sid:3;)',
  'alert tls any any -> any any (tls.sni; content:"not-there"; sid:4;)',
  'alert tcp any any -> any any (flow:established; content:"not-there"; sid:5;)',
  'alert udp any any -> any any (content:"not-there"; sid:6;)',
];

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

const heapBytes = () => {
  collect();
  return process.memoryUsage().heapUsed;
};

function framesOfSample(support, name) {
  const sample = support.APPLICATION_SAMPLES.find((each) => each.name === name);
  if (sample === undefined) throw new Error(`no sample is named ${name}`);
  return Array.from({ length: CONNECTIONS }, (_, i) =>
    support.framesOf({ said: sample.said, serverPort: sample.port, udp: sample.udp, host: 1 + i }),
  )
    .flat()
    .map(({ bytes }) => bytes);
}

async function waste(name) {
  const support = await loadSupport();
  const engine = new InProcess({ frames: framesOfSample(support, name), rules: RULES, restarts: true });
  spend(() => engine.round(), WARM_UP_SECONDS);
  let young = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries()) if (detail.kind === constants.NODE_PERFORMANCE_GC_MINOR) young++;
  });
  const before = heapBytes();
  const inspected = engine.count('inspectedPackets');
  const alerts = engine.count('candidates');
  let packets = 0;
  let bytes = 0;
  observer.observe({ entryTypes: ['gc'] });
  while (packets < PACKETS) {
    const used = process.memoryUsage().heapUsed;
    const seen = young;
    const played = engine.round();
    packets += played;
    const grown = process.memoryUsage().heapUsed - used;
    // The event loop tells of collections.
    await setImmediate();
    if (young === seen) bytes = Math.max(0, grown / played);
  }
  observer.disconnect();
  expect(engine.count('inspectedPackets') - inspected, packets, 'packets inspected');
  expect(engine.count('candidates') - alerts, 0, 'alerts');
  if (packets < young * LEAST_PACKETS) throw new Error(`${young} young collections in ${packets} packets`);
  const grownKB = Math.round((heapBytes() - before) / 1000);
  return { value: packets / Math.max(1, young), collections: young, bytesPerPacket: Math.round(bytes), grownKB };
}

const NAMES = ['http', 'dns', 'tls', 'smtp', 'ssh'];

export const wasteBenches = NAMES.map((name) => ({
  name: `waste: ${name}`,
  unit: 'packets',
  run: () => waste(name),
}));
