/** Which buffers of transactions the rules of a set look at. Stage: detect; asked once, when they are taken in. */
import { bufferNumber } from '../app/buffers.js';
import { frameBuffer, FRAMES } from '../app/frame/buffers.js';
import { BUFFER_CODE, RULE, RULE_KIND } from '../block/rule-block.js';
import type { RuleSet } from '../block/rule-set.js';

/** Their numbers. */
export function askedBuffers(rules: RuleSet): ReadonlySet<number> {
  const { code, words } = rules;
  const asked = new Set<number>();
  for (let row = 0; row < rules.ruleCount; row++) {
    const rule = rules.rowAt(row);
    if (words[rule + RULE.kind] !== RULE_KIND.tx && words[rule + RULE.kind] !== RULE_KIND.txPayload) continue;
    for (let at = words[rule + RULE.buffers]!; at < words[rule + RULE.buffersEnd]!; at += code[at + 1]!) {
      asked.add(code[at + BUFFER_CODE.buffer]!);
    }
  }
  return asked;
}

/** By number of a frame: 1 where it is asked for. */
export const framesOf = (asked: ReadonlySet<number>): Uint8Array =>
  Uint8Array.from(FRAMES, (name) => Number(asked.has(bufferNumber(frameBuffer(name)))));
