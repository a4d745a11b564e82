/** The claim that one module and one memory serve several threads; the kernel is called as KernelMatcher calls it. */
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { TEXT_PADDING } from '../../src/match/literal/table-format.js';
import { WORK_BYTES } from '../../src/match/literal/kernel-scratch.js';
import { compileKernel, createMatcherMemory } from '../../src/match/literal/matcher-memory.js';
import { compilePatternSet } from '../../src/match/literal/tables.js';
import { pattern } from './support.js';

const worker = `
  const { parentPort, workerData: { kernel, memory, at, work, padding, text, rounds } } = require('node:worker_threads');
  const { scan } = new WebAssembly.Instance(kernel, { env: { memory } }).exports;
  const bytes = new Uint8Array(memory.buffer);
  const words = new Uint32Array(memory.buffer);
  const raw = at + work, folded = raw + text.length + 2 * padding, hits = folded + text.length + 2 * padding, seen = hits + 4096;
  const results = new Set();
  for (let round = 0; round < rounds; round++) {
    bytes.set(text, raw);
    const count = scan(0, raw, folded, text.length, hits, 0, seen, at);
    bytes.fill(0, seen, seen + 128);
    results.add([...words.subarray(hits >>> 2, (hits >>> 2) + count)].sort((a, b) => a - b).join());
  }
  parentPort.postMessage([...results]);
`;

it('runs in several threads on one module and one memory', async () => {
  const patterns = Array.from({ length: 600 }, (_, n) => pattern(`needle-${n};`, n % 2 === 0));
  const { memory, scratchOffset, scratchBytes } = createMatcherMemory(compilePatternSet(patterns), 3, patterns.length);
  const kernel = compileKernel('');
  const expected = [0, 1, 2].map((shard) => [shard, 100 + shard, 300 + 2 * shard]);
  const found = await Promise.all(expected.map((ids, shard) => {
    const text = new Uint8Array(Buffer.from(ids.map((id) => `xx${id % 2 === 0 ? 'NEEDLE' : 'needle'}-${id};`).join('').padEnd(1200, '-')));
    const workerData = { kernel, memory, at: scratchOffset + shard * scratchBytes, work: WORK_BYTES, padding: TEXT_PADDING, text, rounds: 3000 };
    return new Promise((resolve, reject) => {
      const thread = new Worker(worker, { eval: true, workerData });
      thread.once('message', resolve);
      thread.once('error', reject);
    });
  }));
  expect(found).toEqual(expected.map((ids) => [ids.join()]));
});
