/**
 * What is remembered of a transaction between two looks at it: which prefilter groups were scanned, how far growing
 * buffers were, and which rules have matched in part, wholly or never will. Stage: detect.
 *
 *   block   | generation | count | listed | scanned, by side | growing: scanned, stage, file, by side | rule, state | …
 *
 * It lies in a block of the arena that the transaction holds and is given back with; one whose sides are complete at
 * first sight, as most of DNS are, needs none. Rules are sorted by their key, `row * 2 + direction`; rules that look at
 * both sides have direction 0. A state is a bit for each engine that has passed, or `FINISHED`. Behind the rules stand
 * the marks that rules have set at the transaction (xbits, track tx): their keys are ids from `FIRST_MARK` on. One
 * cursor, set on one transaction after the other.
 *
 * Rows and groups are those of one rule set. What another one has left, before a reload, is forgotten: the transaction
 * is looked at anew, with all that it has.
 */
import type { Transaction } from '../../app/transaction.js';
import type { Direction } from '../../flow/flow.js';
import { BLOCK_BYTES, type Arena } from '../../memory/arena.js';

/** The rule has matched, or cannot any more. */
export const FINISHED = 0x80000000 | 0;
/** Rules and marks remembered of a transaction. */
export const MOST_STORED = 256;
/** Keys of marks: above those of all rules. */
export const FIRST_MARK = 0x80000000;
const SET = 1;

/** In the same place for every rule set: the rest lies where this one has it. */
const GENERATION = 0;
const COUNT = 1;
const LISTED = 2;
const HEAD_WORDS = 3;
const GROWING_WORDS = 6;
const ENTRY_WORDS = 2;

export class Inspection {
  /** Rules and marks that were not remembered, as there were too many, or no memory. */
  refused = 0;
  private readonly arena: Arena;
  private readonly generation: number;
  private readonly groupWords: number;
  private readonly headWords: number;
  private transaction!: Transaction;
  /** First word of the block, 0 while there is none. */
  private at = 0;

  /** For up to `groups` prefilter groups of a direction, and so many growing buffers, of the rule set `generation`. */
  constructor(arena: Arena, generation: number, groups: number, growing: number) {
    this.arena = arena;
    this.generation = generation >>> 0;
    this.groupWords = (groups + 31) >>> 5;
    this.headWords = HEAD_WORDS + 2 * this.groupWords + GROWING_WORDS * growing;
  }

  /** Sets the cursor on a transaction. */
  use(transaction: Transaction): this {
    this.transaction = transaction;
    this.at = transaction.inspection >>> 2;
    if (this.at !== 0 && this.arena.words[this.at + GENERATION] !== this.generation) this.forget();
    return this;
  }

  /** Makes a block where there is none. @returns false where the arena has none left. */
  open(): boolean {
    if (this.at !== 0) return true;
    let size = 0;
    while (BLOCK_BYTES[size]! < 4 * (this.headWords + ENTRY_WORDS)) size++;
    const block = this.arena.allocateSpare(size);
    if (block === 0) return false;
    this.transaction.inspection = block;
    this.at = block >>> 2;
    this.arena.words.fill(0, this.at, this.at + this.headWords);
    this.arena.words[this.at + GENERATION] = this.generation;
    return true;
  }

  isScanned(direction: Direction, group: number): boolean {
    return this.at !== 0 && ((this.arena.words[this.scannedWord(direction, group)] >>> (group & 31)) & 1) === 1;
  }

  setScanned(direction: Direction, group: number): void {
    if (this.at !== 0) this.arena.words[this.scannedWord(direction, group)] |= 1 << (group & 31);
  }

  /** Progress up to which the rules without a pattern were looked at, plus 1; 0 for none. */
  listed(direction: Direction): number {
    return this.at === 0 ? 0 : (this.arena.words[this.at + LISTED] >>> (16 * direction)) & 0xffff;
  }

  setListed(direction: Direction, progress: number): void {
    if (this.at === 0) return;
    const shift = 16 * direction;
    const at = this.at + LISTED;
    this.arena.words[at] = (this.arena.words[at] & ~(0xffff << shift)) | (progress << shift);
  }

  /** Bytes of a growing buffer that the prefilter has seen, and how far it has come for the verifier (growing.ts). */
  scannedTo(direction: Direction, growing: number): number {
    return this.at === 0 ? 0 : this.arena.words[this.growingWord(direction, growing)];
  }

  setScannedTo(direction: Direction, growing: number, bytes: number): void {
    if (this.at !== 0) this.arena.words[this.growingWord(direction, growing)] = bytes;
  }

  stage(direction: Direction, growing: number): number {
    return this.at === 0 ? 0 : this.arena.words[this.growingWord(direction, growing) + 1];
  }

  setStage(direction: Direction, growing: number, stage: number): void {
    if (this.at !== 0) this.arena.words[this.growingWord(direction, growing) + 1] = stage;
  }

  /** Of buffers of files: the first file that the above is about; those before it were seen whole. */
  file(direction: Direction, growing: number): number {
    return this.at === 0 ? 0 : this.arena.words[this.growingWord(direction, growing) + 2];
  }

  setFile(direction: Direction, growing: number, file: number): void {
    if (this.at !== 0) this.arena.words[this.growingWord(direction, growing) + 2] = file;
  }

  get count(): number {
    return this.at === 0 ? 0 : this.arena.words[this.at + COUNT];
  }

  /** Key of the rule or mark that is `index`th. */
  key(index: number): number {
    return this.arena.words[this.entryWord(index)];
  }

  state(index: number): number {
    return this.arena.words[this.entryWord(index) + 1] | 0;
  }

  /** Which of the rules remembered it is, or -1. */
  find(key: number): number {
    const index = this.search(key);
    return index < this.count && this.key(index) === key ? index : -1;
  }

  /** Remembers the state of a rule. */
  store(key: number, state: number): void {
    const { words } = this.arena;
    const index = this.search(key);
    if (index < this.count && this.key(index) === key) {
      words[this.entryWord(index) + 1] = state;
      return;
    }
    if (!this.makeRoom()) {
      this.refused++;
      return;
    }
    const from = this.entryWord(index);
    words.copyWithin(from + ENTRY_WORDS, from, this.entryWord(this.count));
    words[from] = key;
    words[from + 1] = state;
    words[this.at + COUNT]++;
  }

  /** Whether a mark, by its id of 31 bits, is set at the transaction. */
  hasMark(id: number): boolean {
    const index = this.find(FIRST_MARK + id);
    return index >= 0 && this.state(index) === SET;
  }

  setMark(id: number, isSet: boolean): void {
    if (isSet || this.find(FIRST_MARK + id) >= 0) this.store(FIRST_MARK + id, isSet ? SET : 0);
  }

  private forget(): void {
    this.arena.free(this.transaction.inspection);
    this.transaction.inspection = 0;
    this.at = 0;
  }

  private scannedWord(direction: Direction, group: number): number {
    return this.at + HEAD_WORDS + direction * this.groupWords + (group >>> 5);
  }

  private growingWord(direction: Direction, growing: number): number {
    return this.at + HEAD_WORDS + 2 * this.groupWords + GROWING_WORDS * growing + 3 * direction;
  }

  private entryWord(index: number): number {
    return this.at + this.headWords + ENTRY_WORDS * index;
  }

  /** The first rule whose key is not less. */
  private search(key: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.key(middle) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** For one more rule: the block may move to a larger size. */
  private makeRoom(): boolean {
    if (this.count === MOST_STORED || !this.open()) return false;
    const { arena } = this;
    const block = this.transaction.inspection;
    const size = arena.sizeOf(block);
    const used = 4 * (this.headWords + ENTRY_WORDS * this.count);
    if (used + 4 * ENTRY_WORDS <= BLOCK_BYTES[size]!) return true;
    const larger = arena.allocateSpare(size + 1);
    if (larger === 0) return false;
    arena.words.copyWithin(larger >>> 2, block >>> 2, (block + used) >>> 2);
    arena.free(block);
    this.transaction.inspection = larger;
    this.at = larger >>> 2;
    return true;
  }
}
