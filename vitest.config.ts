import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // For tests that hang; a slow or a busy machine fails none.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    pool: 'threads',
    // Files that start the command wait for it and for its timers: with one file a processor, a quarter of the time of
    // the whole suite no processor had work.
    maxWorkers: Math.ceil(1.5 * availableParallelism()),
  },
});
