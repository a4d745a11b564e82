/**
 * Sets of numbers as lists of values, ranges and comparisons, where ranges have their ends in: the values of vni and
 * ip_proto. A set is what the plain items hold (everything, when there are none) without what the negated ones hold.
 * Stage: rule.
 */
import type { Word } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import type { PacketField, Ranges } from '../../block/terms.js';
import { rangeDifference, rangeUnion } from '../compile/range-set.js';
import { addFieldTest } from './integer-option.js';
import { defineOption, type OptionDoc, type RuleOption } from './option.js';
import { requireValue, slice, splitArguments } from './value.js';

interface NumberItem {
  readonly negated: boolean;
  readonly low: number;
  readonly high: number;
}

interface NumberSet {
  /** `!` before a list. */
  readonly negated: boolean;
  readonly list: boolean;
  readonly items: readonly NumberItem[];
}

interface NumberSetRules {
  /** Names the number in messages. */
  readonly what: string;
  readonly maximum: number;
  /** Reads one number or name. */
  readonly number: (text: string) => number | undefined;
  readonly hint: string;
}

/** Reads `5`, `!5`, `<5`, `>=5`, `5-9`, `[1,2,10-20]`, `![1,2]`; reports what is wrong and what can never match. */
function parseNumberSet(word: Word, rules: NumberSetRules, diagnostics: Diagnostics): NumberSet | undefined {
  const bang = /^!\s*(?=\[)/.exec(word.text);
  const body = slice(word, bang === null ? 0 : bang[0].length, word.text.length);
  const list = body.text.startsWith('[');
  if (list && !body.text.endsWith(']')) {
    diagnostics.error('unclosed-list', 'the list has no closing ]', body.span, rules.hint);
    return undefined;
  }
  const words = list ? splitArguments(slice(body, 1, body.text.length - 1)) : [body];
  const items: NumberItem[] = [];
  for (const part of words) {
    const item = readItem(part, rules, diagnostics);
    if (item === undefined) return undefined;
    items.push(item);
  }
  const set: NumberSet = { negated: bang !== null, list, items };
  if (numberSetRanges(set, rules.maximum).length > 0) return set;
  diagnostics.error('never-matches', `no ${rules.what} is in '${word.text}'`, word.span, rules.hint);
  return undefined;
}

/** Sorted, disjoint ranges of the numbers from 0 to `maximum` in the set. */
function numberSetRanges(set: NumberSet, maximum: number): Ranges {
  const all: Ranges = [[0, maximum]];
  const [held, excluded] = [false, true].map((negated) =>
    rangeUnion(set.items.filter((item) => item.negated === negated).map(({ low, high }) => [low, high] as const)),
  );
  const rest = rangeDifference(held!.length === 0 ? all : held!, excluded!);
  return set.negated ? rangeDifference(all, rest) : rest;
}

/** `maximum` decides which ranges print as comparisons; names are not written back. */
function printNumberSet(set: NumberSet, maximum: number): string {
  const items = set.items.map((item) => `${item.negated ? '!' : ''}${printRange(item, maximum)}`).join(',');
  return `${set.negated ? '!' : ''}${set.list ? `[${items}]` : items}`;
}

function printRange({ low, high }: NumberItem, maximum: number): string {
  if (low === high) return String(low);
  if (high === maximum) return `>=${low}`;
  return low === 0 ? `<=${high}` : `${low}-${high}`;
}

function readItem(part: Word, rules: NumberSetRules, diagnostics: Diagnostics): NumberItem | undefined {
  const negated = part.text.startsWith('!');
  const body = slice(part, negated ? 1 : 0, part.text.length);
  const sign = /^(?:<=|>=|<|>|=)?/.exec(body.text)![0];
  const operand = slice(body, sign.length, body.text.length);
  const whole = rules.number(operand.text);
  const range = whole === undefined && sign === '' ? /^(.+?)\s*-\s*(.+)$/.exec(operand.text) : null;
  const low = range === null ? whole : rules.number(range[1]!);
  const high = range === null ? whole : rules.number(range[2]!);
  if (low === undefined || high === undefined) {
    diagnostics.error('bad-number', `'${part.text}' is no ${rules.what}`, part.span, rules.hint);
    return undefined;
  }
  const item = bounds(sign, low, high, rules.maximum);
  if (low <= rules.maximum && high <= rules.maximum && item[0] <= item[1])
    return { negated, low: item[0], high: item[1] };
  diagnostics.error(
    'number-out-of-range',
    `'${part.text}' holds no ${rules.what}`,
    part.span,
    `write numbers from 0 to ${rules.maximum}, the lower one first`,
  );
  return undefined;
}

function bounds(sign: string, low: number, high: number, maximum: number): readonly [number, number] {
  switch (sign) {
    case '<':
      return [0, low - 1];
    case '<=':
      return [0, low];
    case '>':
      return [low + 1, maximum];
    case '>=':
      return [low, maximum];
    default:
      return [low, high];
  }
}

/** A keyword whose value is a set of numbers that a field of the packet must be in. */
export function numberSetOption(name: string, field: PacketField, rules: NumberSetRules, doc: OptionDoc): RuleOption {
  return defineOption<NumberSet>({
    name,
    value: 'required',
    repeatable: true,
    parse(node, diagnostics) {
      const word = requireValue(node, diagnostics);
      return word && parseNumberSet(word, rules, diagnostics);
    },
    compile(set, builder) {
      addFieldTest(builder, field, { ranges: numberSetRanges(set, rules.maximum) });
    },
    print: (set) => printNumberSet(set, rules.maximum),
    doc,
  });
}
