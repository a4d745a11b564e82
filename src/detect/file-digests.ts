/** Which digests of files the rules of a set compare with lists. Stage: detect; asked once, when they are taken in. */
import { bufferNumber } from '../app/buffers.js';
import { DIGEST, DIGEST_NAMES } from '../app/file/digests.js';
import { BUFFER_CODE, RULE, RULE_KIND } from '../block/rule-block.js';
import type { RuleSet } from '../block/rule-set.js';

/** By buffer number: its bit in a set of DIGEST. */
const BITS = new Map(DIGEST_NAMES.map((name) => [bufferNumber(`file.${name}`), DIGEST[name]]));

/** A set of DIGEST. */
export function digestsOf(rules: RuleSet): number {
  const { code, words } = rules;
  let digests = 0;
  for (let row = 0; row < rules.ruleCount; row++) {
    const rule = rules.rowAt(row);
    // Files are a part of transactions.
    if (words[rule + RULE.kind] !== RULE_KIND.tx && words[rule + RULE.kind] !== RULE_KIND.txPayload) continue;
    for (let at = words[rule + RULE.buffers]!; at < words[rule + RULE.buffersEnd]!; at += code[at + 1]!) {
      digests |= BITS.get(code[at + BUFFER_CODE.buffer]!) ?? 0;
    }
  }
  return digests;
}
