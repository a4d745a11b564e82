/**
 * Which patterns of a prefilter group are in a buffer: transforms the buffer first where the group says so, looks up
 * what stands at a fixed place, and scans for the rest. Stage: detect (prefilter). Allocates nothing but what
 * transforms do.
 */
import { GROUP } from '../block/rule-block.js';
import type { RuleSet } from '../block/rule-set.js';
import type { HitList, SetMatcher } from '../match/literal/matcher.js';
import { AnchoredLookup } from './candidates/anchored.js';
import type { Transformer } from './verify/transform.js';

export class GroupScan {
  /** Patterns found last, by their number in the group. */
  readonly hits: HitList;
  private readonly rules: RuleSet;
  private readonly scanner: SetMatcher;
  private readonly transformer: Transformer;
  private readonly anchored: AnchoredLookup;
  /** What a chain of transforms may cost, in units of the verifier. */
  private readonly budget: number;

  constructor(rules: RuleSet, scanner: SetMatcher, transformer: Transformer, budget: number) {
    this.rules = rules;
    this.scanner = scanner;
    this.transformer = transformer;
    this.budget = budget;
    this.anchored = new AnchoredLookup(rules.anchored, rules.bytes);
    this.hits = { ids: new Uint32Array(rules.maxPatterns), count: 0 };
  }

  /**
   * Finds the patterns of the group at word `group` in the `length` bytes from `start` on. Of the first `seen` bytes
   * all that they hold has been found before; `origin` bytes of the buffer came before the start.
   */
  scan(group: number, bytes: Uint8Array, start: number, length: number, seen: number, origin: number): void {
    const { groups } = this.rules;
    if (groups[group + GROUP.transforms] === groups[group + GROUP.transformsEnd]) {
      this.find(group, bytes, start - origin, start, start + length, start + seen);
    } else if (
      this.transform(groups[group + GROUP.transforms], groups[group + GROUP.transformsEnd], bytes, start, length)
    ) {
      const { memory, start: from, length: count } = this.transformer;
      this.find(group, memory, from, from, from + count, from);
    } else {
      this.takeAll(groups[group + GROUP.patterns]);
    }
  }

  private find(group: number, bytes: Uint8Array, origin: number, start: number, end: number, seen: number): void {
    const { rules, hits } = this;
    const { groups } = rules;
    if (groups[group + GROUP.scanned] === 0) hits.count = 0;
    else this.scanner.scan(rules.tablesOffset + groups[group + GROUP.tables], bytes, start, end, hits, seen);
    const table = groups[group + GROUP.anchored];
    if (table !== 0) this.anchored.find(table, bytes, origin, start, end, seen, hits);
  }

  /** Yields false where it was given up: the rules then find out by themselves. */
  private transform(at: number, end: number, bytes: Uint8Array, start: number, length: number): boolean {
    const { transformer } = this;
    const { code } = this.rules;
    let budget = this.budget;
    transformer.begin(bytes, start, length);
    for (let step = at; step < end; step += code[step + 1]) {
      budget -= 1 + (transformer.length >> 4);
      if (budget < 0) return false;
      const spent = transformer.apply(step, budget);
      if (spent < 0 || spent > budget) return false;
      budget -= spent;
    }
    return true;
  }

  private takeAll(patterns: number): void {
    const { hits } = this;
    for (let id = 0; id < patterns; id++) hits.ids[id] = id;
    hits.count = patterns;
  }
}
