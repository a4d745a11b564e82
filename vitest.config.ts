import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'threads',
    // Vitest leaves a processor free; files that start the command mostly wait for it.
    maxWorkers: availableParallelism(),
  },
});
