/** sameip: source and destination address are the same. Stage: rule. Reference: Suricata, IP keywords. */
import { defineOption, type RuleOption } from './option.js';

const sameip = defineOption<true>({
  name: 'sameip',
  value: 'none',
  repeatable: false,
  parse: () => true,
  compile(_value, builder) {
    builder.addPacketTest({ kind: 'sameip', negated: false });
  },
  print: () => undefined,
  doc: {
    appliesTo: 'packet',
    summary: 'Source and destination have the same address.',
    syntax: 'sameip;',
    example: 'sameip;',
  },
});

export const sameipOptions: readonly RuleOption[] = [sameip];
