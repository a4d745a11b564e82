/**
 * The copy of one file that is to be stored, from the shard's memory to the store. Stage: app.
 *
 *   begin ─ take … ─ end          want: a rule has matched, before the file has ended or behind it
 *
 * A copy begins when a rule wants the file: with what is kept of it for inspection, if nothing is gone by then. Where
 * rules want files by what is known at their end alone (FileNeeds.copiesAll), each is copied from its first byte on,
 * and the copy is dropped if none does.
 */
import type { FileNeeds } from './needs.js';
import type { StoreLoss } from './file-store.js';

const STATE = { none: 0, due: 1, running: 2, ended: 3, kept: 4, lost: 5 } as const;

/** Rules that an event names as those that wanted a file. */
const MOST_SIDS = 16;

/** What is there of a file when a copy of it begins. */
export interface CopiedFile {
  /** Where its first bytes lie, and how many; all that have come, or the copy cannot begin. */
  readonly keptStart: number;
  readonly length: number;
  readonly isAllKept: boolean;
  readonly isOpen: boolean;
}

export class FileCopy {
  isWanted = false;
  /** Of the rules that wanted it, in the order in which they matched. */
  readonly sids: number[] = [];
  private readonly needs: FileNeeds;
  private state: number = STATE.none;
  private number = 0;
  private bytes = 0;
  private lostFor: StoreLoss = 'incomplete';

  constructor(needs: FileNeeds) {
    this.needs = needs;
  }

  /** A file begins. */
  begin(): void {
    if (this.needs.store !== null && this.needs.copiesAll) this.state = STATE.due;
  }

  /** Whether all bytes of the file are of use. */
  get isRunning(): boolean {
    return this.state === STATE.running || this.state === STATE.due;
  }

  /** It is in the store, as far as the shard knows. */
  get isKept(): boolean {
    return this.state === STATE.kept;
  }

  /** More bytes of the file. */
  take(from: number, count: number): void {
    if (this.state === STATE.due) this.start();
    if (this.state === STATE.running) this.add(from, count);
  }

  /** A rule wants the file, by its number, or the flow by a rule before: 0. */
  want(file: CopiedFile, sid: number): void {
    const { store } = this.needs;
    if (store === null) return;
    if (sid > 0 && this.sids.length < MOST_SIDS && !this.sids.includes(sid)) this.sids.push(sid);
    if (this.isWanted) return;
    this.isWanted = true;
    if (this.state === STATE.lost) store.lost(this.lostFor);
    if (this.state === STATE.none) this.startLate(file);
    if (this.state === STATE.ended || (this.state === STATE.running && !file.isOpen)) this.keep();
  }

  /** Bytes of the file are missing. */
  lose(why: StoreLoss = 'incomplete'): void {
    const { store } = this.needs;
    if (store === null || this.state === STATE.none || this.state >= STATE.kept) return;
    if (this.number !== 0) store.drop(this.number);
    if (this.isWanted) store.lost(why);
    this.number = 0;
    this.lostFor = why;
    this.state = STATE.lost;
  }

  /** The file has ended, be it too early. */
  end(): void {
    if (this.state === STATE.due) this.start();
    if (this.state !== STATE.running) return;
    this.state = STATE.ended;
    if (this.isWanted) this.keep();
  }

  clear(): void {
    if (this.state !== STATE.kept && this.number !== 0) this.needs.store?.drop(this.number);
    this.state = STATE.none;
    this.number = 0;
    this.bytes = 0;
    this.isWanted = false;
    this.sids.length = 0;
  }

  private start(): void {
    this.state = STATE.running;
    this.number = this.needs.store?.begin() ?? 0;
    if (this.number === 0) this.lose('room');
  }

  private startLate(file: CopiedFile): void {
    this.state = STATE.running;
    if (!file.isAllKept) this.lose();
    else {
      this.start();
      if (this.number !== 0) this.add(file.keptStart, file.length);
    }
  }

  private add(from: number, count: number): void {
    const store = this.needs.store!;
    this.bytes += count;
    if (this.bytes > store.mostBytes) this.lose('size');
    else if (count > 0 && !store.append(this.number, from, count)) this.lose('room');
  }

  private keep(): void {
    if (this.needs.store!.keep(this.number)) this.state = STATE.kept;
    else this.lose('room');
  }
}
