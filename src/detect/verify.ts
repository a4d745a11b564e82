/**
 * The verifier: interprets a rule's steps over the buffers of a packet, with backtracking. Stage: detect.
 *
 * A rule matches where each content and PCRE can be given one of its occurrences so that every step passes; relative steps
 * start where the step before ended. Occurrences are tried from the left; pack-steps.ts has marked where trying another
 * one cannot help. The buffers of a rule are inspected one after the other and do not retry each other.
 *
 * Work is counted in units of one step or 64 bytes searched. A rule that exceeds its share does not match; what a packet's
 * rules use together is limited too, so that no rule and no packet stalls a shard. Allocates nothing but what regular
 * expressions need: the text of a buffer, made at most once per buffer and packet.
 */
import { BUFFERS } from '../app/buffers.js';
import type { Packet } from '../decode/packet.js';
import { BufferLocator } from './buffer-locator.js';
import { byteExtract, byteJump, byteMath, byteTest, hasSize, isDataAt } from './byte-steps.js';
import { findContent, windowEnd, windowStart } from './content-search.js';
import { RegexCache } from './regex-cache.js';
import { CONTENT, OP, PCRE, RULE, STEP_FLAG } from './rule-block.js';
import type { RuleSet } from './rule-set.js';
import { StepState } from './step-state.js';

const MATCH = 0;
/** No match; another choice before may help. */
const FAIL = 1;
/** No match, and no other choice before this step helps. */
const STOP = 2;
/** No match, and none either with a later occurrence of the content before. */
const EXHAUSTED = 3;

export interface VerifyLimits {
  /** Units of work per rule and packet, and for all rules of a packet. */
  readonly rule: number;
  readonly packet: number;
}
export const DEFAULT_VERIFY_LIMITS: VerifyLimits = { rule: 50_000, packet: 500_000 };

export class Verifier {
  /** Rules given up, and rules not tried, because a limit was reached; since construction. */
  stepLimit = 0;
  readonly regexes: RegexCache;
  private readonly rules: RuleSet;
  private readonly limits: VerifyLimits;
  private readonly locator: BufferLocator;
  private readonly state: StepState;
  private readonly texts: string[] = BUFFERS.map(() => '');
  private readonly textReady = new Uint8Array(BUFFERS.length);
  private view: Buffer = Buffer.alloc(0);
  private viewed: Uint8Array | undefined;
  private packet: Packet | undefined;
  private packetBudget = 0;
  private budget = 0;
  private buffer = 0;

  constructor(rules: RuleSet, locator: BufferLocator, limits: VerifyLimits = DEFAULT_VERIFY_LIMITS) {
    this.rules = rules;
    this.limits = limits;
    this.locator = locator;
    this.state = new StepState(rules.code, rules.bytes);
    this.regexes = new RegexCache(rules);
  }

  /** Starts a packet: forgets the text of the one before and refills the budget. */
  begin(packet: Packet): void {
    this.packet = packet;
    this.packetBudget = this.limits.packet;
    this.textReady.fill(0);
  }

  /** Whether all buffer steps of the rule pass on the packet given to `begin`. */
  verify(row: number): boolean {
    const { words } = this.rules;
    const rule = this.rules.rowAt(row);
    let at = words[rule + RULE.buffers];
    const end = words[rule + RULE.buffersEnd];
    if (at === end) return true;
    if (this.packetBudget <= 0) {
      this.stepLimit++;
      return false;
    }
    const granted = Math.min(this.limits.rule, this.packetBudget);
    this.budget = granted;
    let matched = true;
    for (; at < end && matched; at += this.state.code[at + 1]) matched = this.verifyBuffer(at);
    this.packetBudget -= granted - this.budget;
    if (this.budget < 0) this.stepLimit++;
    return matched && this.budget >= 0;
  }

  private verifyBuffer(at: number): boolean {
    const { state, locator } = this;
    const packet = this.packet!;
    this.buffer = state.code[at + 2];
    if (!locator.locate(packet, this.buffer)) return false;
    state.bytes = packet.bytes;
    state.start = locator.start;
    state.length = locator.length;
    return this.run(at + 3, at + state.code[at + 1], 0) === MATCH;
  }

  /** Runs the steps from word `at` on, the last match having ended at `position`. Recurses once per choice. */
  private run(at: number, end: number, position: number): number {
    const { state } = this;
    const { code } = state;
    let failure = FAIL;
    for (let step = at; step < end; step += code[step + 1]) {
      if (--this.budget < 0) return STOP;
      const flags = code[step + 2];
      if ((flags & STEP_FLAG.cut) !== 0) failure = STOP;
      state.position = position;
      let passed: boolean;
      switch (code[step]) {
        case OP.content:
          if ((flags & STEP_FLAG.retry) !== 0) return this.tryContent(step, end, flags, position, failure);
          passed = this.content(step, flags, position);
          if (!passed && (flags & STEP_FLAG.forward) !== 0) return EXHAUSTED;
          break;
        case OP.pcre:
          if ((flags & STEP_FLAG.retry) !== 0) return this.tryPcre(step, end, flags, position, failure);
          passed = this.pcre(step, flags, position);
          break;
        case OP.isdataat:
          passed = isDataAt(state, step, flags);
          break;
        case OP.bsize:
          passed = hasSize(state, step);
          break;
        case OP.byteTest:
          passed = byteTest(state, step, flags);
          break;
        case OP.byteJump:
          passed = byteJump(state, step, flags);
          break;
        case OP.byteExtract:
          passed = byteExtract(state, step, flags);
          break;
        case OP.byteMath:
          passed = byteMath(state, step, flags);
          break;
        default:
          throw new Error(`no such step: ${code[step]}`);
      }
      if (!passed) return failure;
      position = state.position;
    }
    return MATCH;
  }

  /** A content whose first occurrence will do, or a negated one. */
  private content(step: number, flags: number, position: number): boolean {
    const found = this.find(step, flags, windowStart(this.state, step, flags, position), windowEnd(this.state, step, flags, position));
    if ((flags & STEP_FLAG.negated) !== 0) return found < 0;
    this.state.position = found + this.literalLength(step);
    return found >= 0;
  }

  private tryContent(step: number, end: number, flags: number, position: number, failure: number): number {
    const next = step + this.state.code[step + 1];
    const length = this.literalLength(step);
    const to = windowEnd(this.state, step, flags, position);
    let found = this.find(step, flags, windowStart(this.state, step, flags, position), to);
    if (found < 0 && (flags & STEP_FLAG.forward) !== 0) return EXHAUSTED;
    while (found >= 0) {
      const result = this.run(next, end, found + length);
      if (result === MATCH || result === STOP) return result;
      if (result === EXHAUSTED || this.budget < 0) return failure;
      found = this.find(step, flags, found + 1, to);
    }
    return failure;
  }

  private find(step: number, flags: number, from: number, to: number): number {
    if (from > to) return -1;
    const found = findContent(this.state, step, flags, from, to);
    this.budget -= ((found < 0 ? to : found) - from) >> 6;
    return found;
  }

  private literalLength(step: number): number {
    return this.state.code[step + CONTENT.length];
  }

  /** A PCRE whose first match will do, or a negated one. */
  private pcre(step: number, flags: number, position: number): boolean {
    const base = (flags & STEP_FLAG.relative) !== 0 ? position : 0;
    const found = this.match(step, this.subject(base), 0, false);
    if ((flags & STEP_FLAG.negated) !== 0) return !found;
    this.state.position = base + this.regexes.matchEnd;
    return found;
  }

  /** One match per start, from the left, as PCRE finds them when asked again behind each. */
  private tryPcre(step: number, end: number, flags: number, position: number, failure: number): number {
    const next = step + this.state.code[step + 1];
    const base = (flags & STEP_FLAG.relative) !== 0 ? position : 0;
    const text = this.subject(base);
    let from = 0;
    while (this.budget >= 0 && this.match(step, text, from, true)) {
      from = this.regexes.matchStart + 1;
      const result = this.run(next, end, base + this.regexes.matchEnd);
      if (result === MATCH || result === STOP) return result;
    }
    return failure;
  }

  private match(step: number, text: string, from: number, needStart: boolean): boolean {
    this.budget -= (text.length - from) >> 6;
    return this.regexes.find(this.state.code[step + PCRE.regex], text, from, needStart);
  }

  /** The current buffer as latin1 text, from `base` on. */
  private subject(base: number): string {
    const { state, buffer } = this;
    if (this.textReady[buffer] === 0) {
      if (this.viewed !== state.bytes) {
        this.viewed = state.bytes;
        this.view = Buffer.from(state.bytes.buffer, state.bytes.byteOffset, state.bytes.length);
      }
      this.texts[buffer] = this.view.toString('latin1', state.start, state.start + state.length);
      this.textReady[buffer] = 1;
    }
    return base === 0 ? this.texts[buffer] : this.texts[buffer].slice(base);
  }
}
