/**
 * pcrexform: leaves of a buffer what the first group of a regular expression holds. Stage: rule. Reference: Suricata,
 * transformations.
 */
import type { ReadPcre } from '../../match/pcre/pcre.js';
import { readPattern, settlePcre } from '../compile/pcre-step.js';
import { defineOption, type RuleOption } from './option.js';
import { requireValue } from './value.js';

const pcrexform = defineOption<ReadPcre>({
  name: 'pcrexform',
  value: 'required',
  repeatable: true,
  parse(node, diagnostics) {
    const word = requireValue(node, diagnostics);
    if (word === undefined) return undefined;
    if (!/^"[^]+"$/.test(word.text)) {
      diagnostics.error(
        'bad-pcre-frame',
        'the pattern stands in double quotes, without slashes',
        word.span,
        'write pcrexform:"[a-z]+: (.*)";',
      );
      return undefined;
    }
    const read = readPattern(word, 1, word.text.length - 1, '', diagnostics);
    if (read === undefined || read.pattern.groupCount > 0) return read;
    diagnostics.error(
      'missing-group',
      'the pattern has no group to take',
      word.span,
      'put what the buffer is to become between ( and )',
    );
    return undefined;
  },
  compile(read, builder, node) {
    settlePcre({ read, word: node.value!, start: 1 }, 'groups', builder.diagnostics);
    builder.addTransform({ kind: 'pcrexform', pattern: read.source }, node);
  },
  print: ({ source }) => `"${source}"`,
  doc: {
    appliesTo: 'buffer',
    summary:
      'Leaves of the buffer what the first group of a regular expression holds; where it does not match, the buffer ' +
      'stays as it is.',
    syntax: 'pcrexform:"<pattern>";',
    example: 'pkt_data; pcrexform:"^GET ([^ ]+)"; content:"/index.html"; endswith;',
  },
});

export const pcrexformOptions: readonly RuleOption[] = [pcrexform];
