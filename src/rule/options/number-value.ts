/**
 * Values of keywords that compare a number of a message: a comparison, a name or several, and, of messages that may
 * have many, which of them are meant. Stage: rule. Reference: Suricata, integer keywords.
 *
 *   dns.rcode:!nxdomain     mqtt.flags:dup,!retain     dns.rrtype:a,all     dns.rrtype:aaaa,nb>2,1:3     urilen:>9,raw
 */
import type { NumberValues } from '../../app/buffer-spec.js';
import type { Compared } from '../../block/terms.js';
import type { OptionNode, Word } from '../ast.js';
import { rangeDifference, rangeUnion } from '../compile/range-set.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import type { NumberMatch } from '../buffer-match.js';
import { compared, parseIntegerTest, printIntegerTest } from './integer-test.js';
import { slice, splitArguments } from './value.js';

export interface NumberValue {
  /** As it was written, in its plain form. */
  readonly text: string;
  readonly match: NumberMatch;
  /** The word for another buffer, '' for none. */
  readonly variant: string;
}

type WrittenTest = Compared & { readonly text: string };
type Chosen = Omit<NumberMatch, 'kind' | 'ranges' | 'mask'>;

const COUNT = 0xffff_ffff;
const WHICH: Readonly<Record<string, Chosen['which']>> = {
  any: 'any',
  all: 'all',
  or_absent: 'any_or_absent',
  all_or_absent: 'all_or_absent',
};

/** What the keyword takes, for its documentation. */
export function numberSyntax({ names, bits, many, variants, list }: NumberValues): string {
  const known = Object.keys(names ?? {});
  const shown = `${known.slice(0, 6).join('|')}${known.length > 6 ? '|…' : ''}`;
  const name = known.length === 0 ? '' : `|[!]<${shown}>${list === undefined && bits !== true ? '' : '[,…]'}`;
  const which = many === true ? '[,<any|all|all_or_absent|or_absent|nb comparison|position>][,<from>:<to>]' : '';
  const words = variants === undefined ? '' : `[,<${Object.keys(variants).join('|')}>]`;
  return `[!|=|<|<=|>|>=]<number>|<low><><high>${name}${which}${words}`;
}

/** Undefined where something was reported. */
export function readNumber(
  asWritten: Word,
  node: OptionNode,
  values: NumberValues,
  diagnostics: Diagnostics,
): NumberValue | undefined {
  const word = unquoted(asWritten);
  const { many, variants = {} } = values;
  const counted = many === true ? /^count\s+/.exec(word.text) : null;
  if (counted !== null) return readCount(slice(word, counted[0].length, word.text.length), node, diagnostics);
  const parts = splitArguments(word);
  const variant = parts.length > 1 && Object.hasOwn(variants, parts.at(-1)!.text) ? parts.pop()!.text : '';
  const chosen = many === true ? readWhich(parts.splice(1), node, diagnostics) : { which: 'any' as const, text: '' };
  const asked = chosen && readCompared(parts, node, values, diagnostics);
  if (chosen === undefined || asked === undefined) return undefined;
  const { text, ...which } = chosen;
  const written = [asked.text, text, variant].filter((part) => part !== '').join(',');
  return { text: written, variant, match: { kind: 'number', ranges: asked.ranges, mask: asked.mask, ...which } };
}

/** Snort 3 puts any value in quotes, and blanks between the items of a list. */
function unquoted({ text, span }: Word): Word {
  const inside = /^"\s*([^"]*?)\s*"$/.exec(text)?.[1];
  return inside === undefined ? { text, span } : { text: inside.replace(/(?<=\w)\s+(?=\w)/g, ','), span };
}

function readCount(word: Word, node: OptionNode, diagnostics: Diagnostics): NumberValue | undefined {
  const test = parseIntegerTest(word, node.name.text, COUNT, diagnostics);
  if (test === undefined) return undefined;
  const match: NumberMatch = { kind: 'number', ranges: [], which: 'count', counts: compared(test, COUNT) };
  return { text: `count ${printIntegerTest(test)}`, variant: '', match };
}

// ------------------------------------------------------------------ what is compared

function readCompared(
  parts: readonly Word[],
  node: OptionNode,
  values: NumberValues,
  diagnostics: Diagnostics,
): WrittenTest | undefined {
  const { names, bits, list, maximum, inclusive } = values;
  const isList = list !== undefined || bits === true;
  if (names !== undefined && isNamed(parts[0]!, values)) {
    const words = list === 'any' ? parts.flatMap((part) => splitArguments(part, '|')) : parts;
    return isList || words.length === 1
      ? readNames(words, node, values, diagnostics)
      : tooMany(words[1]!, node, diagnostics);
  }
  if (parts.length > 1) return tooMany(parts[1]!, node, diagnostics);
  const test = parseIntegerTest(parts[0]!, node.name.text, maximum, diagnostics, inclusive ? 'in' : 'out');
  return test && { ...compared(test, maximum), text: printIntegerTest(test) };
}

/** Whether a name stands there, known or not: a name may look like a number, as the versions of TLS do. */
function isNamed(word: Word, { names = {} }: NumberValues): boolean {
  return Object.hasOwn(names, bare(word)) || !/^[!=<>]*\s*[0-9&]/.test(word.text);
}

const bare = ({ text }: Word): string =>
  text
    .replace(/^!\s*/, '')
    .replace(/^"(.*)"$/, '$1')
    .toLowerCase();

function tooMany(word: Word, node: OptionNode, diagnostics: Diagnostics): undefined {
  diagnostics.error(
    'unknown-argument',
    `${node.name.text} does not take '${word.text}' here`,
    word.span,
    `write one value in ${node.name.text}`,
  );
  return undefined;
}

function readNames(
  words: readonly Word[],
  node: OptionNode,
  values: NumberValues,
  diagnostics: Diagnostics,
): WrittenTest | undefined {
  const { names = {}, bits, list = bits === true ? 'all' : undefined, maximum } = values;
  const unknown = words.find((word) => !Object.hasOwn(names, bare(word)));
  if (unknown !== undefined) {
    const known = Object.keys(names);
    diagnostics.error(
      'unknown-argument',
      `${node.name.text} does not know '${bare(unknown)}'`,
      unknown.span,
      `write ${known.slice(0, 12).join(', ')}${known.length > 12 ? ' …' : ''}`,
    );
    return undefined;
  }
  const isNegated = ({ text }: Word): boolean => text.startsWith('!');
  const text = words.map((word) => `${isNegated(word) ? '!' : ''}${bare(word)}`).join(',');
  const numbers = (negated: boolean): number[] =>
    words.filter((word) => isNegated(word) === negated).map((word) => names[bare(word)]!);
  if (bits === true) return { text, ...comparedBits(numbers(false), numbers(true), list === 'any') };
  const wanted = rangeUnion(numbers(false).map((number) => [number, number] as const));
  const refused = rangeUnion(numbers(true).map((number) => [number, number] as const));
  return { text, ranges: rangeDifference(wanted.length > 0 ? wanted : [[0, maximum]], refused) };
}

/** Masks and what they must leave: all bits as they are asked for, or one of them. */
function comparedBits(set: readonly number[], unset: readonly number[], any: boolean): Compared {
  const all = (bits: readonly number[]): number =>
    bits.reduce((sum, bit) => (Math.floor(sum / bit) % 2 === 1 ? sum : sum + bit), 0);
  if (any && unset.length === 0) return { mask: all(set), ranges: [[1, all(set)]] };
  return { mask: all([...set, ...unset]), ranges: [[all(set), all(set)]] };
}

// ---------------------------------------------------------------------- which of many

function readWhich(
  parts: readonly Word[],
  node: OptionNode,
  diagnostics: Diagnostics,
): (Chosen & { readonly text: string }) | undefined {
  const cut = /^(-?\d+):(-?\d+)$/.exec(parts.at(-1)?.text ?? '');
  const range = cut === null ? {} : { from: Number(cut[1]), to: Number(cut[2]) };
  const [first, second] = cut === null ? parts : parts.slice(0, -1);
  const chosen: Chosen | undefined = first === undefined ? { which: 'any' } : readPlace(first, node, diagnostics);
  if (second === undefined && chosen !== undefined)
    return { ...chosen, ...range, text: parts.map(({ text }) => text).join(',') };
  const wrong = second ?? first!;
  diagnostics.error(
    'unknown-argument',
    `'${wrong.text}' does not say which values are meant`,
    wrong.span,
    `write ${node.name.text}:<value>,<any|all|all_or_absent|or_absent|nb comparison|position>[,<from>:<to>];`,
  );
  return undefined;
}

function readPlace(word: Word, node: OptionNode, diagnostics: Diagnostics): Chosen | undefined {
  const { text } = word;
  if (Object.hasOwn(WHICH, text)) return { which: WHICH[text]! };
  const [, orAbsent, place] = /^(oob_or\s+)?(-?\d+)$/.exec(text) ?? [];
  if (place !== undefined) return { which: orAbsent === undefined ? 'index' : 'index_or_absent', index: Number(place) };
  if (!/^nb\b/.test(text)) return undefined;
  const test = parseIntegerTest(slice(word, 2, text.length), node.name.text, COUNT, diagnostics);
  return test && { which: 'matches', counts: compared(test, COUNT) };
}
