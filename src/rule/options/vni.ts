/** vni: the mirror session (VXLAN network identifier, RFC 7348) that a packet came from. Stage: rule. */
import { numberSetRanges, parseNumberSet, printNumberSet, type NumberSet } from './number-set.js';
import { defineOption, type RuleOption } from './option.js';
import { parseNumber, requireValue } from './value.js';

/** 24 bits. */
const MAXIMUM = 0xff_ffff;
const RULES = {
  what: 'VNI',
  maximum: MAXIMUM,
  number: (text: string) => (/^[0-9]/.test(text) ? parseNumber(text) : undefined),
  hint: 'write a number, <n, >n, a range a-b, or a list [1,2,10-20]; ! negates',
};

const vni = defineOption<NumberSet>({
  name: 'vni',
  value: 'required',
  repeatable: true,
  parse(node, diagnostics) {
    const word = requireValue(node, diagnostics);
    return word && parseNumberSet(word, RULES, diagnostics);
  },
  compile(set, builder) {
    builder.addPacketTest({ kind: 'field', field: 'vni', ranges: numberSetRanges(set, MAXIMUM), negated: false });
  },
  print: (set) => printNumberSet(set, MAXIMUM),
  doc: {
    appliesTo: 'packet',
    summary: 'The packet came from one of these mirror sessions, by the number of the outermost VXLAN; a packet that was not mirrored never matches.',
    syntax: 'vni:[!]<number|<n|>n|low-high|[list]>;',
    example: 'vni:[100,200-299,!250];',
    differences: 'New with Periscope. A range low-high has its ends in.',
  },
});

export const vniOptions: readonly RuleOption[] = [vni];
