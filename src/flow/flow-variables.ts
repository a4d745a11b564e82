/**
 * Variables that flows keep: bytes that an expression has captured, by the id of a name. Stage: flow. Allocates
 * nothing but blocks of the arena.
 *
 *   block   | bytes in use (4) | count (4) | id (4) | length (4) | bytes, up to a multiple of 4 | id …
 *
 * The block is the annex of the flow's list of integers. In the order in which they were first set. Bounded:
 * `MAX_FLOW_VARIABLES`, and `MAX_VARIABLE_BYTES` for all of a flow.
 */
import { BLOCK_BYTES } from '../memory/arena.js';
import { annexOf, emptyList, setAnnex } from '../memory/arena-list.js';
import type { Flow } from './flow.js';

/** Variables that a flow may hold, and bytes of them all; further ones are not kept. */
export const MAX_FLOW_VARIABLES = 32;
export const MAX_VARIABLE_BYTES = BLOCK_BYTES[2];

const HEAD_BYTES = 8;
const ENTRY_BYTES = 8;

/**
 * Sets a variable to a latin1 text.
 * @returns false where the flow or the arena has no room for it: the variable is then not set.
 */
export function setFlowVariable(flow: Flow, id: number, value: string): boolean {
  const at = find(flow, id);
  const place = makeRoom(flow, at, sizeOf(value.length));
  if (place < 0) {
    if (at >= 0) remove(flow, at);
    return false;
  }
  const { words, arena } = flow;
  words[place >>> 2] = id;
  words[(place >>> 2) + 1] = value.length;
  for (let i = 0; i < value.length; i++) arena.bytes[place + ENTRY_BYTES + i] = value.charCodeAt(i);
  return true;
}

/** Whether a variable is set and has `length` bytes from `start` on in it. */
export function flowVariableHolds(flow: Flow, id: number, bytes: Uint8Array, start: number, length: number): boolean {
  const at = find(flow, id);
  if (at < 0) return false;
  const held = flow.arena.bytes;
  const last = at + ENTRY_BYTES + lengthAt(flow, at) - length;
  for (let from = at + ENTRY_BYTES; from <= last; from++) {
    let same = 0;
    while (same < length && held[from + same] === bytes[start + same]) same++;
    if (same === length) return true;
  }
  return false;
}

/** Id, start in the arena's memory and length of each, in the order in which they were set. Allocates. */
export function* flowVariables(flow: Flow): Generator<[id: number, start: number, length: number]> {
  const block = blockOf(flow);
  if (block === 0) return;
  const end = block + flow.words[block >>> 2];
  for (let at = block + HEAD_BYTES; at < end; at += sizeOf(lengthAt(flow, at)))
    yield [flow.words[at >>> 2], at + ENTRY_BYTES, lengthAt(flow, at)];
}

const blockOf = ({ arena, integers }: Flow): number => annexOf(arena, integers);

const sizeOf = (length: number): number => ENTRY_BYTES + ((length + 3) & ~3);
const lengthAt = ({ words }: Flow, at: number): number => words[(at >>> 2) + 1];

/** Where the entry of a variable begins, or -1. */
function find(flow: Flow, id: number): number {
  const block = blockOf(flow);
  if (block === 0) return -1;
  const end = block + flow.words[block >>> 2];
  for (let at = block + HEAD_BYTES; at < end; at += sizeOf(lengthAt(flow, at)))
    if (flow.words[at >>> 2] === id) return at;
  return -1;
}

function remove(flow: Flow, at: number): void {
  const { words } = flow;
  const block = blockOf(flow);
  const size = sizeOf(lengthAt(flow, at));
  words.copyWithin(at >>> 2, (at + size) >>> 2, (block + words[block >>> 2]) >>> 2);
  words[block >>> 2] -= size;
  words[(block >>> 2) + 1]--;
}

/** Makes the entry at `at`, or for -1 a new one, `size` bytes long. @returns where it begins, or -1. */
function makeRoom(flow: Flow, at: number, size: number): number {
  const { arena, words } = flow;
  const before = blockOf(flow);
  const used = before === 0 ? HEAD_BYTES : words[before >>> 2];
  const count = before === 0 ? 0 : words[(before >>> 2) + 1];
  if (at < 0 && count === MAX_FLOW_VARIABLES) return -1;
  const offset = at < 0 ? used : at - before;
  const tail = at < 0 ? used : offset + sizeOf(lengthAt(flow, at));
  const needed = used + size - (tail - offset);
  if (needed > MAX_VARIABLE_BYTES) return -1;
  const fits = before !== 0 && needed <= BLOCK_BYTES[arena.sizeOf(before)];
  const block = fits ? before : grow(flow, needed);
  if (block === 0) return -1;
  words.copyWithin((block + offset + size) >>> 2, (block + tail) >>> 2, (block + used) >>> 2);
  words[block >>> 2] = needed;
  words[(block >>> 2) + 1] = at < 0 ? count + 1 : count;
  return block + offset;
}

/** A larger block with what there is; 0 where the arena has none. */
function grow(flow: Flow, bytes: number): number {
  const { arena, words } = flow;
  const variables = blockOf(flow);
  const block = arena.allocate(BLOCK_BYTES.findIndex((size) => size >= bytes));
  if (block === 0) return 0;
  if (variables !== 0) words.copyWithin(block >>> 2, variables >>> 2, (variables + words[variables >>> 2]) >>> 2);
  if (flow.integers === 0) flow.integers = emptyList(arena);
  if (flow.integers === 0) {
    arena.free(block);
    return 0;
  }
  setAnnex(arena, flow.integers, block);
  if (variables !== 0) arena.free(variables);
  return block;
}
