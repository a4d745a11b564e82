/**
 * byte_extract: keeps a number read from the buffer in a variable. Stage: rule. Reference: Suricata, payload keywords.
 */
import type { OptionNode, Word } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { parseArguments } from '../parse/parser.js';
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
import { isVariableName, readNumber, requireValue } from './value.js';

interface ByteExtractOption {
  readonly common: ByteArguments;
  readonly name: string;
  readonly multiplier: number | undefined;
  readonly align: 0 | 2 | 4;
}

const MULTIPLIER = { minimum: 1, maximum: 65_535 };
const ARGUMENTS = { ...COMMON_ARGUMENTS, multiplier: 'one', align: 'one' } as const;
const SYNTAX =
  'byte_extract:<bytes|variable>,<offset|variable>,<name>[,relative][,multiplier <number>][,<big|little|dce>][,string,<hex|dec|oct>][,align <2|4>][,bitmask <mask>];';

function parse(node: OptionNode, diagnostics: Diagnostics): ByteExtractOption | undefined {
  const word = requireValue(node, diagnostics);
  const written = word && parseArguments(word, diagnostics);
  const positional =
    written &&
    readPositional(written, ['the number of bytes', 'an offset', 'a name'], node, `write ${SYNTAX}`, diagnostics);
  const named = positional && readNamed(written!.slice(3), ARGUMENTS, node, diagnostics);
  if (named === undefined) return undefined;
  const [bytes, offset, nameWord] = positional as [Word, Word, Word];
  const common = readCommon(bytes, offset, named, false, diagnostics);
  const name = readVariableName(nameWord, diagnostics);
  if (common === undefined || name === undefined) return undefined;
  const factor = named.get('multiplier')?.value;
  const multiplier = factor && readNumber(factor, 'multiplier', MULTIPLIER, diagnostics);
  if (factor !== undefined && multiplier === undefined) return undefined;
  const align = named.get('align')?.value;
  if (align !== undefined && align.text !== '2' && align.text !== '4') {
    diagnostics.error('unknown-argument', `align is ${align.text}`, align.span, 'write align 2 or align 4');
    return undefined;
  }
  return { common, name, multiplier, align: align === undefined ? 0 : align.text === '2' ? 2 : 4 };
}

/** A name that can be told from a number; reports what is none. */
export function readVariableName(word: Word, diagnostics: Diagnostics): string | undefined {
  if (isVariableName(word.text)) return word.text;
  diagnostics.error(
    'bad-name',
    `'${word.text}' is no name of a variable`,
    word.span,
    'begin with a letter or _, go on with letters, digits, _ . and -',
  );
  return undefined;
}

const byteExtract = defineOption<ByteExtractOption>({
  name: 'byte_extract',
  value: 'required',
  repeatable: true,
  parse,
  compile({ common, name, multiplier, align }, builder, node) {
    const shared = compileCommon(common, builder, node);
    builder.addMatch(
      { kind: 'byte_extract', ...shared, multiplier: multiplier ?? 1, align, variable: builder.defineVariable(name) },
      node,
    );
  },
  print({ common, name, multiplier, align }) {
    return [
      common.bytes,
      common.offset,
      name,
      ...printCommon(common),
      ...(multiplier === undefined ? [] : [`multiplier ${multiplier}`]),
      ...(align === 0 ? [] : [`align ${align}`]),
    ].join(',');
  },
  doc: {
    appliesTo: 'buffer',
    summary:
      'Keeps a number read from the buffer in a variable, for offset, depth, distance, within, isdataat and byte_* that follow.',
    syntax: SYNTAX,
    example: 'byte_extract:1,0,length,relative; content:"|00|"; distance:length; within:1;',
    differences:
      'string without a base means dec. dce is the order that a call of DCE/RPC says it has, big elsewhere. bitmask as in Snort 3.',
  },
});

export const byteExtractOptions: readonly RuleOption[] = [byteExtract];
