/**
 * The JavaScript regular expressions of a rule set, compiled in the shard when first needed. Stage: detect (verify).
 *
 * They run on latin1 text, one character per byte. Relative ones run on the text from the last match on, so that `^` and
 * lookbehind see its start there, as with PCRE. Matching allocates only where V8 does (slices, results for retries).
 */
import type { RuleSet } from './rule-set.js';

export class RegexCache {
  /** Start and end of the last match, in the text given. */
  matchStart = 0;
  matchEnd = 0;
  /** Expressions that this engine refused; they never match. Translation is meant to leave none. */
  broken = 0;
  private readonly rules: RuleSet;
  private readonly compiled: (RegExp | null | undefined)[] = [];

  constructor(rules: RuleSet) {
    this.rules = rules;
  }

  /** Looks for a match that starts at or behind `from`; sets `matchEnd`, and `matchStart` when asked for. */
  find(regex: number, text: string, from: number, needStart: boolean): boolean {
    const expression = this.expression(regex);
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
    expression.lastIndex = 0;
    return expression.exec(text)?.[1];
  }

  private expression(regex: number): RegExp | null {
    let expression = this.compiled[regex];
    if (expression === undefined) {
      expression = this.compile(regex);
      this.compiled[regex] = expression;
    }
    return expression;
  }

  private compile(regex: number): RegExp | null {
    const flags = this.rules.regexFlags(regex);
    try {
      return new RegExp(this.rules.regexSource(regex), /[gy]/.test(flags) ? flags : `${flags}g`);
    } catch {
      this.broken++;
      return null;
    }
  }
}
