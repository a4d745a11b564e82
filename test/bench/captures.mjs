/**
 * What whole runs are measured with: rule sets, and the large captures of ../shared/bench, made once and kept in the
 * system's temporary folder.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { skip } from './harness.mjs';
import { root } from './sensor.mjs';

export const cacheFolder = join(tmpdir(), 'periscope-bench');
const sharedPath = (name) => join(root, '..', 'shared', name);
export const ET_OPEN = sharedPath('rules/et-open-2024-03.rules.gz');

const RULES = { 'rules/': join(root, 'rules'), 'ET Open': ET_OPEN };
export const RULE_SETS = Object.keys(RULES);

/** Path of a rule set by its name. Throws a skip where it is not there. */
export function rulePath(name) {
  if (!existsSync(RULES[name])) throw skip('../shared/rules is not beside the project');
  return RULES[name];
}

/** Path of the capture that `make-capture.py` makes with these arguments. Throws a skip where it cannot be made. */
export function largeCapture(name, ...args) {
  const file = join(cacheFolder, name);
  if (existsSync(file)) return file;
  const script = sharedPath('bench/make-capture.py');
  if (!existsSync(script)) throw skip('../shared/bench is not beside the project');
  mkdirSync(cacheFolder, { recursive: true });
  const made = spawnSync('python3', [script, `${file}.part`, ...args, sharedPath('conformance/et-open/captures')], {
    encoding: 'utf8',
  });
  if (made.error) throw skip(`python3 cannot be run: ${made.error.message}`);
  if (made.status !== 0) throw new Error(`make-capture.py failed: ${made.stderr}`);
  renameSync(`${file}.part`, file);
  return file;
}
