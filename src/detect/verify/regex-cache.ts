/**
 * The regular expressions of a rule set, made ready in the shard when first needed. Stage: detect (verify).
 *
 * They run on latin1 text, one character per byte. Relative ones run on the text from the last match on, so that `^`
 * and lookbehind see its start there, as with PCRE. Matching allocates only where V8 does (slices, results for
 * retries).
 *
 * No search is without a limit, and neither are all those of a packet. What V8 runs cannot be stopped, so it runs only
 * where the most that it may take is known and left over for the packet; anything else is counted step by step by a
 * machine of ours, at the expense of the rule, and V8's linear-time engine comes to its aid while the packet has
 * something left for it.
 */
import { PROVEN_STEPS } from '../../match/pcre/bound.js';
import { PcreExpression } from '../../match/pcre/expression.js';
import { PcreStack } from '../../match/pcre/machine.js';
import { readPcre } from '../../match/pcre/pcre.js';
import type { RuleSet } from '../../block/rule-set.js';

export interface RegexLimits {
  /** Steps of V8's engine in a packet, at most, as proven. */
  readonly proven: number;
  /** Steps of its linear-time engine, which are slow ones. */
  readonly linear: number;
}
/** Tens of milliseconds each. */
export const DEFAULT_REGEX_LIMITS: RegexLimits = { proven: PROVEN_STEPS, linear: 1_000_000 };

/** Bytes searched, and steps of the machine, in a unit of the verifier's work, as powers of two. */
const BYTES = 6;
const STEPS = 3;
/** Of the machine, where the linear-time engine can take over. */
const FIRST_STEPS = 100_000;

/** What a search is to tell besides whether there is a match. */
type Wanted = 'end' | 'start';

export class RegexCache {
  /** Start and end of the last match, in the text given. */
  matchStart = 0;
  matchEnd = 0;
  /** Expressions that could not be made ready; they never match. Loading is meant to leave none. */
  broken = 0;
  /** Searches that were given up. */
  limited = 0;
  /** What the last search cost, in units of work; and whether it was given up. */
  cost = 0;
  exceeded = false;
  /** Who has found the last match whose start was asked for. */
  private found: PcreExpression | undefined;
  private match: RegExpExecArray | null = null;
  private provenLeft = 0;
  private linearLeft = 0;
  private readonly rules: RuleSet;
  private readonly limits: RegexLimits;
  private readonly stack = new PcreStack();
  private readonly expressions: (PcreExpression | null | undefined)[] = [];

  constructor(rules: RuleSet, limits = DEFAULT_REGEX_LIMITS) {
    this.rules = rules;
    this.limits = limits;
    this.begin();
  }

  /** A new packet. */
  begin(): void {
    this.provenLeft = this.limits.proven;
    this.linearLeft = this.limits.linear;
  }

  /**
   * Looks for a match that starts at or behind `from`, at the expense of `budget` units of work; sets `matchEnd`, and
   * `matchStart` when asked for.
   */
  find(regex: number, text: string, from: number, needStart: boolean, budget: number): boolean {
    return this.search(regex, text, from, needStart ? 'start' : 'end', budget);
  }

  /** What the first group of the first match holds; undefined where there is no match or no such group. */
  firstGroup(regex: number, text: string, budget: number): string | undefined {
    return this.search(regex, text, 0, 'start', budget) ? this.group(1) : undefined;
  }

  /**
   * What a group of the last match holds, where its start was asked for and the expression is there for its groups;
   * undefined where the group took no part.
   */
  group(number: number): string | undefined {
    const { found, match } = this;
    return match === null ? found!.machine.group(number) : match[found!.groupNumber(number)];
  }

  private search(regex: number, text: string, from: number, wanted: Wanted, budget: number): boolean {
    this.exceeded = false;
    this.cost = 0;
    const expression = this.expression(regex);
    if (expression === null || from > text.length) return false;
    const length = text.length - from;
    this.cost = length >> BYTES;
    const { regExp } = expression;
    const proven = regExp === undefined ? Infinity : expression.bound.on(length);
    let found: boolean;
    if (proven <= this.provenLeft) {
      this.provenLeft -= proven;
      found = this.execute(expression, regExp!, text, from, wanted);
    } else {
      found = this.count(expression, text, from, wanted, budget);
    }
    if (this.exceeded) this.limited++;
    return found;
  }

  private execute(expression: PcreExpression, regExp: RegExp, text: string, from: number, wanted: Wanted): boolean {
    regExp.lastIndex = from;
    try {
      if (wanted === 'end') {
        if (!regExp.test(text)) return false;
      } else {
        const match = regExp.exec(text);
        if (match === null) return false;
        this.matchStart = match.index;
        this.found = expression;
        this.match = match;
      }
    } catch {
      // V8's stack for choices is full.
      this.exceeded = true;
      return false;
    }
    this.matchEnd = regExp.lastIndex;
    return true;
  }

  private count(expression: PcreExpression, text: string, from: number, wanted: Wanted, budget: number): boolean {
    const { machine } = expression;
    const linearSteps = expression.linear === null ? Infinity : expression.linearSteps(text.length - from);
    const mayTakeOver = linearSteps <= this.linearLeft;
    const limit = budget << STEPS;
    const found = machine.find(text, from, mayTakeOver ? Math.min(limit, FIRST_STEPS) : limit);
    this.cost += machine.steps >> STEPS;
    if (found) {
      this.matchStart = machine.matchStart;
      this.matchEnd = machine.matchEnd;
      this.found = expression;
      this.match = null;
      return true;
    }
    if (machine.exceeded && mayTakeOver) {
      this.linearLeft -= linearSteps;
      return this.execute(expression, expression.linear!, text, from, wanted);
    }
    this.exceeded = machine.exceeded;
    return false;
  }

  private expression(regex: number): PcreExpression | null {
    let expression = this.expressions[regex];
    if (expression === undefined) {
      const read = readPcre(this.rules.regexSource(regex), this.rules.regexFlags(regex));
      if (!read.ok) this.broken++;
      expression = read.ok ? new PcreExpression(read, this.rules.regexUse(regex), this.stack) : null;
      this.expressions[regex] = expression;
    }
    return expression;
  }
}
