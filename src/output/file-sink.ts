/**
 * Writes lines to a file, a pipe or stdout, in the background. Stage: output, main thread.
 *
 * Nothing that happens to the file stops anything: a full disk, a closed pipe or a missing folder is counted and tried
 * again now and then, with the lines kept until they fit no more; then new ones are dropped and counted. One write is
 * under way at a time. Pipes are opened without blocking, so that a reader that hangs ties up no thread.
 *
 * A line is in a file whole or not at all, although a disk may fill up in the middle of it. Its rest is written as soon
 * as there is room; where it cannot be, as the file was moved away or is closed, the beginning is taken off again.
 */
import { constants } from 'node:fs';
import { FILE_CALLS, isPipeWithoutReader, openStandard, type FileCalls } from './file-calls.js';
import { LineQueue } from './line-queue.js';
import type { Rotation } from './rotation.js';
import { noStats, type Sink } from './sink.js';

/** The path of stderr. */
export const STDERR_PATH = '/dev/stderr';

export interface FileSinkOptions {
  /** `-` for stdout; `STDERR_PATH`. */
  readonly path: string;
  readonly mode: 'truncate' | 'append';
  /** Bytes that may wait. */
  readonly bufferBytes: number;
  /** How long a line may wait for company. */
  readonly flushMilliseconds?: number;
  /** Time between attempts after an error. */
  readonly retryMilliseconds?: number;
  /** Told of the first error of a series, and when writing works again (undefined). */
  readonly onError?: (error: NodeJS.ErrnoException | undefined) => void;
  /** Told when the path is a pipe that nobody has opened for reading; events wait until somebody does. */
  readonly onPipeWithoutReader?: () => void;
  /** Where left out, a file grows until somebody moves it away. */
  readonly rotation?: Rotation | undefined;
  readonly calls?: FileCalls;
}

/** Paths that stand for a descriptor that is open already. */
const STANDARD: Readonly<Record<string, number>> = { '-': 1, [STDERR_PATH]: 2 };
const FLUSH_BYTES = 64 * 1024;
/** A pipe that is full for the moment. */
const BUSY_MILLISECONDS = 5;
/** A pipe that has no reader yet. */
const NO_READER_MILLISECONDS = 50;

export class FileSink implements Sink {
  readonly name: string;
  readonly stats = noStats();

  private readonly options: FileSinkOptions;
  private readonly calls: FileCalls;
  private readonly queue: LineQueue;
  private fd: number | undefined;
  private writing = false;
  private failing = false;
  private reopening = false;
  private closing = false;
  private gaveUp = false;
  /** The path is a pipe that has not had a reader so far. */
  private awaitsReader = false;
  private timer: NodeJS.Timeout | undefined;
  /** Size of a file that ends in the middle of a line. */
  private tornSize: number | undefined;
  /** Of a file that is moved away in time: what it holds, and when that was written. */
  private fileBytes = 0;
  private writtenMs = 0;
  private readonly waiting: (() => void)[] = [];

  /**
   * Opens the file at once: a path that cannot be opened is an error now rather than later, but for a pipe without
   * reader.
   */
  constructor(options: FileSinkOptions) {
    this.options = options;
    this.name = options.path;
    this.calls = options.calls ?? FILE_CALLS;
    this.queue = new LineQueue(options.bufferBytes);
    try {
      this.fd = this.open();
    } catch (error) {
      if (!isPipeWithoutReader(error, options.path)) throw error;
      this.awaitsReader = true;
      options.onPipeWithoutReader?.();
    }
  }

  /** Takes a copy of the line, without newline. @returns false when it was dropped. */
  write(line: Uint8Array): boolean {
    if (this.closing || !this.queue.push(line)) {
      this.stats.lost++;
      return false;
    }
    if (this.queue.bytes >= FLUSH_BYTES && !this.failing) this.pump();
    else this.schedule(this.options.flushMilliseconds ?? 100);
    return true;
  }

  get isUp(): boolean {
    return !this.failing && !this.awaitsReader;
  }

  /** Bytes waiting. */
  get pendingBytes(): number {
    return this.queue.bytes;
  }

  /**
   * Never while writing fails: waiting would then be for nothing.
   */
  get isCrowded(): boolean {
    return !this.failing && this.queue.isCrowded;
  }

  /** Resolves when a write has ended, well or not, or when there is nothing to write. */
  drain(): Promise<void> {
    if (this.queue.isEmpty) return Promise.resolve();
    const done = new Promise<void>((resolve) => this.waiting.push(resolve));
    // After an error the next attempt has its time.
    if (!this.failing) this.pump();
    return done;
  }

  /** Opens the path again, as log rotation wants it; never truncates. What waits goes to the new file. */
  reopen(): void {
    if (this.isStandard) return;
    this.reopening = true;
    this.pump();
  }

  /**
   * Writes what waits and closes. Gives up at the next error, or when the deadline passes; the rest counts as lost. An
   * infinite deadline waits for the reader of a pipe as long as it takes.
   */
  async close(deadlineMilliseconds = 5000): Promise<void> {
    this.closing = true;
    const giveUp =
      deadlineMilliseconds === Infinity ? undefined : setTimeout(() => this.giveUp(), deadlineMilliseconds);
    this.pump();
    while (!this.gaveUp && (this.writing || (!this.queue.isEmpty && !this.failing))) await this.drain();
    clearTimeout(giveUp);
    clearTimeout(this.timer);
    if (!this.writing) this.takeBack();
    this.stats.lost += this.queue.clear();
    if (!this.writing) this.closeFile();
  }

  private get isStandard(): boolean {
    return this.options.path in STANDARD;
  }

  private open(): number {
    const { path, mode } = this.options;
    const isFirst = this.stats.opened++ === 0;
    if (this.isStandard) return openStandard(STANDARD[path], this.calls);
    const how = mode === 'truncate' && isFirst ? constants.O_TRUNC : 0;
    const { O_WRONLY, O_CREAT, O_NONBLOCK, O_APPEND } = constants;
    const fd = this.calls.open(path, O_WRONLY | O_CREAT | O_NONBLOCK | O_APPEND | how);
    if (this.options.rotation !== undefined) this.noteContent(fd);
    return fd;
  }

  private noteContent(fd: number): void {
    this.fileBytes = this.ask(() => this.calls.size(fd)) ?? 0;
    this.writtenMs = this.ask(() => this.calls.writtenMs(fd)) ?? 0;
  }

  /** Moves a file away that has had its time or size, between two lines. */
  private rotate(more: number): void {
    const { rotation, path } = this.options;
    const nowMs = Date.now();
    if (rotation?.isDue(this.fileBytes, more, this.writtenMs, nowMs) !== true || this.failing) return;
    if (this.fd === undefined || this.reopening || this.queue.isTorn || this.isStandard) return;
    if (this.ask(() => this.calls.size(this.fd!)) === undefined) return;
    this.ask(() => {
      rotation.moveAway(path, nowMs);
      this.reopening = true;
    });
    if (!this.reopening) return;
    for (const old of this.ask(() => rotation.tooOld(path)) ?? []) this.ask(() => rotation.remove(old));
  }

  private closeFile(): void {
    const { fd } = this;
    this.fd = undefined;
    if (fd === undefined || fd === STANDARD[this.options.path]) return;
    this.ask(() => this.calls.close(fd));
  }

  private schedule(milliseconds: number): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.pump();
    }, milliseconds);
  }

  /** Starts the next write unless one is under way. */
  private pump(): void {
    if (this.writing) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.queue.isEmpty) this.rotate(this.queue.front().to - this.queue.front().from);
    const isOpen = this.openAgain();
    if (this.awaitsReader) return;
    if (!isOpen || this.queue.isEmpty) return this.wake();
    const block = this.queue.front();
    // Before another file is opened, a torn line is finished and no more.
    const length = this.reopening ? this.queue.tornRest : block.to - block.from;
    this.writing = true;
    this.calls.write(this.fd!, block.bytes, block.from, length, (error, written) => this.wrote(error, written));
  }

  /** Makes sure that there is a file. @returns false when there is none. */
  private openAgain(): boolean {
    if (this.fd !== undefined) {
      this.noticeCut(this.fd);
      if (!this.reopening || this.canFinish(this.fd)) return true;
      this.takeBack();
      this.closeFile();
    }
    this.reopening = false;
    try {
      this.fd = this.open();
      this.awaitsReader = false;
      return true;
    } catch (error) {
      if (this.awaitsReader && isPipeWithoutReader(error, this.options.path)) {
        this.schedule(NO_READER_MILLISECONDS);
        return false;
      }
      this.awaitsReader = false;
      this.failed(error as NodeJS.ErrnoException);
      return false;
    }
  }

  /** Whether the rest of a torn line can still be written behind its beginning. */
  private canFinish(fd: number): boolean {
    if (!this.queue.isTorn) return false;
    if (!this.failing) return true;
    return this.tornSize !== undefined && this.ask(() => this.calls.leadsTo(this.options.path, fd)) === true;
  }

  /** Somebody emptied the file, as log rotation may: the beginning of a torn line went with it. */
  private noticeCut(fd: number): void {
    if (this.tornSize === undefined) return;
    const size = this.ask(() => this.calls.size(fd));
    if (size !== undefined && size < this.tornSize) this.rewind();
  }

  /**
   * Takes the beginning of a torn line off the end of the file, if it still is there; the line is then written anew.
   */
  private takeBack(): void {
    const { fd, tornSize } = this;
    const begun = this.rewind();
    if (fd === undefined || tornSize === undefined || this.ask(() => this.calls.size(fd)) !== tornSize) return;
    this.ask(() => this.calls.shorten(fd, tornSize - begun));
  }

  private rewind(): number {
    const begun = this.queue.rewind();
    this.stats.bytes -= begun;
    this.tornSize = undefined;
    return begun;
  }

  /** A call whose failure changes nothing, but is counted. */
  private ask<Result>(call: () => Result): Result | undefined {
    try {
      return call();
    } catch {
      this.stats.errors++;
      return undefined;
    }
  }

  private wrote(error: NodeJS.ErrnoException | null, written: number): void {
    this.writing = false;
    if (this.closing && this.queue.isEmpty) return this.closeFile();
    if (error === null) {
      this.stats.bytes += written;
      this.fileBytes += written;
      this.writtenMs = Date.now();
      this.stats.lines += this.queue.written(written);
      this.tornSize = this.queue.isTorn ? this.ask(() => this.calls.size(this.fd!)) : undefined;
      if (this.failing) this.options.onError?.(undefined);
      this.failing = false;
      if (!this.queue.isEmpty || this.reopening) this.schedule(0);
    } else if (error.code === 'EAGAIN') {
      this.schedule(BUSY_MILLISECONDS);
      return;
    } else {
      this.failed(error);
      // Another attempt starts with the file opened anew: its disk may have been cleared, its pipe have a reader again.
      if (!this.isStandard) this.reopening = true;
    }
    this.wake();
  }

  private failed(error: NodeJS.ErrnoException): void {
    this.stats.errors++;
    if (!this.failing) this.options.onError?.(error);
    this.failing = true;
    this.schedule(this.options.retryMilliseconds ?? 1000);
    this.wake();
  }

  private giveUp(): void {
    this.gaveUp = true;
    this.wake();
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}
