/**
 * Makes the program in dist/ of the compiled modules in build/: few files instead of a thousand for each thread, which
 * halves what a start costs. Scripts of threads keep their places; what they share lies in dist/chunks. Names stay as
 * they are, so that stacks and profiles can be read.
 */
import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const from = join(root, 'build');
const to = join(root, 'dist');
/** The command and the scripts of its threads, as src/util/program-folder.ts is asked for them. */
export const ENTRIES = [
  'main',
  'dispatch/dispatcher',
  'load/loader-thread',
  'load/update-thread',
  'metrics/admin-thread',
  'output/file-store-worker',
  'shard/worker',
  'warm-up/worker',
];
export const FILES = ['warm-up/rules.bin', 'warm-up/traffic.pcap'];
/** They load files of their own: native code, scripts of threads. */
const APART = ['koffi', 'pino', 'piscina'];

export async function bundle() {
  const build = await rolldown({
    input: Object.fromEntries(ENTRIES.map((name) => [name, join(from, `${name}.js`)])),
    platform: 'node',
    external: [/^node:/, ...APART],
    logLevel: 'warn',
  });
  await build.write({ dir: to, format: 'esm', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' });
  for (const path of FILES) {
    mkdirSync(dirname(join(to, path)), { recursive: true });
    copyFileSync(join(from, path), join(to, path));
  }
}
