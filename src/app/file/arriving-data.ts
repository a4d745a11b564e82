/**
 * Data of files in messages that are too long to wait for, taken as it comes: by direction, whose it is and how much of
 * the message is still to come. Stage: app.
 *
 *   | head of the message, read by its parser | data: there, and to come | behind it: passed over |
 *
 * What nobody looks at any more is passed over, and what is missing of it is a gap in the file.
 */
import type { Direction } from '../../flow/flow.js';
import type { Connection } from '../connection.js';
import type { Input } from '../input.js';
import { TAKEN, type FileWay } from './file-way.js';
import type { TransferredFile } from './file.js';

/** A transaction that carries a file in parts. */
export interface FileCarrier {
  dirty: number;
  readonly file: TransferredFile | null;
  /** Where its parts are put in order; null once nothing more comes of it. */
  wayOf(direction: Direction): FileWay | null;
  /** Something was wrong with the place of a part: a number of TAKEN. */
  noteTaken(direction: Direction, taken: number): void;
}

export class ArrivingData<T extends FileCarrier> {
  private readonly owner: Pick<Connection, 'status'>;
  private readonly left: [number, number] = [0, 0];
  private readonly behind: [number, number] = [0, 0];
  /** Its place in the file, and whose it is; null where nobody asks. */
  private readonly at: [number, number] = [0, 0];
  private readonly of: [T | null, T | null] = [null, null];

  constructor(owner: Pick<Connection, 'status'>) {
    this.owner = owner;
  }

  /** Whether what comes next is not a message of its own. */
  isDue(direction: Direction): boolean {
    return this.left[direction] + this.behind[direction] > 0;
  }

  /** Whose data comes; null where nobody asks. */
  carrier(direction: Direction): T | null {
    return this.of[direction];
  }

  isOf(carrier: T): boolean {
    return this.of[0] === carrier || this.of[1] === carrier;
  }

  /** So many bytes of data are yet to come, and so many behind them. */
  begin(carrier: T, direction: Direction, offset: number, left: number, behind: number): void {
    this.left[direction] = left;
    this.behind[direction] = behind;
    this.at[direction] = offset;
    this.of[direction] = carrier;
    this.owner.status.unfinished |= 1 << direction;
  }

  /** Takes bytes that are there, whether the whole of the data is or not. */
  move(carrier: T, direction: Direction, offset: number, start: number, length: number): void {
    const taken = carrier.wayOf(direction)!.take(carrier.file!, offset, start, length);
    if (taken !== TAKEN.well) carrier.noteTaken(direction, taken);
    carrier.dirty |= 1 << direction;
  }

  /** The next bytes, `most` of which are the message's. @returns whether it is at its end, or nobody asks for it. */
  more(direction: Direction, input: Input, most = Infinity): boolean {
    const carrier = this.of[direction];
    const left = this.left[direction];
    if (left === 0) return this.end(direction, input, most);
    const way = carrier?.wayOf(direction) ?? null;
    if (carrier === null || way === null) return this.end(direction, input, most);
    const file = carrier.file!;
    if (file.isShown && !file.wantsAll && way.isIdle) {
      const behind = this.at[direction] + left;
      if (behind > file.size) file.passOver(behind - file.size);
      return this.end(direction, input, most);
    }
    const count = Math.min(left, input.available, most);
    this.move(carrier, direction, this.at[direction], input.position, count);
    this.left[direction] -= count;
    this.at[direction] += count;
    input.take(count);
    return count === left && this.end(direction, input, most - count);
  }

  /** Bytes are missing. @returns false where the end of the message lies among them. */
  gap(direction: Direction, bytes: number): boolean {
    if (bytes > this.left[direction]) {
      this.forget(direction);
      return false;
    }
    const carrier = this.of[direction];
    const way = carrier?.wayOf(direction) ?? null;
    if (way !== null && carrier!.file!.size === this.at[direction]) carrier!.file!.gap(bytes);
    this.left[direction] -= bytes;
    this.at[direction] += bytes;
    return true;
  }

  /** Nobody asks for what is of this transaction. */
  release(carrier: T): void {
    for (const direction of [0, 1] as const) if (this.of[direction] === carrier) this.of[direction] = null;
  }

  forget(direction: Direction): void {
    this.left[direction] = 0;
    this.behind[direction] = 0;
    this.of[direction] = null;
    this.owner.status.unfinished &= ~(1 << direction);
  }

  clear(): void {
    for (const direction of [0, 1] as const) this.forget(direction);
  }

  /** What is left of the message goes by. */
  private end(direction: Direction, input: Input, most: number): true {
    input.skip(Math.min(this.left[direction] + this.behind[direction], most));
    this.forget(direction);
    return true;
  }
}
