/**
 * Which files rules with `filestore` want stored. Stage: detect; part of the inspection of transactions. As Suricata
 * has it: a rule that looks at files wants those that it holds for, every other one all of its side.
 *
 * A rule that has matched stays a wish of its transaction, as more files may come there; with the scope `flow` the flow
 * wants all that comes behind. Bounds: WISHES_LIMIT rules a side of a transaction.
 */
import { bufferNumber, OF_FILES } from '../app/buffers.js';
import type { FileList } from '../app/file/file-list.js';
import type { Transaction } from '../app/transaction.js';
import { BUFFER_CODE, RULE, RULE_FLAG } from '../block/rule-block.js';
import type { RuleSet } from '../block/rule-set.js';
import { DIRECTION, type Direction, type Flow } from '../flow/flow.js';
import type { RuleVerifier } from './rule-verifier.js';
import type { TransactionSource } from './verify/transaction-source.js';

const SIDES = [DIRECTION.toServer, DIRECTION.toClient] as const;
const FILE_NAME = bufferNumber('file.name');
const STORING = RULE_FLAG.storeFile | RULE_FLAG.storeTransaction | RULE_FLAG.storeFlow;

export class FileStorer {
  private readonly rules: RuleSet;
  private readonly verifier: RuleVerifier;
  private readonly source: TransactionSource;
  /** Numbers of rows, and so wishes, are those of one rule set. */
  private readonly generation: number;

  constructor(rules: RuleSet, verifier: RuleVerifier, source: TransactionSource, generation: number) {
    this.rules = rules;
    this.verifier = verifier;
    this.source = source;
    this.generation = generation;
  }

  /** A rule has matched on a side of a transaction. @returns whether it wants files: others were looked at, then. */
  matched(row: number, transaction: Transaction, direction: Direction): boolean {
    const { words } = this.rules;
    const flags = words[this.rules.rowAt(row) + RULE.flags];
    if ((flags & STORING) === 0) return false;
    for (const side of SIDES) {
      if (!isOfSide(flags, side, direction)) continue;
      const files = transaction.files(side);
      if (files === null) continue;
      files.wish(row, this.generation);
      for (let index = 0; index < files.count; index++) this.grant(row, transaction, files, index, side);
    }
    return true;
  }

  /** More has come of a side: its files may be wanted by rules that have matched, or by its flow. */
  look(transaction: Transaction, direction: Direction, flow: Flow | null): void {
    const files = transaction.files(direction);
    if (files === null || files.count === 0) return;
    if (flow?.wantsFiles(direction) === true) for (let i = 0; i < files.count; i++) files.at(i).store(0);
    if (files.wishCount === 0) return;
    for (let index = 0; index < files.count; index++) {
      // A packet brings news of one file or two, and there may be hundreds.
      if (!files.at(index).takeNews()) continue;
      for (let i = 0; i < files.wishCount; i++) {
        const row = files.wishAt(i, this.generation);
        if (row >= 0) this.grant(row, transaction, files, index, direction);
      }
    }
  }

  private grant(row: number, transaction: Transaction, files: FileList, index: number, side: Direction): void {
    const { words } = this.rules;
    const rule = this.rules.rowAt(row);
    const sid = words[rule + RULE.sid] >>> 0;
    const file = files.at(index);
    if (file.copy.isWanted && file.copy.sids.includes(sid)) return;
    const isOfFile = (words[rule + RULE.flags] & RULE_FLAG.storeFile) !== 0;
    if (!isOfFile || this.holdsFor(row, rule, transaction, side, index)) file.store(sid);
  }

  /** Whether what the rule says of files holds for one of them. */
  private holdsFor(row: number, rule: number, transaction: Transaction, side: Direction, index: number): boolean {
    const { code, words } = this.rules;
    const { verifier, source } = this;
    source.use(transaction, side).onlyFile(index);
    verifier.use(source);
    let holds = true;
    for (let at = words[rule + RULE.buffers]; holds && at < words[rule + RULE.buffersEnd]; at += code[at + 1]) {
      if (OF_FILES[code[at + BUFFER_CODE.buffer]] !== 1) continue;
      holds = verifier.verifySteps(row, at, at + code[at + 1]);
    }
    return holds;
  }
}

/** A rule with these flags has matched: what it wants of the flow's files to come. */
export function wantFilesOf(flow: Flow, flags: number, direction: Direction): void {
  for (const side of SIDES) if (isOfSide(flags, side, direction)) flow.wantFiles(side);
}

/** Whether rules want files stored, and whether by what is known once they have come. */
export function storingOf(rules: RuleSet): { readonly stores: boolean; readonly late: boolean } {
  const { words, code } = rules;
  let stores = false;
  for (let row = 0; row < rules.ruleCount; row++) {
    const rule = rules.rowAt(row);
    if ((words[rule + RULE.flags] & STORING) === 0) continue;
    stores = true;
    for (let at = words[rule + RULE.buffers]; at < words[rule + RULE.buffersEnd]; at += code[at + 1]) {
      const buffer = code[at + BUFFER_CODE.buffer];
      if (OF_FILES[buffer] === 1 && buffer !== FILE_NAME) return { stores, late: true };
    }
  }
  return { stores, late: false };
}

/** Whether the files of a side are meant, where the rule has matched on the side `matched`. */
function isOfSide(flags: number, side: Direction, matched: Direction): boolean {
  const named = flags & (RULE_FLAG.storeRequest | RULE_FLAG.storeResponse);
  if (named === 0) return side === matched;
  return (flags & (side === DIRECTION.toServer ? RULE_FLAG.storeRequest : RULE_FLAG.storeResponse)) !== 0;
}
