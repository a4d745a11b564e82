/**
 * Rules over ranges of TCP streams. Stage: detect. A rule matches a range once. Of rules of transactions it is noted
 * that what they look for in the payload was there, where a message goes on behind the range.
 *
 * A range begins with bytes that were inspected before, so that no pattern is lost at its start. Only patterns that end
 * behind those make a rule a candidate: what lay in them has been found. Rules without a pattern are tried on each
 * range. Allocates nothing but texts for regular expressions.
 */
import {
  GROUP,
  GROUP_INDEX,
  GROUP_INDEX_WORDS,
  GROUP_WORDS,
  RULE,
  RULE_KIND,
  streamGroups,
} from '../block/rule-block.js';
import type { RuleSet } from '../block/rule-set.js';
import { ACTIONS } from '../block/terms.js';
import type { Direction } from '../flow/flow.js';
import type { CandidateRows } from './candidates/candidate-rows.js';
import type { GroupScan } from './group-scan.js';
import type { RuleGate } from './rule-gate.js';
import { payloadEngine } from './rule-traits.js';
import type { RuleVerifier } from './rule-verifier.js';
import type { StreamSource } from './verify/stream-source.js';

export interface StreamParts {
  readonly rules: RuleSet;
  readonly scan: GroupScan;
  readonly source: StreamSource;
  readonly candidates: CandidateRows;
  readonly gate: RuleGate;
  readonly verifier: RuleVerifier;
}

const PASS = ACTIONS.indexOf('pass');
/** Rules of transactions that are noted of a range. */
const MOST_BESIDE = 128;

export class StreamInspector {
  /** Rules of transactions whose payload passed on the range looked at last. */
  readonly beside = new Int32Array(MOST_BESIDE);
  besideCount = 0;
  private readonly parts: StreamParts;
  /** By row: of transactions. */
  private readonly ofTransactions: Uint8Array;
  private goesOn = false;

  constructor(parts: StreamParts) {
    const { rules } = parts;
    this.parts = parts;
    this.ofTransactions = Uint8Array.from({ length: rules.ruleCount }, (_, row) =>
      Number(rules.words[rules.rowAt(row) + RULE.kind] === RULE_KIND.txPayload),
    );
  }

  /**
   * Looks at `length` bytes from `start` on, the first of which is at `origin` in the stream. The first `seen` of them
   * were inspected before. `goesOn`: a message goes on behind them.
   */
  inspect(direction: Direction, start: number, length: number, origin: number, seen: number, goesOn: boolean): void {
    const { candidates, source, verifier } = this.parts;
    this.goesOn = goesOn;
    this.besideCount = 0;
    candidates.begin();
    source.use(start, length, origin);
    this.collect(direction, start, length, seen);
    if (candidates.count === 0) return;
    candidates.sort();
    verifier.use(source);
    this.verifyAll();
  }

  private collect(direction: Direction, start: number, length: number, seen: number): void {
    const { rules } = this.parts;
    const { groupIndex, streamRules } = rules;
    const row = GROUP_INDEX_WORDS * streamGroups(direction);
    const first = groupIndex[row + GROUP_INDEX.first];
    const end = first + groupIndex[row + GROUP_INDEX.count];
    for (let group = first; group < end; group++) this.scan(GROUP_WORDS * group, start, length, seen);
    this.considerList(streamRules, streamRules[2 * direction], streamRules[2 * direction + 1]);
  }

  private scan(group: number, start: number, length: number, seen: number): void {
    const { rules, scan, source } = this.parts;
    const { hits } = scan;
    const { groups, patternRules } = rules;
    scan.scan(group, source.bytes, start, length, seen, source.origin);
    const lists = groups[group + GROUP.lists];
    for (let i = 0; i < hits.count; i++) {
      const list = lists + hits.ids[i];
      this.considerList(patternRules, patternRules[list], patternRules[list + 1]);
    }
  }

  private considerList(rows: Int32Array, start: number, end: number): void {
    const { candidates, gate } = this.parts;
    for (let i = start; i < end; i++) {
      const row = rows[i];
      if (this.ofTransactions[row] === 1 && !this.goesOn) continue;
      if (candidates.mark(row) && gate.admits(row)) candidates.add(row);
    }
  }

  private verifyAll(): void {
    const { candidates, verifier, gate, rules } = this.parts;
    for (let i = 0; i < candidates.count; i++) {
      const row = candidates.rows[i];
      if (this.ofTransactions[row] === 1) {
        if (this.besideCount < MOST_BESIDE && this.verifyPayload(row)) this.beside[this.besideCount++] = row;
        continue;
      }
      if (!gate.stateHolds(row) || !verifier.verify(row)) continue;
      gate.matched(row, null);
      if (rules.words[rules.rowAt(row) + RULE.action] === PASS) return;
    }
  }

  private verifyPayload(row: number): boolean {
    const { rules, verifier } = this.parts;
    const at = payloadEngine(rules, row);
    return verifier.verifySteps(row, at, at + rules.code[at + 1]);
  }
}
