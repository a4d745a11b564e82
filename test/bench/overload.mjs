#!/usr/bin/env node
/**
 * `node test/bench/overload.mjs [--seconds 20]`: a sensor with one shard that is made slow gets three times what it
 * takes, in connections of equal length, once with flows left out and once with packets dropped. Shows what was
 * inspected, and how much of that as whole connections. Status 0 if, by flow, whole ones are four fifths of what fits,
 * and all sums close.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { Sensor, mirrored, periscope, root } from './sensor.mjs';
import { connectionsCapture } from './traffic.mjs';

const CONNECTIONS = 400;
const FACTOR = 3;
/** What the slow shard takes is measured for so long, with as much as this. */
const PROBE_MS = 4000;
const PROBE_PPS = 8000;
const PROBE_SECONDS = 12;
const SETTLE_MS = 60_000;

const { values: options } = parseArgs({ options: { seconds: { type: 'string', default: '20' } } });
const folder = mkdtempSync(join(tmpdir(), 'periscope-overload-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const { file: capture, packets: packetsOfEach } = await connectionsCapture(CONNECTIONS, join(folder, 'flows.pcap'));

async function settle(sensor, sent) {
  for (const deadline = Date.now() + SETTLE_MS; ; await pause(200)) {
    const metrics = await sensor.scrape();
    const { received, kernelDropped, pending } = metrics.balance();
    if ((received + kernelDropped >= sent && pending === 0) || Date.now() > deadline) return metrics;
  }
}

async function slowSensor(ringPercent, events) {
  process.env.NODE_OPTIONS = `--import ${pathToFileURL(join(root, 'test/bench/slow-shard.mjs')).href}`;
  process.env.BENCH_MAIN = 'build/main.js';
  const settings = [`overload.ringPercent=${ringPercent}`, 'ring.bytes=1MiB', 'eve.types=flow'];
  const sensor = await Sensor.start([
    ...['--workers', '1', '--eve', events],
    ...settings.flatMap((setting) => ['--set', setting]),
  ]);
  delete process.env.NODE_OPTIONS;
  delete process.env.BENCH_MAIN;
  return sensor;
}

const send = (sensor, pps, seconds) =>
  periscope(
    ...['mirror', capture, '--to', `127.0.0.1:${sensor.port}`, '--vni', '1', '--rate', `${pps}pps`],
    ...['--loop', String(Math.ceil((pps * seconds) / (CONNECTIONS * packetsOfEach)))],
  );

/** Packets a second that the slow shard takes while there is more. */
async function measureCapacity() {
  const sensor = await slowSensor(100, '/dev/null');
  const sender = send(sensor, PROBE_PPS, PROBE_SECONDS);
  while ((await sensor.scrape()).balance().pending < 100) await pause(50);
  const [before, began] = [(await sensor.scrape()).balance().inspected, performance.now()];
  await pause(PROBE_MS);
  const after = (await sensor.scrape()).balance().inspected;
  const seconds = (performance.now() - began) / 1000;
  sender.child.kill();
  await sensor.stop();
  return Math.round((after - before) / seconds);
}

/** Sends so many packets a second to a slow sensor. @returns what became of them. */
async function overload(ringPercent, pps, seconds) {
  const events = join(folder, `${ringPercent}.json`);
  const sensor = await slowSensor(ringPercent, events);
  const sent = await mirrored(send(sensor, pps, seconds));
  const metrics = await settle(sensor, sent);
  await sensor.stop();
  return { sent, metrics, ...wholeOf(events) };
}

/** Connections that were inspected from the first packet to the last, and the packets of all. */
function wholeOf(events) {
  const packets = readFileSync(events, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line).flow)
    .map(({ pkts_toserver, pkts_toclient }) => pkts_toserver + pkts_toclient);
  const whole = packets.filter((count) => count === packetsOfEach).length;
  return { whole, flows: packets.length, packetsInWhole: whole * packetsOfEach };
}

const number = (value) => value.toLocaleString('en');
const capacity = await measureCapacity();
console.log(`the slow shard takes ${number(capacity)} packets a second; it gets ${FACTOR} times that\n`);
let fails = false;
/** What dropping packets lets through is what fits. */
let fits = 0;
for (const ringPercent of [100, 50]) {
  const result = await overload(ringPercent, FACTOR * capacity, Number(options.seconds));
  const balance = result.metrics.balance();
  const drops = result.metrics.list('dropped_packets_total').filter(({ value }) => value > 0);
  const share = result.packetsInWhole / balance.inspected;
  if (ringPercent === 100) fits = balance.inspected;
  const ofFitting = result.packetsInWhole / fits;
  console.log(ringPercent === 50 ? 'flows left out' : 'packets dropped');
  console.log(
    `  sent ${number(result.sent)}, received ${number(balance.received)}, inspected ${number(balance.inspected)}`,
  );
  for (const { key, value } of drops) console.log(`  ${key.slice(key.indexOf('{'))} ${number(value)}`);
  console.log(`  ${number(result.whole)} of ${number(result.flows)} connections seen are whole`);
  console.log(
    `  whole: ${(100 * share).toFixed(1)} % of what was inspected, ${(100 * ofFitting).toFixed(1)} % of what fits`,
  );
  const closes = balance.closes && balance.pending === 0 && result.sent === balance.received + balance.kernelDropped;
  if (!closes) console.log('  THE SUMS DO NOT CLOSE');
  fails ||= !closes || (ringPercent === 50 && ofFitting < 0.8);
}
process.exitCode = fails ? 1 : 0;
