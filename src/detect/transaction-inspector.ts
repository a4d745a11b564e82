/**
 * Rules over transactions: which of them match, each once per transaction, however the transaction comes in pieces.
 * Stage: detect.
 *
 *   groups whose buffer is there ─ prefilter ┐
 *   rules without a pattern, at their time ──┼─ by rank ─ header ─ engine by engine ─ state of hosts and flow ─ match
 *   rules that have matched in part ─────────┘
 *
 * A rule is made of engines, each the steps over one buffer. An engine whose buffer is not there yet is waited for; one
 * that fails on a buffer that is complete ends the rule for this transaction. A rule with buffers of both sides waits
 * for both; every other one is looked at on each side by itself. Allocates nothing; its memory is bounded by
 * Inspection.
 */
import { ACCUMULATES, BASE64_DATA, IS_EVENTS, bufferNumber, OF_FILES } from '../app/buffers.js';
import type { FileList } from '../app/file/file-list.js';
import type { Transaction } from '../app/transaction.js';
import {
  BUFFER_CODE,
  GROUP,
  GROUP_INDEX,
  GROUP_WORDS,
  OP,
  RULE,
  TX_RULES_ROWS,
  txGroups,
  txRulesRow,
} from '../block/rule-block.js';
import { NUMBER, NUMBER_WHICH, STEP_FLAG } from '../block/step-layout.js';
import type { RuleSet } from '../block/rule-set.js';
import { DIRECTION, opposite, type Direction } from '../flow/flow.js';
import { Span } from '../memory/span.js';
import type { CandidateRows } from './candidates/candidate-rows.js';
import type { TransferredFile } from '../app/file/file.js';
import { checkpoint, firstLook, GROWING_BUFFERS, GROWING_INDEX, stageOf } from './growing.js';
import { HAS_VARIABLES, payloadBit, progressWord, ruleTraits, TWO_SIDED } from './rule-traits.js';
import type { FileStorer } from './file-storer.js';
import type { GroupScan } from './group-scan.js';
import type { RuleGate } from './rule-gate.js';
import { FINISHED, FIRST_MARK, MOST_STORED, type Inspection } from './state/inspection.js';
import { PAYLOAD } from './verify/packet-source.js';
import type { TransactionSource } from './verify/transaction-source.js';
import type { RuleVerifier } from './rule-verifier.js';

export interface TransactionParts {
  readonly rules: RuleSet;
  readonly scan: GroupScan;
  readonly verifier: RuleVerifier;
  readonly source: TransactionSource;
  readonly inspection: Inspection;
  readonly candidates: CandidateRows;
  readonly gate: RuleGate;
  /** Where rules want files stored. */
  readonly storer?: FileStorer | undefined;
}

const FILE_DATA_PLACE = GROWING_INDEX[bufferNumber('file.data')];
const ANY_NUMBER = NUMBER_WHICH.indexOf('any');

/** When a rule is due that asks for events: whenever there are some. */
const WITH_EVENTS = -1;

/** What comes of a look at a rule. */
const OUTCOME = { waits: 0, matched: 1, finished: 2 } as const;

/** Of the rules that a transaction remembers, those that may be there for their payload alone. */
const MOST_NOTED = MOST_STORED / 2;

export class TransactionInspector {
  private readonly parts: TransactionParts;
  private readonly span = new Span();
  /** Of each entry of the lists of rules without a pattern: from which progress on it is to be looked at. */
  private readonly due: Int16Array;
  /** Of each rule: TWO_SIDED, HAS_VARIABLES. */
  private readonly traits: Uint8Array;
  private transaction!: Transaction;
  private direction: Direction = DIRECTION.toServer;
  /** Whether nothing more comes on the side at hand. */
  private complete = false;
  /** Engines of the rule at hand that have passed, and whether it was looked at before. */
  private passed = 0;
  private isKnown = false;

  constructor(parts: TransactionParts) {
    this.parts = parts;
    this.due = this.dueTable();
    this.traits = ruleTraits(parts.rules);
  }

  /** Looks at what is new on one side. `complete`: nothing more comes there. */
  inspect(transaction: Transaction, application: number, direction: Direction, complete: boolean): void {
    const { inspection, candidates, source, verifier, storer, gate } = this.parts;
    this.transaction = transaction;
    this.direction = direction;
    this.complete = complete;
    inspection.use(transaction);
    storer?.look(transaction, direction, gate.flow);
    // Without memory for what was seen, all is looked at once, at the end.
    if (!complete && !inspection.open()) return;
    candidates.begin();
    verifier.use(source.use(transaction, direction));
    this.scanGroups(application);
    this.listRules(application);
    if (transaction.hasEvents) this.listEventRules(application);
    this.recall();
    candidates.sort();
    for (let i = 0; i < candidates.count; i++) this.look(candidates.rows[i]);
    if (!complete) this.noteGrowing();
  }

  /** Notes of `count` rules that what they look for in the payload was there, while more of the message is to come. */
  notePayload(transaction: Transaction, direction: Direction, rows: Int32Array, count: number): void {
    const { inspection, rules } = this.parts;
    if (!inspection.use(transaction).open()) return;
    for (let i = 0; i < count && inspection.count < MOST_NOTED; i++) {
      const key = this.keyOf(rows[i], direction);
      const index = inspection.find(key);
      const state = index < 0 ? 0 : inspection.state(index);
      if (state !== FINISHED) inspection.store(key, state | payloadBit(rules, rows[i]));
    }
  }

  private keyOf(row: number, direction: Direction): number {
    return 2 * row + ((this.traits[row] & TWO_SIDED) !== 0 ? DIRECTION.toServer : direction);
  }

  /** Marks the rules whose pattern is in a buffer that is there and was not scanned yet. */
  private scanGroups(application: number): void {
    const { rules, inspection } = this.parts;
    const { groups, groupIndex } = rules;
    const entry = GROUP_INDEX.first + 2 * txGroups(application, this.direction);
    const first = groupIndex[entry];
    const progress = this.transaction.progress(this.direction);
    for (let i = 0; i < groupIndex[entry + 1]; i++) {
      const group = (first + i) * GROUP_WORDS;
      if (groups[group + GROUP.progress] > progress) return;
      if (inspection.isScanned(this.direction, i)) continue;
      const buffer = groups[group + GROUP.buffer];
      const growing = GROWING_INDEX[buffer];
      if (OF_FILES[buffer] === 1) this.scanFiles(group, i, growing >= 0);
      else if (growing >= 0) this.scanGrowing(group, i, growing);
      else this.scanInstances(group, i);
    }
  }

  /** Remembers how far growing buffers were looked at. */
  private noteGrowing(): void {
    const { source, inspection } = this.parts;
    for (let growing = 0; growing < GROWING_BUFFERS.length; growing++) {
      const ofFiles = OF_FILES[GROWING_BUFFERS[growing]] === 1;
      const isThere = (!ofFiles || this.noteFiles(growing)) && source.locate(GROWING_BUFFERS[growing], 0, this.span);
      // Of a file that is yet to begin nothing was looked at, whatever the one before had.
      if (!isThere && !ofFiles) continue;
      const length = isThere ? this.span.length : 0;
      inspection.setScannedTo(this.direction, growing, length);
      inspection.setStage(this.direction, growing, stageOf(length, this.direction));
    }
  }

  /** Points the source at the file that grows, if there is one; those before it need not be looked at again. */
  private noteFiles(growing: number): boolean {
    const { source, inspection } = this.parts;
    const files = this.transaction.files(this.direction);
    if (files === null) return false;
    source.file = files.firstGrowing;
    inspection.setFile(this.direction, growing, source.file);
    return source.file < files.count;
  }

  /** Scans the names, or what has come of the bytes, of files that were not seen whole. */
  private scanFiles(group: number, index: number, isData: boolean): void {
    const { inspection } = this.parts;
    const files = this.transaction.files(this.direction);
    if (files === null) return;
    const first = inspection.file(this.direction, FILE_DATA_PLACE);
    for (let i = first; i < files.count; i++) {
      const file = files.at(i);
      if (!isData && file.locateName(this.span)) this.scan(group, this.span.start, this.span.length, 0);
      if (isData) this.scanFile(group, file, i === first ? inspection.scannedTo(this.direction, FILE_DATA_PLACE) : 0);
    }
    if (this.complete || files.isComplete) inspection.setScanned(this.direction, index);
  }

  private scanFile(group: number, file: TransferredFile, seen: number): void {
    if (!file.locateData(this.span)) return;
    const { start, length } = this.span;
    if (!this.isTransformed(group)) {
      if (length > seen) this.scan(group, start, length, seen);
    } else if (this.complete || file.isShown) {
      this.scan(group, start, length, 0);
    }
  }

  private scanInstances(group: number, index: number): void {
    const { rules, source, inspection } = this.parts;
    const buffer = rules.groups[group + GROUP.buffer];
    for (let instance = 0; source.locate(buffer, instance, this.span); instance++) {
      this.scan(group, this.span.start, this.span.length, 0);
    }
    inspection.setScanned(this.direction, index);
  }

  /** Scans what has come since the last time. */
  private scanGrowing(group: number, index: number, growing: number): void {
    const { rules, source, inspection } = this.parts;
    const buffer = rules.groups[group + GROUP.buffer];
    if (!source.locate(buffer, 0, this.span)) return;
    const { start, length } = this.span;
    const isComplete = this.complete || this.transaction.isComplete(buffer, this.direction);
    if (this.isTransformed(group)) {
      if (!isComplete) return;
      this.scan(group, start, length, 0);
    } else {
      const seen = inspection.scannedTo(this.direction, growing);
      if (length > seen) this.scan(group, start, length, seen);
    }
    if (isComplete) inspection.setScanned(this.direction, index);
  }

  /** What transforms make of a part says nothing of what they make of the whole. */
  private isTransformed(group: number): boolean {
    const { groups } = this.parts.rules;
    return groups[group + GROUP.transforms] !== groups[group + GROUP.transformsEnd];
  }

  /** Scans `length` bytes from `start` on, of which the first `seen` were scanned before. */
  private scan(group: number, start: number, length: number, seen: number): void {
    const { rules, scan, source } = this.parts;
    const { hits } = scan;
    const { groups, patternRules } = rules;
    scan.scan(group, source.bytes, start, length, seen, 0);
    const lists = groups[group + GROUP.lists];
    for (let i = 0; i < hits.count; i++) {
      const list = lists + hits.ids[i];
      for (let at = patternRules[list]; at < patternRules[list + 1]; at++) this.name(patternRules[at]);
    }
  }

  /** Marks the rules without a pattern whose time has come. */
  private listRules(application: number): void {
    const { rules, inspection } = this.parts;
    const { txRules } = rules;
    const row = 2 * txRulesRow(application, this.direction);
    const progress = this.transaction.progress(this.direction);
    const listed = inspection.listed(this.direction);
    if (listed > progress) return;
    for (let at = txRules[row]; at < txRules[row + 1]; at++) {
      const due = this.due[at];
      if (due >= listed && due <= progress) this.name(txRules[at]);
    }
    inspection.setListed(this.direction, progress + 1);
  }

  /** Marks the rules that ask for events, of which there is one. */
  private listEventRules(application: number): void {
    const { txRules } = this.parts.rules;
    const row = 2 * txRulesRow(application, this.direction);
    for (let at = txRules[row]; at < txRules[row + 1]; at++) if (this.due[at] === WITH_EVENTS) this.name(txRules[at]);
  }

  private dueTable(): Int16Array {
    const { txRules } = this.parts.rules;
    const due = new Int16Array(txRules.length);
    for (let row = 0; row < TX_RULES_ROWS; row++) {
      const side = (row & 1) as Direction;
      for (let at = txRules[2 * row]; at < txRules[2 * row + 1]; at++) due[at] = this.dueAt(txRules[at], side);
    }
    return due;
  }

  /** The least progress of a side at which an engine of the rule has its buffer. */
  private dueAt(row: number, side: Direction): number {
    const { rules } = this.parts;
    const { code, words } = rules;
    const rule = rules.rowAt(row);
    let due = 0x7fff;
    for (let at = words[rule + RULE.buffers]; at < words[rule + RULE.buffersEnd]; at += code[at + 1]) {
      if (IS_EVENTS[code[at + BUFFER_CODE.buffer]] === 1) return WITH_EVENTS;
      const progress = progressWord(code, at, side);
      if (progress >= 0 && progress < due) due = progress;
    }
    return due;
  }

  /** Marks the rules that have matched in part. */
  private recall(): void {
    const { inspection } = this.parts;
    for (let index = 0; index < inspection.count; index++) {
      const key = inspection.key(index);
      if (key >= FIRST_MARK) return;
      if (inspection.state(index) === FINISHED) continue;
      const row = key >>> 1;
      if ((key & 1) === this.direction || (this.traits[row] & TWO_SIDED) !== 0) this.name(row);
    }
  }

  private name(row: number): void {
    const { candidates } = this.parts;
    if (candidates.mark(row)) candidates.add(row);
  }

  /** Looks at one rule: goes on where it waited. */
  private look(row: number): void {
    const { inspection, gate } = this.parts;
    const traits = this.traits[row];
    const key = this.keyOf(row, this.direction);
    const index = inspection.find(key);
    const state = index < 0 ? 0 : inspection.state(index);
    if (state === FINISHED || (index < 0 && !gate.admits(row))) return;
    this.parts.verifier.beginRule();
    this.isKnown = index >= 0;
    this.passed = this.isKnown && (traits & HAS_VARIABLES) !== 0 ? 0 : state;
    const outcome = this.tryEngines(row);
    const isMatch = outcome === OUTCOME.matched && gate.stateHolds(row);
    if (isMatch) this.matched(row);
    if (isMatch || outcome === OUTCOME.finished) this.finish(key);
    // State of hosts and flow that is not there now may be there when there is more of the transaction.
    else inspection.store(key, this.passed);
  }

  private matched(row: number): void {
    const { gate, storer, verifier, source } = this.parts;
    gate.matched(row, this.transaction);
    if (storer?.matched(row, this.transaction, this.direction) === true)
      verifier.use(source.use(this.transaction, this.direction));
  }

  /** Where its side is never looked at again, a rule need not be remembered. */
  private finish(key: number): void {
    if (this.isKnown || !this.complete || (key & 1) !== this.direction) this.parts.inspection.store(key, FINISHED);
  }

  private tryEngines(row: number): number {
    const { rules } = this.parts;
    const { code, words } = rules;
    const rule = rules.rowAt(row);
    const end = words[rule + RULE.buffersEnd];
    let waits = false;
    for (let at = words[rule + RULE.buffers]; at < end;) {
      const engine = code[at + BUFFER_CODE.engine];
      const next = this.behindEngine(at, end);
      if (engine < 0 || ((this.passed >>> engine) & 1) === 0) {
        const outcome = this.tryEngine(row, at, next);
        if (outcome === OUTCOME.finished) return outcome;
        if (outcome === OUTCOME.waits) waits = true;
        else if (engine >= 0) this.passed |= 1 << engine;
      }
      at = next;
    }
    return waits ? OUTCOME.waits : OUTCOME.matched;
  }

  /** What is decoded from a buffer goes with it. */
  private behindEngine(at: number, end: number): number {
    const { code } = this.parts.rules;
    let next = at + code[at + 1];
    while (next < end && code[next + BUFFER_CODE.buffer] === BASE64_DATA) next += code[next + 1];
    return next;
  }

  /** Looks at one engine, on the side at hand if that has its buffer, else on the other one. */
  private tryEngine(row: number, at: number, end: number): number {
    const { rules, source, verifier } = this.parts;
    // In the payload beside the transaction, what is not there may come yet.
    if (rules.code[at + BUFFER_CODE.buffer] === PAYLOAD)
      return verifier.verifySteps(row, at, end) ? OUTCOME.matched : OUTCOME.waits;
    const side = progressWord(rules.code, at, this.direction) >= 0 ? this.direction : opposite(this.direction);
    if (this.transaction.progress(side) < progressWord(rules.code, at, side)) return OUTCOME.waits;
    const buffer = rules.code[at + BUFFER_CODE.buffer];
    if (ACCUMULATES[buffer] === 1) return verifier.verifySteps(row, at, end) ? OUTCOME.matched : OUTCOME.waits;
    const isPlain = GROWING_INDEX[buffer] < 0 && OF_FILES[buffer] === 0;
    if (side === this.direction && isPlain) return this.settle(row, at, end);
    // Texts that the verifier keeps are of the side and the prefix in use.
    verifier.use(source.use(this.transaction, side));
    const outcome = isPlain ? this.settle(row, at, end) : this.tryChanging(row, at, end, buffer, side);
    verifier.use(source.use(this.transaction, this.direction));
    return outcome;
  }

  private tryChanging(row: number, at: number, end: number, buffer: number, side: Direction): number {
    if (OF_FILES[buffer] === 0) return this.tryGrowing(row, at, end, buffer, side);
    const files = this.transaction.files(side);
    const isOver = (this.complete && side === this.direction) || (files?.isComplete ?? true);
    if (files === null || files.count === 0) return isOver ? this.settle(row, at, end) : OUTCOME.waits;
    const isFound =
      GROWING_INDEX[buffer] < 0
        ? (isOver || !this.countsInstances(at)) && this.parts.verifier.verifySteps(row, at, end)
        : this.tryFileData(row, at, end, files, side);
    if (isFound) return OUTCOME.matched;
    return isOver ? OUTCOME.finished : OUTCOME.waits;
  }

  /** Whether a step compares how many numbers there are, or all of them. */
  private countsInstances(at: number): boolean {
    const { code } = this.parts.rules;
    const step = at + BUFFER_CODE.end;
    return code[step] === OP.number && code[step + NUMBER.which] !== ANY_NUMBER;
  }

  /** Looks at each file that the rule has not seen whole: at all of it, or as much as steps may. */
  private tryFileData(row: number, at: number, end: number, files: FileList, side: Direction): boolean {
    const { source, inspection, verifier } = this.parts;
    const goesOn = this.isKnown && (this.traits[row] & HAS_VARIABLES) === 0;
    const first = goesOn ? inspection.file(side, FILE_DATA_PLACE) : 0;
    for (let index = first; index < files.count; index++) {
      const file = files.at(index);
      if (file.isReleased) continue;
      source.file = index;
      source.prefix = this.filePrefix(file, at, end, side);
      const isSeen = goesOn && index === first && !this.isFileWhole(file, side) && this.isStageSeen(file.length, side);
      verifier.use(source);
      if (source.prefix > 0 && !isSeen && verifier.verifySteps(row, at, end)) return true;
    }
    return false;
  }

  private isFileWhole(file: TransferredFile, side: Direction): boolean {
    return file.isShown || (this.complete && side === this.direction);
  }

  private isStageSeen(length: number, side: Direction): boolean {
    return stageOf(length, side) === this.parts.inspection.stage(side, FILE_DATA_PLACE);
  }

  /** Bytes of a file that steps may look at. */
  private filePrefix(file: TransferredFile, at: number, end: number, side: Direction): number {
    if (this.isFileWhole(file, side)) return Infinity;
    return this.needsWhole(at, end) ? firstLook(file.length, side) : checkpoint(file.length);
  }

  private tryGrowing(row: number, at: number, end: number, buffer: number, side: Direction): number {
    const { source, inspection, verifier } = this.parts;
    if (this.isWhole(buffer, side)) return this.settle(row, at, end);
    if (!source.locate(buffer, 0, this.span)) return OUTCOME.waits;
    const { length } = this.span;
    if (this.isKnown && stageOf(length, side) === inspection.stage(side, GROWING_INDEX[buffer])) return OUTCOME.waits;
    source.prefix = this.needsWhole(at, end) ? firstLook(length, side) : checkpoint(length);
    return source.prefix > 0 && verifier.verifySteps(row, at, end) ? OUTCOME.matched : OUTCOME.waits;
  }

  /** Whether nothing will be added to a growing buffer. */
  private isWhole(buffer: number, side: Direction): boolean {
    return (this.complete && side === this.direction) || this.transaction.isComplete(buffer, side);
  }

  /** Verifies an engine whose buffer is as it will be. */
  private settle(row: number, at: number, end: number): number {
    return this.parts.verifier.verifySteps(row, at, end) ? OUTCOME.matched : OUTCOME.finished;
  }

  /** Whether steps of an engine ask for what is not there, or where the buffer ends. */
  private needsWhole(at: number, end: number): boolean {
    const { code } = this.parts.rules;
    const stop = Math.min(end, at + code[at + 1]);
    for (let step = at + BUFFER_CODE.end; step < stop; step += code[step + 1]) {
      switch (code[step]) {
        case OP.absent:
        case OP.transform:
        case OP.bsize:
        case OP.entropy:
        case OP.dataset:
          return true;
        case OP.content:
        case OP.pcre:
        case OP.isdataat:
          if ((code[step + 2] & (STEP_FLAG.negated | STEP_FLAG.endswith)) !== 0) return true;
      }
    }
    return false;
  }
}
