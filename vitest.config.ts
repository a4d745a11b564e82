import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // For tests that hang; a slow or a busy machine fails none.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    pool: 'threads',
    // Vitest leaves a processor free; files that start the command mostly wait for it.
    maxWorkers: availableParallelism(),
  },
});
