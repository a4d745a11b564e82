/**
 * Whether one of two built trees, or one setting of Node, is quicker: both read a capture at the same time on the same
 * processor, and their CPU seconds are compared. Neighbours of a virtual machine make one run take half as long again
 * as the next; run at once, both have the same neighbours, and the quotient is steady to 1 or 2 %.
 *
 *   node test/bench/pair.mjs TREE TREE CAPTURE RULES [--rounds 3] [--core 0] [--flags "--node-flag …"] [-- OPTION…]
 *
 * `--flags` are for Node in the second tree, the options behind `--` for `periscope read` in both. Rules come from a
 * cache of each tree behind the first round, which is the one that begins with their text. Both must alert alike.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    core: { type: 'string', default: '0' },
    flags: { type: 'string', default: '' },
  },
});
const [first, second, capture, rules, ...options] = positionals;
if (rules === undefined) {
  console.error('usage: node test/bench/pair.mjs TREE TREE CAPTURE RULES [--rounds N] [--core N] [--flags F] [-- …]');
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), 'periscope-pair-'));

/** @returns what `--stats` says of a run of that tree. */
async function read(tree, name, flags) {
  const own = join(folder, name);
  mkdirSync(own, { recursive: true });
  const stats = join(own, 'stats.json');
  const command = ['dist/main.js', 'read', resolve(capture), '--rules', resolve(rules), '--workers', '1'];
  const outputs = ['--eve', join(own, 'eve.json'), '--stats', stats, '--set', `cache.directory=${join(own, 'cache')}`];
  const args = ['-c', values.core, process.execPath, ...flags, ...command, ...outputs, ...options];
  const [status] = await once(spawn('taskset', args, { cwd: tree, stdio: 'ignore' }), 'exit');
  if (status !== 0) throw new Error(`periscope read in ${tree} ended with status ${status}`);
  return JSON.parse(readFileSync(stats, 'utf8'));
}

try {
  execFileSync('taskset', ['-c', values.core, 'true']);
  const flags = values.flags.split(' ').filter((flag) => flag !== '');
  for (let round = 1; round <= Number(values.rounds); round++) {
    const [a, b] = await Promise.all([read(first, 'first', []), read(second, 'second', flags)]);
    if (a.alerts !== b.alerts) throw new Error(`${a.alerts} alerts in the first tree, ${b.alerts} in the second`);
    const seconds = [a, b].map((stats) => stats.cpu_seconds.toFixed(2));
    const quotient = (b.cpu_seconds / a.cpu_seconds).toFixed(3);
    console.log(`round ${round}: ${seconds.join(' and ')} s of CPU time, second / first ${quotient}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
