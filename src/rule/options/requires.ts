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
import { requireValue, slice, splitArguments } from './value.js';

interface Requirement {
  /** `unknown`: asks for something in words of its own, which only a later engine can have. */
  readonly kind: 'feature' | 'version' | 'keyword' | 'unknown';
  readonly text: string;
}

const FORM = 'write requires:[feature <name>][,version <comparison>][,keyword <name>];';
/** What stands behind a third number (`8.0.0-beta1`, `7.0.4.1`) is not compared. */
const VERSION = /^(?:(?:<=|>=|<|>)\s*\d+(?:\.\d+){0,2}(?:[-.][\w.-]+)?(?:\s+|\s*\|\s*|$))+$/;
const NAME = /^\S/;
const KINDS: ReadonlySet<string> = new Set(['feature', 'version', 'keyword']);
const HEAD = /^(feature|version|keyword)(?=\s|[<>])\s*/;

/** The version of Suricata whose keywords are here. */
const LANGUAGE_VERSION = '8.0.7';
const FEATURES: ReadonlySet<string> = new Set(['geoip']);

function parse(node: OptionNode, diagnostics: Diagnostics): readonly Requirement[] | undefined {
  const word = requireValue(node, diagnostics);
  if (word === undefined) return undefined;
  const requirements: Requirement[] = [];
  for (const part of splitArguments(word)) {
    const head = HEAD.exec(part.text);
    if (head === null && !KINDS.has(part.text)) {
      requirements.push({ kind: 'unknown', text: part.text });
      continue;
    }
    const rest = slice(part, head?.[0].length ?? part.text.length, part.text.length);
    const kind = (head?.[1] ?? part.text) as 'feature' | 'version' | 'keyword';
    if (!(kind === 'version' ? VERSION : NAME).test(rest.text)) {
      const { span } = rest.text === '' ? part : rest;
      diagnostics.error('unknown-argument', `requires does not know '${part.text}'`, span, FORM);
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
  print: (requirements) =>
    requirements.map(({ kind, text }) => (kind === 'unknown' ? text : `${kind} ${text}`)).join(', '),
  doc: {
    appliesTo: 'rule',
    summary: 'What the engine must have; a rule that asks for more is left out, with a hint, and is no failure.',
    syntax: 'requires:[feature <name>][,version <comparison>][,keyword <name>];',
    example: 'requires:version >= 7.0, keyword flow.age;',
    differences: `Versions are compared with ${LANGUAGE_VERSION} of Suricata. Of its features geoip is here. A requirement of another kind is not met.`,
  },
});

/** Why the rule is to be left out, undefined where all is met or where the value is wrong. */
export function unmetRequirement(node: OptionNode, isKeyword: (name: string) => boolean): string | undefined {
  const requirements = parse(node, new Diagnostics()) ?? [];
  const unmet = requirements.find(
    ({ kind, text }) =>
      !(
        (kind === 'version' && isVersionWithin(text)) ||
        (kind === 'feature' && FEATURES.has(text)) ||
        (kind === 'keyword' && isKeyword(text))
      ),
  );
  if (unmet === undefined) return undefined;
  const { kind, text } = unmet;
  if (kind === 'version')
    return `the rule is for version ${text} of Suricata, and keywords are those of ${LANGUAGE_VERSION}`;
  return kind === 'unknown'
    ? `the rule asks for '${text}', which is not known here`
    : `the ${kind} ${text} is not here`;
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
