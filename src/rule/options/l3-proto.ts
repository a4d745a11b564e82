/** l3_proto: the version of IP. Stage: rule. Reference: Suricata, keyword list. */
import { defineOption, type RuleOption } from './option.js';
import { requireValue } from './value.js';

const VERSIONS: ReadonlyMap<string, 4 | 6> = new Map([
  ['ipv4', 4],
  ['ip4', 4],
  ['ipv6', 6],
  ['ip6', 6],
]);

const l3Proto = defineOption<4 | 6>({
  name: 'l3_proto',
  value: 'required',
  repeatable: true,
  parse(node, diagnostics) {
    const word = requireValue(node, diagnostics);
    const version = VERSIONS.get(word?.text.toLowerCase() ?? '');
    if (word !== undefined && version === undefined)
      diagnostics.error(
        'unknown-argument',
        `'${word.text}' is no version of IP`,
        word.span,
        `write ${[...VERSIONS.keys()].join(', ')}`,
      );
    return version;
  },
  compile: (version, builder) =>
    builder.addFlowTest({ kind: 'field', field: 'ip_version', ranges: [[version, version]], negated: false }),
  print: (version) => `ipv${version}`,
  doc: {
    appliesTo: 'packet',
    summary: 'The packet is of this version of IP.',
    syntax: 'l3_proto:<ipv4|ipv6>;',
    example: 'l3_proto:ipv6;',
  },
});

export const l3ProtoOptions: readonly RuleOption[] = [l3Proto];
