/**
 * What the benchmarks share. Each is data: a name, a unit, and a function that does the work, checks that its result is
 * the expected one (a fast wrong answer fails) and returns a rate. Rates of bytes are also given as a ratio to the
 * yardstick: MB/s of MD5 on one core at that moment, since machines differ and drift.
 */
import { createHash } from 'node:crypto';
import { cpus } from 'node:os';

/** MB/s of MD5 on one core, the median of five runs. */
export function yardstick() {
  const block = Buffer.alloc(1 << 20, 7);
  const rates = Array.from({ length: 5 }, () => {
    const start = performance.now();
    let blocks = 0;
    for (; performance.now() - start < 400; blocks++) createHash('md5').update(block).digest();
    return (blocks * block.length) / 1e6 / ((performance.now() - start) / 1000);
  });
  return median(rates);
}

export const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** Runs `work` (which returns how many units it did) for about `seconds` after a warm-up. @returns units per second. */
export function rate(work, seconds = 1) {
  const spend = (limitMs) => {
    const start = performance.now();
    let units = 0;
    let elapsed = 0;
    while (elapsed < limitMs) {
      units += work();
      elapsed = performance.now() - start;
    }
    return units / (elapsed / 1000);
  };
  spend(300);
  return median([spend(seconds * 333), spend(seconds * 333), spend(seconds * 333)]);
}

export function expect(actual, expected, what) {
  if (actual !== expected) throw new Error(`${what}: expected ${expected}, got ${actual}`);
}

/** An error that says why a benchmark cannot run here. */
export const skip = (reason) => Object.assign(new Error(reason), { skip: true });

export const machine = () => ({ cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version });
