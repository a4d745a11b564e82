/**
 * stream_size: bytes of a TCP connection by its sequence numbers. Stage: rule. Reference: Suricata, flow keywords;
 * Snort 3.
 */
import type { OptionNode, Word } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { UINT32 } from './integer-option.js';
import { compared, parseIntegerTest, printIntegerTest, type IntegerTest } from './integer-test.js';
import { defineOption, type RuleOption } from './option.js';
import { requireValue, splitArguments } from './value.js';

type Side = 'client' | 'server' | 'both' | 'either';

interface StreamSizeOption {
  readonly side: Side;
  readonly test: IntegerTest;
}

/** Snort 3 names the direction of the bytes: what goes to the client is the server's. */
const SIDES: Readonly<Record<string, Side>> = {
  client: 'client',
  server: 'server',
  both: 'both',
  either: 'either',
  to_server: 'client',
  to_client: 'server',
};
const FORM = 'write stream_size:<server|client|both|either>,<operator>,<number>;';

function parse(node: OptionNode, diagnostics: Diagnostics): StreamSizeOption | undefined {
  const value = requireValue(node, diagnostics);
  if (value === undefined) return undefined;
  const parts = splitArguments(value);
  const first = parts[0]!;
  const snort3 = parts.length <= 2 && SIDES[first.text.toLowerCase()] === undefined;
  const sideWord = snort3 ? parts[1] : first;
  const side = sideWord === undefined ? 'either' : SIDES[sideWord.text.toLowerCase()];
  if (side === undefined) {
    diagnostics.error('unknown-argument', `'${sideWord!.text}' is no side of a connection`, sideWord!.span, FORM);
    return undefined;
  }
  const number = snort3 ? first : joinTest(value, parts, diagnostics);
  const test = number && parseIntegerTest(number, 'stream_size', UINT32, diagnostics);
  return test && { side, test };
}

/** `server,<,10` and `server,<10` as one comparison with its place. */
function joinTest(value: Word, parts: readonly Word[], diagnostics: Diagnostics): Word | undefined {
  if (parts.length === 2) return parts[1];
  const [, operator, number] = parts;
  if (parts.length === 3 && /^(?:[<>=]|<=|>=|!=|!)$/.test(operator!.text)) {
    // Blanks stand for what is left out, so that places in the text stay those of the source.
    const text = operator!.text.padEnd(number!.span.start - operator!.span.start) + number!.text;
    return { text, span: { start: operator!.span.start, end: number!.span.end } };
  }
  const wrong = operator ?? value;
  diagnostics.error('unknown-argument', `'${wrong.text}' is no comparison`, wrong.span, FORM);
  return undefined;
}

const streamSize = defineOption<StreamSizeOption>({
  name: 'stream_size',
  value: 'required',
  repeatable: true,
  parse,
  compile({ side, test }, builder) {
    builder.addFlowTest({ kind: 'stream_size', side, ...compared(test, UINT32) });
  },
  print({ side, test }) {
    const printed = printIntegerTest(test);
    const operator = /^[!<>]=?/.exec(printed)?.[0] ?? '=';
    if (test.high !== undefined) return `${side},${printed}`;
    return `${side},${operator === '!' ? '!=' : operator},${test.value}`;
  },
  doc: {
    appliesTo: 'flow',
    summary:
      'Compares the bytes that a side of a TCP connection has sent, by its sequence numbers; strays that belong to none never match.',
    syntax:
      'stream_size:<server|client|both|either>,<operator>,<number>; or stream_size:<comparison>[,<either|to_server|to_client|both>];',
    example: 'stream_size:server,>,1024;',
    differences: 'Snort 3 names the direction: to_client means server here, to_server means client.',
  },
});

export const streamSizeOptions: readonly RuleOption[] = [streamSize];
