#!/usr/bin/env node
/**
 * All tests, from a fresh clone: sets up and builds, checks format, style and types at once, runs vitest (unit,
 * property, end to end), then the conformance runner where ../shared lies beside the project, held to the floor in
 * test/conformance-floor.json. Ends with what failed, under `── failed`, and the line `N passed, N failed, N skipped`;
 * arguments are handed to vitest, and then only vitest runs.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const vitestArguments = process.argv.slice(2);
const bin = (name, path) => join(root, 'node_modules', name, path);
const totals = { passed: 0, failed: 0, skipped: 0 };
/** What failed, said again at the end: far above, a long run has it already. */
const failures = [];
/** Of the message of a failed test: a property's seed and counterexample are at its start. */
const MESSAGE_CHARACTERS = 1_500;

function fail(what) {
  totals.failed++;
  failures.push(what);
}

/** Runs a command of this Node with its output shown. @returns whether it succeeded. */
function node(title, args) {
  console.log(`\n── ${title}`);
  return spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;
}

/** Runs a command of this Node; what it says is shown when it has ended, so that several may run at once. */
async function step(title, args) {
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const status = await new Promise((done) => child.on('close', done));
  console.log(`\n── ${title}`);
  process.stdout.write(output);
  if (status === 0) totals.passed++;
  else fail(`${title}\n${output.slice(-MESSAGE_CHARACTERS)}`);
}

function runVitest() {
  const folder = mkdtempSync(join(tmpdir(), 'periscope-test-'));
  const report = join(folder, 'report.json');
  const ok = node('tests', [
    bin('vitest', 'vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile=${report}`,
    ...vitestArguments,
  ]);
  const result = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined;
  totals.passed += result?.numPassedTests ?? 0;
  totals.skipped += (result?.numPendingTests ?? 0) + (result?.numTodoTests ?? 0);
  for (const { name, status, message, assertionResults } of result?.testResults ?? []) {
    const failed = assertionResults.filter((test) => test.status === 'failed');
    for (const test of failed) fail(described(name, test.fullName, test.failureMessages.join('\n')));
    // A file that cannot even be loaded has no failed test of its own.
    if (status === 'failed' && failed.length === 0) fail(described(name, 'could not be run', message));
  }
  if (!ok && failures.length === 0) fail('tests: vitest has ended with an error; see above');
  rmSync(folder, { recursive: true, force: true });
}

/** What a test says of its failure, without the steps of the stack that are not ours. */
function described(file, test, message) {
  const lines = message.split('\n').filter((line) => !line.includes('/node_modules/'));
  return `${relative(root, file)}: ${test}\n${lines.join('\n').slice(0, MESSAGE_CHARACTERS)}`;
}

function collect(command, args) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
      process.stdout.write(chunk);
    });
    child.on('close', () => done(output));
  });
}

/** A figure of a suite's result, by a path such as `layers/packet/stream/passed` written as a list of keys. */
const figure = (result, keys) => keys.reduce((value, key) => value?.[key], result);

/**
 * Holds each suite to its floors (at least) and ceilings (at most) in test/conformance-floor.json. They only ever get
 * stricter: raise them when a change makes a suite better.
 */
async function conformance() {
  const runner = join(root, '..', 'shared', 'conformance', 'run.mjs');
  const suites = JSON.parse(readFileSync(join(root, 'test', 'conformance-floor.json'), 'utf8'));
  for (const { suite, limits } of suites) {
    if (!existsSync(runner)) {
      console.warn(`SKIPPED: conformance ${suite}: ../shared/conformance is not beside the project`);
      totals.skipped++;
      continue;
    }
    console.log(`\n── conformance: ${suite}`);
    const output = await collect(process.execPath, [runner, suite, '--json']);
    const last = output
      .trim()
      .split('\n')
      .findLast((line) => line.startsWith('{'));
    const result = last === undefined ? {} : JSON.parse(last);
    for (const { keys, atLeast, atMost } of limits) {
      const value = figure(result, keys);
      if (value >= (atLeast ?? -Infinity) && value <= (atMost ?? Infinity)) totals.passed++;
      else {
        const asked = atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`;
        fail(`${suite}, ${keys.join(' ')}: ${value}, but ${asked} is asked for (test/conformance-floor.json)`);
      }
    }
  }
}

function closing() {
  if (failures.length > 0) console.log(`\n── failed\n${failures.join('\n\n')}`);
  console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
  process.exitCode = totals.failed > 0 ? 1 : 0;
}

if (!node('set-up and build', [join(root, 'scripts', 'build.mjs')])) {
  fail('set-up and build: see above');
} else if (vitestArguments.length > 0) {
  runVitest();
} else {
  await Promise.all([
    step('format', [bin('prettier', 'bin/prettier.cjs'), '--check', '--log-level', 'warn', root]),
    step('lint', [bin('eslint', 'bin/eslint.js'), '.']),
    step('types', [bin('typescript', 'bin/tsc'), '-p', join(root, 'test', 'tsconfig.json')]),
  ]);
  runVitest();
  await conformance();
}
closing();
