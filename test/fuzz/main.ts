/** One task of `npm run fuzz` (scripts/fuzz.mjs), in a process of its own: lists targets, plays one or an input. */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { decodeInput } from './fuzz-input.js';
import { FuzzStore } from './fuzz-store.js';
import { fuzzTargets, type FuzzTarget } from './fuzz-target.js';
import { Fuzzer } from './fuzzer.js';
import { Watchdog } from './watchdog.js';

interface Task {
  readonly kind: 'list' | 'play' | 'replay';
  /** Of the tests that name targets. */
  readonly files: readonly string[];
  readonly target: string;
  readonly path: string;
  readonly directory: string;
  /** Null where there is no bound. */
  readonly mutations: number | null;
  readonly minutes: number | null;
  readonly seed: number;
}

const load = (file: string): Promise<unknown> => import(pathToFileURL(file).href);

async function main(task: Task): Promise<void> {
  if (task.kind === 'list') {
    process.stdout.write(JSON.stringify([...(await filesOfTargets(task.files))]));
    return;
  }
  for (const file of task.files) await load(file);
  const target = fuzzTargets().find(({ name }) => name === task.target)!;
  if (task.kind === 'replay') replay(target, task.path);
  else await play(target, task);
}

/** By name of a target, the files that name it. What one of them skips here it says when its target is played. */
async function filesOfTargets(files: readonly string[]): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  console.warn = () => undefined;
  for (const file of files) {
    const before = new Set(fuzzTargets());
    await load(file);
    for (const target of fuzzTargets())
      if (!before.has(target)) found.set(target.name, [...(found.get(target.name) ?? []), file]);
  }
  return found;
}

function replay(target: FuzzTarget, path: string): void {
  for (const word of target.open()(decodeInput(readFileSync(path, 'utf8')))) console.log(word);
}

async function play(target: FuzzTarget, { directory, mutations, minutes, seed }: Task): Promise<void> {
  const command = `npm run fuzz -- --target ${target.name} --replay`;
  const watchdog = new Watchdog(directory, target.name, command);
  const started = Date.now();
  const { played, kept, crashes, heapGrowth, longestMs } = await new Fuzzer({
    target,
    store: new FuzzStore(directory, target.name),
    mutations: mutations ?? Infinity,
    until: started + (minutes ?? Infinity) * 60_000,
    seed,
    onInput: (input) => watchdog.begin(input),
    onCrash: (path, message) => console.log(`${target.name}: ${message.split('\n')[0]}\n  ${command} ${path}`),
  }).run();
  await watchdog.end();
  const seconds = (Date.now() - started) / 1000;
  console.log(
    `${target.name}: ${played} mutations in ${seconds.toFixed(0)} s (seed ${seed}), ${kept} kept, ${crashes} found, ` +
      `heap ${(heapGrowth / 2 ** 20).toFixed(1)} MiB, longest ${longestMs.toFixed(1)} ms`,
  );
  if (crashes > 0) process.exitCode = 1;
}

await main(JSON.parse(process.argv[2]!) as Task);
