/**
 * Writes a parsed PCRE pattern as a JavaScript regular expression for latin1 text. Stage: load.
 *
 * No flag is needed but, rarely, `i`: sets are written out, so `.`, `\s`, case and white space mean the same in both;
 * the assertions whose meaning differs become lookarounds. What JavaScript lacks is written with what it has: an atomic
 * group as (?=(X))\1, a lookahead that keeps what it found. That shifts the numbers of groups, which is why names are
 * not used.
 */
import { EMPTY_SET, printSet } from './byte-set.js';
import { takesSomething } from './measure.js';
import { PcreError, type Assertion, type PcreNode } from './node.js';
import { analyseReferences, type ReferenceForm, type References } from './references.js';

export interface PrintedPattern {
  readonly source: string;
  readonly flags: '' | 'i';
  /** JavaScript's number of each group of the pattern, from 1; [0] is 0. */
  readonly groups: readonly number[];
}

/** Prints a pattern of `groupCount` groups; throws PcreError for what has no JavaScript form. */
export function printPattern(pattern: PcreNode, groupCount: number): PrintedPattern {
  return new PatternPrinter(pattern).print(pattern, groupCount);
}

class PatternPrinter {
  readonly #groups: number[] = [0];
  #groupCount = 0;
  readonly #references: References;

  constructor(pattern: PcreNode) {
    this.#references = analyseReferences(pattern);
  }

  print(pattern: PcreNode, groupCount: number): PrintedPattern {
    const source = this.#unwrapped(pattern, false);
    for (let group = 1; group <= groupCount; group++) this.#groups[group] ??= 0;
    return { source: source === '' ? '(?:)' : source, flags: this.#references.nocase ? 'i' : '', groups: this.#groups };
  }

  /** `behind`: within a lookbehind. */
  #node(node: PcreNode, behind: boolean): string {
    switch (node.kind) {
      case 'set':
        return printSet(node.set);
      case 'sequence':
        return node.items.map((item) => this.#node(item, behind)).join('');
      case 'choice':
        return `(?:${this.#unwrapped(node, behind)})`;
      case 'capture':
        return this.#capture(node.group, node.body, behind);
      case 'atomic':
        return this.#atomic(node.body, node.at, behind);
      case 'look':
        return `(?${node.behind ? '<' : ''}${node.negative ? '!' : '='}${this.#unwrapped(node.body, node.behind || behind)})`;
      case 'repeat':
        return this.#repeat(node, behind);
      case 'assert':
        return ASSERTIONS[node.what];
      case 'backreference':
        return this.#reference(node.group, this.#references.forms.get(node) ?? 'plain');
    }
  }

  #capture(group: number, body: PcreNode, behind: boolean): string {
    this.#groups[group] = ++this.#groupCount;
    return `(${this.#unwrapped(body, behind)})`;
  }

  /** A choice that already stands in parentheses, or alone. */
  #unwrapped(node: PcreNode, behind: boolean): string {
    return node.kind === 'choice'
      ? node.branches.map((branch) => this.#node(branch, behind)).join('|')
      : this.#node(node, behind);
  }

  #atomic(body: PcreNode, at: number, behind: boolean): string {
    if (behind)
      throw new PcreError('atomic groups and possessive quantifiers are not supported within a lookbehind', at);
    const group = ++this.#groupCount;
    return `(?=(${this.#unwrapped(body, false)}))${printReference(group)}`;
  }

  #reference(group: number, form: ReferenceForm): string {
    if (form === 'failing') return printSet(EMPTY_SET);
    const reference = printReference(this.#groups[group]!);
    if (form === 'plain') return reference;
    // The rest of the text before the reference must not be all of the rest after it.
    const rest = ++this.#groupCount;
    return `(?:(?=([^]*))${reference}(?!${printReference(rest)}$))`;
  }

  #repeat(node: PcreNode & { kind: 'repeat' }, behind: boolean): string {
    if (node.mode === 'possessive') return this.#atomic({ ...node, mode: 'greedy' }, node.at, behind);
    const { body, min, max } = node;
    if (max === 1 && min === 0 && !takesSomething(body)) return this.#optional(node, behind);
    const text = this.#node(body, behind);
    const single = body.kind === 'set' || body.kind === 'capture' || body.kind === 'choice';
    return `${single ? text : `(?:${text})`}${printCount(min, max)}${node.mode === 'lazy' ? '?' : ''}`;
  }

  /** JavaScript undoes a round that takes nothing, PCRE does not. */
  #optional({ body, mode }: PcreNode & { kind: 'repeat' }, behind: boolean): string {
    const text = this.#unwrapped(body, behind);
    return mode === 'lazy' ? `(?:|${text})` : `(?:${text}|)`;
  }
}

const ASSERTIONS: Readonly<Record<Assertion, string>> = {
  start: '^',
  end: '$',
  lastLine: '(?=\\n?$)',
  // Not behind a newline that ends the text.
  lineStart: '(?:^|(?<=\\n)(?!$))',
  lineEnd: '(?=\\n|$)',
  word: '\\b',
  notWord: '\\B',
};

/** In a group of its own, for a digit may follow. */
const printReference = (group: number): string => `(?:\\${group})`;

function printCount(min: number, max: number): string {
  if (max === Infinity) return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`;
  if (min === 0 && max === 1) return '?';
  return min === max ? `{${min}}` : `{${min},${max}}`;
}
