/**
 * Makes registry entries of keywords whose protocol is not parsed yet. Stage: rule.
 *
 * Each is read and checked like any other keyword, and makes its rule wait for the protocol; nothing else comes of it. A
 * protocol's file lists them as data: names (the first is the keyword, the rest are aliases), what it is, what it takes.
 */
import type { OptionNode, Word } from '../../ast.js';
import type { Diagnostics } from '../../diagnostic.js';
import { parseIntegerTest, printIntegerTest } from '../integer-test.js';
import { defineOption, type RuleOption } from '../option.js';
import { slice, splitArguments } from '../value.js';

/** What a keyword takes. `read` yields the value in its plain form, undefined (and an error) for what it does not take. */
export interface ValueSyntax {
  readonly syntax: string;
  readonly example: string;
  readonly optional?: boolean;
  readonly read: (word: Word, node: OptionNode, diagnostics: Diagnostics) => string | undefined;
}

/** names, what it is, and what it takes (nothing where left out). */
export type Keyword = readonly [names: string, what: string, value?: ValueSyntax];

export interface WaitingProtocol {
  readonly protocol: string;
  /** Sticky buffers: what follows looks at them. */
  readonly buffers?: readonly Keyword[];
  /** Suricata's older names and Snort's: behind a content they modify it, elsewhere (Snort 3) they are sticky. */
  readonly modifiers?: readonly Keyword[];
  /** Conditions with a value of their own. */
  readonly conditions?: readonly Keyword[];
}

/** The registry entries of a protocol. */
export function waitingOptions({ protocol, buffers = [], modifiers = [], conditions = [] }: WaitingProtocol): readonly RuleOption[] {
  return [
    ...buffers.map((keyword) => entry(protocol, 'buffer', keyword)),
    ...modifiers.map((keyword) => entry(protocol, 'modifier', keyword)),
    ...conditions.map((keyword) => entry(protocol, 'condition', keyword)),
  ];
}

function entry(protocol: string, kind: 'buffer' | 'modifier' | 'condition', [names, what, value]: Keyword): RuleOption {
  const [name = '', ...aliases] = names.split(' ');
  const written = value === undefined ? '' : `:${value.syntax}`;
  const optional = value?.optional === true ? `${name}; or ` : '';
  return defineOption<string>({
    name,
    ...(aliases.length > 0 ? { aliases } : {}),
    value: value === undefined ? 'none' : value.optional === true ? 'optional' : 'required',
    repeatable: true,
    parse: (node, diagnostics) => (node.value === undefined || node.value.text === '' ? '' : value?.read(node.value, node, diagnostics)),
    compile(_value, builder, node) {
      builder.waitFor(protocol);
      if (kind === 'buffer' || (kind === 'modifier' && !builder.hasContent)) builder.selectBuffer('payload', node);
    },
    print: (text) => (text === '' ? undefined : text),
    doc: {
      appliesTo: WAITING,
      summary: `${what.charAt(0).toUpperCase()}${what.slice(1)}. Waits for ${protocol}.`,
      syntax: `${optional}${name}${written};`,
      example: example(kind, name, value),
      ...(kind === 'modifier' ? { differences: 'Behind a content it says where that is looked for, as in Suricata and Snort 2; with none before it, it is sticky, as in Snort 3.' } : {}),
    },
  });
}

/** What the documentation of these keywords says they apply to. */
export const WAITING = 'waiting for a protocol';

function example(kind: 'buffer' | 'modifier' | 'condition', name: string, value: ValueSyntax | undefined): string {
  const option = value === undefined || value.optional === true ? `${name};` : `${name}:${value.example};`;
  if (kind === 'buffer') return `${option} content:"abc";`;
  return kind === 'modifier' ? `content:"abc"; ${option}` : option;
}

/** A comparison of numbers up to `maximum`, as ttl takes it. */
export function integer(maximum: number, example = '>10'): ValueSyntax {
  return {
    syntax: '[!|=|<|<=|>|>=]<number>|<low><><high>',
    example,
    read(word, node, diagnostics) {
      const test = parseIntegerTest(word, node.name.text, maximum, diagnostics);
      return test && printIntegerTest(test);
    },
  };
}

export const UINT8 = integer(0xff);
export const UINT16 = integer(0xffff);
export const UINT32 = integer(0xffff_ffff);
export const UINT53 = integer(Number.MAX_SAFE_INTEGER);

/** A text that a pattern describes; blanks around commas are dropped. */
export function pattern(regex: RegExp, syntax: string, example: string, optional = false): ValueSyntax {
  return {
    syntax,
    example,
    optional,
    read(word, node, diagnostics) {
      const text = word.text.replace(/\s*,\s*/g, ',');
      if (regex.test(text)) return text;
      diagnostics.error('bad-value', `${node.name.text} does not take '${word.text}'`, word.span, `write ${node.name.text}:${syntax};`);
      return undefined;
    },
  };
}

/** Any text that is not empty. */
export const text = (what: string, example: string): ValueSyntax => pattern(/^(?=[^"])[^]+$|^"[^]+"$/, `<${what}>`, example);

/** Some of a list of words, each perhaps negated, in any case. */
export function words(list: string, separators = ','): ValueSyntax {
  const known = list.split(' ');
  return {
    syntax: `[!]<${known.slice(0, 6).join('|')}${known.length > 6 ? '|…' : ''}>${separators === '' ? '' : '[,…]'}`,
    example: known[0]!,
    read(word, node, diagnostics) {
      const parts = separators === '' ? [word] : [...separators].reduce<Word[]>((found, separator) => found.flatMap((part) => splitArguments(part, separator)), [word]);
      for (const part of parts) {
        const bare = part.text.startsWith('!') ? slice(part, 1, part.text.length) : part;
        if (known.includes(bare.text.toLowerCase())) continue;
        diagnostics.error('bad-value', `${node.name.text} does not know '${bare.text}'`, part.span, `write ${known.slice(0, 12).join(', ')}${known.length > 12 ? ' …' : ''}`);
        return undefined;
      }
      return parts.map((part) => part.text.toLowerCase()).join(separators.charAt(0));
    },
  };
}

/** A number, or one of the names that it has. */
export function numberOrWords(maximum: number, list: string): ValueSyntax {
  const names = words(list);
  const numbers = integer(maximum);
  return {
    syntax: `<number>|${names.syntax}`,
    example: names.example,
    read: (word, node, diagnostics) => (/[0-9]/.test(word.text.charAt(0)) || /^[!=<>]+\s*[0-9]/.test(word.text) ? numbers : names).read(word, node, diagnostics),
  };
}
