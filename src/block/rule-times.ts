/**
 * What the rules of one set take of a shard's time, estimated: one look at a rule in SAMPLE_EVERY is timed, and counts
 * for as many. Written by the shard, read by the main thread while it runs; there only where somebody asked for it
 * (`metrics.dearRules`).
 */

/** Looks at rules for which one is timed, on average. */
export const SAMPLE_EVERY = 64;

/** Memory for a shard's times, of a rule set with so many rows: a double each, in microseconds. */
export const allocateRuleTimes = (rules: number): SharedArrayBuffer =>
  new SharedArrayBuffer(rules * Float64Array.BYTES_PER_ELEMENT);

export interface RuleTime {
  readonly row: number;
  readonly seconds: number;
}

/** The rules that take most of all shards together, the dearest first; none that has taken nothing. */
export function dearestRules(memories: readonly SharedArrayBuffer[], most: number): RuleTime[] {
  const [first, ...others] = memories.map((memory) => new Float64Array(memory));
  if (first === undefined) return [];
  const total = first.slice();
  for (const times of others) for (let row = 0; row < total.length; row++) total[row] += times[row];
  const dearest: RuleTime[] = [];
  for (let row = 0; row < total.length; row++) {
    const seconds = total[row] / 1e6;
    if (seconds === 0 || (dearest.length === most && seconds <= dearest[most - 1].seconds)) continue;
    const place = dearest.findIndex((other) => other.seconds < seconds);
    dearest.splice(place < 0 ? dearest.length : place, 0, { row, seconds });
    if (dearest.length > most) dearest.pop();
  }
  return dearest;
}
