/**
 * Makes the program in dist/ of the compiled modules in build/: few files instead of a thousand for each thread, which
 * halves what a start costs (decision 40), with values in place of constants (decision 47). Scripts of threads keep
 * their places; what they share lies in dist/chunks. Names stay, so that stacks and profiles can be read.
 */
import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { inlineConstants } from './inline-constants.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const from = join(root, 'build');
const to = join(root, 'dist');
/**
 * The command and the scripts of its threads, as src/util/program-folder.ts is asked for them. Only those of a row
 * share chunks: what a module imports of another chunk takes longer to reach than what stands in its own, and threads
 * that look at each packet are to have all of theirs in one (1 to 2 % of `read`).
 */
const ROWS = [
  ['main', 'load/loader-thread', 'load/update-thread', 'metrics/admin-thread', 'output/file-store-worker'],
  ['dispatch/dispatcher'],
  ['shard/worker', 'warm-up/worker'],
];
export const ENTRIES = ROWS.flat();
export const FILES = ['warm-up/rules.bin', 'warm-up/traffic.pcap'];
/** They load files of their own: native code, scripts of threads. */
const APART = ['koffi', 'pino', 'piscina'];

export async function bundle() {
  const plugins = [inlineConstants(from)];
  for (const row of ROWS) {
    const input = Object.fromEntries(row.map((name) => [name, join(from, `${name}.js`)]));
    const build = await rolldown({
      input,
      platform: 'node',
      external: [/^node:/, ...APART],
      plugins,
      logLevel: 'warn',
    });
    await build.write({
      dir: to,
      format: 'esm',
      entryFileNames: '[name].js',
      chunkFileNames: 'chunks/[name]-[hash].js',
    });
  }
  for (const path of FILES) {
    mkdirSync(dirname(join(to, path)), { recursive: true });
    copyFileSync(join(from, path), join(to, path));
  }
}
