/**
 * Whole runs of `periscope read` with one worker over large captures: MB of capture per second of wall clock, as a
 * ratio to the yardstick taken right before. Frames must all be accounted for and rules be loaded, else the run fails.
 *
 * Beside it: MB per CPU second (all threads of the process, and what a core does), packets per second, memory, load
 * time.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, largeCapture, rulePath, RULE_SETS } from './captures.mjs';
import { digits, expect, median, yardstick } from './harness.mjs';
import { root } from './sensor.mjs';

const RUNS = 3;
const LARGE_MB = 1000;
export const CAPTURES = {
  mixed: ['mixed-200.pcap', '--megabytes', '200'],
  HTTP: ['http-200.pcap', '--megabytes', '200', '--http'],
  'mixed in VXLAN': ['vxlan-200.pcap', '--megabytes', '200', '--vxlan', '7'],
};

/** One run; Node gets `flags`, the command `more` of them. @returns what `--stats` says of it. */
export function readCapture(capture, rules, { flags = [], more = [], main = 'dist/main.js' } = {}) {
  const [stats, events] = [join(cacheFolder, 'stats.json'), join(cacheFolder, 'events.ndjson')];
  const args = [
    ...flags,
    join(root, main),
    'read',
    capture,
    '--rules',
    rules,
    '--workers',
    '1',
    '--eve',
    events,
    '--stats',
    stats,
    ...more,
  ];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 64 << 20 });
  expect(status, 0, `status of periscope read (${stderr.slice(0, 500)})`);
  const result = JSON.parse(readFileSync(stats, 'utf8'));
  const dropped = Object.values(result.dropped).reduce((sum, count) => sum + count, 0);
  expect(result.inspected + dropped, result.packets, 'frames accounted for');
  return result;
}

function runOnce(capture, rules) {
  const before = yardstick();
  const result = readCapture(capture, rules);
  return {
    ...result,
    ratio: result.bytes / 1e6 / result.run_seconds / before,
    cpuRatio: result.bytes / 1e6 / result.cpu_seconds / before,
  };
}

function read(captureName, rulesName) {
  const rules = rulePath(rulesName);
  const capture = largeCapture(...CAPTURES[captureName]);
  const runs = Array.from({ length: RUNS }, () => runOnce(capture, rules));
  const [{ bytes, packets, alerts, rules_loaded, rules_waiting }] = runs;
  for (const run of runs) expect(run.alerts, alerts, 'alerts of each run');
  if (rulesName === 'rules/') expect(alerts > 0, true, 'alerts were found');
  const of = (field) => median(runs.map((run) => run[field]));
  return {
    value: bytes / 1e6 / of('run_seconds'),
    ratio: digits(of('ratio')),
    perCpuSecond: digits(bytes / 1e6 / of('cpu_seconds')),
    cpuRatio: digits(of('cpuRatio')),
    packetsPerSecond: Math.round(packets / of('run_seconds')),
    runSeconds: digits(of('run_seconds')),
    loadSeconds: digits(of('load_seconds')),
    maxRssMB: Math.round(of('max_rss_bytes') / 1e6),
    alerts,
    rulesActive: rules_loaded - rules_waiting,
    ...(rules_waiting > 0 ? { rulesWaiting: rules_waiting } : {}),
  };
}

/** What follows the first 200 MB of 1 GB: by then what is run often is compiled. */
function readSteady(captureName) {
  const rules = rulePath('ET Open');
  const [, , , ...kind] = CAPTURES[captureName];
  const large = largeCapture(`${captureName}-${LARGE_MB}.pcap`, '--megabytes', String(LARGE_MB), ...kind);
  const before = yardstick();
  const first = readCapture(largeCapture(...CAPTURES[captureName]), rules);
  const whole = readCapture(large, rules);
  const [bytes, seconds, cpuSeconds] = ['bytes', 'run_seconds', 'cpu_seconds'].map((key) => whole[key] - first[key]);
  return {
    value: bytes / 1e6 / seconds,
    ratio: digits(bytes / 1e6 / seconds / before),
    perCpuSecond: digits(bytes / 1e6 / cpuSeconds),
    nsPerPacket: Math.round((1e9 * cpuSeconds) / (whole.packets - first.packets)),
    maxRssMB: Math.round(whole.max_rss_bytes / 1e6),
  };
}

export const readBenches = [
  ...RULE_SETS.flatMap((rules) =>
    Object.keys(CAPTURES).map((capture) => ({
      name: `read: ${capture}, ${rules}`,
      unit: 'MB/s',
      run: () => read(capture, rules),
    })),
  ),
  ...['mixed', 'HTTP'].map((capture) => ({
    name: `read: ${capture}, ET Open, steady`,
    unit: 'MB/s',
    run: () => readSteady(capture),
  })),
];
