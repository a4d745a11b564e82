/**
 * Negative lookarounds at the edge of a pattern, as what may stand there instead. Stage: load.
 *
 * `(?!ab)` with nothing behind it holds where the text ends, where a byte other than `a` follows, or an `a` and then
 * the end or a byte other than `b`. That is a pattern without a lookaround: a tree over the words that must not stand
 * there, one level a byte. Words are finite sequences of sets.
 */
import { ANY_BYTE, EMPTY_SET, sizeOf, type ByteSet } from './byte-set.js';
import type { PcreNode } from './node.js';

type Word = readonly ByteSet[];

const MAX_WORDS = 32;
const MAX_LENGTH = 32;
const MAX_NODES = 200;

/** All words that a node matches; undefined if they are too many, too long, or not all that it asks for. */
function wordsOf(node: PcreNode): readonly Word[] | undefined {
  switch (node.kind) {
    case 'set':
      return [[node.set]];
    case 'sequence':
      return node.items.reduce<readonly Word[] | undefined>(
        (words, item) => words && joined(words, wordsOf(item)),
        [[]],
      );
    case 'choice':
      return node.branches.reduce<readonly Word[] | undefined>(
        (words, branch) => words && limited([...words, ...(wordsOf(branch) ?? OVERFLOW)]),
        [],
      );
    case 'repeat':
      return repeated(node);
    default:
      return undefined;
  }
}

const OVERFLOW: readonly Word[] = Array.from({ length: MAX_WORDS + 1 }, () => []);

function limited(words: readonly Word[]): readonly Word[] | undefined {
  return words.length > MAX_WORDS || words.some((word) => word.length > MAX_LENGTH) ? undefined : words;
}

function joined(starts: readonly Word[], ends: readonly Word[] | undefined): readonly Word[] | undefined {
  if (ends === undefined || starts.length * ends.length > MAX_WORDS) return undefined;
  return limited(starts.flatMap((start) => ends.map((end) => [...start, ...end])));
}

function repeated({ body, min, max, mode }: PcreNode & { kind: 'repeat' }): readonly Word[] | undefined {
  if (max > MAX_LENGTH || mode === 'possessive') return undefined;
  const round = wordsOf(body);
  let power: readonly Word[] | undefined = [[]];
  const words: Word[] = [];
  for (let count = 0; count <= max && power !== undefined; count++) {
    if (count >= min) words.push(...power);
    if (count < max) power = joined(power, round);
  }
  return power && limited(words);
}

/**
 * What a negative lookahead, or with `behind` a lookbehind, for `body` is when nothing of the pattern is on that side
 * of it; undefined if that cannot be written down.
 */
export function withoutWords(body: PcreNode, behind: boolean): PcreNode | undefined {
  const words = wordsOf(body);
  if (words === undefined) return undefined;
  const tree = new ComplementTree(behind);
  const root = tree.grow(behind ? words.map((word) => word.toReversed()) : words);
  return tree.nodes > MAX_NODES ? undefined : (root ?? { kind: 'set', set: EMPTY_SET });
}

class ComplementTree {
  nodes = 0;
  readonly #behind: boolean;

  constructor(behind: boolean) {
    this.#behind = behind;
  }

  /** Undefined where one of the words has come to its end: nothing may stand there. */
  grow(words: readonly Word[]): PcreNode | undefined {
    if (words.some((word) => word.length === 0)) return undefined;
    if (++this.nodes > MAX_NODES) return undefined;
    const branches: PcreNode[] = [{ kind: 'assert', what: this.#behind ? 'start' : 'end', at: 0, end: 0 }];
    for (const [set, rest] of divide(words)) {
      const next = rest.length === 0 ? EMPTY : this.grow(rest);
      if (next === undefined) continue;
      const byte: PcreNode = { kind: 'set', set };
      branches.push(next === EMPTY ? byte : { kind: 'sequence', items: this.#behind ? [next, byte] : [byte, next] });
    }
    return { kind: 'choice', branches };
  }
}

const EMPTY: PcreNode = { kind: 'sequence', items: [] };

/** Bytes by which words begin with them, and what is left of those words. */
function divide(words: readonly Word[]): readonly (readonly [ByteSet, readonly Word[]])[] {
  const firsts = words.map((word) => word[0]!);
  const parts: (readonly [ByteSet, readonly Word[]])[] = [];
  let left = ANY_BYTE;
  while (sizeOf(left) > 0) {
    const byte = left.indexOf(1);
    const chosen = firsts.map((first) => first[byte] === 1);
    const set = left.map((has, each) =>
      has === 1 && firsts.every((first, i) => (first[each] === 1) === chosen[i]) ? 1 : 0,
    );
    left = left.map((has, each) => has & (set[each]! ^ 1));
    parts.push([set, words.filter((_, i) => chosen[i]).map((word) => word.slice(1))]);
  }
  return parts;
}
