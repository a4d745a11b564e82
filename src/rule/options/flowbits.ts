/** flowbits: named marks that a flow keeps. Stage: rule. Reference: Suricata, flow keywords. */
import type { OptionNode } from '../ast.js';
import type { Diagnostics } from '../diagnostic.js';
import { addBits, printNames, readNames, readOperation, type BitNames, type BitOperation } from './bit-operation.js';
import { defineOption, type RuleOption } from './option.js';
import { requireValue, splitArguments } from './value.js';

type FlowBitsOption = { readonly operation: 'noalert' } | { readonly operation: BitOperation; readonly bits: BitNames };

function parse(node: OptionNode, diagnostics: Diagnostics): FlowBitsOption | undefined {
  const value = requireValue(node, diagnostics);
  if (value === undefined) return undefined;
  const [first, name, ...rest] = splitArguments(value);
  if (/^(?:reset|setx)$/i.test(first!.text)) {
    diagnostics.error('unsupported-bit-operation', `flowbits:${first!.text} of Snort 2 is not read`, first!.span, 'unset or set each bit by its name');
    return undefined;
  }
  const operation = readOperation(first!, 'flowbits', diagnostics);
  if (operation === undefined) return undefined;
  const extra = operation === 'noalert' ? name : rest[0];
  if (extra !== undefined) {
    diagnostics.error('unknown-argument', `flowbits:${operation} does not take '${extra.text}'`, extra.span, 'leave it out; groups of bits, as in Snort 2, are not read');
    return undefined;
  }
  if (operation === 'noalert') return { operation };
  if (name === undefined) {
    diagnostics.error('missing-bit-name', `flowbits:${operation} needs a name`, value.span, `write flowbits:${operation},<name>;`);
    return undefined;
  }
  const bits = readNames(name, operation, true, diagnostics);
  return bits && { operation, bits };
}

const flowbits = defineOption<FlowBitsOption>({
  name: 'flowbits',
  value: 'required',
  repeatable: true,
  parse,
  compile(value, builder) {
    if (value.operation === 'noalert') builder.noalert = true;
    else addBits(value.operation, value.bits, 'flow', builder);
  },
  print: (value) => (value.operation === 'noalert' ? 'noalert' : `${value.operation},${printNames(value.bits)}`),
  doc: {
    appliesTo: 'flow',
    summary: 'Sets, unsets, toggles or asks for named marks of the flow; noalert keeps the rule from making events.',
    syntax: 'flowbits:<set|unset|toggle|isset|isnotset>,<name>[|<name>]…; or flowbits:noalert;',
    example: 'flowbits:isset,ftp.login|ftp.anonymous;',
    differences: 'a|b passes when one of them is (not) set, as in Suricata; a&b, as in Snort 2, when all are. reset, setx and groups of Snort 2 are errors.',
  },
});

export const flowbitsOptions: readonly RuleOption[] = [flowbits];
