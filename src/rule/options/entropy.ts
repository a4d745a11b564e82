/** entropy: how evenly the values of bytes are spread. Stage: rule. Reference: Suricata, payload keywords. */
import type { OptionNode, Word } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import type { Entropy } from '../buffer-match.js';
import { defineOption, type RuleOption } from './option.js';
import { readNumber, requireValue, slice, splitArguments } from './value.js';

const UINT16 = { minimum: 0, maximum: 0xffff };
const MILLION = 1e6;
/** Bits per byte. */
const MAXIMUM = 8;
const FORM = 'write entropy:[bytes <number>,][offset <number>,]value <operator> <0-8>;';

type EntropyOption = Omit<Entropy, 'kind'>;
type Comparison = Pick<EntropyOption, 'operator' | 'value' | 'high'>;

function parse(node: OptionNode, diagnostics: Diagnostics): EntropyOption | undefined {
  const word = requireValue(node, diagnostics);
  if (word === undefined) return undefined;
  const settings = { bytes: 0, offset: 0 };
  const seen = new Set<string>();
  let comparison: Comparison | undefined;
  for (const part of splitArguments(word)) {
    const parts = /^(bytes|offset|value)\s*(<=|>=|!=|==?|<|>|!)?\s*(\S.*)$/.exec(part.text);
    const name = parts?.[1] as 'bytes' | 'offset' | 'value' | undefined;
    if (parts === null || name === undefined || seen.has(name) || (name !== 'value' && parts[2] !== undefined)) {
      diagnostics.error('unknown-argument', `entropy does not know '${part.text}' here`, part.span, FORM);
      return undefined;
    }
    seen.add(name);
    const number = slice(part, part.text.length - parts[3]!.length, part.text.length);
    if (name === 'value') {
      comparison = readComparison(number, parts[2] ?? '', diagnostics);
      if (comparison === undefined) return undefined;
    } else {
      const value = readNumber(number, name, UINT16, diagnostics);
      if (value === undefined) return undefined;
      settings[name] = value;
    }
  }
  if (comparison !== undefined) return { ...settings, ...comparison };
  diagnostics.error('missing-argument', 'entropy does not say what it compares with', word.span, FORM);
  return undefined;
}

/** `sign` stands before the number, or before two of them with `-` or `<>` between. */
function readComparison(word: Word, sign: string, diagnostics: Diagnostics): Comparison | undefined {
  const between = /-|<>/.exec(word.text);
  if (between === null || (sign !== '' && sign !== '!')) {
    const value = readBits(word, diagnostics);
    return value === undefined
      ? undefined
      : { operator: (sign === '==' || sign === '' ? '=' : sign === '!' ? '!=' : sign) as Entropy['operator'], value };
  }
  const value = readBits(slice(word, 0, between.index), diagnostics);
  const high = readBits(slice(word, between.index + between[0].length, word.text.length), diagnostics);
  if (value === undefined || high === undefined) return undefined;
  if (value < high) return { operator: sign === '!' ? '!<>' : '<>', value, high };
  diagnostics.error(
    'bad-range',
    `the range ${word.text} ends below its start`,
    word.span,
    `write ${high / MILLION}-${value / MILLION}`,
  );
  return undefined;
}

/** Bits per byte, in millionths. */
function readBits(word: Word, diagnostics: Diagnostics): number | undefined {
  const value = /^[0-9]+(?:\.[0-9]+)?$/.test(word.text) ? Number(word.text) : NaN;
  if (value <= MAXIMUM) return Math.round(value * MILLION);
  diagnostics.error(
    'number-out-of-range',
    `the entropy is '${word.text}'`,
    word.span,
    `write a number from 0 to ${MAXIMUM}, as in value > 6.5`,
  );
  return undefined;
}

const entropy = defineOption<EntropyOption>({
  name: 'entropy',
  value: 'required',
  repeatable: true,
  parse,
  compile(value, builder, node) {
    builder.addMatch({ kind: 'entropy', ...value }, node);
  },
  print: ({ bytes, offset, operator, value, high }) =>
    `bytes ${bytes},offset ${offset},value ${high === undefined ? `${operator} ${value / MILLION}` : `${operator === '!<>' ? '!' : ''}${value / MILLION}-${high / MILLION}`}`,
  doc: {
    appliesTo: 'buffer',
    summary:
      'Compares the Shannon entropy of the buffer, or of part of it, from 0 (one value only) to 8 bits per byte (all alike often).',
    syntax:
      'entropy:[bytes <number>,][offset <number>,]value <<|<=|>|>=|=|!=> <0-8>; or entropy:value [!]<low>-<high>;',
    example: 'entropy:bytes 256,value >= 7.5;',
    differences:
      'Compared after rounding to a millionth; low-high leaves out its ends. bytes 0 means all; where there are fewer bytes than asked for, the rule does not match.',
  },
});

export const entropyOptions: readonly RuleOption[] = [entropy];
