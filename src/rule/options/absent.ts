/** absent: the sticky buffer before it is not there. Stage: rule. Reference: Suricata, payload keywords. */
import { defineOption, type RuleOption } from './option.js';

const absent = defineOption<'only' | 'or_else'>({
  name: 'absent',
  value: 'optional',
  repeatable: true,
  parse(node, diagnostics) {
    const text = node.value?.text ?? '';
    if (text === '') return 'only';
    if (text === 'or_else') return 'or_else';
    diagnostics.error(
      'unknown-argument',
      `absent does not know '${text}'`,
      node.value!.span,
      'write absent; or absent:or_else;',
    );
    return undefined;
  },
  compile: (value, builder, node) => builder.setAbsent(value, node),
  print: (value) => (value === 'only' ? undefined : value),
  doc: {
    appliesTo: 'buffer',
    summary:
      'The sticky buffer before it must be missing; with or_else, it may be missing, and what follows is looked for where it is not. Messages that never have the buffer are not missing it: a response of DNS has no `dns.query`.',
    syntax: 'absent; or absent:or_else;',
    example: 'udp.hdr; absent;',
  },
});

export const absentOptions: readonly RuleOption[] = [absent];
