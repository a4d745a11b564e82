/**
 * What the values of keywords look like whose protocol is not parsed yet: each reads a value, reports what is wrong
 * with it, and yields it in a plain form that reads the same. Stage: rule.
 */
import type { OptionNode, Word } from '../../ast.js';
import type { Diagnostics } from '../../diagnostics/diagnostic.js';
import { parseIntegerTest, printIntegerTest } from '../integer-test.js';
import { slice, splitArguments } from '../value.js';

/**
 * What a keyword takes. `read` yields the value in its plain form, undefined (and an error) for what it does not take.
 */
export interface ValueSyntax {
  readonly syntax: string;
  readonly example: string;
  readonly optional?: boolean;
  readonly read: (word: Word, node: OptionNode, diagnostics: Diagnostics) => string | undefined;
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
      diagnostics.error(
        'unknown-argument',
        `${node.name.text} does not take '${word.text}'`,
        word.span,
        `write ${node.name.text}:${syntax};`,
      );
      return undefined;
    },
  };
}

/** Any text that is not empty. */
export const text = (what: string, example: string, optional = false): ValueSyntax =>
  pattern(/^(?=[^"])[^]+$|^"[^]+"$/, `<${what}>`, example, optional);

/** Some of a list of words, each perhaps negated, in any case. */
export function words(list: string, separators = ','): ValueSyntax {
  const known = list.split(' ');
  return {
    syntax: `[!]<${known.slice(0, 6).join('|')}${known.length > 6 ? '|…' : ''}>${separators === '' ? '' : '[,…]'}`,
    example: known[0]!,
    read(word, node, diagnostics) {
      const parts =
        separators === ''
          ? [word]
          : [...separators].reduce<Word[]>(
              (found, separator) => found.flatMap((part) => splitArguments(part, separator)),
              [word],
            );
      for (const part of parts) {
        const bare = part.text.startsWith('!') ? slice(part, 1, part.text.length) : part;
        if (known.includes(bare.text.toLowerCase())) continue;
        diagnostics.error(
          'unknown-argument',
          `${node.name.text} does not know '${bare.text}'`,
          part.span,
          `write ${known.slice(0, 12).join(', ')}${known.length > 12 ? ' …' : ''}`,
        );
        return undefined;
      }
      return parts.map((part) => part.text.toLowerCase()).join(separators.charAt(0));
    },
  };
}

/** A number, or one of the names that it has, perhaps negated. */
export function numberOrWords(maximum: number, list: string): ValueSyntax {
  return numberOr(integer(maximum), words(list, ''));
}

/** A byte tested through its bits, or some of the names that the bits have, each perhaps negated. */
export function flags(list: string): ValueSyntax {
  return numberOr(UINT8, words(list));
}

function numberOr(numbers: ValueSyntax, names: ValueSyntax): ValueSyntax {
  return {
    syntax: `<number>|${names.syntax}`,
    example: names.example,
    read: (word, node, diagnostics) =>
      (/^[!=<>]*\s*[0-9&]/.test(word.text) ? numbers : names).read(word, node, diagnostics),
  };
}

const INDEX = /^(?:any|all|all_or_absent|or_absent|-?\d+|oob_or\s+-?\d+|nb\s*(?:[<>=!]=?)?\s*\d+|-?\d+:-?\d+)$/;
const MANY = '[,<any|all|all_or_absent|or_absent|nb comparison|position>][,<from>:<to>]';

/**
 * A value of which a message may hold many: which of them are meant may follow, or it is their number that is compared.
 */
export function many(one: ValueSyntax): ValueSyntax {
  const count = integer(0xffff_ffff);
  return {
    syntax: `${one.syntax}${MANY}; or count <number>`,
    example: one.example,
    read(word, node, diagnostics) {
      const counted = /^count\s+/.exec(word.text);
      if (counted !== null) {
        const number = count.read(slice(word, counted[0].length, word.text.length), node, diagnostics);
        return number && `count ${number}`;
      }
      const [first, ...rest] = splitArguments(word);
      const wrong = rest.find((part, place) => place > 1 || !INDEX.test(part.text));
      if (wrong !== undefined) {
        diagnostics.error(
          'unknown-argument',
          `'${wrong.text}' does not say which values are meant`,
          wrong.span,
          `write ${node.name.text}:<value>${MANY};`,
        );
        return undefined;
      }
      const value = one.read(first!, node, diagnostics);
      return value && [value, ...rest.map((part) => part.text)].join(',');
    },
  };
}
