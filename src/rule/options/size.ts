/**
 * Lengths: bsize of the current buffer (Snort 3: bufferlen) and dsize of the packet's payload. Stage: rule.
 * Reference: Suricata, payload keywords.
 */
import { integerOption, UINT16 } from './integer-option.js';
import { compared, parseIntegerTest, printIntegerTest, type IntegerTest } from './integer-test.js';
import type { BufferSize } from '../buffer-match.js';
import { defineOption, type RuleOption } from './option.js';
import { remembering, splitArguments } from './value.js';

const MAXIMUM = Number.MAX_SAFE_INTEGER;

interface SizeTest {
  readonly test: IntegerTest;
  readonly relative: boolean;
  readonly match: BufferSize;
}

function sizeTest(test: IntegerTest, relative: boolean): SizeTest {
  const { ranges, mask } = compared(test, MAXIMUM);
  return { test, relative, match: { kind: 'bsize', ranges, mask, relative: relative ? true : undefined } };
}

const bsize = defineOption<SizeTest>({
  name: 'bsize',
  aliases: ['bufferlen'],
  value: 'required',
  repeatable: true,
  // PERF: one rule of six has one, and there are some hundred texts.
  parse: remembering(64, (word, diagnostics, node) => {
    const [length, argument, ...rest] = splitArguments(word);
    const wrong = argument?.text === 'relative' ? rest[0] : argument;
    if (wrong !== undefined) {
      diagnostics.error(
        'unknown-argument',
        `${node.name.text} does not know '${wrong.text}'`,
        wrong.span,
        `write ${node.name.text}:<length>; or ${node.name.text}:<length>,relative;`,
      );
      return undefined;
    }
    const test = parseIntegerTest(length!, node.name.text, MAXIMUM, diagnostics);
    return test && sizeTest(test, argument !== undefined);
  }),
  compile({ match }, builder, node) {
    builder.addMatch(match, node);
  },
  print: ({ test, relative }) => `${printIntegerTest(test)}${relative ? ',relative' : ''}`,
  doc: {
    appliesTo: 'buffer',
    summary: 'Compares the length of the buffer that is current where it stands.',
    syntax:
      'bsize:[!|=|<|<=|>|>=]<number>[,relative]; or bsize:[!]<low><><high>[,relative]; or bsize:<low><=><high>[,relative];',
    example: 'tcp.hdr; bsize:>20;',
    differences:
      'low<>high leaves out its ends, as in Suricata; low<=>high, as in Snort 3, has them in. Without a sticky buffer it looks at the payload. relative, of Snort 3, counts what is left of the buffer behind the last match.',
  },
});

const dsize = integerOption({
  name: 'dsize',
  field: 'dsize',
  maximum: UINT16,
  doc: {
    appliesTo: 'packet',
    summary: "Compares the length of the packet's payload.",
    example: 'dsize:8<>20;',
    differences:
      'low<>high leaves out its ends, as in Suricata; low<=>high, as in Snort 3, has them in. A single fragment has no payload that could be measured: no dsize holds on it, 0 neither.',
  },
});

export const sizeOptions: readonly RuleOption[] = [bsize, dsize];
