/**
 * Where the time of a shard goes: nanoseconds per packet by stage, from V8's sampling of the threads that inspect and
 * dispatch while `periscope read` runs over a large capture. *Cold* is the first fifth of the samples, in which most
 * code is not compiled yet; *steady* the rest.
 *
 * A sample counts for the folder of the function at the top of its stack; what Node or V8 do there (regular
 * expressions, inflate, collecting garbage) is `runtime`.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, largeCapture, rulePath } from './captures.mjs';
import { digits, expect } from './harness.mjs';
import { CAPTURES, readCapture } from './read.mjs';

const PROFILES = join(cacheFolder, 'profiles');
const COLD_SHARE = 0.2;
/** Where a thread waits for work. */
const WAITS = new Set(['nap', 'sleep', '(idle)']);
const THREADS = { shard: '/build/shard/pipeline.js', dispatcher: '/build/dispatch/dispatcher.js' };

/** The stage of a function: its folder below build, of applications and detection one deeper. */
function stageOf({ url, functionName }) {
  if (url.startsWith('wasm:')) return 'match (kernel)';
  const [, path] = url.split('/build/');
  if (path === undefined) return functionName === '(garbage collector)' ? 'garbage' : 'runtime';
  const folders = path.split('/').slice(0, -1);
  return folders.slice(0, folders[0] === 'app' || folders[0] === 'detect' ? 2 : 1).join('/') || 'main';
}

/** Microseconds by stage of the samples [from, to). */
function timeByStage({ nodes, samples, timeDeltas }, from, to) {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const time = new Map();
  for (let sample = from; sample < to; sample++) {
    const frame = frames.get(samples[sample]);
    if (WAITS.has(frame.functionName)) continue;
    const stage = stageOf(frame);
    time.set(stage, (time.get(stage) ?? 0) + timeDeltas[sample]);
  }
  return time;
}

/** The profile of the thread in which most time goes to the file whose path ends so. */
function profileOf(file) {
  const weight = ({ nodes }) => nodes.filter(({ callFrame }) => callFrame.url.endsWith(file)).length;
  const profiles = readdirSync(PROFILES).map((name) => JSON.parse(readFileSync(join(PROFILES, name), 'utf8')));
  return profiles.toSorted((a, b) => weight(b) - weight(a))[0];
}

function stages(captureName, thread) {
  rmSync(PROFILES, { recursive: true, force: true });
  mkdirSync(PROFILES, { recursive: true });
  const capture = largeCapture(...CAPTURES[captureName]);
  const flags = ['--cpu-prof', `--cpu-prof-dir=${PROFILES}`];
  const { packets } = readCapture(capture, rulePath('ET Open'), { flags, main: 'build/main.js' });
  const profile = profileOf(THREADS[thread]);
  const count = profile.samples.length;
  const cold = Math.floor(count * COLD_SHARE);
  const whole = timeByStage(profile, 0, count);
  const steady = timeByStage(profile, cold, count);
  const sum = (times) => [...times.values()].reduce((total, time) => total + time, 0);
  expect(sum(whole) > 0, true, 'samples of the thread');
  const share = (times, stage) => `${digits((100 * (times.get(stage) ?? 0)) / sum(times))} %`;
  const perPacket = (time) => Math.round((1000 * time) / packets);
  const rows = [...whole].toSorted(([, a], [, b]) => b - a).filter(([, time]) => perPacket(time) > 0);
  return {
    value: perPacket(sum(whole)),
    ...Object.fromEntries(rows.map(([stage, time]) => [stage, `${perPacket(time)} (steady ${share(steady, stage)})`])),
  };
}

export const stageBenches = ['mixed', 'HTTP'].flatMap((capture) =>
  Object.keys(THREADS).map((thread) => ({
    name: `stages: ${capture}, ET Open, ${thread}`,
    unit: 'ns/packet',
    run: () => stages(capture, thread),
  })),
);
