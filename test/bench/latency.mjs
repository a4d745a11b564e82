/**
 * From the receipt of a packet to its alert, by the sensor's own histogram: two sockets, one of which nothing comes
 * through, and traffic at about half of what two cores carry. And what the sensor costs while nothing comes at all.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { digits, skip } from './harness.mjs';
import { Sensor, freeUdpPort, mirrored, periscope } from './sensor.mjs';
import { trafficCapture } from './traffic.mjs';

/** Threads warm up while they wait. */
const WARM_UP_MS = 3000;
const IDLE_MS = 5000;
const CAPTURE_PACKETS = 20_000;
const LOOPS = 6;
const SETTLE_MS = 10_000;
const RATE = '20000pps';
/** One packet in a few alerts. */
const RULE =
  'alert icmp any any -> any any (msg:"a ping"; itype:8; sid:1;)\nalert udp any any -> any 53 (msg:"a question"; sid:2;)\n';
const NAME = 'alert_latency_seconds_bucket';

/** Seconds below which this share of the alerts was, between two bounds as if they lay evenly. */
function quantile(metrics, share) {
  const buckets = metrics.list(NAME).map(({ key, value }) => ({
    below: Number(/le="([^"]+)"/.exec(key)[1].replace('+Inf', 'Infinity')),
    count: value,
  }));
  const wanted = share * buckets.at(-1).count;
  const at = buckets.findIndex(({ count }) => count >= wanted);
  const from = at === 0 ? { below: 0, count: 0 } : buckets[at - 1];
  return from.below + ((buckets[at].below - from.below) * (wanted - from.count)) / (buckets[at].count - from.count);
}

const ran = (sensor) => [...sensor.threads().values()].reduce((sum, { ran: seconds }) => sum + seconds, 0);

/** Waits until all that was sent is done, and what it brought is written. */
async function settle(sensor, sent) {
  for (const deadline = Date.now() + SETTLE_MS; ; await pause(200)) {
    const metrics = await sensor.scrape();
    const { received, kernelDropped, pending } = metrics.balance();
    if ((received + kernelDropped >= sent && pending === 0) || Date.now() > deadline) return metrics;
  }
}

async function measure() {
  const capture = await trafficCapture(CAPTURE_PACKETS);
  const folder = mkdtempSync(join(tmpdir(), 'periscope-latency-'));
  const rules = join(folder, 'bench.rules');
  writeFileSync(rules, RULE);
  const sensor = await Sensor.start([
    '--listen',
    `127.0.0.1:${await freeUdpPort()}`,
    '--workers',
    '2',
    '--rules',
    rules,
    '--eve',
    '/dev/null',
  ]);
  try {
    await pause(WARM_UP_MS);
    const before = ran(sensor);
    await pause(IDLE_MS);
    const idleCpuSeconds = digits(ran(sensor) - before);
    const sent = await mirrored(
      periscope(
        'mirror',
        capture,
        '--to',
        `127.0.0.1:${sensor.port}`,
        '--vni',
        '7',
        '--rate',
        RATE,
        '--loop',
        String(LOOPS),
      ),
    );
    const metrics = await settle(sensor, sent);
    const alerts = metrics.sum('alert_latency_seconds_count');
    if (alerts < 100) throw skip(`${alerts} alerts of ${sent} packets are too few`);
    return {
      value: digits(quantile(metrics, 0.5) * 1e6),
      p99: digits(quantile(metrics, 0.99) * 1e6),
      alerts,
      late: metrics.sum('alerts_late_total'),
      dropped: metrics.balance().ringDropped + metrics.balance().kernelDropped,
      idleCpuSeconds,
    };
  } finally {
    sensor.process.child.kill('SIGKILL');
    await sensor.process.ended;
    rmSync(folder, { recursive: true });
  }
}

export const latencyBenches = [
  { name: 'latency: receipt to alert, one of two sockets idle', unit: 'µs', run: measure },
];
