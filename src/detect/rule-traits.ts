/**
 * What is to be known of a rule of transactions before it is looked at. Stage: detect.
 */
import { BUFFER_CODE, DATASET, DATASET_WORDS, OP, RULE, RULE_KIND } from '../block/rule-block.js';
import type { RuleSet } from '../block/rule-set.js';
import { DATASET_STEP, PCRE } from '../block/step-layout.js';
import { DIRECTION, type Direction } from '../flow/flow.js';
import { PAYLOAD } from './verify/packet-source.js';

/**
 * Traits: it has buffers of either side that the other one does not have; what its steps find is used later, so that
 * all of them are looked at together.
 */
export const TWO_SIDED = 1;
export const HAS_VARIABLES = 2;

/** Traits by row; 0 for rules that are not of transactions. */
export function ruleTraits(rules: RuleSet): Uint8Array {
  return Uint8Array.from({ length: rules.ruleCount }, (_, row) => traitsOf(rules, row));
}

/** From which progress on a side has the buffer of the engine at `at`; -1 where it never does. */
export function progressWord(code: Int32Array, at: number, side: Direction): number {
  return code[at + (side === DIRECTION.toServer ? BUFFER_CODE.progressToServer : BUFFER_CODE.progressToClient)];
}

/** First word of the engine that a rule has for the payload; it has one (RULE_KIND.txPayload). */
export function payloadEngine(rules: RuleSet, row: number): number {
  const { code, words } = rules;
  let at = words[rules.rowAt(row) + RULE.buffers];
  while (code[at + BUFFER_CODE.buffer] !== PAYLOAD) at += code[at + 1];
  return at;
}

/** That engine as a bit of the rule's state; 0 where that it has passed is not remembered. */
export function payloadBit(rules: RuleSet, row: number): number {
  const engine = rules.code[payloadEngine(rules, row) + BUFFER_CODE.engine];
  return engine < 0 ? 0 : 1 << engine;
}

function traitsOf(rules: RuleSet, row: number): number {
  const kind = rules.words[rules.rowAt(row) + RULE.kind];
  if (kind !== RULE_KIND.tx && kind !== RULE_KIND.txPayload) return 0;
  return (isTwoSided(rules, row) ? TWO_SIDED : 0) | (hasVariables(rules, row) ? HAS_VARIABLES : 0);
}

/**
 * Whether steps read numbers that later ones, perhaps of another engine, use, or find what is shown or kept once the
 * rule has matched.
 */
function hasVariables(rules: RuleSet, row: number): boolean {
  const { code, words } = rules;
  const rule = rules.rowAt(row);
  for (let at = words[rule + RULE.buffers]; at < words[rule + RULE.buffersEnd]; at += code[at + 1]) {
    for (let step = at + BUFFER_CODE.end; step < at + code[at + 1]; step += code[step + 1]) {
      if (code[step] === OP.byteExtract || code[step] === OP.byteMath) return true;
      if (code[step] === OP.pcre && code[step + 1] > PCRE.end) return true;
      if (code[step] === OP.dataset && hasObjects(rules, code[step + DATASET_STEP.set])) return true;
    }
  }
  return false;
}

const hasObjects = ({ datasets }: RuleSet, set: number): boolean =>
  datasets[1 + set * DATASET_WORDS + DATASET.context] >= 0;

function isTwoSided(rules: RuleSet, row: number): boolean {
  const { code, words } = rules;
  const rule = rules.rowAt(row);
  let onlyOne = 0;
  for (let at = words[rule + RULE.buffers]; at < words[rule + RULE.buffersEnd]; at += code[at + 1]) {
    if (code[at + BUFFER_CODE.buffer] === PAYLOAD || code[at + BUFFER_CODE.engine] < 0) continue;
    if (progressWord(code, at, DIRECTION.toClient) < 0) onlyOne |= 1;
    else if (progressWord(code, at, DIRECTION.toServer) < 0) onlyOne |= 2;
  }
  return onlyOne === 3;
}
