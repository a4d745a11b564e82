/**
 * Patterns whose backtracking explodes on some text. Stage: load.
 *
 * Ambiguity of the pattern's automaton (pcre-ambiguity.ts) tells where to look and what a hostile text is made of: a
 * part to repeat, and an end at which every way fails. That is a guess. So the text is made and the pattern tried on
 * it, longer and longer, with its steps counted (pcre-machine.ts): only what grows then is reported, with the text as
 * the proof.
 */
import { AmbiguityFinder, type Ambiguity, type Segment } from './ambiguity.js';
import { buildAutomaton, ByteClasses } from './automaton.js';
import { PcreMachine } from './machine.js';
import { childrenOf, type Extent, type PcreNode } from './node.js';
import { compileProgram, startsAnchored, type PcreProgram } from './program.js';

export interface Backtracking extends Extent {
  readonly kind: 'exponential' | 'polynomial';
  /** Steps grow with this power of the text's length, as measured; of a polynomial. */
  readonly degree: number;
  /** A text on which the pattern fails after this many steps or more. */
  readonly witness: string;
  readonly steps: number;
  /** How such texts are made: these, pumped up, and then the suffix. */
  readonly segments: readonly Segment[];
  readonly suffix: string;
}

/** A power below that does no harm on a packet. */
const LEAST_DEGREE = 2.5;
/** What is tried. */
const MAX_STEPS = 40_000;
/** A text in a packet, and the steps on it that are worth a word: a second or so. */
const PACKET = 1400;
const HARMFUL_STEPS = 1e8;
/** Steps for all that is tried of one way. */
const MAX_TRIAL = 4 * MAX_STEPS;
/** Rounds of a loop that count as ever so many. */
const MANY_ROUNDS = 16;

/**
 * The worst that could be shown of a pattern; undefined if nothing bad could. `isCovered`: the linear engine takes
 * over, so that powers of the length do not matter.
 */
export function findBacktracking(pattern: PcreNode, groupCount: number, isCovered: boolean): Backtracking | undefined {
  const anchored = startsAnchored(pattern);
  const { loops, nested } = loopsOf(pattern, false);
  const mayBePolynomial = !isCovered && loops + Number(!anchored) >= 3;
  if (!nested && !mayBePolynomial) return undefined;
  const automaton = buildAutomaton(pattern);
  if (automaton === undefined) return undefined;
  const classes = new ByteClasses(automaton.sets);
  const finder = new AmbiguityFinder(automaton, classes);
  const trial = (): Trial => new Trial(compileProgram(pattern, groupCount, true), classes.samples);
  for (const ambiguity of nested ? finder.exponential() : []) {
    const found = trial().exponential(ambiguity);
    if (found !== undefined) return found;
  }
  const ambiguity = mayBePolynomial ? finder.polynomial(!anchored) : undefined;
  return ambiguity && trial().polynomial(ambiguity);
}

/** How many loops a pattern has, and whether one has something in it that can be done in several ways. */
function loopsOf(node: PcreNode, within: boolean): { loops: number; nested: boolean } {
  const isLoop = node.kind === 'repeat' && node.max >= MANY_ROUNDS;
  const varies =
    node.kind === 'choice' || node.kind === 'backreference' || (node.kind === 'repeat' && node.max > node.min);
  let loops = isLoop ? 1 : 0;
  let nested = within && varies;
  for (const child of childrenOf(node)) {
    const inside = loopsOf(child, within || isLoop);
    loops += inside.loops;
    nested ||= inside.nested;
  }
  return { loops, nested };
}

/** The pattern matches, so that nothing is gone through to the end. */
const MATCHES = Symbol('matches');

class Trial {
  readonly #machine: PcreMachine;
  readonly #ends: readonly string[];
  #spent = 0;

  constructor(program: PcreProgram, samples: readonly number[]) {
    this.#machine = new PcreMachine(program, MAX_STEPS);
    const bytes = samples.map((byte) => String.fromCharCode(byte));
    // What no set tells from others comes first: it ends most loops.
    this.#ends = ['', ...bytes.toReversed().slice(0, 12), '\n\n'];
  }

  exponential(ambiguity: Ambiguity): Backtracking | undefined {
    return this.#atEnds(2, (end) => {
      let before = 0;
      for (let rounds = 4; rounds <= 40; rounds += 2) {
        const text = assemble(ambiguity, rounds, end);
        const steps = this.#stepsOn(text);
        if (steps === undefined) return MATCHES;
        if (steps >= MAX_STEPS) return report(ambiguity, Infinity, end, { text, steps });
        // From one round to the next but one by half or more.
        if (rounds > 8 && steps < before * 1.5) return undefined;
        before = steps;
      }
      return undefined;
    });
  }

  polynomial(ambiguity: Ambiguity): Backtracking | undefined {
    return this.#atEnds(1, (end) => {
      let shorter: Measured | undefined;
      let last: (Measured & { readonly text: string }) | undefined;
      for (let rounds = 3; rounds <= PACKET; rounds = Math.ceil(1.5 * rounds)) {
        const text = assemble(ambiguity, rounds, end);
        const steps = this.#stepsOn(text);
        if (steps === undefined) return MATCHES;
        if (steps >= MAX_STEPS || text.length > PACKET) break;
        shorter = last;
        last = { text, length: text.length, steps };
        if (rounds > 16 && degreeOf(shorter!, last) < LEAST_DEGREE - 0.5) return undefined;
      }
      if (shorter === undefined || last === undefined) return undefined;
      const degree = degreeOf(shorter, last);
      const onPacket = last.steps * (PACKET / last.length) ** degree;
      return degree >= LEAST_DEGREE && onPacket >= HARMFUL_STEPS ? report(ambiguity, degree, end, last) : undefined;
    });
  }

  /** Tries ends until something is found, or the pattern has failed at as many as `enough` without harm. */
  #atEnds(
    enough: number,
    attempt: (end: string) => Backtracking | undefined | typeof MATCHES,
  ): Backtracking | undefined {
    let failing = 0;
    for (const end of this.#ends) {
      const result = attempt(end);
      if (result !== MATCHES && result !== undefined) return result;
      if (result !== MATCHES && ++failing === enough) break;
      if (this.#spent > MAX_TRIAL) break;
    }
    return undefined;
  }

  /** Undefined where the pattern matches. */
  #stepsOn(text: string): number | undefined {
    const found = this.#machine.find(text, 0);
    this.#spent += this.#machine.steps;
    return found ? undefined : this.#machine.steps;
  }
}

interface Measured {
  readonly length: number;
  readonly steps: number;
}

/** The power with which steps grow from a text to a longer one. */
const degreeOf = (short: Measured, long: Measured): number =>
  Math.log(long.steps / short.steps) / Math.log(long.length / short.length);

function assemble({ segments }: Ambiguity, rounds: number, end: string): string {
  return segments.map(({ text, pump }) => text + pump.repeat(rounds)).join('') + end;
}

function report(
  { kind, loop, segments }: Ambiguity,
  degree: number,
  suffix: string,
  { text, steps }: { readonly text: string; readonly steps: number },
): Backtracking {
  return { kind, degree, witness: text, steps, segments, suffix, at: loop?.at ?? 0, end: loop?.end ?? 0 };
}
