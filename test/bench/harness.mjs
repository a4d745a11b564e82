/**
 * What the benchmarks share. Each is data: a name, a unit, and a function that does the work, checks that its result is
 * the expected one (a fast wrong answer fails) and returns a rate. Rates of bytes are also given as a ratio to the
 * yardstick: MB/s of MD5 on one core at that moment, since machines differ and drift.
 *
 * Seconds are those of CPU time, for the yardstick and for what runs in one thread: a neighbour on the same core takes
 * time, but does not make the figure smaller. On a machine that does nothing else they are those of the clock.
 */
import { createHash } from 'node:crypto';
import { cpus } from 'node:os';

/** Seconds of CPU time of this process so far. */
function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Units per second of `work`, which returns how many it did, done for `seconds`. */
export function spend(work, seconds) {
  const start = cpuSeconds();
  let units = 0;
  let elapsed = 0;
  while (elapsed < seconds) {
    units += work();
    elapsed = cpuSeconds() - start;
  }
  return units / elapsed;
}

/** MB/s of MD5 on one core, the median of five runs. */
export function yardstick() {
  const block = Buffer.alloc(1 << 20, 7);
  const megabyte = () => {
    createHash('md5').update(block).digest();
    return block.length / 1e6;
  };
  return median(Array.from({ length: 5 }, () => spend(megabyte, 0.4)));
}

export const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** A figure with three digits that count. */
export const digits = (value) => Number(value.toPrecision(3));

/** Runs `work` for about `seconds` after a warm-up. @returns units per second, the median of three. */
export function rate(work, seconds = 1) {
  spend(work, 0.3);
  return median(Array.from({ length: 3 }, () => spend(work, seconds / 3)));
}

export function expect(actual, expected, what) {
  if (actual !== expected) throw new Error(`${what}: expected ${expected}, got ${actual}`);
}

/** An error that says why a benchmark cannot run here. */
export const skip = (reason) => Object.assign(new Error(reason), { skip: true });

export const machine = () => ({ cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version });
