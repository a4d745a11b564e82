/**
 * Writes a parsed PCRE pattern as a JavaScript regular expression for latin1 text. Stage: load.
 *
 * No flag is needed but, rarely, `i`: sets are written out, so `.`, `\s`, case and white space mean the same in both; the
 * assertions whose meaning differs become lookarounds. What JavaScript lacks is written with what it has: an atomic group
 * as (?=(X))\1, a lookahead that keeps what it found. That shifts the numbers of groups, which is why names are not used.
 */
import { areDisjoint, EMPTY_SET, printSet, singleton, type ByteSet } from './byte-set.js';
import { childrenOf, PcreError, someNode, type Assertion, type PcreNode, type PcrePattern } from './pcre-node.js';
import { analyseReferences, type ReferenceForm, type References } from './pcre-references.js';

/** V8's linear engine copies the body of a counted repeat; above this many copies it declines the pattern. */
const MAX_COPIES = 16;

export interface PrintedPattern {
  readonly source: string;
  readonly flags: '' | 'i';
  /** JavaScript's number of each group of the pattern, from 1; [0] is 0. */
  readonly groups: readonly number[];
  /** Within reach of V8's linear-time engine. */
  readonly linear: boolean;
}

/**
 * Prints; throws PcreError for what has no JavaScript form. `endUnused`: the caller does not care whether a match that ends
 * before a final newline takes it in, which keeps `$` at a pattern's end within reach of the linear engine.
 */
export function printPattern(pattern: PcrePattern, endUnused: boolean): PrintedPattern {
  return new PatternPrinter(pattern, endUnused).print();
}

/** Where a node stands. */
interface Place {
  readonly behind: boolean;
  /** Nothing comes after it in the whole pattern. */
  readonly last: boolean;
  /** How often the linear engine copies it. */
  readonly copies: number;
  /** What comes after it in its sequence; undefined if that is not known. */
  readonly next?: Rest;
}

/** The items of a sequence from one on, and what comes behind the sequence. */
interface Rest {
  readonly items: readonly PcreNode[];
  readonly from: number;
  readonly behind: Rest | undefined;
}

const NOTHING: Rest = { items: [], from: 0, behind: undefined };

class PatternPrinter {
  readonly #pattern: PcrePattern;
  readonly #endUnused: boolean;
  readonly #groups: number[] = [0];
  #groupCount = 0;
  #linear = true;
  readonly #references: References;

  constructor(pattern: PcrePattern, endUnused: boolean) {
    this.#pattern = pattern;
    this.#endUnused = endUnused;
    this.#references = analyseReferences(pattern.body);
  }

  print(): PrintedPattern {
    const { body, groupCount } = this.#pattern;
    const flags = this.#references.nocase ? 'i' : '';
    const source = this.#node(body, { behind: false, last: true, copies: 1, next: NOTHING });
    for (let group = 1; group <= groupCount; group++) this.#groups[group] ??= 0;
    return { source: source === '' ? '(?:)' : source, flags, groups: this.#groups, linear: this.#linear && flags === '' };
  }

  #node(node: PcreNode, place: Place): string {
    switch (node.kind) {
      case 'set': return printSet(node.set);
      case 'sequence': return this.#sequence(node.items, place);
      case 'choice': return `(?:${node.branches.map((branch) => this.#node(branch, place)).join('|')})`;
      case 'capture': return this.#capture(node.group, node.body, place);
      case 'atomic': return this.#atomic(node.body, node.at, place);
      case 'look': return this.#look(node, place);
      case 'repeat': return this.#repeat(node, place);
      case 'assert': return this.#assert(node.what, place);
      case 'backreference': return this.#reference(node.group, this.#references.forms.get(node) ?? 'plain');
    }
  }

  #sequence(items: readonly PcreNode[], place: Place): string {
    let text = '';
    items.forEach((item, i) => {
      if (item.kind === 'set') {
        text += printSet(item.set);
        return;
      }
      const next = place.next && { items, from: i + 1, behind: place.next };
      text += this.#node(item, { behind: place.behind, copies: place.copies, last: place.last && i + 1 === items.length, ...(next && { next }) });
    });
    return text;
  }

  #capture(group: number, body: PcreNode, place: Place): string {
    this.#groups[group] = ++this.#groupCount;
    return `(${this.#unwrapped(body, place)})`;
  }

  /** A choice that already stands in parentheses. */
  #unwrapped(node: PcreNode, place: Place): string {
    return node.kind === 'choice' ? node.branches.map((branch) => this.#node(branch, place)).join('|') : this.#node(node, place);
  }

  #atomic(body: PcreNode, at: number, place: Place): string {
    if (place.behind) throw new PcreError('atomic groups and possessive quantifiers are not supported within a lookbehind', at);
    this.#linear = false;
    const group = ++this.#groupCount;
    const inside = this.#unwrapped(body, { behind: false, last: false, copies: place.copies });
    return `(?=(${inside}))${printReference(group)}`;
  }

  #look(node: PcreNode & { kind: 'look' }, { behind, copies }: Place): string {
    this.#linear = false;
    const inside = this.#unwrapped(node.body, { behind: node.behind || behind, last: false, copies });
    return `(?${node.behind ? '<' : ''}${node.negative ? '!' : '='}${inside})`;
  }

  #reference(group: number, form: ReferenceForm): string {
    if (form === 'failing') return printSet(EMPTY_SET);
    this.#linear = false;
    const reference = printReference(this.#groups[group]!);
    if (form === 'plain') return reference;
    // The rest of the text before the reference must not be all of the rest after it.
    const rest = ++this.#groupCount;
    return `(?:(?=([^]*))${reference}(?!${printReference(rest)}$))`;
  }

  #repeat(node: PcreNode & { kind: 'repeat' }, place: Place): string {
    const { body, min, max } = node;
    if (node.mode === 'possessive' && !isNeverGivenBack(node, place)) return this.#atomic({ ...node, mode: 'greedy' }, node.at, place);
    const lazy = node.mode === 'lazy' ? '?' : '';
    const copies = place.copies * Math.max(1, max === Infinity ? min + 1 : max);
    const pieces = copies * replication(body) > MAX_COPIES ? splitCount(min, max, Math.floor(MAX_COPIES / (place.copies * replication(body)))) : undefined;
    if (pieces && !someNode(body, ({ kind }) => kind === 'capture' || kind === 'atomic' || (kind === 'repeat'))) {
      const text = this.#repeated(body, { behind: place.behind, last: false, copies: MAX_COPIES });
      return `(?:${pieces.map(([low, high]) => text + printCount(low, high) + lazy).join('')})`;
    }
    if (copies > MAX_COPIES) this.#linear = false;
    return this.#repeated(body, { behind: place.behind, last: false, copies }) + printCount(min, max) + lazy;
  }

  #repeated(body: PcreNode, place: Place): string {
    const text = this.#node(body, place);
    return body.kind === 'set' || body.kind === 'capture' || body.kind === 'choice' ? text : `(?:${text})`;
  }

  #assert(what: Assertion, place: Place): string {
    if (what === 'lastLine' && place.last && this.#endUnused) return '\\n?$';
    if (what === 'lastLine' || what === 'lineStart' || what === 'lineEnd') this.#linear = false;
    return ASSERTIONS[what];
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

/** How often the linear engine copies the innermost parts of a node. */
function replication(node: PcreNode): number {
  const inner = Math.max(1, ...childrenOf(node).map(replication));
  return node.kind === 'repeat' ? inner * Math.max(1, node.max === Infinity ? node.min + 1 : node.max) : inner;
}

/**
 * A count as counts of at most `limit`, one after the other, such that a text still divides in one way only; undefined if
 * that needs too many or the optional part is longer than that.
 */
function splitCount(min: number, max: number, limit: number): (readonly [number, number])[] | undefined {
  if (limit < 1 || min / limit > 32 || (max !== Infinity && max - min > limit)) return undefined;
  const pieces: (readonly [number, number])[] = [];
  for (let left = min; left > 0; left -= limit) pieces.push([Math.min(left, limit), Math.min(left, limit)]);
  if (max > min) pieces.push([0, max === Infinity ? Infinity : max - min]);
  return pieces;
}

/**
 * Whether a possessive repeat of one byte may as well give back: what follows takes none of its bytes, so giving back
 * never helps.
 */
function isNeverGivenBack({ body, max, min }: PcreNode & { kind: 'repeat' }, { next, behind }: Place): boolean {
  if (body.kind !== 'set' || !next || behind || max < min) return false;
  for (let rest: Rest | undefined = next; rest !== undefined; rest = rest.behind) {
    for (let i = rest.from; i < rest.items.length; i++) {
      const node = rest.items[i]!;
      if (node.kind === 'set') return areDisjoint(node.set, body.set);
      if (node.kind === 'assert') return areDisjoint(newlinesAt(node.what) ?? body.set, body.set);
      if (node.kind !== 'repeat' || node.body.kind !== 'set' || !areDisjoint(node.body.set, body.set)) return false;
      if (node.min > 0) return true;
    }
  }
  return true;
}

/** Bytes that may come right after where the assertion holds; undefined for any. */
function newlinesAt(what: Assertion): ByteSet | undefined {
  if (what === 'end') return EMPTY_SET;
  return what === 'lastLine' || what === 'lineEnd' ? singleton(0x0a) : undefined;
}
