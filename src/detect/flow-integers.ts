/**
 * Numbers that flows keep (flowint): pairs of id and value in the flow. Stage: detect. Allocates only where a flow gets
 * its first ones.
 */
import type { Flow } from '../flow/flow.js';

/** Numbers that a flow may hold; further ones are not kept. */
export const MAX_FLOW_INTEGERS = 32;
/** By number in packed code. */
export const INTEGER_TESTS = ['isset', 'isnotset', '<', '<=', '==', '!=', '>=', '>'] as const;
export const INTEGER_CHANGES = ['=', '+', '-'] as const;

/** Test at `at`: operator, id, the id to compare with (0: none), value. */
export function integerHolds(code: Int32Array, at: number, flow: Flow): boolean {
  const place = find(flow, code[at + 3]);
  const operator = INTEGER_TESTS[code[at + 2]];
  if (operator === 'isset') return place >= 0;
  if (operator === 'isnotset') return place < 0;
  if (place < 0) return false;
  const value = flow.integers[place + 1];
  const wanted = operand(code, at, flow);
  switch (operator) {
    case '<': return value < wanted;
    case '<=': return value <= wanted;
    case '==': return value === wanted;
    case '!=': return value !== wanted;
    case '>=': return value >= wanted;
    default: return value > wanted;
  }
}

/** Change at `at`, laid out as a test. Returns 1 where the flow has no room for it, else 0. */
export function changeInteger(code: Int32Array, at: number, flow: Flow): number {
  const { integers } = flow;
  const by = operand(code, at, flow);
  let place = find(flow, code[at + 3]);
  if (place < 0) {
    if (integers.length >= 2 * MAX_FLOW_INTEGERS) return 1;
    place = integers.length;
    integers.push(code[at + 3], 0);
  }
  const operator = INTEGER_CHANGES[code[at + 2]];
  const before = operator === '=' ? 0 : integers[place + 1];
  integers[place + 1] = (operator === '-' ? before - by : before + by) >>> 0;
  return 0;
}

function operand(code: Int32Array, at: number, flow: Flow): number {
  const other = code[at + 4];
  if (other === 0) return code[at + 5] >>> 0;
  const place = find(flow, other);
  return place < 0 ? 0 : flow.integers[place + 1];
}

function find({ integers }: Flow, id: number): number {
  for (let place = 0; place < integers.length; place += 2) if (integers[place] === id) return place;
  return -1;
}
