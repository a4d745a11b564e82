/**
 * The position automaton of a pattern (Glushkov), in which its ways of matching can be counted. Stage: load.
 *
 * A position is a byte set as it stands in the pattern; an edge leads from each to those that may come next, and says
 * in how many ways (one, or several: `(a*)*` goes from `a` to `a` by either loop). What has no automaton is taken for
 * more than it matches: lookarounds hold, their insides are ways that end; a back reference takes what its group may; a
 * count that is not small is a loop. That something is slow is thus a guess, to be tried on the pattern itself; that
 * nothing is slow can be proven (pcre-bound.ts) where the automaton has at least the pattern's own ways, which
 * `isFaithful` says.
 */
import { EMPTY_SET, type ByteSet } from './byte-set.js';
import { greatestLength } from './measure.js';
import { someNode, type Extent, type PcreNode } from './node.js';

/** Beyond this many positions counts are not unrolled, beyond twice as many there is no automaton. */
const MAX_POSITIONS = 300;
/**
 * Parts of the pattern that are gone through, rounds counted one by one, and comparisons of edges, before it is given
 * up.
 */
const MAX_PARTS = 20_000;
const MAX_COMPARISONS = 2_000_000;
/** Optional rounds that are unrolled rather than taken for a loop. */
const MAX_OPTIONAL = 8;

/**
 * Positions, each with in how many ways: 1, or 2 for more. Twice the position, and one if there is more than one way.
 */
type Ways = readonly number[];

export const positionOf = (way: number): number => way >> 1;
export const isManifold = (way: number): boolean => (way & 1) === 1;

interface Part {
  readonly first: Ways;
  readonly last: Ways;
  /** In how many ways it takes nothing. */
  readonly empty: number;
}

export interface Loop extends Extent {
  readonly outer: Loop | undefined;
  /** Bytes that it can take. */
  readonly length: number;
}

export interface Automaton {
  readonly sets: readonly ByteSet[];
  readonly start: Ways;
  readonly edges: readonly Ways[];
  /** The innermost loop that a position is in. */
  readonly loops: readonly (Loop | undefined)[];
  /** Whether each way of the pattern through a text is a way of the automaton, and no two are one. */
  readonly isFaithful: boolean;
}

/** Undefined for a pattern that is too large. */
export function buildAutomaton(pattern: PcreNode): Automaton | undefined {
  return new AutomatonBuilder(pattern).build();
}

const NOTHING: Part = { first: [], last: [], empty: 1 };

/** Ways that are there in several ways. */
const manifold = (ways: Ways): Ways => ways.map((way) => way | 1);
const times = (ways: Ways, factor: number): Ways => (factor === 0 ? [] : factor === 1 ? ways : manifold(ways));
const both = (a: Ways, b: Ways): Ways => (a.length === 0 ? b : b.length === 0 ? a : [...a, ...b]);

/** Adds to the edges of a position, some of which may be there; returns with how many comparisons. */
function addEdges(edges: number[], ways: Ways): number {
  const known = edges.length;
  for (const way of ways) {
    let at = 0;
    while (at < known && positionOf(edges[at]!) !== positionOf(way)) at++;
    if (at < known) edges[at] = way | 1;
    else edges.push(way);
  }
  return known * ways.length;
}

class AutomatonBuilder {
  readonly #pattern: PcreNode;
  readonly #sets: ByteSet[] = [];
  readonly #edges: number[][] = [];
  readonly #loops: (Loop | undefined)[] = [];
  #loop: Loop | undefined;
  #referring = 0;
  /** Within a reference that ignores case. */
  #nocase = false;
  #isFaithful = true;
  #parts = 0;
  #comparisons = 0;

  constructor(pattern: PcreNode) {
    this.#pattern = pattern;
  }

  build(): Automaton | undefined {
    const whole = this.#part(this.#pattern);
    if (this.#isTooLarge) return undefined;
    this.#checkEnd(whole);
    const isFaithful =
      this.#isFaithful &&
      this.#sets.length <= MAX_POSITIONS &&
      !whole.first.some(isManifold) &&
      !this.#edges.some((edges) => edges.some(isManifold));
    return { sets: this.#sets, start: whole.first, edges: this.#edges, loops: this.#loops, isFaithful };
  }

  get #isTooLarge(): boolean {
    return this.#sets.length > 2 * MAX_POSITIONS || this.#parts > MAX_PARTS || this.#comparisons > MAX_COMPARISONS;
  }

  /** Several ways to an end that may be refused are seen nowhere else. */
  #checkEnd({ last, empty }: Part): void {
    if (empty > 1 || last.some(isManifold)) this.#isFaithful = false;
  }

  #part(node: PcreNode): Part {
    this.#parts++;
    if (this.#isTooLarge) return NOTHING;
    switch (node.kind) {
      case 'set':
        return this.#position(node.set);
      case 'sequence':
        return this.#sequence(node.items);
      case 'choice':
        return this.#choice(node.branches);
      case 'capture':
      case 'atomic':
        return this.#part(node.body);
      case 'repeat':
        return this.#repeat(node);
      case 'backreference':
        return this.#reference(node);
      case 'look':
        return node.behind ? NOTHING : this.#lookahead(node.body);
      default:
        return NOTHING;
    }
  }

  #lookahead(body: PcreNode): Part {
    const part = this.#part(body);
    this.#checkEnd(part);
    return { first: part.first, last: [], empty: 1 };
  }

  #position(set: ByteSet): Part {
    const position = this.#sets.push(this.#nocase ? withOtherCase(set) : set) - 1;
    this.#edges.push([]);
    this.#loops.push(this.#loop);
    const way = [2 * position];
    return { first: way, last: way, empty: 0 };
  }

  #sequence(items: readonly PcreNode[]): Part {
    let all = NOTHING;
    for (const item of items) {
      if (this.#isTooLarge) break;
      all = this.#join(all, this.#part(item));
    }
    return all;
  }

  #join(a: Part, b: Part): Part {
    this.#connect(a.last, b.first);
    return {
      first: both(a.first, times(b.first, a.empty)),
      last: both(b.last, times(a.last, b.empty)),
      empty: Math.min(a.empty * b.empty, 2),
    };
  }

  #connect(last: Ways, first: Ways): void {
    for (const way of last) {
      if (this.#comparisons > MAX_COMPARISONS) return;
      this.#comparisons += addEdges(this.#edges[positionOf(way)]!, isManifold(way) ? manifold(first) : first);
    }
  }

  #choice(branches: readonly PcreNode[]): Part {
    const parts = branches.map((branch) => this.#part(branch));
    const empty = parts.reduce((sum, part) => sum + part.empty, 0);
    return {
      first: parts.flatMap(({ first }) => first),
      last: parts.flatMap(({ last }) => last),
      empty: Math.min(empty, 2),
    };
  }

  #repeat(node: PcreNode & { kind: 'repeat' }): Part {
    const { body, min, max } = node;
    const isLoop = max - min > MAX_OPTIONAL || (max > 1 && this.#sets.length > MAX_POSITIONS);
    let all = NOTHING;
    const rounds = Math.min(isLoop ? min - 1 : min, MAX_POSITIONS);
    for (let round = 0; round < rounds && this.#sets.length <= MAX_POSITIONS; round++)
      all = this.#join(all, this.#part(body));
    if (min > MAX_POSITIONS) this.#isFaithful = false;
    return this.#join(all, isLoop ? this.#looped(node, min > 0) : this.#optional(body, max - min));
  }

  #optional(body: PcreNode, rounds: number): Part {
    let all = NOTHING;
    for (let round = 0; round < rounds; round++) {
      const part = this.#part(body);
      if (part.empty > 1) this.#isFaithful = false;
      all = { ...this.#join(part, all), empty: 1 };
    }
    return all;
  }

  #looped(node: PcreNode & { kind: 'repeat' }, once: boolean): Part {
    const outer = this.#loop;
    this.#loop = { at: node.at, end: node.end, outer, length: greatestLength(node) };
    const part = this.#part(node.body);
    this.#loop = outer;
    if (part.empty > 1) this.#isFaithful = false;
    this.#connect(part.last, part.first);
    return once ? part : { ...part, empty: 1 };
  }

  /** References within references are let be. */
  #reference({ group, nocase }: PcreNode & { kind: 'backreference' }): Part {
    let body: PcreNode | undefined;
    someNode(this.#pattern, (node) => {
      if (node.kind === 'capture' && node.group === group) body = node.body;
      return body !== undefined;
    });
    if (this.#referring > 0 || body === undefined) {
      this.#isFaithful = false;
      return NOTHING;
    }
    this.#referring++;
    this.#nocase = nocase;
    const part = this.#part(body);
    this.#nocase = false;
    this.#referring--;
    return part;
  }
}

/** With all bytes that some engine takes for the same letter, and more. */
const withOtherCase = (set: ByteSet): ByteSet => set.map((has, byte) => (byte >= 0x40 ? has | set[byte ^ 0x20]! : has));

/**
 * Byte sets as sets of classes, bytes being of one class where no set tells them apart: few words each, so that it is
 * quick to see whether two have a byte in common.
 */
export class ByteClasses {
  readonly #masks: Uint32Array;
  readonly #words: number;
  /** A byte of each class, easy to read where there is such a one, and those first. */
  readonly #samples: readonly number[];

  constructor(sets: readonly ByteSet[]) {
    let classes = 1;
    const classOf = new Uint8Array(256);
    for (const set of new Set(sets)) classes = divide(classOf, classes, set);
    const seen = new Uint8Array(classes);
    this.#samples = BYTES_BY_LOOKS.filter((byte) => seen[classOf[byte]!]++ === 0);
    this.#words = Math.ceil(this.#samples.length / 32);
    this.#masks = new Uint32Array(sets.length * this.#words);
    sets.forEach((set, i) => {
      this.#samples.forEach((byte, number) => {
        if (set[byte] === 1) this.#masks[i * this.#words + (number >> 5)]! |= 1 << (number & 31);
      });
    });
  }

  meet(a: number, b: number): boolean {
    for (let word = 0; word < this.#words; word++)
      if ((this.#masks[a * this.#words + word]! & this.#masks[b * this.#words + word]!) !== 0) return true;
    return false;
  }

  /** Whether some byte is in all three; a negative position takes any. */
  meetAll(a: number, b: number, c: number): boolean {
    for (let word = 0; word < this.#words; word++) {
      const one = a < 0 ? -1 : this.#masks[a * this.#words + word]!;
      const two = b < 0 ? -1 : this.#masks[b * this.#words + word]!;
      const three = c < 0 ? -1 : this.#masks[c * this.#words + word]!;
      if ((one & two & three) !== 0) return true;
    }
    return false;
  }

  /** A byte that all of these positions take; -1 if there is none. */
  common(positions: readonly number[]): number {
    return (
      this.#samples.find((_, number) =>
        positions.every((position) => (this.#masks[position * this.#words + (number >> 5)]! >>> (number & 31)) & 1),
      ) ?? -1
    );
  }

  /** A byte of each class. */
  get samples(): readonly number[] {
    return this.#samples;
  }
}

/** Divides each class by whether its bytes are in the set; returns how many there are then. */
function divide(classOf: Uint8Array, classes: number, set: ByteSet): number {
  const within = new Int16Array(classes).fill(-1);
  const outside = new Int16Array(classes).fill(-1);
  let count = 0;
  for (let byte = 0; byte < 256; byte++) {
    const half = set[byte] === 1 ? within : outside;
    const old = classOf[byte]!;
    if (half[old] === -1) half[old] = count++;
    classOf[byte] = half[old]!;
  }
  return count;
}

/** Letters and digits first, then what can be printed, then the rest. */
const BYTES_BY_LOOKS = [...EMPTY_SET.keys()].sort((a, b) => looks(a) - looks(b) || a - b);

function looks(byte: number): number {
  const letter = String.fromCharCode(byte);
  if (/[a-z]/.test(letter)) return 0;
  if (/[0-9A-Z]/.test(letter)) return 1;
  return /[ -~]/.test(letter) ? 2 : 3;
}
