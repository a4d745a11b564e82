/**
 * Flowbits: what a rule asks of its flow, and what it leaves there when it has matched. Stage: detect. Allocates nothing
 * but where a flow gets its first bits. A packet without a flow fails every test and keeps nothing.
 */
import type { Flow } from '../flow/flow.js';
import { BIT_OPERATION, RULE } from './rule-block.js';
import type { RuleSet } from './rule-set.js';

/** Bits that a flow may hold; further ones are not set. */
export const MAX_FLOW_BITS = 64;

export function bitsHold(rules: RuleSet, row: number, flow: Flow | null): boolean {
  const { words, code } = rules;
  const rule = rules.rowAt(row);
  const end = words[rule + RULE.bitsEnd];
  for (let at = words[rule + RULE.bits]; at < end; at += code[at + 1]) {
    if (flow === null) return false;
    if (!anyHolds(code, at, flow, code[at + 2] === BIT_OPERATION.isset)) return false;
  }
  return true;
}

/** Names written with `|` are alternatives: one of them is set, or is not. */
function anyHolds(code: Int32Array, at: number, flow: Flow, wanted: boolean): boolean {
  const end = at + code[at + 1];
  for (let id = at + 3; id < end; id++) if (flow.hasBit(code[id]) === wanted) return true;
  return false;
}

/** Returns how many bits the flow had no room for. */
export function applyBitEffects(rules: RuleSet, row: number, flow: Flow | null): number {
  if (flow === null) return 0;
  let refused = 0;
  const { words, code } = rules;
  const rule = rules.rowAt(row);
  const end = words[rule + RULE.effectsEnd];
  for (let at = words[rule + RULE.effects]; at < end; at += code[at + 1]) {
    for (let id = at + 3; id < at + code[at + 1]; id++) refused += applyEffect(flow, code[at + 2], code[id]);
  }
  return refused;
}

function applyEffect(flow: Flow, operation: number, id: number): number {
  const isSet = flow.hasBit(id);
  if (isSet) {
    if (operation !== BIT_OPERATION.set) flow.unsetBit(id);
  } else if (operation !== BIT_OPERATION.unset) {
    if (flow.bits.length >= MAX_FLOW_BITS) return 1;
    flow.setBit(id);
  }
  return 0;
}
