/**
 * Numbers that flows keep (flowint): pairs of id and value, in a list of the flow's. Stage: detect. Allocates nothing.
 */
import type { Flow } from '../../flow/flow.js';
import { appendEntry, firstWord, listCount } from '../../memory/arena-list.js';
import { INTEGER_TESTS, INTEGER_CHANGES } from '../../block/rule-block.js';

/** Numbers that a flow may hold; further ones are not kept. */
export const MAX_FLOW_INTEGERS = 32;

const PAIR_BYTES = 8;

/** Test at `at`: operator, id, the id to compare with (0: none), value. */
export function integerHolds(code: Int32Array, at: number, flow: Flow): boolean {
  const place = find(flow, code[at + 3]);
  const operator = INTEGER_TESTS[code[at + 2]];
  if (operator === 'isset') return place >= 0;
  if (operator === 'isnotset') return place < 0;
  if (place < 0) return false;
  const value = flow.words[place + 1];
  const wanted = operand(code, at, flow);
  switch (operator) {
    case '<':
      return value < wanted;
    case '<=':
      return value <= wanted;
    case '==':
      return value === wanted;
    case '!=':
      return value !== wanted;
    case '>=':
      return value >= wanted;
    default:
      return value > wanted;
  }
}

/**
 * Change at `at`, laid out as a test. Returns 1 where the flow has no room for it, else 0. Nothing is taken from a
 * number that was never set: it stays so.
 */
export function changeInteger(code: Int32Array, at: number, flow: Flow): number {
  const by = operand(code, at, flow);
  const operator = INTEGER_CHANGES[code[at + 2]];
  let place = find(flow, code[at + 3]);
  if (place < 0 && operator === '-') return 0;
  if (place < 0) place = add(flow, code[at + 3]);
  if (place < 0) return 1;
  const before = operator === '=' ? 0 : flow.words[place + 1];
  flow.words[place + 1] = operator === '-' ? before - by : before + by;
  return 0;
}

function operand(code: Int32Array, at: number, flow: Flow): number {
  const other = code[at + 4];
  if (other === 0) return code[at + 5] >>> 0;
  const place = find(flow, other);
  return place < 0 ? 0 : flow.words[place + 1];
}

/** The word of a new pair with the value 0, or -1 where there is no room for it. */
function add(flow: Flow, id: number): number {
  const count = listCount(flow.arena, flow.integers);
  const list = count < MAX_FLOW_INTEGERS ? appendEntry(flow.arena, flow.integers, PAIR_BYTES) : 0;
  if (list === 0) return -1;
  flow.integers = list;
  const place = firstWord(list) + 2 * count;
  flow.words[place] = id;
  flow.words[place + 1] = 0;
  return place;
}

/** The word of a number's pair, or -1. */
function find({ words, arena, integers }: Flow, id: number): number {
  const first = firstWord(integers);
  const end = first + 2 * listCount(arena, integers);
  for (let place = first; place < end; place += 2) if (words[place] === id) return place;
  return -1;
}
