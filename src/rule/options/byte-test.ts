/** byte_test: compares a number read from the buffer. Stage: rule. Reference: Suricata, payload keywords. */
import type { OptionNode, Word } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { parseArguments } from '../parse/parser.js';
import type { ByteTest } from '../buffer-match.js';
import {
  COMMON_ARGUMENTS,
  compileCommon,
  printCommon,
  readCommon,
  readNamed,
  readPositional,
  type ByteArguments,
} from './byte-arguments.js';
import { defineOption, type RuleOption } from './option.js';
import { readOperand, requireValue, type Operand } from './value.js';

interface ByteTestOption {
  readonly common: ByteArguments;
  readonly operator: ByteTest['operator'];
  readonly negated: boolean;
  readonly value: Operand | bigint;
}

const OPERATORS = ['<', '>', '=', '<=', '>=', '&', '^'] as const;
/** Numbers of 8 bytes may be larger than what is exact. */
const LARGEST = 0xffffffffffffffffn;
const VALUE = { minimum: 0, maximum: Number.MAX_SAFE_INTEGER };
const SYNTAX =
  'byte_test:<bytes|variable>,[!]<<|>|=|<=|>=|&|^>,<number|variable>,<offset|variable>[,relative][,<big|little|dce>][,string,<hex|dec|oct>][,bitmask <mask>];';

function parse(node: OptionNode, diagnostics: Diagnostics): ByteTestOption | undefined {
  const word = requireValue(node, diagnostics);
  const written = word && parseArguments(word, diagnostics);
  if (written === undefined) return undefined;
  const spaced = joinBang(written[1]?.words);
  const positional = readPositional(
    spaced === undefined ? written : written.with(1, { words: [spaced], span: spaced.span }),
    ['the number of bytes', 'an operator', 'a value', 'an offset'],
    node,
    `write ${SYNTAX}`,
    diagnostics,
  );
  const named = positional && readNamed(written.slice(4), COMMON_ARGUMENTS, node, diagnostics);
  if (named === undefined) return undefined;
  const [bytes, operatorWord, valueWord, offset] = positional as [Word, Word, Word, Word];
  const comparison = readComparison(operatorWord, diagnostics);
  const value = readLarge(valueWord) ?? readOperand(valueWord, 'the value', VALUE, diagnostics);
  const common = readCommon(bytes, offset, named, false, diagnostics);
  return comparison === undefined || value === undefined || common === undefined
    ? undefined
    : { common, ...comparison, value };
}

/** A number from 2^53 on. */
function readLarge({ text }: Word): bigint | undefined {
  const value = /^(?:0x[0-9a-f]{1,16}|[0-9]{1,20})$/i.test(text) ? BigInt(text) : 0n;
  return value > BigInt(Number.MAX_SAFE_INTEGER) && value <= LARGEST ? value : undefined;
}

/** `! =` is `!=`. */
function joinBang(words: readonly Word[] | undefined): Word | undefined {
  if (words?.length !== 2 || words[0]!.text !== '!') return undefined;
  return { text: `!${words[1]!.text}`, span: { start: words[0]!.span.start, end: words[1]!.span.end } };
}

function readComparison(
  word: Word,
  diagnostics: Diagnostics,
): Pick<ByteTestOption, 'operator' | 'negated'> | undefined {
  const negated = word.text.startsWith('!');
  const text = negated ? word.text.slice(1) : word.text;
  const operator = text === '' && negated ? '=' : OPERATORS.find((each) => each === text);
  if (operator !== undefined) return { operator, negated };
  diagnostics.error(
    'unknown-argument',
    `byte_test does not know the operator '${word.text}'`,
    word.span,
    `write one of ${OPERATORS.join(' ')}, with ! before it to negate`,
  );
  return undefined;
}

const byteTest = defineOption<ByteTestOption>({
  name: 'byte_test',
  value: 'required',
  repeatable: true,
  parse,
  compile({ common, operator, negated, value }, builder, node) {
    builder.addMatch(
      {
        kind: 'byte_test',
        ...compileCommon(common, builder, node),
        operator,
        negated,
        value: typeof value === 'bigint' ? value : builder.resolveValue(value, node),
      },
      node,
    );
  },
  print: ({ common, operator, negated, value }) =>
    [common.bytes, `${negated ? '!' : ''}${operator}`, value, common.offset, ...printCommon(common)].join(','),
  doc: {
    appliesTo: 'buffer',
    summary: 'Reads a number from the buffer and compares it; & and ^ pass when the result is not zero.',
    syntax: SYNTAX,
    example: 'byte_test:2,>,1024,0,relative;',
    differences:
      'string without a base means dec, as in Snort. With string, 0 bytes means as many digits as there are. dce is the order that a call of DCE/RPC says it has, big elsewhere.',
  },
});

export const byteTestOptions: readonly RuleOption[] = [byteTest];
