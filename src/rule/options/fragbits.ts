/** fragbits: the flags of an IPv4 header's fragmentation. Stage: rule. Reference: RFC 791; Suricata, IP keywords. */
import { parseBitLetters, printBitLetters, type BitLetters } from './bit-letters.js';
import { defineOption, type RuleOption } from './option.js';
import { requireValue } from './value.js';

/** Reserved, don't fragment, more fragments. */
const LETTERS: ReadonlyMap<string, number> = new Map([
  ['M', 1],
  ['D', 2],
  ['R', 4],
]);

const fragbits = defineOption<BitLetters>({
  name: 'fragbits',
  value: 'required',
  repeatable: true,
  parse(node, diagnostics) {
    const word = requireValue(node, diagnostics);
    return word && parseBitLetters(word, LETTERS, diagnostics);
  },
  compile({ bits, mode }, builder) {
    builder.addPacketTest({ kind: 'fragbits', bits, mode });
  },
  print: (value) => printBitLetters(value, LETTERS),
  doc: {
    appliesTo: 'packet',
    summary:
      "The bits M(ore fragments), D(on't fragment), R(eserved) are exactly these; with + these and others, with * one of these, with ! none of these.",
    syntax: 'fragbits:[+|*|!]<M|D|R>…;',
    example: 'fragbits:M+;',
    differences: '!MD asks that neither is set, as in Snort; Suricata is content when one of them is not.',
  },
});

export const fragbitsOptions: readonly RuleOption[] = [fragbits];
