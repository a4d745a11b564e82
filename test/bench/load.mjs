/**
 * Loading rules as who runs a sensor meets it: `check`, a start until the sensor is ready (one worker), a second start
 * from the cache, a reload of a running sensor. Milliseconds of the clock, median of three; beside it CPU time of all
 * threads, peak memory, and the longest time that the main thread's event loop stood still from the start of the load
 * to its end, by the clock (`longestGapMs`) and as the time that the thread itself ran (`longestTurnMs`).
 *
 * Every run must load all rules without a failure, and as many as the others.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { rulePath, RULE_SETS } from './captures.mjs';
import { expect, median } from './harness.mjs';
import { root } from './sensor.mjs';

const RUNS = 3;
const PRELOAD = pathToFileURL(join(root, 'test', 'bench', 'event-loop-gap.mjs')).href;
const PATIENCE_MS = 120_000;

const children = new Set();
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));

/** A run of the command line that tells what it costs. */
class Measured {
  constructor(...args) {
    this.folder = mkdtempSync(join(tmpdir(), 'periscope-load-'));
    this.file = join(this.folder, 'cost.json');
    this.started = performance.now();
    const env = { ...process.env, BENCH_COST_FILE: this.file, NODE_OPTIONS: `--import=${PRELOAD}` };
    this.child = spawn(process.execPath, [join(root, 'dist', 'main.js'), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env,
    });
    this.ended = new Promise((done) => this.child.on('close', (status) => done(status)));
    this.output = '';
    this.lines = [];
    this.child.stdout.on('data', (chunk) => (this.output += chunk));
    createInterface({ input: this.child.stderr }).on('line', (text) =>
      this.lines.push({ text, at: performance.now() }),
    );
    children.add(this.child);
  }

  /** The log line number `occurrence` that holds `text`, and when it came. */
  async line(text, occurrence = 1) {
    for (const deadline = performance.now() + PATIENCE_MS; performance.now() < deadline; await pause(2)) {
      const found = this.lines.filter((line) => line.text.includes(text))[occurrence - 1];
      if (found !== undefined) return found;
      if (this.child.exitCode !== null) break;
    }
    throw new Error(`no line "${text}" came:\n${this.lines.map((line) => line.text).join('\n')}`);
  }

  /** What it cost so far; the event loop's gap counts from here on anew. */
  async cost() {
    rmSync(this.file, { force: true });
    this.child.kill('SIGUSR2');
    for (const deadline = performance.now() + PATIENCE_MS; performance.now() < deadline; await pause(2))
      if (existsSync(this.file)) return this.read();
    throw new Error('the process does not answer');
  }

  read() {
    return JSON.parse(readFileSync(this.file, 'utf8'));
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function check(rules) {
  const run = new Measured('check', '--rules', rules, '--json');
  const status = await run.ended;
  const wallMs = performance.now() - run.started;
  expect(status, 0, 'status of periscope check');
  const { loaded, failed } = JSON.parse(run.output);
  expect(failed, 0, 'rules that failed');
  const { cpuMs, maxRssMB } = run.read();
  run.remove();
  return { wallMs, cpuMs, maxRssMB, rules: loaded };
}

/** Starts a sensor, measures until it is ready, then what `then` does with it, and stops it. */
async function withSensor(args, then) {
  const run = new Measured(
    'run',
    '--listen',
    '127.0.0.1:0',
    '--admin',
    '127.0.0.1:0',
    '--workers',
    '1',
    '--eve',
    '/dev/null',
    '--set',
    'shutdown.drainSeconds=0',
    ...args,
  );
  // What the program does before it loads is none of the load's.
  await run.line('metrics and health are served');
  await run.cost();
  const ready = await run.line('"ready: ');
  const result = await then(run, { wallMs: ready.at - run.started, ...(await run.cost()), rules: rulesIn(ready.text) });
  run.child.kill('SIGTERM');
  expect(await run.ended, 0, 'status of periscope run');
  run.remove();
  return result;
}

const start = (args) => withSensor(args, (_run, cost) => cost);

const reload = (args) =>
  withSensor(args, async (run, before) => {
    const asked = performance.now();
    run.child.kill('SIGHUP');
    const done = await run.line('rules are loaded again');
    const after = await run.cost();
    return {
      wallMs: done.at - asked,
      cpuMs: after.cpuMs - before.cpuMs,
      maxRssMB: after.maxRssMB,
      gapMs: after.gapMs,
      turnMs: after.turnMs,
      rules: rulesIn(done.text),
    };
  });

const rulesIn = (text) => Number(/(\d+) rules? from/.exec(text)?.[1]);

/** Several runs as one result: medians, and of the gaps the longest. */
async function several(measure) {
  const runs = [];
  for (let i = 0; i < RUNS; i++) runs.push(await measure());
  const [{ rules }] = runs;
  expect(rules > 0, true, 'rules were loaded');
  for (const run of runs) expect(run.rules, rules, 'rules of each run');
  const of = (field) => Math.round(median(runs.map((run) => run[field])));
  const longest = (field) => Math.round(Math.max(...runs.map((run) => run[field])));
  const gaps = runs[0].gapMs === undefined ? {} : { longestGapMs: longest('gapMs'), longestTurnMs: longest('turnMs') };
  return { value: of('wallMs'), cpuMs: of('cpuMs'), maxRssMB: of('maxRssMB'), ...gaps, rules };
}

async function withCache(measure) {
  const directory = mkdtempSync(join(tmpdir(), 'periscope-load-cache-'));
  try {
    return await several(() => measure(['--set', `cache.directory=${directory}`]));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function cachedStart(rules) {
  let isFilled = false;
  return withCache(async (settings) => {
    const args = ['--rules', rules, ...settings];
    if (!isFilled) await start(args);
    isFilled = true;
    return start(args);
  });
}

const MEASURES = {
  check: (rules) => several(() => check(rules)),
  'start until ready': (rules) => several(() => start(['--rules', rules])),
  'start from the cache': cachedStart,
  reload: (rules) => several(() => reload(['--rules', rules])),
  'reload from the cache': (rules) => withCache((settings) => reload(['--rules', rules, ...settings])),
};

export const loadBenches = RULE_SETS.flatMap((rules) =>
  Object.entries(MEASURES).map(([what, measure]) => ({
    name: `load: ${what}, ${rules}`,
    unit: 'ms',
    run: () => measure(rulePath(rules)),
  })),
);
