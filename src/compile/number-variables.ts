/**
 * Gives every byte_extract and byte_math of a rule a variable of its own. Stage: load.
 *
 * A rule may set one name twice. With one slot per setting step, and each read bound to the setting before it, a value
 * left over from a choice that was given up is never seen: whoever reads a slot runs behind the one step that fills it.
 * What is read before it is set is 0.
 */
import type { BufferProgram, RuleProgram } from '../rule/program.js';
import type { BufferMatch, Value } from '../rule/buffer-match.js';

export interface NumberedBuffers {
  readonly buffers: readonly BufferProgram[];
  readonly variableCount: number;
}

export function numberVariables(program: RuleProgram): NumberedBuffers {
  if (program.variableCount === 0) return { buffers: program.buffers, variableCount: 0 };
  const slots = new Map<number, number>();
  let next = 0;
  const renumber = (match: BufferMatch): BufferMatch => {
    const bound = Object.fromEntries(
      Object.entries(match).map(([name, value]: [string, unknown]) => [
        name,
        isVariable(value) ? bind(value, slots) : value,
      ]),
    );
    if (match.kind !== 'byte_extract' && match.kind !== 'byte_math') return bound as unknown as BufferMatch;
    slots.set(match.variable, next);
    return { ...bound, variable: next++ } as unknown as BufferMatch;
  };
  const buffers = program.buffers.map((buffer) => ({ ...buffer, matches: buffer.matches.map(renumber) }));
  return { buffers, variableCount: next };
}

type Variable = Exclude<Value, number>;
const isVariable = (value: unknown): value is Variable =>
  typeof value === 'object' && value !== null && 'variable' in value;

function bind(value: Variable, slots: ReadonlyMap<number, number>): Value {
  const slot = slots.get(value.variable);
  return slot === undefined ? 0 : { variable: slot };
}
