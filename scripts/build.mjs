#!/usr/bin/env node
/**
 * Builds Periscope: installs what is missing, generates the grammars and the matcher kernel, compiles TypeScript to
 * build/, module by module, and makes the program in dist/ of it, which starts faster (bundle.mjs). Does nothing for
 * what is up to date. `--generate-only` stops before the compiler, which is all that tests of single modules need.
 * Plain JavaScript without dependencies: it runs before `npm install` did.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const unknown = process.argv.slice(2).filter((argument) => argument !== '--generate-only');
if (unknown.length > 0) fail(`unknown argument ${unknown[0]}; there is only --generate-only`);
const generateOnly = process.argv.includes('--generate-only');
const MINIMUM_NODE = [20, 19];

function fail(message) {
  console.error(message);
  process.exit(1);
}

/** What the command says goes to stderr: stdout belongs to the events of `npm start`. */
function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', process.stderr, 'inherit'] });
  if (result.error) fail(`could not start ${command}: ${result.error.message}`);
  if (result.status !== 0) fail(`${command} ${args.join(' ')} failed`);
}

function filesBelow(path) {
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'generated') return [];
    const full = join(path, entry.name);
    return entry.isDirectory() ? filesBelow(full) : [full];
  });
}

function digest(files) {
  const hash = createHash('sha256');
  for (const file of files.toSorted())
    hash.update(relative(root, file)).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

/** Runs `step` unless the stamp says that its inputs have not changed since, and its output is there. */
async function when(stamp, inputs, output, step) {
  const now = digest(inputs.filter((file) => existsSync(file)));
  if (existsSync(output) && existsSync(stamp) && readFileSync(stamp, 'utf8') === now) return;
  await step();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, now);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor < MINIMUM_NODE[1])) {
    fail(`Periscope needs Node ${MINIMUM_NODE.join('.')} or newer; this is ${process.versions.node}`);
  }
}

async function main() {
  checkNode();
  const lock = join(root, 'package-lock.json');
  const modules = join(root, 'node_modules');
  await when(join(modules, '.periscope-installed'), [lock], join(modules, 'typescript'), () => {
    console.error('installing dependencies …');
    // No package needs its install script: koffi and esbuild bring their binaries as packages of their own.
    run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  });

  const script = (name) => import(pathToFileURL(join(root, 'scripts', name)).href);
  await (await script('build-grammar.mjs')).buildGrammar();
  await (await script('build-kernel.mjs')).buildKernel();
  if (generateOnly) return;

  const sources = [
    ...filesBelow(join(root, 'src')),
    ...filesBelow(join(root, 'grammar')),
    ...filesBelow(join(root, 'scripts')),
    join(root, 'tsconfig.json'),
    lock,
  ];
  await when(join(root, 'dist', '.stamp'), sources, join(root, 'dist', 'main.js'), async () => {
    console.error('building …');
    for (const folder of ['build', 'dist']) rmSync(join(root, folder), { recursive: true, force: true });
    run(process.execPath, [join(modules, 'typescript', 'bin', 'tsc'), '-p', join(root, 'tsconfig.json')]);
    await (await script('build-warm-up.mjs')).buildWarmUp();
    await (await script('bundle.mjs')).bundle();
  });
}

await main();
