/**
 * The order in which the candidates of a packet are verified. Stage: load.
 */
import type { RuleProgram } from '../rule/program.js';
import type { Action } from '../block/terms.js';

/** As in Suricata. */
const ACTION_ORDER: Readonly<Record<Action, number>> = { pass: 0, drop: 1, reject: 2, alert: 3, log: 4 };

/** Chains of flowbits (one rule sets what the next reads) longer than this, and circles, end here. */
const MAX_LEVEL = 16;

/** What the order hangs on. */
export type Ordered = Pick<RuleProgram, 'action' | 'bitTests' | 'effects' | 'priority' | 'gid' | 'sid'>;

/** Of rules whose flowbits go in a circle, those that write some come before those that read alone, as in Suricata. */
const reads = ({ bitTests, effects }: Ordered): number => Number(bitTests.length > 0 && effects.length === 0);

/** Sorted copy: by action, flowbit writers before readers, priority, gid, sid; equals stay as they were. */
export function inVerificationOrder<T extends Ordered>(programs: readonly T[]): T[] {
  const levels = bitLevels(programs);
  return programs
    .map((program, index) => ({ program, level: levels[index] }))
    .sort(
      (a, b) =>
        ACTION_ORDER[a.program.action] - ACTION_ORDER[b.program.action] ||
        a.level - b.level ||
        reads(a.program) - reads(b.program) ||
        a.program.priority - b.program.priority ||
        a.program.gid - b.program.gid ||
        a.program.sid - b.program.sid,
    )
    .map(({ program }) => program);
}

/** Per rule: 0 where it reads no flowbit, else one more than the highest of the rules that write what it reads. */
function bitLevels(programs: readonly Ordered[]): number[] {
  const levels = programs.map(() => 0);
  const writers = new Map<string, number[]>();
  programs.forEach((program, index) => {
    for (const name of program.effects.flatMap((effect) => effect.names)) {
      const list = writers.get(name);
      if (list === undefined) writers.set(name, [index]);
      else list.push(index);
    }
  });
  const readers = programs.flatMap((program, index) => (program.bitTests.length > 0 ? [index] : []));
  for (let round = 0; round < MAX_LEVEL; round++) {
    let changed = false;
    for (const index of readers) {
      const level = levelOf(programs[index], index, writers, levels);
      if (level > levels[index]) {
        levels[index] = level;
        changed = true;
      }
    }
    if (!changed) break;
  }
  return levels;
}

function levelOf(
  program: Ordered,
  self: number,
  writers: ReadonlyMap<string, number[]>,
  levels: readonly number[],
): number {
  let level = 1;
  for (const name of program.bitTests.flatMap((test) => test.names)) {
    for (const writer of writers.get(name) ?? []) if (writer !== self) level = Math.max(level, levels[writer] + 1);
  }
  return Math.min(level, MAX_LEVEL);
}
