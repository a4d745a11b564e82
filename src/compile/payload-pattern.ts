/**
 * What a rule of transactions looks for in the payload beside its buffers, as the prefilter of streams finds it. Stage:
 * load.
 *
 * By it a content is noted that comes in an earlier range of a message than what names the rule. What must not be
 * there, and numbers that later steps use, are asked of the range alone that comes with the transaction.
 */
import { patternStrength } from '../rule/compile/fast-pattern.js';
import type { ContentMatch } from '../rule/buffer-match.js';
import type { FastPattern, RuleProgram } from '../rule/program.js';

export function payloadPattern({ kind, buffers }: RuleProgram): FastPattern | undefined {
  if (kind !== 'txPayload' || buffers.some(isUnfit)) return undefined;
  const [payload, second] = buffers.filter(({ buffer }) => buffer === 'payload');
  if (payload === undefined || second !== undefined || payload.matches.some(isNegated)) return undefined;
  const contents = payload.matches.filter((match): match is ContentMatch => match.kind === 'content');
  const [best] = contents.sort((a, b) => patternStrength(b.bytes) - patternStrength(a.bytes));
  return best && { buffer: 'payload', bytes: best.bytes, nocase: best.nocase, only: false };
}

const isNegated = (match: RuleProgram['buffers'][number]['matches'][number]): boolean =>
  'negated' in match && match.negated === true;

const isUnfit = ({ buffer, matches }: RuleProgram['buffers'][number]): boolean =>
  buffer === 'base64_data' || matches.some(({ kind }) => kind === 'byte_extract' || kind === 'byte_math');
