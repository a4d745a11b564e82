/**
 * Damages rules as people, editors and adversaries do: single characters, tokens, whole options, other rules spliced
 * in, extremes of length, number and depth. Seeded, so that a failure can be repeated.
 */
import type { Random } from '../../property/mutator.js';

const CHARACTERS = [
  '"',
  ';',
  ':',
  '\\',
  '|',
  '!',
  '(',
  ')',
  '[',
  ']',
  ',',
  '$',
  ' ',
  '-',
  '>',
  '<',
  '/',
  '\n',
  '\r\n',
  '\t',
  '\0',
  '\xa0',
  '\xff',
  '\u0101',
  '\u2028',
  '\ud800',
  '😀',
  '#',
  '*',
  '=',
  '&',
  '0',
  'x',
  '"; ',
  '";',
  '","',
];
const NUMBERS = [
  '0',
  '-1',
  '1',
  '255',
  '256',
  '65535',
  '65536',
  '4294967295',
  '4294967296',
  '9007199254740993',
  '99999999999999999999999',
  '0x',
  '0xffffffffffffffffff',
  '1e9',
  '-0',
  '+7',
  '00012',
  '1.5',
  'NaN',
  '١٢',
];
const WORDS = [
  'any',
  'content:"',
  'pcre:"/(a+)+$/";',
  'sid:1;',
  'nocase;',
  '|0d 0a|',
  '$HOME_NET',
  '![',
  '\\;',
  '\\"',
  '<>',
  '->',
  '__proto__',
  'constructor',
  'toString;',
  'relative',
  'msg:"x";',
  'noalert',
  '%00',
  '${HOME}',
  '=>',
  'tcp',
  'http',
  '/* c */',
  '/*',
  '*/',
  '// ',
  ' # ',
  '/*;)*/ ',
];
/** How many changes a rule gets: mostly one, as few rules survive more. */
const CHANGES = [1, 1, 1, 2, 3, 4];
/** Extremes are slow, and so rare. */
const EXTREME_ONE_IN = 400;

/** Runs of blanks, words or punctuation: what a lexer would cut, without being one. */
const TOKEN = /\w+|\s+|[^\w\s]/g;

export class RuleMutator {
  private readonly random: Random;
  private readonly seeds: readonly string[];

  constructor(random: Random, seeds: readonly string[]) {
    this.random = random;
    this.seeds = seeds;
  }

  /** A seed, damaged in one to four places. */
  next(): string {
    const { random } = this;
    let text = random.pick(this.seeds);
    if (random.oneIn(EXTREME_ONE_IN)) return this.extreme(text);
    for (let changes = random.pick(CHANGES); changes > 0; changes--) text = this.change(text);
    return text;
  }

  private change(text: string): string {
    const { random } = this;
    switch (random.below(16)) {
      case 0:
        return this.flip(text);
      case 1:
        return this.replace(text, 0, random.pick(CHARACTERS));
      case 2:
        return this.replace(text, 1, random.pick(CHARACTERS));
      case 3:
        return this.replace(text, 1 + random.below(8), '');
      case 4:
      case 5:
        return this.tokens(text);
      case 6:
      case 7:
      case 8:
        return this.options(text);
      case 9:
        return text.slice(0, random.below(text.length + 1));
      case 10:
        return this.joined(text);
      case 11:
        return text.replace(this.nth(text, /\d+/g), () => random.pick(NUMBERS));
      case 12:
        return this.replace(text, 0, random.pick(WORDS));
      case 13:
        return this.nested(text);
      case 14:
        return this.value(text);
      default:
        return this.recased(text);
    }
  }

  private flip(text: string): string {
    if (text === '') return text;
    const at = this.random.below(text.length);
    return (
      text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ (1 << this.random.below(8))) + text.slice(at + 1)
    );
  }

  private replace(text: string, length: number, by: string): string {
    const at = this.random.below(text.length + 1);
    return text.slice(0, at) + by + text.slice(at + length);
  }

  /** Deletes, doubles or swaps tokens. */
  private tokens(text: string): string {
    const { random } = this;
    const tokens = text.match(TOKEN) ?? [];
    if (tokens.length < 2) return text;
    const at = random.below(tokens.length);
    const other = random.below(tokens.length);
    switch (random.below(3)) {
      case 0:
        tokens.splice(at, 1);
        break;
      case 1:
        tokens.splice(other, 0, tokens[at]!);
        break;
      default:
        [tokens[at], tokens[other]] = [tokens[other]!, tokens[at]!];
    }
    return tokens.join('');
  }

  /** Deletes, doubles, moves options, or takes one from another rule. */
  private options(text: string): string {
    const { random } = this;
    const { head, options, tail } = cut(text);
    if (options.length === 0) return text;
    const at = random.below(options.length);
    switch (random.below(5)) {
      case 0:
        options.splice(at, 1);
        break;
      case 1:
        options.splice(random.below(options.length + 1), 0, options[at]!);
        break;
      case 2:
        options.splice(random.below(options.length), 0, ...options.splice(at, 1));
        break;
      case 3:
        options.sort(() => random.below(3) - 1);
        break;
      default:
        options.splice(at, random.below(2), random.pick([...cut(random.pick(this.seeds)).options, 'nocase']));
    }
    return `${head}${options.map((option) => `${option};`).join('')}${tail}`;
  }

  private joined(text: string): string {
    const { random } = this;
    const other = random.pick(this.seeds);
    const mine = text.slice(0, random.below(text.length + 1));
    return mine + random.pick(['', ' ', '\n', ';', ')']) + other.slice(random.below(other.length + 1));
  }

  /** Quotes within quotes, brackets within brackets. */
  private nested(text: string): string {
    const { random } = this;
    const [open, close] = random.pick([
      ['[', ']'],
      ['"', '"'],
      ['(', ')'],
      ['|', '|'],
      ['"!"', '"'],
    ] as const);
    const from = random.below(text.length + 1);
    const to = from + random.below(12);
    const depth = 1 + random.below(4);
    return text.slice(0, from) + open.repeat(depth) + text.slice(from, to) + close.repeat(depth) + text.slice(to);
  }

  /** Changes the end or the start of one value, where sloppy readers stop or skip. */
  private value(text: string): string {
    const { random } = this;
    const { head, options, tail } = cut(text);
    if (options.length === 0) return text;
    const at = random.below(options.length);
    const [name, ...rest] = options[at]!.split(':');
    const value = rest.join(':');
    const extra = random.pick([...CHARACTERS, ...NUMBERS, 'x', ' x', ',', ',relative', ' 1']);
    options[at] = random.oneIn(2) ? `${name}:${value}${extra}` : `${name}:${extra}${value}`;
    return `${head}${options.map((option) => `${option};`).join('')}${tail}`;
  }

  private recased(text: string): string {
    const at = this.random.below(text.length + 1);
    const to = at + this.random.below(20);
    const part = text.slice(at, to);
    return text.slice(0, at) + (this.random.oneIn(2) ? part.toUpperCase() : part.toLowerCase()) + text.slice(to);
  }

  private nth(text: string, expression: RegExp): RegExp | string {
    const found = text.match(expression);
    return found === null ? '' : this.random.pick(found);
  }

  /** Lengths, depths and counts at the caps and beyond them. */
  private extreme(text: string): string {
    const { random } = this;
    const many = random.pick([100, 1000, 9_999, 10_001, 70_000]);
    const filler = random.pick([...CHARACTERS, 'a', '"a', ',"a', ',"', '\\"', ', ', '", "', '|41|', '!"', 'a,']);
    const { head, options, tail } = cut(text);
    switch (random.below(6)) {
      case 0:
        return `${head}${options.map((option) => `${option};`).join('')}${`${random.pick(['nocase', 'content:"a"', 'metadata:a b', 'x', 'flowbits:set,a'])};`.repeat(many)}${tail}`;
      case 1:
        return text.replace(/any|\$\w+/, () => '['.repeat(many) + '10.0.0.1' + ']'.repeat(many));
      case 2:
        return text.replace(
          /any|\$\w+/,
          () => `[${Array.from({ length: many }, (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`).join()}]`,
        );
      case 3:
        return this.replace(text, 0, filler.repeat(Math.floor(random.pick([300, 30_000, 1_000_000]) / filler.length)));
      case 4:
        return this.insertIntoValue(
          text,
          filler.repeat(Math.floor(random.pick([300, 30_000, 250_000]) / filler.length)),
        );
      default:
        return text.replace(/;\s*\)\s*$/, () => `; metadata:${'k v,'.repeat(many)}k v;)`);
    }
  }

  private insertIntoValue(text: string, extra: string): string {
    const { head, options, tail } = cut(text);
    const at = this.random.below(Math.max(1, options.length));
    const option = options[at] ?? '';
    const middle = this.random.below(option.length + 1);
    options[at] = option.slice(0, middle) + extra + option.slice(middle);
    return `${head}${options.map((each) => `${each};`).join('')}${tail}`;
  }
}

/** The header, the options without their semicolons as somebody careless would cut them, and what is left. */
function cut(text: string): { readonly head: string; readonly options: string[]; readonly tail: string } {
  const open = text.indexOf('(') + 1;
  const close = text.lastIndexOf(')');
  if (open === 0 || close < open) return { head: text, options: [], tail: '' };
  return {
    head: text.slice(0, open),
    options: text
      .slice(open, close)
      .split(/(?<!\\);/)
      .slice(0, -1),
    tail: text.slice(close),
  };
}
