/**
 * byte_math: calculates with a number read from the buffer and keeps the result in a variable. Stage: rule. Reference:
 * Suricata, payload keywords.
 */
import type { OptionNode, Word } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { parseArguments } from '../parse/parser.js';
import type { ByteMath } from '../buffer-match.js';
import {
  COMMON_ARGUMENTS,
  compileCommon,
  printCommon,
  readCommon,
  readNamed,
  UINT32_LIMITS,
  type ByteArguments,
  type NamedArguments,
} from './byte-arguments.js';
import { readVariableName } from './byte-extract.js';
import { defineOption, type RuleOption } from './option.js';
import { readOperand, requireValue, type Operand } from './value.js';

interface ByteMathOption {
  readonly common: ByteArguments;
  readonly operator: ByteMath['operator'];
  readonly value: Operand;
  readonly result: string;
}

const OPERATORS = ['+', '-', '*', '/', '<<', '>>'] as const;
const REQUIRED = ['bytes', 'offset', 'oper', 'rvalue', 'result'] as const;
const ARGUMENTS = {
  ...COMMON_ARGUMENTS,
  bytes: 'one',
  offset: 'one',
  oper: 'one',
  rvalue: 'one',
  result: 'one',
} as const;
const SYNTAX =
  'byte_math:bytes <number|variable>,offset <number|variable>,oper <+|-|*|/|<<|>>>,rvalue <number|variable>,result <name>[,relative][,endian <big|little|dce>][,string <hex|dec|oct>][,bitmask <mask>];';

function parse(node: OptionNode, diagnostics: Diagnostics): ByteMathOption | undefined {
  const word = requireValue(node, diagnostics);
  const written = word && parseArguments(word, diagnostics);
  const named = written && readNamed(written, ARGUMENTS, node, diagnostics);
  if (named === undefined) return undefined;
  const missing = REQUIRED.find((name) => !named.has(name));
  if (missing !== undefined) {
    diagnostics.error('missing-argument', `byte_math needs ${missing}`, word!.span, `write ${SYNTAX}`);
    return undefined;
  }
  const common = readCommon(valueOf(named, 'bytes'), valueOf(named, 'offset'), named, false, diagnostics);
  const operator = readOperator(valueOf(named, 'oper'), diagnostics);
  const value = readOperand(valueOf(named, 'rvalue'), 'rvalue', UINT32_LIMITS, diagnostics);
  const result = readVariableName(valueOf(named, 'result'), diagnostics);
  if (common === undefined || operator === undefined || value === undefined || result === undefined) return undefined;
  if (operator === '/' && value === 0) {
    diagnostics.error(
      'division-by-zero',
      'a division by zero never matches',
      valueOf(named, 'rvalue').span,
      'write a divisor that is not zero',
    );
    return undefined;
  }
  return { common, operator, value, result };
}

function valueOf(named: NamedArguments, name: (typeof REQUIRED)[number]): Word {
  return named.get(name)!.value!;
}

function readOperator(word: Word, diagnostics: Diagnostics): ByteMath['operator'] | undefined {
  const operator = OPERATORS.find((each) => each === word.text);
  if (operator === undefined)
    diagnostics.error(
      'unknown-argument',
      `byte_math does not know the operator '${word.text}'`,
      word.span,
      `write one of ${OPERATORS.join(' ')}`,
    );
  return operator;
}

const byteMath = defineOption<ByteMathOption>({
  name: 'byte_math',
  value: 'required',
  repeatable: true,
  parse,
  compile({ common, operator, value, result }, builder, node) {
    const shared = compileCommon(common, builder, node);
    const operand = builder.resolveValue(value, node);
    builder.addMatch(
      { kind: 'byte_math', ...shared, operator, value: operand, variable: builder.defineVariable(result) },
      node,
    );
  },
  print({ common, operator, value, result }) {
    return [
      `bytes ${common.bytes}`,
      `offset ${common.offset}`,
      `oper ${operator}`,
      `rvalue ${value}`,
      `result ${result}`,
      ...printCommon(common),
    ].join(',');
  },
  doc: {
    appliesTo: 'buffer',
    summary: 'Calculates <number read> <oper> <rvalue> and keeps the result in a variable.',
    syntax: SYNTAX,
    example: 'byte_math:bytes 2,offset 0,oper *,rvalue 4,result size,relative;',
    differences:
      'A division by zero never matches; one that is written down is an error. string without a base means dec. dce is the order that a call of DCE/RPC says it has, big elsewhere.',
  },
});

export const byteMathOptions: readonly RuleOption[] = [byteMath];
