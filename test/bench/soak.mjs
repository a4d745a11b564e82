#!/usr/bin/env node
/**
 * `node test/bench/soak.mjs [--packets 2000000] [--rate 50000pps|max] [--workers 2] [--sessions 2] [--sockets 1]`
 *
 * A sensor with the project's rules on free loopback ports, generated traffic mirrored to it by one process for each
 * mirror session, and a look at /metrics every second. Ends with status 0 only if every sum closes: at each scrape
 * received = inspected + dropped + pending, in the end sent = received + kernel drops and nothing is pending, and at a
 * given rate no ring was ever full. The closing table says what each thread cost.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Sensor, mirrored, periscope, root, schedulerSeconds, stolenSeconds } from './sensor.mjs';
import { trafficCapture } from './traffic.mjs';

const CAPTURE_PACKETS = 20_000;
const SCRAPE_MS = 1000;
const SETTLE_MS = 30_000;
const FIRST_VNI = 5001;

const { values: options } = parseArgs({
  options: {
    packets: { type: 'string', default: '2000000' },
    rate: { type: 'string', default: '50000pps' },
    workers: { type: 'string', default: '2' },
    sessions: { type: 'string', default: '2' },
    sockets: { type: 'string', default: '1' },
  },
});
const packets = Number(options.packets);
const sessions = Number(options.sessions);
const isPaced = options.rate !== 'max';
const number = (value) => value.toLocaleString('en');
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

/** Scrapes once a second until `over`, and says when a scrape does not close. */
async function watch(sensor, senders, over) {
  const seen = { scrapes: 0, open: [], fill: 0 };
  let dropped = 0;
  for (let next = performance.now(); !over(); await pause(Math.max(50, next - performance.now()))) {
    next += SCRAPE_MS;
    const metrics = await sensor.scrape();
    const balance = metrics.balance();
    seen.scrapes++;
    seen.fill = Math.max(seen.fill, ...metrics.list('ring_fill_ratio').map(({ value }) => value));
    if (!balance.closes) seen.open.push(balance);
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
const sensor = await Sensor.start([
  '--rules',
  `${root}rules`,
  '--workers',
  options.workers,
  '--eve',
  '/dev/null',
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
const dispatchers = sensor.dispatchThreads();
const before = sensor.threads();
const stolenBefore = stolenSeconds();
const started = performance.now();
const senders = startSenders(capture, sensor.port);
let over = false;
const watching = watch(sensor, senders, () => over);
const sent = (await Promise.all(senders.map(mirrored))).reduce((sum, count) => sum + count, 0);
const seconds = (performance.now() - started) / 1000;
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
  'no shard died': last.sum('shard_restarts_total') === 0,
  'attacks were seen': last.sum('alerts_total') > 0,
  'the sensor ended with status 0': status === 0,
  ...(isPaced ? { 'no ring was full': balance.ringDropped === 0 } : {}),
};
console.log('sums');
for (const [what, holds] of Object.entries(checks)) row(what, holds ? 'yes' : 'NO');
for (const open of seen.open.slice(0, 5)) console.log(`  did not close: ${JSON.stringify(open)}`);
process.exitCode = Object.values(checks).every(Boolean) ? 0 : 1;
