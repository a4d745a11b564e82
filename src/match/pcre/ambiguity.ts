/**
 * Where a pattern takes a text apart in more and more ways. Stage: load. References: Weber, Seidl, "On the degree of
 * ambiguity of finite automata"; Weideman et al., "Analyzing matching time behavior of backtracking regular expression
 * matchers by using ambiguity of NFA".
 *
 * The ways grow exponentially where a state comes back to itself by the same text in two ways, and as a power of the
 * length where texts lead from one loop into the next and at the same time round each. Both show in the product of the
 * automaton with itself. The search for a place to start is a loop too, one that takes anything. Bounded by a number of
 * steps.
 */
import { isManifold, positionOf, type Automaton, type ByteClasses, type Loop } from './automaton.js';
import { AutomatonCycles, NO_STEP, SEARCH, trace } from './cycles.js';

/** What to repeat, `text` once and `pump` as often as one likes. */
export interface Segment {
  readonly text: string;
  readonly pump: string;
}

export interface Ambiguity {
  readonly kind: 'exponential' | 'polynomial';
  /** Loops that share a text, the search included; each is a factor of the length. */
  readonly degree: number;
  readonly loop: Loop | undefined;
  readonly segments: readonly Segment[];
}

/** Of one pattern, in pairs or triples of positions looked at. */
const MAX_WORK = 10_000;

/** Loops, each of which leads into the next. */
interface Chain {
  /** The last of them. */
  readonly component: number;
  readonly loops: number;
  readonly segments: readonly Segment[];
  /** Where the last pump ends. */
  readonly end: number;
}

const FROM_SEARCH: Chain = { component: -1, loops: 1, segments: [], end: SEARCH };

export class AmbiguityFinder {
  readonly #cycles: AutomatonCycles;
  readonly #classes: ByteClasses;
  readonly #automaton: Automaton;
  readonly #successors: readonly (readonly number[])[];
  /** Where the search goes on to. */
  readonly #searching: readonly number[];
  #work = 0;

  constructor(automaton: Automaton, classes: ByteClasses) {
    this.#automaton = automaton;
    this.#classes = classes;
    this.#cycles = new AutomatonCycles(automaton, classes);
    this.#successors = this.#cycles.successors;
    this.#searching = [SEARCH, ...this.#cycles.starts];
  }

  /** One way to exponentially many ways for each cycle that has one. */
  exponential(): Ambiguity[] {
    return this.#cycles.members.flatMap((positions, component) => {
      const pump = this.#doubleEdge(positions, component) ?? this.#fork(positions, component);
      if (pump === undefined) return [];
      const text = this.#cycles.path(this.#cycles.starts, pump.from);
      return text === undefined
        ? []
        : [
            {
              kind: 'exponential' as const,
              degree: Infinity,
              loop: this.#cycles.widest(this.#cycles.loopAround(positions), component),
              segments: [{ text, pump: pump.text }],
            },
          ];
    });
  }

  /** An edge within a cycle that can be taken in two ways. */
  #doubleEdge(positions: readonly number[], component: number): { from: number; text: string } | undefined {
    for (const from of positions) {
      for (const way of this.#automaton.edges[from]!) {
        const to = positionOf(way);
        if (!isManifold(way) || this.#cycles.component[to] !== component) continue;
        const back = this.#cycles.path([to], from, component);
        if (back !== undefined) return { from, text: back };
      }
    }
    return undefined;
  }

  /** Two paths apart from one position that meet again, by the same text. */
  #fork(positions: readonly number[], component: number): { from: number; text: string } | undefined {
    const apart = new Set<number>();
    for (const from of positions) {
      const next = this.#successors[from]!.filter((to) => this.#cycles.component[to] === component);
      for (let i = 0; i < next.length; i++) {
        for (let j = i + 1; j < next.length; j++) {
          if (!this.#classes.meet(next[i]!, next[j]!)) continue;
          const pump = this.#meeting(from, next[i]!, next[j]!, component, apart);
          if (pump !== undefined) return pump;
        }
      }
    }
    return undefined;
  }

  /**
   * Whether two positions reached by one byte from one come together again; breadth first over pairs. Those in `apart`
   * do not, as was seen before.
   */
  #meeting(
    from: number,
    a: number,
    b: number,
    component: number,
    apart: Set<number>,
  ): { from: number; text: string } | undefined {
    const size = this.#automaton.sets.length;
    const before = new Map<number, number>([[a * size + b, NO_STEP]]);
    const queue = apart.has(a * size + b) ? [] : [a * size + b];
    apart.add(a * size + b);
    for (const pair of queue) {
      const x = Math.floor(pair / size);
      const y = pair % size;
      if (x === y) {
        const back = x === from ? '' : this.#cycles.path(this.#successors[x]!, from, component);
        return back === undefined
          ? undefined
          : {
              from,
              text:
                this.#cycles.spell(trace(before, pair).map((each) => [Math.floor(each / size), each % size])) + back,
            };
      }
      for (const nextX of this.#successors[x]!) {
        for (const nextY of this.#successors[y]!) {
          const next = nextX * size + nextY;
          if (++this.#work > MAX_WORK) return undefined;
          if (
            this.#cycles.component[nextX] !== component ||
            this.#cycles.component[nextY] !== component ||
            apart.has(next) ||
            !this.#classes.meet(nextX, nextY)
          )
            continue;
          apart.add(next);
          before.set(next, pair);
          queue.push(next);
        }
      }
    }
    return undefined;
  }

  /**
   * The longest chain of three loops or more that share texts, one with the next. `searching`: the pattern may start
   * anywhere, which is the first of the loops.
   */
  polynomial(searching: boolean): Ambiguity | undefined {
    if (this.#cycles.members.length + Number(searching) < 3) return undefined;
    const chains: Chain[] = [];
    let longest: Chain | undefined;
    for (let component = 0; component < this.#cycles.members.length && this.#work <= MAX_WORK; component++) {
      const chain = this.#chainTo(component, searching ? [FROM_SEARCH, ...chains] : chains);
      if (chain === undefined) continue;
      chains.push(chain);
      if (longest === undefined || chain.loops > longest.loops) longest = chain;
    }
    if (longest === undefined || longest.loops < 3) return undefined;
    return {
      kind: 'polynomial',
      degree: longest.loops,
      loop: this.#cycles.loopAround(this.#cycles.members[longest.component]!),
      segments: longest.segments,
    };
  }

  /** The longest chain that ends in a loop: one before it and this loop, or the loop alone. */
  #chainTo(component: number, befores: readonly Chain[]): Chain | undefined {
    const entry = this.#cycles.members[component]![0]!;
    if (this.#cycles.path(this.#cycles.starts, entry) === undefined) return undefined;
    let best: Chain = { component, loops: 1, segments: [], end: entry };
    for (const before of befores) {
      if (before.loops + 1 <= best.loops) continue;
      const link = this.#link(
        before === FROM_SEARCH ? [SEARCH] : this.#cycles.members[before.component]!,
        this.#cycles.members[component]!,
      );
      const text = link && this.#leadTo(link.from, before);
      if (text !== undefined)
        best = {
          component,
          loops: before.loops + 1,
          segments: [...before.segments, { text, pump: link!.text }],
          end: link!.to,
        };
    }
    return best;
  }

  /** The text from the end of a chain, or from the start where it has pumped nothing yet, to a position. */
  #leadTo(position: number, { segments, end }: Chain): string | undefined {
    if (position === SEARCH) return '';
    if (segments.length === 0) return this.#cycles.path(this.#cycles.starts, position);
    return end === position ? '' : this.#cycles.path(this.#successors[end]!, position);
  }

  /**
   * A text that leads round a position of each of two loops, and from the first to the second; undefined if there is
   * none.
   */
  #link(first: readonly number[], second: readonly number[]): { from: number; to: number; text: string } | undefined {
    for (const from of first) {
      for (const to of second) {
        const text = this.#sharedText(from, to);
        if (text !== undefined) return { from, to, text };
        if (this.#work > MAX_WORK) return undefined;
      }
    }
    return undefined;
  }

  /** A text that leads round `from`, from it to `to`, and round `to`. */
  #sharedText(from: number, to: number): string | undefined {
    return this.#isAlone(from) && this.#isAlone(to) ? this.#bridge(from, to) : this.#triples(from, to);
  }

  /** The only position of its loop. */
  #isAlone(position: number): boolean {
    return position === SEARCH || this.#cycles.members[this.#cycles.component[position]!]!.length === 1;
  }

  /** Between loops of one position each: any path from one to the other of bytes that both take. */
  #bridge(from: number, to: number): string | undefined {
    if (!this.#classes.meetAll(from, to, SEARCH)) return undefined;
    const before = new Map<number, number>([[from, NO_STEP]]);
    const queue = [from];
    for (const position of queue) {
      for (const next of this.#onward(position)) {
        if (++this.#work > MAX_WORK) return undefined;
        if (next === from || (before.has(next) && next !== to) || !this.#classes.meetAll(from, next, to)) continue;
        if (!before.has(next)) before.set(next, position);
        if (next === to)
          return this.#cycles.spell(
            trace(before, next)
              .slice(1)
              .map((each) => [from, each, to]),
          );
        queue.push(next);
      }
    }
    return undefined;
  }

  /** Breadth first over triples: one goes round `from`, one from `from` to `to`, one round `to`. */
  #triples(from: number, to: number): string | undefined {
    // One more than there are positions, for the search.
    const size = this.#automaton.sets.length + 1;
    const code = (x: number, y: number, z: number): number => ((x + 1) * size + y + 1) * size + z + 1;
    const start = code(from, from, to);
    const goal = code(from, to, to);
    const before = new Map<number, number>([[start, NO_STEP]]);
    const queue = [start];
    for (const triple of queue) {
      const x = Math.floor(triple / size / size) - 1;
      const y = (Math.floor(triple / size) % size) - 1;
      const z = (triple % size) - 1;
      for (const nextZ of this.#successors[z]!) {
        if (this.#cycles.component[nextZ] !== this.#cycles.component[to]) continue;
        for (const nextX of this.#after(x, from)) {
          if (!this.#classes.meetAll(nextX, nextZ, SEARCH)) continue;
          for (const nextY of this.#onward(y)) {
            if (++this.#work > MAX_WORK) return undefined;
            const next = code(nextX, nextY, nextZ);
            if (before.has(next) || !this.#classes.meetAll(nextX, nextY, nextZ)) continue;
            before.set(next, triple);
            if (next === goal) {
              return this.#cycles.spell(
                trace(before, next)
                  .slice(1)
                  .map((each) => [
                    Math.floor(each / size / size) - 1,
                    (Math.floor(each / size) % size) - 1,
                    (each % size) - 1,
                  ]),
              );
            }
            queue.push(next);
          }
        }
      }
    }
    return undefined;
  }

  /** Where to from a position of the loop round `from`. */
  #after(position: number, from: number): readonly number[] {
    if (from === SEARCH) return [SEARCH];
    return this.#successors[position]!.filter((to) => this.#cycles.component[to] === this.#cycles.component[from]);
  }

  #onward(position: number): readonly number[] {
    return position === SEARCH ? this.#searching : this.#successors[position]!;
  }
}
