/**
 * The cycles of a pattern's automaton, and texts along its paths. Stage: load; a part of pcre-ambiguity.ts.
 */
import { positionOf, type Automaton, type ByteClasses, type Loop } from './automaton.js';
import { stronglyConnected } from './strong-components.js';

/** Where the search for a start waits: a position that takes anything. */
export const SEARCH = -1;
/** Before the first. */
export const NO_STEP = -2;
/** A byte where any will do. */
const SAMPLE = 0x61;

export class AutomatonCycles {
  readonly starts: readonly number[];
  readonly successors: readonly (readonly number[])[];
  /** Positions that lead to each other, and single ones; those that others lead to come before them. */
  readonly inOrder: readonly (readonly number[])[];
  /** The positions that lead to each other, for each cycle, in the order of the pattern. */
  readonly members: readonly (readonly number[])[];
  /** Number of the cycle of each position, -1 for those on none. */
  readonly component: Int32Array;
  readonly #automaton: Automaton;
  readonly #classes: ByteClasses;

  constructor(automaton: Automaton, classes: ByteClasses) {
    this.#automaton = automaton;
    this.#classes = classes;
    this.starts = automaton.start.map(positionOf);
    this.successors = automaton.edges.map((edges) => edges.map(positionOf));
    this.inOrder = stronglyConnected(this.successors);
    const cycles = this.inOrder.filter(
      ([first, ...more]) => more.length > 0 || this.successors[first!]!.includes(first!),
    );
    this.members = cycles.reverse();
    this.component = new Int32Array(automaton.sets.length).fill(-1);
    this.members.forEach((positions, i) => {
      for (const position of positions) this.component[position] = i;
    });
  }

  #common(positions: readonly number[]): number {
    const real = positions.filter((position) => position !== SEARCH);
    return real.length === 0 ? SAMPLE : this.#classes.common(real);
  }

  /**
   * The text of a path from one of the positions, that one included, to a position; within a component if one is given.
   */
  path(from: readonly number[], to: number, component?: number): string | undefined {
    const before = new Map<number, number>(
      from
        .filter((each) => component === undefined || this.component[each] === component)
        .map((each) => [each, NO_STEP]),
    );
    const queue = [...before.keys()];
    for (const position of queue) {
      if (position === to) return this.spell(trace(before, position).map((each) => [each]));
      for (const next of this.successors[position]!) {
        if (before.has(next) || (component !== undefined && this.component[next] !== component)) continue;
        before.set(next, position);
        queue.push(next);
      }
    }
    return undefined;
  }

  /** A byte for each step that all of its positions take. */
  spell(steps: readonly (readonly number[])[]): string {
    return steps.map((positions) => String.fromCharCode(this.#common(positions))).join('');
  }

  /** The outermost loop round a loop that has nothing in it but what is on the cycle. */
  widest(loop: Loop | undefined, component: number): Loop | undefined {
    const { loops } = this.#automaton;
    let widest = loop;
    for (let outer = loop?.outer; outer !== undefined; outer = outer.outer) {
      if (!loops.every((_, position) => this.component[position] === component || !isWithin(loops[position], outer!)))
        break;
      widest = outer;
    }
    return widest;
  }

  /** The innermost loop that holds all of these positions. */
  loopAround(positions: readonly number[]): Loop | undefined {
    const { loops } = this.#automaton;
    let loop = loops[positions[0]!];
    while (loop?.outer !== undefined && !positions.every((position) => isWithin(loops[position], loop!)))
      loop = loop.outer;
    return loop;
  }
}

/** The steps that led to one, from the first on. */
export function trace(before: ReadonlyMap<number, number>, end: number): number[] {
  const steps: number[] = [];
  for (let step = end; step !== NO_STEP; step = before.get(step)!) steps.push(step);
  return steps.reverse();
}

function isWithin(inner: Loop | undefined, wanted: Loop): boolean {
  for (let each = inner; each !== undefined; each = each.outer) if (each === wanted) return true;
  return false;
}
