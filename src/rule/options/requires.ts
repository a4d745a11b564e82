/**
 * requires: what an engine must have for the rule to be loaded. Stage: rule. Reference: Suricata, meta keywords.
 *
 *   requires:feature geoip, version >= 7.0.4 < 8, keyword ja4.hash;
 */
import type { OptionNode } from '../ast.js';
import type { Diagnostics } from '../diagnostic.js';
import { defineOption, type RuleOption } from './option.js';
import { requireValue, slice, splitArguments, splitHead } from './value.js';

interface Requirement {
  readonly kind: 'feature' | 'version' | 'keyword';
  readonly text: string;
}

const FORM = 'write requires:[feature <name>][,version <comparison>][,keyword <name>];';
const VERSION = /^(?:(?:<=|>=|<|>)\s*\d+(?:\.\d+){0,2}(?:\s+|\s*\|\s*|$))+$/;
const NAME = /^[\w.:-]+$/;

function parse(node: OptionNode, diagnostics: Diagnostics): readonly Requirement[] | undefined {
  const word = requireValue(node, diagnostics);
  if (word === undefined) return undefined;
  const requirements: Requirement[] = [];
  for (const part of splitArguments(word)) {
    const { head, rest } = splitHead(part);
    const kind = head.text;
    if ((kind !== 'feature' && kind !== 'version' && kind !== 'keyword') || rest === undefined || !(kind === 'version' ? VERSION : NAME).test(rest.text)) {
      diagnostics.error('unknown-argument', `requires does not know '${part.text}'`, (rest ?? slice(part, 0, part.text.length)).span, FORM);
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
  compile(requirements, builder, node) {
    for (const { kind, text } of requirements) {
      if (kind === 'feature') builder.diagnostics.error('missing-feature', `the feature ${text} of Suricata is not here`, node.value!.span, 'the rule says itself that it cannot do without');
      if (kind === 'keyword') builder.requireKeyword(text, node);
    }
  },
  print: (requirements) => requirements.map(({ kind, text }) => `${kind} ${text}`).join(', '),
  doc: {
    appliesTo: 'rule',
    summary: 'What the engine must have; a rule that asks for a feature or a keyword that is not here is an error.',
    syntax: 'requires:[feature <name>][,version <comparison>][,keyword <name>];',
    example: 'requires:version >= 7.0, keyword flow.age;',
    differences: 'Versions are those of Suricata and always hold, as keywords are checked one by one. No feature is here.',
  },
});

export const requiresOptions: readonly RuleOption[] = [requires];
