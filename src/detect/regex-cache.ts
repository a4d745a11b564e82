/**
 * The JavaScript regular expressions of a rule set, compiled in the shard when first needed. Stage: detect (verify).
 *
 * They run on latin1 text, one character per byte. Relative ones run on the text from the last match on, so that `^` and
 * lookbehind see its start there, as with PCRE. Matching allocates only where V8 does (slices, results for retries). The few
 * patterns that JavaScript has no form for run in a matcher of our own, whose steps are limited.
 */
import type { PcreMachine } from '../match/pcre-machine.js';
import { createMachine, isForMachine } from '../match/pcre.js';
import type { RuleSet } from './rule-set.js';

export class RegexCache {
  /** Start and end of the last match, in the text given. */
  matchStart = 0;
  matchEnd = 0;
  /** Expressions that this engine refused; they never match. Translation is meant to leave none. */
  broken = 0;
  /** What the last search cost, in bytes searched, beside the length of the text; and whether it was given up. */
  cost = 0;
  exceeded = false;
  private readonly rules: RuleSet;
  private readonly compiled: (RegExp | PcreMachine | null | undefined)[] = [];

  constructor(rules: RuleSet) {
    this.rules = rules;
  }

  /** Looks for a match that starts at or behind `from`; sets `matchEnd`, and `matchStart` when asked for. */
  find(regex: number, text: string, from: number, needStart: boolean): boolean {
    const expression = this.expression(regex);
    this.cost = 0;
    this.exceeded = false;
    if (expression !== null && !(expression instanceof RegExp)) return this.run(expression, text, from);
    if (expression === null || (from > 0 && (expression.sticky || from > text.length))) return false;
    expression.lastIndex = from;
    if (needStart) {
      const match = expression.exec(text);
      if (match === null) return false;
      this.matchStart = match.index;
    } else if (!expression.test(text)) {
      return false;
    }
    this.matchEnd = expression.lastIndex;
    return true;
  }

  /** What the first group of the first match holds; undefined where there is no match or no such group. */
  firstGroup(regex: number, text: string): string | undefined {
    const expression = this.expression(regex);
    if (expression === null) return undefined;
    if (!(expression instanceof RegExp)) return expression.find(text, 0) ? expression.group(1) : undefined;
    expression.lastIndex = 0;
    return expression.exec(text)?.[1];
  }

  private run(machine: PcreMachine, text: string, from: number): boolean {
    const found = machine.find(text, from);
    this.cost = machine.steps;
    this.exceeded = machine.exceeded;
    this.matchStart = machine.matchStart;
    this.matchEnd = machine.matchEnd;
    return found;
  }

  private expression(regex: number): RegExp | PcreMachine | null {
    let expression = this.compiled[regex];
    if (expression === undefined) {
      expression = this.compile(regex);
      this.compiled[regex] = expression;
    }
    return expression;
  }

  private compile(regex: number): RegExp | PcreMachine | null {
    const flags = this.rules.regexFlags(regex);
    try {
      if (isForMachine(flags)) return createMachine(this.rules.regexSource(regex), flags);
      return new RegExp(this.rules.regexSource(regex), /[gy]/.test(flags) ? flags : `${flags}g`);
    } catch {
      this.broken++;
      return null;
    }
  }
}
