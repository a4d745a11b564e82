/**
 * What byte_test, byte_jump, byte_extract and byte_math have in common: how many bytes are read from where, and how
 * they become a number. Stage: rule. Reference: Suricata, payload keywords; Snort 2 and 3, byte_*.
 *
 *   byte_test:4,>,1000,20,relative,little,bitmask 0xff0
 *             └─ positional ─┘ └──── named, any order ────┘
 */
import type { OptionNode, Word } from '../ast.js';
import type { Diagnostics, Span } from '../diagnostics/diagnostic.js';
import type { Endian, NumberText, Value } from '../buffer-match.js';
import type { RuleBuilder } from '../compile/rule-builder.js';
import type { Argument } from '../parse/values.js';
import { readNumber, readOperand, type Operand } from './value.js';

export interface ByteArguments {
  readonly bytes: Operand;
  readonly offset: Operand;
  readonly relative: boolean;
  /** Undefined where none is written: big. */
  readonly endian: Endian | undefined;
  readonly text: NumberText | undefined;
  readonly bitmask: number | undefined;
}

export interface NamedArgument {
  readonly span: Span;
  readonly value: Word | undefined;
}
export type NamedArguments = ReadonlyMap<string, NamedArgument>;

/** Whether a named argument takes a value: 'none', 'one', or the value may be left out. */
export type NamedSyntax = Readonly<Record<string, 'none' | 'one' | 'optional'>>;

export const COMMON_ARGUMENTS = {
  relative: 'none',
  big: 'none',
  little: 'none',
  dce: 'none',
  endian: 'one',
  string: 'optional',
  hex: 'none',
  dec: 'none',
  oct: 'none',
  bitmask: 'one',
} as const satisfies NamedSyntax;

export const UINT32_LIMITS = { minimum: 0, maximum: 0xffff_ffff };
export const OFFSET = { minimum: -65_535, maximum: 65_535 };
const BINARY_BYTES = 8;
const TEXT_DIGITS = 23;

/** Sorts named arguments; reports unknown, repeated and malformed ones. */
export function readNamed(
  written: readonly Argument[],
  syntax: NamedSyntax,
  node: OptionNode,
  diagnostics: Diagnostics,
): NamedArguments | undefined {
  const named = new Map<string, NamedArgument>();
  for (const { words, span } of written) {
    const name = words[0]!.text;
    const takes = Object.hasOwn(syntax, name) ? syntax[name] : undefined;
    const value = words[1];
    if (
      takes === undefined ||
      words.length > 2 ||
      (takes === 'none' && value !== undefined) ||
      (takes === 'one' && value === undefined)
    ) {
      const text = words.map((word) => word.text).join(' ');
      const message =
        takes === undefined
          ? `${node.name.text} does not know '${text}'`
          : `${name} takes ${takes === 'none' ? 'no value' : 'one value'} in ${node.name.text}`;
      diagnostics.error('unknown-argument', message, span, `write ${Object.keys(syntax).join(', ')}`);
      return undefined;
    }
    if (named.has(name)) {
      diagnostics.error('duplicate-argument', `${name} is said twice`, span, 'keep one of them');
      return undefined;
    }
    named.set(name, { span, value });
  }
  return named;
}

/** The arguments that all four keywords share. `noBytes` lets a read of zero bytes pass (byte_jump from an end). */
export function readCommon(
  bytesWord: Word,
  offsetWord: Word,
  named: NamedArguments,
  noBytes: boolean,
  diagnostics: Diagnostics,
): ByteArguments | undefined {
  const endian = readEndian(named, diagnostics);
  const text = readText(named, diagnostics);
  if (endian === 'wrong' || text === 'wrong') return undefined;
  const maximum = text === undefined ? BINARY_BYTES : TEXT_DIGITS;
  const bytes = readOperand(
    bytesWord,
    text === undefined ? 'the number of bytes' : 'the number of digits',
    { minimum: text === undefined && !noBytes ? 1 : 0, maximum },
    diagnostics,
  );
  const offset = readOperand(offsetWord, 'the offset', OFFSET, diagnostics);
  if (bytes === undefined || offset === undefined) return undefined;
  if (text !== undefined && endian !== undefined) {
    diagnostics.warning(
      'without-effect',
      `digits have no byte order, so ${endian} changes nothing`,
      named.get(named.has('endian') ? 'endian' : endian)!.span,
      'leave out the byte order, or string',
    );
  }
  const mask = named.get('bitmask')?.value;
  const bitmask = mask && readNumber(mask, 'bitmask', { ...UINT32_LIMITS, minimum: 1 }, diagnostics);
  if (mask !== undefined && bitmask === undefined) return undefined;
  return { bytes, offset, relative: named.has('relative'), endian, text, bitmask };
}

/** The shared part of the program's step. */
export function compileCommon(
  common: ByteArguments,
  builder: RuleBuilder,
  node: OptionNode,
): {
  bytes: Value;
  offset: Value;
  relative: boolean;
  endian: Endian;
  text: NumberText | undefined;
  bitmask: number | undefined;
} {
  return {
    bytes: builder.resolveValue(common.bytes, node),
    offset: builder.resolveValue(common.offset, node),
    relative: common.relative,
    endian: common.endian ?? 'big',
    text: common.text,
    bitmask: common.bitmask,
  };
}

/** Named arguments of the shared part, in the order of the documentation. */
export function printCommon(common: ByteArguments): string[] {
  return [
    ...(common.relative ? ['relative'] : []),
    ...(common.endian === undefined ? [] : [common.endian]),
    ...(common.text === undefined ? [] : ['string', common.text]),
    ...(common.bitmask === undefined ? [] : [`bitmask 0x${common.bitmask.toString(16)}`]),
  ];
}

const ENDIANS = ['big', 'little', 'dce'] as const;
const BASES = ['hex', 'dec', 'oct'] as const;

function readEndian(named: NamedArguments, diagnostics: Diagnostics): Endian | undefined | 'wrong' {
  const word = named.get('endian')?.value;
  const spelled = ENDIANS.find((name) => name === word?.text);
  if (word !== undefined && spelled === undefined) {
    diagnostics.error(
      'unknown-argument',
      `'${word.text}' is no byte order`,
      word.span,
      'write endian big, endian little or endian dce',
    );
    return 'wrong';
  }
  const orders = [...(spelled === undefined ? [] : [spelled]), ...ENDIANS.filter((name) => named.has(name))];
  if (orders.length < 2) return orders[0];
  diagnostics.error(
    'duplicate-argument',
    `the byte order is said twice, ${orders.join(' and ')}`,
    named.get(orders[1]!)!.span,
    'keep one of them',
  );
  return 'wrong';
}

function readText(named: NamedArguments, diagnostics: Diagnostics): NumberText | undefined | 'wrong' {
  const string = named.get('string');
  const spelled = BASES.find((name) => name === string?.value?.text);
  if (string?.value !== undefined && spelled === undefined) {
    diagnostics.error(
      'unknown-argument',
      `'${string.value.text}' is no base of digits`,
      string.value.span,
      'write string,hex, string,dec or string,oct',
    );
    return 'wrong';
  }
  const bases = [...(spelled === undefined ? [] : [spelled]), ...BASES.filter((name) => named.has(name))];
  if (string === undefined && bases.length > 0) {
    diagnostics.error(
      'base-without-string',
      `${bases[0]} stands without string`,
      named.get(bases[0]!)!.span,
      `write string,${bases[0]}`,
    );
    return 'wrong';
  }
  if (bases.length < 2) return string === undefined ? undefined : (bases[0] ?? 'dec');
  diagnostics.error(
    'duplicate-argument',
    `the base is said twice, ${bases.join(' and ')}`,
    named.get(bases[1]!)!.span,
    'keep one of them',
  );
  return 'wrong';
}

/** Exactly one word of a positional argument; reports more than one. */
function oneWord(argument: Argument, what: string, diagnostics: Diagnostics): Word | undefined {
  if (argument.words.length === 1) return argument.words[0];
  diagnostics.error('bad-argument', `${what} is more than one word`, argument.span, 'separate arguments by commas');
  return undefined;
}

/** The first `count` arguments as words and the named rest; reports missing ones with the keyword's form. */
export function readPositional(
  written: readonly Argument[],
  names: readonly string[],
  node: OptionNode,
  form: string,
  diagnostics: Diagnostics,
): Word[] | undefined {
  const words: Word[] = [];
  for (const [index, name] of names.entries()) {
    const argument = written[index];
    if (argument === undefined) {
      diagnostics.error('missing-argument', `${node.name.text} needs ${name}`, node.value!.span, form);
      return undefined;
    }
    const word = oneWord(argument, name, diagnostics);
    if (word === undefined) return undefined;
    words.push(word);
  }
  return words;
}
