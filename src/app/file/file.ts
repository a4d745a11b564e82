/**
 * A file in transfer, whatever carries it: an HTTP body, a part of a mail, what FTP, SMB or NFS move. Stage: app.
 *
 *   open ─ append or extend, pass, gap … ─ close          inspection looks at it whenever its transaction is dirty
 *
 * What rules look at is its first bytes, up to a limit: kept here (`append`), or where its carrier has them anyway
 * (`showIn`, `extend`). What is behind the limit is only counted, unless digests or a copy
 * (file-copy.ts) are asked for.
 * The name is made when it is first asked for. Objects are used again, by the list that they are in.
 */
import type { Arena } from '../../memory/arena.js';
import type { Span } from '../../memory/span.js';
import { atLeast } from '../at-least.js';
import { TextBlock } from '../text-block.js';
import { Digests } from './digests.js';
import { FileCopy, type CopiedFile } from './file-copy.js';
import type { FileNeeds } from './needs.js';
import { DOUBLE_ZERO } from '../../util/double-zero.js';

export const FILE_STATE = { open: 0, closed: 1, truncated: 2 } as const;

/** Bytes of a file that are kept for inspection, and of its name. */
export const FILE_DATA_LIMIT = 102_400;
export const FILE_NAME_LIMIT = 2048;

/** Whoever knows what a file is called, and which part of a larger one it is. */
export interface FileNamer {
  /** Sets the name (`TransferredFile.name`) and, where it is a part, `rangeStart` and `rangeEnd`. */
  nameFile(file: TransferredFile): void;
}

export class TransferredFile implements CopiedFile {
  state: number = FILE_STATE.open;
  /** Bytes so far, passed over or not. */
  size = DOUBLE_ZERO;
  /** Bytes that are kept for inspection. */
  length = 0;
  hasGap = false;
  /** No more bytes are kept for inspection: it is complete, or the limit is reached. */
  isShown = false;
  /** What was kept is given back; it was inspected. */
  isReleased = false;
  /** First and last byte of the whole file, where this is a part of it; -1 where it is not. */
  rangeStart = -1;
  rangeEnd = -1;
  /** Its event was written. */
  isLogged = false;
  readonly name: TextBlock;
  readonly digests: Digests;
  readonly copy: FileCopy;
  /** Who names it; null once that is done. */
  namer: FileNamer | null = null;
  private readonly arena: Arena;
  private readonly needs: FileNeeds;
  private readonly own: TextBlock;
  private shown: TextBlock;
  private from = 0;
  /** What rules saw of it when it was last asked for news; -1 before. */
  private seen = -1;
  /** Some bytes were not looked at by whoever makes digests. */
  private isPartial = false;
  private isSized = true;

  constructor(arena: Arena, needs: FileNeeds) {
    this.arena = arena;
    this.needs = needs;
    this.name = new TextBlock(arena, FILE_NAME_LIMIT);
    this.own = new TextBlock(arena, FILE_DATA_LIMIT);
    this.shown = this.own;
    this.digests = new Digests(arena);
    this.copy = new FileCopy(needs);
  }

  begin(namer: FileNamer | null): void {
    this.namer = namer;
    this.digests.begin(this.needs.digests);
    this.copy.begin();
  }

  get isOpen(): boolean {
    return this.state === FILE_STATE.open;
  }

  /** Whether bytes behind the limit are of use, so that they must not be passed over unseen. */
  get wantsAll(): boolean {
    return this.digests.isWanted || this.copy.isRunning;
  }

  /** Its bytes are kept elsewhere, from `from` on in that block. */
  showIn(block: TextBlock, from: number): void {
    this.shown = block;
    this.from = from;
  }

  /** `count` more bytes are where it is shown. */
  extend(count: number): void {
    if (count === 0) return;
    this.take(this.keptStart + this.length, count);
    this.length += count;
  }

  /** Takes bytes of the shard's memory, and keeps them up to the limit. */
  append(from: number, count: number): void {
    if (count === 0 || !this.isOpen) return;
    const wanted = this.isShown ? 0 : Math.min(count, FILE_DATA_LIMIT - this.length);
    if (wanted > 0 && this.own.append(from, wanted) >= 0) this.length += wanted;
    if (wanted < count || this.length === FILE_DATA_LIMIT) this.isShown = true;
    this.take(from, count);
  }

  /** Takes bytes of the shard's memory that are not kept, and that nobody looks at but who makes digests. */
  pass(from: number, count: number): void {
    this.isShown = true;
    if (this.wantsAll) this.take(from, count);
    else this.passOver(count);
  }

  /** `count` bytes go by unseen. */
  passOver(count: number): void {
    this.isShown = true;
    this.size += count;
    this.miss();
  }

  /** More bytes than were counted may have gone by unseen. */
  lose(): void {
    this.isShown = true;
    this.isSized = false;
    this.miss();
  }

  /** `count` bytes are missing. */
  gap(count: number): void {
    this.hasGap = true;
    this.size += count;
    this.miss();
  }

  /** Nothing comes any more. */
  close(): void {
    if (!this.isOpen) return;
    this.isShown = true;
    this.state = this.isPartial && !this.hasGap ? FILE_STATE.truncated : FILE_STATE.closed;
    if (!this.isPartial) this.digests.finish();
    this.copy.end();
  }

  /** What carried it has ended too early. */
  truncate(): void {
    if (!this.isOpen) return;
    this.isPartial = true;
    this.isSized = false;
    this.isShown = true;
    this.state = FILE_STATE.truncated;
    this.copy.end();
  }

  /** What was kept of it was inspected, and makes room. */
  release(): void {
    if (this.shown !== this.own || this.isOpen) return;
    this.own.clear();
    this.isReleased = true;
  }

  /** A rule wants it stored, or its flow: 0. */
  store(sid: number): void {
    this.copy.want(this, sid);
  }

  /** Whether rules may see more of it than when this was last asked. */
  takeNews(): boolean {
    // Each of them only grows.
    const now = this.length + this.name.length + this.state;
    const isNew = now !== this.seen;
    this.seen = now;
    return isNew;
  }

  get keptStart(): number {
    return this.shown.start + this.from;
  }

  /** Whether all bytes so far are kept for inspection. */
  get isAllKept(): boolean {
    return this.length === this.size && !this.isReleased && this.isSized && !this.hasGap;
  }

  /** Bytes that it takes up in the arena by itself. */
  get ownBytes(): number {
    return this.own.length;
  }

  locateData(span: Span): boolean {
    return !this.isReleased && span.set(this.keptStart, this.length);
  }

  locateName(span: Span): boolean {
    this.askName();
    return this.name.length > 0 && span.set(this.name.start, this.name.length);
  }

  /** Has it named, if it is not. */
  askName(): void {
    const { namer } = this;
    if (namer === null) return;
    this.namer = null;
    namer.nameFile(this);
  }

  /** Its size, or the least that it can be, once nothing comes any more; else NaN. */
  get finalSize(): number {
    if (this.isOpen) return NaN;
    return this.isSized ? this.size : atLeast(this.size);
  }

  clear(): void {
    this.state = FILE_STATE.open;
    this.size = 0;
    this.length = 0;
    this.hasGap = false;
    this.isShown = false;
    this.isReleased = false;
    this.rangeStart = -1;
    this.rangeEnd = -1;
    this.isLogged = false;
    this.isPartial = false;
    this.isSized = true;
    this.namer = null;
    this.shown = this.own;
    this.from = 0;
    this.seen = -1;
    this.name.clear();
    this.own.clear();
    this.digests.clear();
    this.copy.clear();
  }

  private take(from: number, count: number): void {
    this.size += count;
    if (!this.wantsAll || this.isPartial) return;
    if (this.digests.isWanted) this.digests.update(new Uint8Array(this.arena.bytes.buffer, from, count));
    this.copy.take(from, count);
  }

  /** Not all of its bytes were seen. */
  private miss(): void {
    this.isPartial = true;
    this.copy.lose();
  }
}
