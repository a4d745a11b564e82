/**
 * What the tests of PCRE patterns share: translation that must succeed, patterns made at random, patterns of rule sets.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { translatePcre, type TranslatedPcre } from '../../src/match/pcre/pcre.js';
import type { PcreUse } from '../../src/match/pcre/simplify.js';

export function translate(pattern: string, flags = '', use: PcreUse = 'groups'): TranslatedPcre {
  const result = translatePcre(pattern, flags, use);
  if (!result.ok) throw new Error(`${result.message} at ${result.offset} of ${pattern}`);
  return result;
}

const raw = String.raw;
const ATOMS = ['a', 'b', 'c', 'A', '.', '[ab]', '[^a]', raw`\w`, raw`\s`, raw`\n`, raw`\R`, raw`\N`];
const ASSERTIONS = [
  '^',
  '$',
  raw`\b`,
  raw`\B`,
  raw`\A`,
  raw`\z`,
  raw`\Z`,
  '(?i)',
  '(?-i)',
  '(?m)',
  '(?s)',
  '(?<=a)',
  '(?<!a)',
  '(?<=ab|b)',
  '(?<!ba)',
];
const COUNTS = ['*', '+', '?', '*?', '+?', '??', '{2}', '{1,2}', '{0,3}?', '{2,}'];
/** Of single characters, where PCRE has no nullable rounds that JavaScript undoes. */
const SINGLE_COUNTS = [...COUNTS, '*+', '++', '?+', '{0,2}+', '{3,20}', '{18,}'];

/** Patterns with all that is translated, few letters, and often a match. */
export const patterns: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    { weight: 6, arbitrary: fc.constantFrom(...ATOMS) },
    { weight: 2, arbitrary: fc.constantFrom(...ASSERTIONS) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(fc.constantFrom('a', 'b', '[ab]', '.', raw`\w`), fc.constantFrom(...SINGLE_COUNTS))
        .map((parts) => parts.join('')),
    },
    { weight: 1, arbitrary: fc.constantFrom(raw`\1`, raw`\2`) },
    { weight: 6, arbitrary: fc.tuple(tie('node'), tie('node')).map((parts) => parts.join('')) },
    { weight: 2, arbitrary: fc.tuple(tie('node'), tie('node')).map((parts) => `(?:${parts.join('|')})`) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom('(', '(?:', '(?=', '(?!', '(?>'), tie('node'))
        .map(([open, node]) => `${open}${node})`),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom('(?:', '('), tie('node'), fc.constantFrom(...COUNTS))
        .map(([open, node, count]) => `${open}${node})${count}`),
    },
  ),
})).node;

export const patternFlags = fc.constantFrom('', '', 'i', 's', 'm', 'im', 'A', 'E');
export const subjects = fc
  .array(fc.constantFrom('a', 'b', 'a', 'b', 'A', 'B', 'c', ' ', '\n'), { maxLength: 9 })
  .map((letters) => letters.join(''));

const RULES = join(import.meta.dirname, '../../../shared/rules');
export const RULE_SETS = ['et-open-2024-03', 'snort2-community-2026-07', 'snort3-community-2026-05'] as const;
export const hasRuleSets = existsSync(RULES);

export interface RulePattern {
  readonly sid: number;
  readonly enabled: boolean;
  readonly pattern: string;
  readonly flags: string;
}

/** Every PCRE of a published rule set, disabled rules included. */
export function patternsOf(name: (typeof RULE_SETS)[number]): RulePattern[] {
  const text = gunzipSync(readFileSync(join(RULES, `${name}.rules.gz`))).toString('latin1');
  return text.split('\n').flatMap((line) => {
    const sid = Number(/\bsid:\s*(\d+)/.exec(line)?.[1] ?? 0);
    return [...line.matchAll(/pcre:\s*!?\s*"\/((?:[^"\\]|\\.)*)\/([A-Za-z]*)(?:,[^"]*)?"/g)].map(
      ([, pattern, flags]) => ({ sid, enabled: !line.startsWith('#'), pattern: pattern!, flags: flags! }),
    );
  });
}
