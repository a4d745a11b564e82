/** ipopts: an option in the IPv4 header. Stage: rule. Reference: RFC 791, RFC 1108, RFC 4782; Suricata, IP keywords. */
import type { OptionNode } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { defineOption, type RuleOption } from './option.js';
import { requireValue, slice } from './value.js';

/** Type byte of each option; -1 for any of them. */
const OPTIONS: Readonly<Record<string, number>> = {
  eol: 0,
  nop: 1,
  rr: 7,
  qs: 25,
  ts: 68,
  sec: 130,
  lsrr: 131,
  lsrre: 131,
  esec: 133,
  cipso: 134,
  satid: 136,
  ssrr: 137,
  rtralt: 148,
  any: -1,
};

interface IpOptsOption {
  readonly negated: boolean;
  readonly name: string;
}

function parse(node: OptionNode, diagnostics: Diagnostics): IpOptsOption | undefined {
  const word = requireValue(node, diagnostics);
  if (word === undefined) return undefined;
  const negated = word.text.startsWith('!');
  const part = slice(word, negated ? 1 : 0, word.text.length);
  const name = part.text.toLowerCase();
  if (Object.hasOwn(OPTIONS, name)) return { negated, name };
  diagnostics.error(
    'unknown-argument',
    `'${part.text}' is no IP option`,
    part.span,
    `write ${Object.keys(OPTIONS).join(', ')}`,
  );
  return undefined;
}

const ipopts = defineOption<IpOptsOption>({
  name: 'ipopts',
  value: 'required',
  repeatable: true,
  parse,
  compile({ name, negated }, builder) {
    builder.addPacketTest({ kind: 'ipopts', option: OPTIONS[name]!, negated });
  },
  print: ({ name, negated }) => `${negated ? '!' : ''}${name}`,
  doc: {
    appliesTo: 'packet',
    summary: 'The IPv4 header has this option; any: it has an option.',
    syntax: `ipopts:[!]<${Object.keys(OPTIONS).join('|')}>;`,
    example: 'ipopts:lsrr;',
    differences: "! and more than one ipopts in a rule go beyond Suricata. lsrre is Snort's other name of lsrr.",
  },
});

export const ipoptsOptions: readonly RuleOption[] = [ipopts];
