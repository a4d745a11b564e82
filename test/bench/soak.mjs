#!/usr/bin/env node
/**
 * `npm run soak -- [--minutes 30 | --packets 2000000] [--rate 50000pps|max] [--workers 2] [--sessions 2] [--sockets 1]
 * [--rules PATH] [--types all|alert,…] [--reload SECONDS] [--kill SECONDS] [--rest SECONDS]`
 *
 * A sensor with the project's rules on free loopback ports, generated traffic mirrored to it by one process for each
 * mirror session, and a look at /metrics every second. Rules are loaded anew and a shard is ended from within as often
 * as asked for. Ends with status 0 only if every sum closes: at each scrape received = inspected + dropped + pending,
 * in the end sent = received + kernel drops and nothing is pending; at a given rate no ring was ever full where no
 * shard was ended; every load and every replacement succeeded; memory did not grow by more than a tenth behind the
 * fifth minute; the main thread never ran for 50 ms without a look at its events. The closing table says what each
 * thread cost.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { TRANSACTION_EVENTS } from '../../build/app/applications.js';
import { Sensor, mirrored, periscope, root, schedulerSeconds, stolenSeconds } from './sensor.mjs';
import { trafficCapture } from './traffic.mjs';

const CAPTURE_PACKETS = 20_000;
const SCRAPE_MS = 1000;
const SETTLE_MS = 30_000;
const FIRST_VNI = 5001;
/** Memory is compared with what it was then; a minute's least, as loading rules takes memory of its own for a while. */
const GROWN_UP_SECONDS = 300;
const MEMORY_SECONDS = 60;
const MAX_TURN_MS = 50;
/** With `--types all`. */
const ALL_TYPES = ['alert', 'flow', 'anomaly', 'stats', 'fileinfo', ...TRANSACTION_EVENTS].join(',');
const TYPES = 'alert,flow,anomaly,stats,fileinfo,dns,tls,quic,http';

const { values: options } = parseArgs({
  options: {
    packets: { type: 'string' },
    minutes: { type: 'string' },
    rate: { type: 'string', default: '50000pps' },
    workers: { type: 'string', default: '2' },
    sessions: { type: 'string', default: '2' },
    sockets: { type: 'string', default: '1' },
    rules: { type: 'string', default: `${root}rules` },
    types: { type: 'string', default: TYPES },
    reload: { type: 'string', default: '0' },
    kill: { type: 'string', default: '0' },
    // A load balancer sends nothing before it has found the sensor healthy a few times.
    rest: { type: 'string', default: '4' },
  },
});
const sessions = Number(options.sessions);
const isPaced = options.rate !== 'max';
const packets =
  options.minutes === undefined
    ? Number(options.packets ?? 2_000_000)
    : Math.round(Number(options.minutes) * 60 * Number.parseFloat(options.rate));
if (!(packets > 0)) throw new Error('--minutes needs a --rate in packets a second');
const folder = mkdtempSync(join(tmpdir(), 'periscope-soak-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const inside = join(folder, 'inside.json');
const number = (value) => value.toLocaleString('en');
const toMib = (bytes) => (bytes === undefined ? '-' : Math.round(bytes / 1048576));
const row = (label, value) =>
  console.log(`  ${label.padEnd(64)} ${(typeof value === 'number' ? number(value) : value).padStart(14)}`);

/** Starts one process for each session; each plays the capture as often as its share of the packets takes. */
function startSenders(capture, port) {
  const loops = Math.ceil(packets / sessions / CAPTURE_PACKETS);
  const rate = isPaced
    ? `${Number.parseFloat(options.rate) / sessions}${/[a-z]+$/.exec(options.rate)?.[0] ?? 'pps'}`
    : 'max';
  return Array.from({ length: sessions }, (_, i) =>
    periscope(
      'mirror',
      capture,
      '--to',
      `127.0.0.1:${port}`,
      '--vni',
      String(FIRST_VNI + i),
      '--rate',
      rate,
      '--loop',
      String(loops),
    ),
  );
}

/** What the sensor tells of itself from within. */
function fromWithin() {
  try {
    return JSON.parse(readFileSync(inside, 'utf8'));
  } catch {
    return { ended: 0, longestMs: 0 };
  }
}

/** Asks for a reload, or for the end of a shard, each so many seconds; 0 is never. @returns how often it did. */
async function disturb(sensor, signal, everySeconds, over) {
  for (let times = 0, next = everySeconds * 1000; ;) {
    await pause(200);
    if (over() || everySeconds === 0) return times;
    if (performance.now() - started < next) continue;
    next += everySeconds * 1000;
    sensor.process.child.kill(signal);
    times++;
  }
}

/** Scrapes once a second until `over`, and says when a scrape does not close. */
async function watch(sensor, senders, over) {
  const seen = { scrapes: 0, open: [], fill: 0, longestMs: 0, memory: [], down: 0, longestDown: 0 };
  let dropped = 0;
  for (let next = performance.now(); !over(); await pause(Math.max(50, next - performance.now()))) {
    next += SCRAPE_MS;
    const metrics = await sensor.scrape();
    const balance = metrics.balance();
    seen.scrapes++;
    seen.fill = Math.max(seen.fill, ...metrics.list('ring_fill_ratio').map(({ value }) => value));
    if (!balance.closes) seen.open.push(balance);
    seen.down = metrics.sum('shard_up') < Number(options.workers) ? seen.down + 1 : 0;
    seen.longestDown = Math.max(seen.longestDown, seen.down);
    seen.longestMs = Math.max(seen.longestMs, fromWithin().longestMs);
    const resident = metrics.samples.find(({ key }) => key === 'process_resident_memory_bytes').value;
    if (!quiet) seen.memory.push({ seconds: (performance.now() - started) / 1000, resident });
    for (const sender of senders) sender.times = schedulerSeconds(`/proc/${sender.pid}/schedstat`) ?? sender.times;
    if (seen.scrapes % 5 === 1 || balance.dropped > dropped || !balance.closes) {
      console.log(
        `  ${String(seen.scrapes).padStart(4)}  received ${number(balance.received)}, inspected ${number(balance.inspected)}, dropped ${number(balance.dropped)}, pending ${number(balance.pending)}, by the kernel ${number(balance.kernelDropped)}${balance.closes ? '' : '  DOES NOT CLOSE'}`,
      );
    }
    dropped = balance.dropped;
  }
  return seen;
}

/** The least memory of the minute that ends at a time; undefined where there is none. */
function leastMemory(seen, untilSeconds) {
  const minute = seen.memory.filter(
    ({ seconds }) => seconds > untilSeconds - MEMORY_SECONDS && seconds <= untilSeconds,
  );
  return untilSeconds > seconds ? undefined : Math.min(...minute.map(({ resident }) => resident));
}

/** Drops that neither a death, nor an overload that it may bring, nor fragments that traffic brings, explain. */
function unexplained(metrics, ended) {
  return metrics.sum(
    'dropped_packets_total',
    (key) => !/stage="(socket|defragment)"/.test(key) && !(ended > 0 && /stage="(shard|ring|overload)"/.test(key)),
  );
}

/** Waits until everything sent is accounted for and nothing is pending, or it takes too long. */
async function settle(sensor, sent) {
  for (const deadline = Date.now() + SETTLE_MS; ; await pause(200)) {
    const metrics = await sensor.scrape();
    const { received, kernelDropped, pending } = metrics.balance();
    if ((received + kernelDropped >= sent && pending === 0) || Date.now() > deadline) return metrics;
  }
}

/** What each part ran, and waited for a core. */
function partsOf(sensor, before, after, dispatchers) {
  const none = { ran: 0, waited: 0 };
  const minus = (a, b) => ({ ran: a.ran - b.ran, waited: a.waited - b.waited });
  const spent = new Map([...after].map(([tid, times]) => [tid, minus(times, before.get(tid) ?? none)]));
  const rest = [...spent]
    .filter(([tid]) => tid !== sensor.process.pid && !dispatchers.includes(tid))
    .map(([, times]) => times)
    .sort((a, b) => b.ran - a.ran);
  // Shards are known by what they ran; should the dispatchers be unknown, they are among these.
  const busiest = rest.splice(0, Number(options.workers) + Number(options.sockets) - dispatchers.length);
  return [
    ['main thread', spent.get(sensor.process.pid)],
    ...dispatchers.map((tid, i) => [`dispatch thread ${i}`, spent.get(tid)]),
    ...busiest.map((times, i) => [
      `${dispatchers.length > 0 ? 'shard' : 'thread'}, ${i === 0 ? 'the busiest' : 'the next'}`,
      times,
    ]),
    [
      'other threads (collector, compiler, pools)',
      rest.reduce((sum, times) => ({ ran: sum.ran + times.ran, waited: sum.waited + times.waited }), none),
    ],
  ];
}

const capture = await trafficCapture(CAPTURE_PACKETS);
process.env.SOAK_FILE = inside;
process.env.NODE_OPTIONS = `--import ${pathToFileURL(join(root, 'test/bench/soak-inside.mjs')).href}`;
const sensor = await Sensor.start([
  '--rules',
  options.rules,
  '--workers',
  options.workers,
  '--eve',
  '/dev/null',
  '--set',
  `eve.types=${options.types === 'all' ? ALL_TYPES : options.types}`,
  '--set',
  `sockets=${options.sockets}`,
  '--set',
  'defrag.ipv4TimeoutSeconds=5',
  '--set',
  'defrag.ipv6TimeoutSeconds=5',
]);
console.log(
  `${number(packets)} packets in ${sessions} sessions at ${options.rate} to ${options.workers} shards, ${options.sockets} socket(s)\n`,
);
delete process.env.NODE_OPTIONS;
await pause(Number(options.rest) * 1000);
const dispatchers = sensor.dispatchThreads();
const before = sensor.threads();
const stolenBefore = stolenSeconds();
const started = performance.now();
const senders = startSenders(capture, sensor.port);
let over = false;
const watching = watch(sensor, senders, () => over);
let quiet = false;
const disturbing = Promise.all([
  disturb(sensor, 'SIGHUP', Number(options.reload), () => quiet),
  disturb(sensor, 'SIGWINCH', Number(options.kill), () => quiet),
]);
const sent = (await Promise.all(senders.map(mirrored))).reduce((sum, count) => sum + count, 0);
const seconds = (performance.now() - started) / 1000;
quiet = true;
const [reloads] = await disturbing;
const after = sensor.threads();
const stolen = stolenSeconds() - stolenBefore;
const last = await settle(sensor, sent);
over = true;
const seen = await watching;
const { status, sums } = await sensor.stop();

const balance = last.balance();
console.log('\npackets');
row('sent', sent);
row('sent per second', Math.round(sent / seconds));
row('dropped by the kernel', balance.kernelDropped);
row('received', balance.received);
row('inspected', balance.inspected);
for (const { key, value } of last.list('dropped_packets_total', (key) => !key.includes('stage="socket"'))) {
  if (value > 0) row(`dropped: ${/stage="([^"]+)"/.exec(key)[1]}, ${/reason="([^"]+)"/.exec(key)[1]}`, value);
}
row('pending', balance.pending);
row('alerts', last.sum('alerts_total'));
row('fullest ring, of its size', `${(100 * seen.fill).toFixed(1)} %`);
const { ended } = fromWithin();
const loads = (result) => last.sum('reloads_total', (key) => key.includes(`result="${result}"`));
row('reloads asked for, done, failed', `${reloads}, ${loads('success')}, ${loads('failure')}`);
row('shards ended from within, replaced', `${ended}, ${last.sum('shard_restarts_total')}`);
row('longest turn of the main thread, ms', seen.longestMs.toFixed(1));
const [grownUp, inTheEnd] = [leastMemory(seen, GROWN_UP_SECONDS), leastMemory(seen, seconds)];
row('memory, MiB: in the fifth minute, in the last', `${toMib(grownUp)}, ${toMib(inTheEnd)}`);
console.log(`seconds on a core, of ${seconds.toFixed(1)}; waiting for one; the hypervisor took ${stolen.toFixed(1)}`);
const parts = [
  ...partsOf(sensor, before, after, dispatchers),
  ...senders.map(({ times }, i) => [`mirror ${i}`, times]),
];
for (const [name, { ran, waited }] of parts)
  row(name, `${ran.toFixed(1)} (${((100 * ran) / seconds).toFixed(0)} %), ${waited.toFixed(1)}`);

const checks = {
  [`received = inspected + dropped + pending at each of ${seen.scrapes} scrapes`]:
    seen.scrapes > 0 && seen.open.length === 0,
  'sent = received + dropped by the kernel': sent === balance.received + balance.kernelDropped,
  'nothing is pending in the end': balance.pending === 0 && balance.closes,
  'the sums that the sensor logged are the same':
    sums !== undefined &&
    ['received', 'inspected', 'dropped', 'pending', 'kernelDropped'].every((name) => sums[name] === balance[name]),
  'no shard died but those that were ended': last.sum('shard_restarts_total') === ended,
  'a shard that was ended was up again within two looks': seen.longestDown <= 2,
  'every reload was done': loads('success') >= reloads && loads('failure') === 0,
  [`the main thread never ran ${MAX_TURN_MS} ms at a stretch`]: seen.longestMs < MAX_TURN_MS,
  'memory has not grown by more than a tenth': grownUp === undefined || inTheEnd <= 1.1 * grownUp,
  'no drop is unexplained': unexplained(last, ended) === 0,
  'attacks were seen': last.sum('alerts_total') > 0,
  'the sensor ended with status 0': status === 0,
  ...(isPaced && ended === 0 ? { 'no ring was too full': balance.ringDropped === 0 } : {}),
};
console.log('sums');
for (const [what, holds] of Object.entries(checks)) row(what, holds ? 'yes' : 'NO');
for (const open of seen.open.slice(0, 5)) console.log(`  did not close: ${JSON.stringify(open)}`);
const complaints = sensor.process.said.filter((line) => !line.includes('"level":"info"'));
for (const line of complaints.slice(0, 10)) console.log(`  ${line.slice(0, 400)}`);
process.exitCode = Object.values(checks).every(Boolean) ? 0 : 1;
