/**
 * An upper bound of what a backtracking engine does to search a text, proven from the pattern alone. Stage: load, or
 * the shard at first use.
 *
 * What such an engine does is a tree: the ways through the automaton (pcre-automaton.ts) that the text allows, whether
 * or not they lead to a match. Where no cycle can be gone round in two ways by the same text, there is one way to stay
 * on it, to be left at any of its bytes or, if what leaves it takes none that stays, at one. So the tree's size is a
 * polynomial in the text's length, with a factor for each cycle that can be left anywhere. Everything is rounded up;
 * what cannot be proven has no bound. A step is an edge that is tried.
 */
import { buildAutomaton, ByteClasses, type Automaton } from './automaton.js';
import { AutomatonCycles } from './cycles.js';
import { childrenOf, someNode, type PcreNode } from './node.js';
import { analyseReferences } from './references.js';
import { startsAnchored } from './program.js';

/** Coefficients, the constant first. */
type Polynomial = readonly number[];

const MAX_DEGREE = 4;
/** Edges times classes of bytes that are gone through for one pattern. */
const MAX_WORK = 200_000;
/** Ways through all lookbehinds of a pattern. */
const MAX_BEHIND = 500;

const NOTHING: Polynomial = [];
const UNBOUNDED: Polynomial = [Infinity];

/** Steps to search a text, by its length. */
export class StepBound {
  readonly #coefficients: Polynomial;

  constructor(coefficients: Polynomial) {
    this.#coefficients = coefficients;
  }

  static readonly none = new StepBound(UNBOUNDED);

  on(length: number): number {
    let steps = 0;
    for (let power = this.#coefficients.length - 1; power >= 0; power--)
      steps = steps * (length + 1) + this.#coefficients[power]!;
    return steps;
  }

  /** The power of the length with which steps may grow; undefined where nothing is proven. */
  get degree(): number | undefined {
    return this.#coefficients[0] === Infinity ? undefined : this.#coefficients.length - 1;
  }
}

/** Steps of V8's engine in one packet, at most: some tens of milliseconds. */
export const PROVEN_STEPS = 10_000_000;

/** The longest text that V8's engine may search; undefined where it may search any that there is. */
export function longestProven(bound: StepBound, most: number): number | undefined {
  if (bound.on(most) <= PROVEN_STEPS) return undefined;
  let low = -1;
  let high = most;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (bound.on(middle) <= PROVEN_STEPS) low = middle;
    else high = middle;
  }
  return low;
}

export function boundOf(pattern: PcreNode): StepBound {
  const behind = behindOf(pattern);
  if (behind > MAX_BEHIND || hasGuardedReference(pattern)) return StepBound.none;
  const automaton = buildAutomaton(pattern);
  if (automaton === undefined || !automaton.isFaithful) return StepBound.none;
  const once = scaled(new WayCounter(automaton).count(), 1 + behind);
  // From every start; one that is not the text's is refused at once.
  const all = startsAnchored(pattern) ? sum(once, [0, 1]) : sum([0, 1], raised(once));
  return all.some((each) => each === Infinity) ? StepBound.none : new StepBound(all);
}

const sum = (a: Polynomial, b: Polynomial): Polynomial =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, power) => (a[power] ?? 0) + (b[power] ?? 0));
const larger = (a: Polynomial, b: Polynomial): Polynomial =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, power) => Math.max(a[power] ?? 0, b[power] ?? 0));
const scaled = (a: Polynomial, factor: number): Polynomial =>
  factor === Infinity ? raised(a) : a.map((each) => each * factor);
const raised = (a: Polynomial): Polynomial => (a.length > MAX_DEGREE ? UNBOUNDED : a.length === 0 ? a : [0, ...a]);

class WayCounter {
  readonly #automaton: Automaton;
  readonly #classes: ByteClasses;
  readonly #cycles: AutomatonCycles;
  /** Ways onward from each position, once known. */
  readonly #onward: (Polynomial | undefined)[];
  #work = 0;

  constructor(automaton: Automaton) {
    this.#automaton = automaton;
    this.#classes = new ByteClasses(automaton.sets);
    this.#cycles = new AutomatonCycles(automaton, this.#classes);
    this.#onward = new Array<Polynomial | undefined>(automaton.sets.length);
  }

  /** All ways from one start, of any length. */
  count(): Polynomial {
    // Those that others lead to come first.
    for (const component of this.#cycles.inOrder) {
      const ways = this.#cycles.component[component[0]!]! < 0 ? this.#single(component[0]!) : this.#cycle(component);
      for (const position of component) this.#onward[position] = ways;
      if (this.#work > MAX_WORK || ways[0] === Infinity) return UNBOUNDED;
    }
    const { starts } = this.#cycles;
    return sum([starts.length + 1], this.#leaving(starts, [])[0]);
  }

  #single(position: number): Polynomial {
    const next = this.#cycles.successors[position]!;
    return sum([next.length + 1], this.#leaving(next, [])[0]);
  }

  #cycle(positions: readonly number[]): Polynomial {
    const component = this.#cycles.component[positions[0]!]!;
    let widest = 0;
    let anywhere: Polynomial = NOTHING;
    let once: Polynomial = NOTHING;
    for (const position of positions) {
      const next = this.#cycles.successors[position]!;
      const staying = next.filter((to) => this.#cycles.component[to] === component);
      if (this.#overlaps(staying)) return UNBOUNDED;
      const [left, over] = this.#leaving(
        next.filter((to) => this.#cycles.component[to] !== component),
        staying,
      );
      widest = Math.max(widest, next.length + 1);
      once = larger(once, left);
      anywhere = larger(anywhere, over);
    }
    const length = this.#lengthOf(positions);
    return sum(once, scaled(sum([widest], anywhere), length));
  }

  /** Bytes that a cycle can take: those of the outermost loop around it. */
  #lengthOf(positions: readonly number[]): number {
    let loop = this.#cycles.loopAround(positions);
    while (loop?.outer !== undefined) loop = loop.outer;
    return loop === undefined ? Infinity : loop.length;
  }

  #overlaps(positions: readonly number[]): boolean {
    this.#work += positions.length ** 2;
    return positions.some((a, i) => positions.some((b, j) => i < j && this.#classes.meet(a, b)));
  }

  /** The most ways on by one byte: where none of `staying` takes it, and where one does. */
  #leaving(next: readonly number[], staying: readonly number[]): readonly [Polynomial, Polynomial] {
    let left: Polynomial = NOTHING;
    let over: Polynomial = NOTHING;
    if (next.length === 0) return [left, over];
    const { sets } = this.#automaton;
    this.#work += this.#classes.samples.length * (next.length + staying.length);
    if (this.#work > MAX_WORK) return [UNBOUNDED, UNBOUNDED];
    for (const byte of this.#classes.samples) {
      let ways: Polynomial = NOTHING;
      for (const to of next) if (sets[to]![byte] === 1) ways = sum(ways, this.#onward[to]!);
      if (staying.some((to) => sets[to]![byte] === 1)) over = larger(over, ways);
      else left = larger(left, ways);
    }
    return [left, over];
  }
}

/** A reference to a group that may have taken no part is printed with a look at all the rest of the text. */
function hasGuardedReference(pattern: PcreNode): boolean {
  try {
    return [...analyseReferences(pattern).forms.values()].includes('guarded');
  } catch {
    return false;
  }
}

/** What all lookbehinds of a pattern may cost at one place: ways times bytes. */
function behindOf(node: PcreNode): number {
  if (node.kind === 'look' && node.behind) {
    if (someNode(node.body, ({ kind }) => kind === 'look' || kind === 'backreference')) return Infinity;
    return workOf(node.body).work;
  }
  return childrenOf(node).reduce((total, child) => total + behindOf(child), 0);
}

interface Work {
  readonly ways: number;
  readonly work: number;
}

function workOf(node: PcreNode): Work {
  switch (node.kind) {
    case 'sequence':
      return node.items.map(workOf).reduce(inTurn, { ways: 1, work: 0 });
    case 'choice':
      return node.branches
        .map(workOf)
        .reduce((all, each) => ({ ways: all.ways + each.ways, work: all.work + each.work + 1 }), { ways: 0, work: 0 });
    case 'capture':
    case 'atomic':
      return workOf(node.body);
    case 'repeat': {
      if (node.max > MAX_BEHIND) return { ways: Infinity, work: Infinity };
      const round = workOf(node.body);
      let ways = 0;
      let work = 1;
      let rounds = 1;
      for (let count = 0; count <= node.max && work <= MAX_BEHIND; count++) {
        if (count >= node.min) ways += rounds;
        work += rounds * (round.work + 1);
        rounds *= round.ways;
      }
      return { ways, work };
    }
    default:
      return { ways: 1, work: 1 };
  }
}

/** One after the other: the second for each way of the first. */
const inTurn = (a: Work, b: Work): Work => ({ ways: a.ways * b.ways, work: a.work + a.ways * b.work });
