/** The claim that one module serves several threads, a memory each. */
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { compileKernel } from '../../src/match/literal/kernel-matcher.js';
import { compilePatternSet } from '../../src/match/literal/tables.js';
import { memoryWithTables } from '../support/shard-memory.js';
import { pattern } from './support.js';

const worker = `
  const { parentPort, workerData: { kernel, memory, layout, length, rounds } } = require('node:worker_threads');
  const { scan } = new WebAssembly.Instance(kernel, { env: { memory } }).exports;
  const bytes = new Uint8Array(memory.buffer);
  const words = new Uint32Array(memory.buffer);
  const { tables: [set], arena, scratch: { folded, hits, seen, kernel: work } } = layout;
  const results = new Set();
  for (let round = 0; round < rounds; round++) {
    const count = scan(set, arena, folded, length, 0, hits, 0, seen, work);
    bytes.fill(0, seen, seen + 128);
    results.add([...words.subarray(hits >>> 2, (hits >>> 2) + count)].sort((a, b) => a - b).join());
  }
  parentPort.postMessage([...results]);
`;

it('runs in several threads on one module', async () => {
  const patterns = Array.from({ length: 600 }, (_, n) => pattern(`needle-${n};`, n % 2 === 0));
  const tables = compilePatternSet(patterns);
  const kernel = compileKernel('');
  const expected = [0, 1, 2].map((shard) => [shard, 100 + shard, 300 + 2 * shard]);
  const found = await Promise.all(
    expected.map((ids) => {
      const text = new Uint8Array(
        Buffer.from(
          ids
            .map((id) => `xx${id % 2 === 0 ? 'NEEDLE' : 'needle'}-${id};`)
            .join('')
            .padEnd(1200, '-'),
        ),
      );
      const { memory, layout, bytes } = memoryWithTables(tables);
      bytes.set(text, layout.arena);
      const workerData = { kernel, memory, layout, length: text.length, rounds: 3000 };
      return new Promise((resolve, reject) => {
        const thread = new Worker(worker, { eval: true, workerData });
        thread.once('message', resolve);
        thread.once('error', reject);
      });
    }),
  );
  expect(found).toEqual(expected.map((ids) => [ids.join()]));
});
