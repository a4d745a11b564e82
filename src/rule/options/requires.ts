/**
 * requires: what an engine must have for the rule to be loaded. Stage: rule. Reference: Suricata, meta keywords.
 *
 *   requires:feature geoip, version >= 7.0.4 < 8 | >= 9, keyword ja4.hash;
 *
 * It is looked at before anything else of the rule, which may be written for another engine (compile-rule.ts).
 */
import type { OptionNode } from '../ast.js';
import { Diagnostics } from '../diagnostics/diagnostic.js';
import { defineOption, type RuleOption } from './option.js';
import { requireValue, splitArguments, splitHead } from './value.js';

interface Requirement {
  readonly kind: 'feature' | 'version' | 'keyword';
  readonly text: string;
}

const FORM = 'write requires:[feature <name>][,version <comparison>][,keyword <name>];';
const VERSION = /^(?:(?:<=|>=|<|>)\s*\d+(?:\.\d+){0,2}(?:\s+|\s*\|\s*|$))+$/;
const NAME = /^[\w.:-]+$/;

/** The version of Suricata whose keywords are here. */
const LANGUAGE_VERSION = '8.0.7';
const FEATURES: ReadonlySet<string> = new Set(['geoip']);

function parse(node: OptionNode, diagnostics: Diagnostics): readonly Requirement[] | undefined {
  const word = requireValue(node, diagnostics);
  if (word === undefined) return undefined;
  const requirements: Requirement[] = [];
  for (const part of splitArguments(word)) {
    const { head, rest } = splitHead(part);
    const kind = head.text;
    if (
      (kind !== 'feature' && kind !== 'version' && kind !== 'keyword') ||
      rest === undefined ||
      !(kind === 'version' ? VERSION : NAME).test(rest.text)
    ) {
      diagnostics.error('unknown-argument', `requires does not know '${part.text}'`, (rest ?? part).span, FORM);
      return undefined;
    }
    requirements.push({ kind, text: rest.text.replace(/\s+/g, ' ') });
  }
  return requirements;
}

const requires = defineOption<readonly Requirement[]>({
  name: 'requires',
  value: 'required',
  repeatable: true,
  parse,
  compile() {
    // What is not met has kept the rule from being compiled.
  },
  print: (requirements) => requirements.map(({ kind, text }) => `${kind} ${text}`).join(', '),
  doc: {
    appliesTo: 'rule',
    summary: 'What the engine must have; a rule that asks for more is left out, with a hint, and is no failure.',
    syntax: 'requires:[feature <name>][,version <comparison>][,keyword <name>];',
    example: 'requires:version >= 7.0, keyword flow.age;',
    differences: `Versions are compared with ${LANGUAGE_VERSION} of Suricata. Of its features geoip is here.`,
  },
});

/** Why the rule is to be left out, undefined where all is met or where the value is wrong. */
export function unmetRequirement(node: OptionNode, isKeyword: (name: string) => boolean): string | undefined {
  const requirements = parse(node, new Diagnostics()) ?? [];
  const unmet = requirements.find(
    ({ kind, text }) =>
      !(kind === 'version' ? isVersionWithin(text) : kind === 'feature' ? FEATURES.has(text) : isKeyword(text)),
  );
  if (unmet === undefined) return undefined;
  return unmet.kind === 'version'
    ? `the rule is for version ${unmet.text} of Suricata, and keywords are those of ${LANGUAGE_VERSION}`
    : `the ${unmet.kind} ${unmet.text} is not here`;
}

/** Comparisons beside each other must all hold, of those between bars one group. */
function isVersionWithin(text: string): boolean {
  return text.split('|').some((group) =>
    [...group.matchAll(/(<=|>=|<|>)\s*([\d.]+)/g)].every(([, operator, version]) => {
      const order = compareVersions(LANGUAGE_VERSION, version!);
      return operator === '<' ? order < 0 : operator === '<=' ? order <= 0 : operator === '>' ? order > 0 : order >= 0;
    }),
  );
}

function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  for (let i = 0; i < 3; i++) {
    const difference = (left![i] ?? 0) - (right![i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

export const requiresOptions: readonly RuleOption[] = [requires];
