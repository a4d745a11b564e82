/**
 * The verifier: interprets a rule's steps over the buffers of a packet, a range of a stream or a transaction, with
 * backtracking. Stage: detect.
 *
 * A rule matches where each content and PCRE can be given one of its occurrences so that every step passes; relative
 * steps start where the step before ended. Occurrences are tried from the left; pack-steps.ts has marked where trying
 * another one cannot help. The buffers of a rule are inspected one after the other and do not retry each other; of a
 * buffer that a transaction has several of, one must pass all of its steps.
 *
 * Work is counted in units of one step or 64 bytes searched. A rule that exceeds its share does not match; what a
 * packet's rules use together is limited too, so that no rule and no packet stalls a shard. Allocates nothing but what
 * regular expressions need: the text of a buffer, made at most once per buffer and unit.
 */
import { BASE64_DATA, BUFFER_SPECS, BUFFERS } from '../../app/buffers.js';
import { Span } from '../../memory/span.js';
import type { BufferSource } from './buffer-source.js';
import { byteExtract, byteJump, byteMath, byteTest, hasSize, isDataAt } from './byte-steps.js';
import { findContent, windowEnd, windowStart } from './content-search.js';
import { Captures } from '../state/captures.js';
import { DataSets } from '../state/data-sets.js';
import { NumberStep } from './number-step.js';
import { RegexCache } from './regex-cache.js';
import { BUFFER_CODE, OP, RULE } from '../../block/rule-block.js';
import { ABSENT, CONTENT, DATASET_STEP, PCRE, STEP_FLAG } from '../../block/step-layout.js';
import type { RuleSet } from '../../block/rule-set.js';
import type { MatchTrace } from './match-trace.js';
import { StepState } from './step-state.js';
import { asn1, base64Decode, berElement, hasEntropy } from './structure-steps.js';
import { Transformer } from './transform.js';
import { ownWorkspace, type Workspace } from './workspace.js';

/** By buffer: 1 where there may be several. */
const MULTI = Uint8Array.from(BUFFER_SPECS, ({ kind }) => Number(kind === 'multi'));

/** As FOUND_BY has them. */
const FOUND_CONTENT = 0;
const FOUND_PCRE = 1;

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
  /** Where contents and expressions were found is noted here, if that is asked for. */
  trace: MatchTrace | undefined;
  /** Rules given up, and rules not tried, because a limit was reached; since construction. */
  stepLimit = 0;
  /** Whether the last rule was given up. */
  exceeded = false;
  readonly regexes: RegexCache;
  private readonly rules: RuleSet;
  private readonly limits: VerifyLimits;
  private readonly span = new Span();
  private readonly state: StepState;
  /** Between two rules, others may use it. */
  readonly transformer: Transformer;
  private readonly datasets: DataSets;
  private readonly captures: Captures;
  private readonly numbers: NumberStep;
  /** By buffer; the last is that of a buffer that was transformed. */
  private readonly texts: string[] = new Array<string>(BUFFERS.length + 1).fill('');
  private readonly textReady = new Uint8Array(BUFFERS.length + 1);
  private view: Buffer = Buffer.alloc(0);
  private viewed: Uint8Array | undefined;
  private source!: BufferSource;
  private packetBudget = 0;
  /** What the rule at hand was granted, and what is left of it. */
  private granted = 0;
  private budget = 0;
  private buffer = 0;
  /** The same, but of a transformed buffer its own number. */
  private named = 0;

  constructor(
    rules: RuleSet,
    limits: VerifyLimits = DEFAULT_VERIFY_LIMITS,
    datasets = new DataSets(rules, undefined),
    workspace: Workspace = ownWorkspace(),
    captures = new Captures(rules),
  ) {
    this.captures = captures;
    this.rules = rules;
    this.datasets = datasets;
    this.limits = limits;
    this.state = new StepState(rules.code, rules.bytes, workspace, rules.literalsOffset);
    this.regexes = new RegexCache(rules);
    this.numbers = new NumberStep(rules.code);
    this.transformer = new Transformer(rules.code, rules.bytes, this.regexes, workspace);
  }

  /** Starts a packet: refills the budget of all rules. */
  begin(): void {
    this.packetBudget = this.limits.packet;
    this.regexes.begin();
  }

  /** Points it at what is inspected next: forgets the texts of what was before. */
  use(source: BufferSource): void {
    this.source = source;
    this.textReady.fill(0);
  }

  /** Before a rule is looked at whose buffers come one by one. */
  beginRule(): void {
    this.datasets.beginRule();
    this.captures.beginRule();
  }

  /** Whether all buffer steps of the rule pass on the source in use. */
  verify(row: number): boolean {
    this.beginRule();
    const { words } = this.rules;
    const rule = this.rules.rowAt(row);
    return this.verifySteps(words[rule + RULE.buffers], words[rule + RULE.buffersEnd]);
  }

  /** Whether the steps of the buffer programs in code [at, end), all of one rule, pass on the source in use. */
  verifySteps(at: number, end: number): boolean {
    this.exceeded = false;
    if (at === end) return true;
    if (this.packetBudget <= 0) {
      this.stepLimit++;
      return false;
    }
    this.granted = Math.min(this.limits.rule, this.packetBudget);
    this.budget = this.granted;
    this.state.decodedLength = 0;
    this.datasets.begin();
    let matched = true;
    for (; at < end && matched; at += this.state.code[at + 1]) matched = this.verifyBuffer(at);
    this.packetBudget -= this.granted - this.budget;
    this.exceeded = this.budget < 0;
    if (this.exceeded) this.stepLimit++;
    return matched && this.budget >= 0;
  }

  /** The last rule has thrown: what it has used counts. */
  abandon(): void {
    this.packetBudget -= this.granted - this.budget;
  }

  private verifyBuffer(at: number): boolean {
    const { state } = this;
    const { code } = state;
    const end = at + code[at + 1];
    let step = at + BUFFER_CODE.end;
    let absent = 0;
    if (step < end && code[step] === OP.absent) {
      absent = code[step + 2];
      step += code[step + 1];
    }
    const buffer = code[at + BUFFER_CODE.buffer];
    if (step < end && code[step] === OP.number) return this.numbersPass(step, buffer);
    if (!this.locate(buffer, 0)) return absent !== 0 && this.source.mayHave(buffer);
    if (absent === ABSENT.only) return false;
    if (this.passes(step, end)) return true;
    if (MULTI[buffer] === 0) return false;
    for (let instance = 1; this.budget >= 0 && this.locate(buffer, instance); instance++) {
      if (this.passes(step, end)) return true;
    }
    return false;
  }

  private numbersPass(step: number, buffer: number): boolean {
    const { numbers } = this;
    const passes = numbers.passes(step, this.source, buffer);
    this.budget -= 1 + (numbers.count >> 2);
    return passes;
  }

  /** Whether transforms and steps from word `step` on pass on the buffer located. */
  private passes(step: number, end: number): boolean {
    const first = step < end && this.state.code[step] === OP.transform ? this.transform(step, end) : step;
    return this.budget >= 0 && this.run(first, end, 0) === MATCH;
  }

  /** Points the steps at a buffer; false where there is none. */
  private locate(buffer: number, instance: number): boolean {
    const { state, source, span } = this;
    this.buffer = buffer;
    this.named = buffer;
    state.origin = 0;
    if (buffer === BASE64_DATA) {
      this.textReady[BASE64_DATA] = 0;
      state.bytes = state.workspace.bytes;
      state.start = state.workspace.decoded;
      state.length = state.decodedLength;
      return state.decodedLength > 0;
    }
    if (!source.locate(buffer, instance, span)) return false;
    if (MULTI[buffer] === 1) this.textReady[buffer] = 0;
    state.bytes = source.bytes;
    state.start = span.start;
    state.length = span.length;
    state.origin = source.origin;
    state.littleEndian = source.littleEndian;
    return true;
  }

  /** Applies the transforms from word `step` on; returns where the steps behind them start. */
  private transform(step: number, end: number): number {
    const { state, transformer } = this;
    transformer.begin(state.bytes, state.start, state.length);
    for (; step < end && state.code[step] === OP.transform; step += state.code[step + 1]) {
      this.budget -= 1 + (transformer.length >> 4);
      if (this.budget < 0) break;
      const spent = transformer.apply(step, this.budget);
      this.budget = spent < 0 ? -1 : this.budget - spent;
    }
    // Its text is this rule's own.
    this.buffer = BUFFERS.length;
    this.textReady[BUFFERS.length] = 0;
    state.bytes = state.workspace.bytes;
    state.start = transformer.start;
    state.length = transformer.length;
    return step;
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
          if (!passed && (flags & STEP_FLAG.forward) !== 0) return EXHAUSTED;
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
        case OP.base64Decode:
          passed = base64Decode(state, step, flags);
          this.budget -= state.decodedLength >> 4;
          break;
        case OP.asn1:
          passed = asn1(state, step, flags);
          this.budget -= 16;
          break;
        case OP.ber:
          passed = berElement(state, step);
          break;
        case OP.entropy:
          passed = hasEntropy(state, step);
          this.budget -= state.length >> 4;
          break;
        case OP.dataset:
          passed = this.datasets.passes(
            step,
            code[step + DATASET_STEP.set],
            code[step + DATASET_STEP.operation],
            code[step + DATASET_STEP.value],
            state.bytes,
            state.start,
            state.length,
          );
          this.budget -= state.length >> 4;
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
    const found = this.find(
      step,
      flags,
      windowStart(this.state, step, flags, position),
      windowEnd(this.state, step, flags, position),
    );
    if ((flags & STEP_FLAG.negated) !== 0) return found < 0;
    const length = this.literalLength(step);
    this.state.position = found + length;
    if (this.trace !== undefined && found >= 0) this.note(step, FOUND_CONTENT, found, length);
    return found >= 0;
  }

  private tryContent(step: number, end: number, flags: number, position: number, failure: number): number {
    const next = step + this.state.code[step + 1];
    const length = this.literalLength(step);
    const to = windowEnd(this.state, step, flags, position);
    let found = this.find(step, flags, windowStart(this.state, step, flags, position), to);
    if (found < 0 && (flags & STEP_FLAG.forward) !== 0) return EXHAUSTED;
    while (found >= 0) {
      if (this.trace !== undefined) this.note(step, FOUND_CONTENT, found, length);
      const result = this.run(next, end, found + length);
      if (result === MATCH || result === STOP) return result;
      if (result === EXHAUSTED || this.budget < 0) return failure;
      found = this.find(step, flags, found + 1, to);
    }
    return failure;
  }

  private find(step: number, flags: number, from: number, to: number): number {
    if (from > to) return -1;
    this.state.mayCompare = (this.budget + 1) << 6;
    const found = findContent(this.state, step, flags, from, to);
    this.budget -= ((found < 0 ? to : found) - from + this.state.compared) >> 6;
    return found;
  }

  private literalLength(step: number): number {
    return this.state.code[step + CONTENT.length];
  }

  /** A PCRE whose first match will do, or a negated one. */
  private pcre(step: number, flags: number, position: number): boolean {
    const base = (flags & STEP_FLAG.relative) !== 0 ? position : 0;
    const found = this.match(
      step,
      this.subject(base),
      this.firstPlace(base),
      this.trace !== undefined || this.hasCaptures(step),
    );
    if ((flags & STEP_FLAG.negated) !== 0) return !found;
    this.state.position = base + this.regexes.matchEnd;
    if (found) this.noteMatch(step, base);
    return found;
  }

  /** One match per start, from the left, as PCRE finds them when asked again behind each. */
  private tryPcre(step: number, end: number, flags: number, position: number, failure: number): number {
    const next = step + this.state.code[step + 1];
    const base = (flags & STEP_FLAG.relative) !== 0 ? position : 0;
    const text = this.subject(base);
    let from = this.firstPlace(base);
    let hasMatched = false;
    while (this.budget >= 0 && this.match(step, text, from, true)) {
      this.noteMatch(step, base);
      from = this.regexes.matchStart + 1;
      const result = this.run(next, end, base + this.regexes.matchEnd);
      if (result === MATCH || result === STOP) return result;
      hasMatched = true;
    }
    return hasMatched || (flags & STEP_FLAG.forward) === 0 ? failure : EXHAUSTED;
  }

  private note(step: number, kind: number, start: number, length: number): void {
    this.trace!.note(step, kind, this.named, this.buffer === BUFFERS.length, start, length);
  }

  private noteMatch(step: number, base: number): void {
    const { regexes } = this;
    const { code } = this.state;
    if (this.trace !== undefined)
      this.note(step, FOUND_PCRE, base + regexes.matchStart, regexes.matchEnd - regexes.matchStart);
    for (let at = step + PCRE.end; at < step + code[step + 1]; at += 2)
      this.captures.note(code[at + 1], regexes.group(code[at]));
  }

  /** Whether a step keeps what groups of its expression hold. */
  private hasCaptures(step: number): boolean {
    return this.state.code[step + 1] > PCRE.end;
  }

  /**
   * Where the search of an expression begins: the first byte of a stream's later part is not where the stream begins.
   */
  private firstPlace(base: number): number {
    return base === 0 && this.state.origin > 0 ? 1 : 0;
  }

  private match(step: number, text: string, from: number, needStart: boolean): boolean {
    const found = this.regexes.find(this.state.code[step + PCRE.regex], text, from, needStart, this.budget);
    // A search that was given up uses up the rule's share.
    this.budget = this.regexes.exceeded ? -1 : this.budget - this.regexes.cost;
    return found;
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
