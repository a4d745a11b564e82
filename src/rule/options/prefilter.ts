/**
 * prefilter: names the keyword before it as the one to prefilter on. Stage: rule. Reference: Suricata, prefilter
 * keywords.
 */
import { defineOption, type RuleOption } from './option.js';

const prefilter = defineOption<true>({
  name: 'prefilter',
  value: 'none',
  repeatable: false,
  parse: () => true,
  compile(_value, builder, node) {
    builder.diagnostics.hint(
      'without-effect',
      'prefilter does not change how the rule is reached; what it finds stays the same',
      node.name.span,
      'leave it out, or put fast_pattern on a content',
    );
  },
  print: () => undefined,
  doc: {
    appliesTo: 'rule',
    summary: 'A hint to reach the rule through the keyword before it; it changes speed, never what is found.',
    syntax: 'prefilter;',
    example: 'ttl:123; prefilter;',
    differences: 'The index is chosen here from the whole rule, so the hint is reported and passed over.',
  },
});

export const prefilterOptions: readonly RuleOption[] = [prefilter];
