/**
 * A PCRE made ready to search texts, by the engine that is safe for the text at hand. Stage: detect.
 *
 * V8's own engine backtracks without a limit, so it gets those texts for which pcre-bound.ts has proven how many steps
 * it takes at most. For all others there is a machine that counts its steps (pcre-machine.ts) and, where V8's
 * linear-time engine takes the expression (flag `l`, which is tried, not assumed), that one, whose steps are the length
 * times the size. V8's fall-back after excessive backtracks is no help: it overlooks loops over one byte
 * (docs/decisions).
 */
import { boundOf, type StepBound } from './bound.js';
import { PcreMachine, type PcreStack } from './machine.js';
import { isForMachine, translatePattern, type ReadPcre, type TranslatedPcre } from './pcre.js';
import { compileProgram } from './program.js';
import { simplify, type PcreUse } from './simplify.js';

export class PcreExpression {
  /** For texts on which `bound` is low; undefined where there is none, or JavaScript has no form for it. */
  readonly regExp: RegExp | undefined;
  readonly bound: StepBound;
  readonly #read: ReadPcre;
  readonly #use: PcreUse;
  readonly #translated: TranslatedPcre;
  readonly #stack: PcreStack;
  #machine: PcreMachine | undefined;
  #linear: RegExp | null | undefined;

  constructor(read: ReadPcre, use: PcreUse, stack: PcreStack) {
    this.#read = read;
    this.#use = use;
    this.#stack = stack;
    this.#translated = translatePattern(read, use);
    // Who takes groups needs them all.
    const isJavaScript =
      !isForMachine(this.#translated.flags) &&
      (use !== 'groups' || this.#translated.groups.every((number, group) => group === 0 || number > 0));
    const { body, source, flags } = this.#translated;
    this.bound = boundOf(body);
    this.regExp = isJavaScript && this.bound.degree !== undefined ? compiled(source, `${flags}g`) : undefined;
    if (!isJavaScript) this.#linear = null;
  }

  get machine(): PcreMachine {
    this.#machine ??= new PcreMachine(
      compileProgram(simplify(this.#read.pattern.body, this.#use), this.#read.pattern.groupCount),
      MAX_STEPS,
      this.#stack,
    );
    return this.#machine;
  }

  /** JavaScript's number of one of the pattern's groups. */
  groupNumber(group: number): number {
    return this.#translated.groups[group]!;
  }

  /** For V8's linear-time engine; null where it does not take it, or is not switched on. */
  get linear(): RegExp | null {
    if (this.#linear === undefined) {
      const { linearSource, flags } = this.#translated;
      this.#linear = linearSource === undefined ? null : (compiled(linearSource, `${flags}gl`) ?? null);
    }
    return this.#linear;
  }

  /** Steps of the linear-time engine on a text. */
  linearSteps(length: number): number {
    return (length + 1) * 2 * this.#translated.size;
  }
}

/** Of one search: some milliseconds. */
const MAX_STEPS = 1_000_000;

/** Undefined where this version of V8 refuses it. */
function compiled(source: string, flags: string): RegExp | undefined {
  try {
    return new RegExp(source, flags);
  } catch {
    return undefined;
  }
}
