/**
 * Lengths: bsize of the current buffer (Snort 3: bufferlen) and dsize of the packet's payload. Stage: rule.
 * Reference: Suricata, payload keywords.
 */
import { integerOption, UINT16 } from './integer-option.js';
import { integerRanges, parseIntegerTest, printIntegerTest, type IntegerTest } from './integer-test.js';
import { defineOption, type RuleOption } from './option.js';
import { requireValue, slice } from './value.js';

const MAXIMUM = Number.MAX_SAFE_INTEGER;

const bsize = defineOption<IntegerTest>({
  name: 'bsize',
  aliases: ['bufferlen'],
  value: 'required',
  repeatable: true,
  parse(node, diagnostics) {
    const word = requireValue(node, diagnostics);
    const comma = word?.text.indexOf(',') ?? -1;
    if (word !== undefined && comma >= 0) {
      diagnostics.error('unsupported-argument', `${node.name.text} takes a length alone`, slice(word, comma + 1, word.text.length).span, 'to look behind the last match, write isdataat:<number>,relative;');
      return undefined;
    }
    return word && parseIntegerTest(word, node.name.text, MAXIMUM, diagnostics);
  },
  compile(test, builder, node) {
    builder.addMatch({ kind: 'bsize', ranges: integerRanges(test, MAXIMUM) }, node);
  },
  print: printIntegerTest,
  doc: {
    appliesTo: 'buffer',
    summary: 'Compares the length of the buffer that is current where it stands.',
    syntax: 'bsize:[!|=|<|<=|>|>=]<number>; or bsize:[!]<low><><high>; or bsize:<low><=><high>;',
    example: 'tcp.hdr; bsize:>20;',
    differences: 'low<>high leaves out its ends, as in Suricata; low<=>high, as in Snort 3, has them in. Without a sticky buffer it looks at the payload. bufferlen:…,relative of Snort 3 is an error.',
  },
});

const dsize = integerOption({
  name: 'dsize',
  field: 'dsize',
  maximum: UINT16,
  doc: {
    appliesTo: 'packet',
    summary: 'Compares the length of the packet\'s payload.',
    example: 'dsize:8<>20;',
    differences: 'low<>high leaves out its ends, as in Suricata; low<=>high, as in Snort 3, has them in.',
  },
});

export const sizeOptions: readonly RuleOption[] = [bsize, dsize];
