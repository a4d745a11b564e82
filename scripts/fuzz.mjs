#!/usr/bin/env node
/**
 * Fuzzing by the hour: `npm run fuzz -- [--target NAME …] [--mutations N] [--minutes M] [--seed N] [--directory DIR]`,
 * `--list`, `--replay FILE --target NAME`. Each target runs in a process of its own, so that memory is its own, and one
 * that hangs takes no other along; the status is that of the worst.
 *
 * Targets are what the tests name with `describeFuzz`. Their TypeScript is transpiled beside the built project first,
 * and they find a `vitest` there that runs no test.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { transpile } from './transpile.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const shared = join(root, '..', 'shared');
/** As the project stands in its folder: beside `shared`, where rules and captures are. */
const folder = join(root, 'node_modules', '.cache', `periscope-fuzz-${process.pid}`);
const built = join(folder, 'project');
const DEFAULT_MUTATIONS = 1_000_000;

const { values } = parseArgs({
  options: {
    target: { type: 'string', multiple: true },
    mutations: { type: 'string' },
    minutes: { type: 'string' },
    seed: { type: 'string' },
    directory: { type: 'string', default: join(root, '.fuzz') },
    replay: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
});

/** A vitest that knows what is expected, and runs nothing. */
const STUB = `
import * as chai from 'chai';
import { JestAsymmetricMatchers, JestChaiExpect, JestExtend } from '@vitest/expect';
for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(plugin);
export const { expect } = chai;
const nothing = new Proxy(() => nothing, { get: () => nothing });
const both = (_name, fill) => (typeof fill === 'function' ? void fill() : nothing);
export const describe = Object.assign(both, { each: nothing, skipIf: nothing, runIf: nothing, skip: nothing });
export const it = nothing, test = nothing, vi = nothing;
export const beforeAll = nothing, afterAll = nothing, beforeEach = nothing, afterEach = nothing;
`;

function prepare() {
  transpile(join(root, 'test'), join(built, 'test'));
  for (const name of ['rules', 'samples', 'scripts', 'docs', 'bin', 'build', 'dist'])
    symlinkSync(join(root, name), join(built, name));
  symlinkSync(join(root, 'build'), join(built, 'src'));
  if (existsSync(shared)) symlinkSync(shared, join(folder, 'shared'));
  writeFileSync(join(built, 'package.json'), readFileSync(join(root, 'package.json')));
  const vitest = join(built, 'node_modules', 'vitest');
  mkdirSync(vitest, { recursive: true });
  writeFileSync(join(vitest, 'package.json'), '{"type":"module","exports":"./index.js"}');
  writeFileSync(join(vitest, 'index.js'), STUB);
}

/** Files of tests that name a target. */
function filesWithTargets() {
  return readdirSync(join(root, 'test'), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => /describe(?:Fuzz|Damaged|Parser|Protocol)\(/.test(readFileSync(path, 'utf8')))
    .map((path) => join(built, relative(root, path)).replace(/\.ts$/, '.js'));
}

/** Of each target, the files that name it. */
async function listed() {
  const { code, output } = await run({ kind: 'list', files: filesWithTargets() });
  if (code !== 0) throw new Error('the tests that name targets could not be loaded');
  return new Map(JSON.parse(output));
}

function run(task) {
  const args = ['--expose-gc', join(built, 'test', 'fuzz', 'main.js'), JSON.stringify(task)];
  return new Promise((done) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('close', (code) => done({ code: code ?? 1, output }));
  });
}

async function main() {
  if (!existsSync(join(root, 'build'))) throw new Error('build first: npm run build');
  prepare();
  const filesOf = await listed();
  const names = [...filesOf.keys()];
  if (values.list) return void console.log(names.join('\n'));
  const unknown = (values.target ?? []).filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Error(`no target ${unknown.join(', ')}; there are ${names.join(', ')}`);
  const targets = values.target ?? names;
  const mutations = values.mutations === undefined && values.minutes === undefined ? DEFAULT_MUTATIONS : Infinity;
  for (const target of targets) {
    const kind = values.replay === undefined ? 'play' : 'replay';
    const { code, output: said } = await run({
      kind,
      files: filesOf.get(target),
      target,
      path: values.replay,
      directory: values.directory,
      mutations: Number(values.mutations ?? mutations),
      minutes: Number(values.minutes ?? Infinity) / targets.length,
      seed: Number(values.seed ?? Date.now() % 2 ** 31),
    });
    process.stdout.write(said);
    if (code !== 0) process.exitCode = 1;
  }
}

try {
  await main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 2;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
