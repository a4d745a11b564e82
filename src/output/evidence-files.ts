/**
 * The directory with the evidence of alerts: files of a name each, mode 0600, within a total. Stage: output, main
 * thread; Node's threads for files do the writing.
 *
 * One call is under way at a time, in order. What waits is bounded; what has no room, and what a full disk does not
 * take, is dropped and counted, and a file that has lost a part gets no more, so that what is there can be read. When
 * all files together are larger than the total, or too many, the oldest are removed.
 */
import { readdirSync, statSync } from 'node:fs';
import { appendFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

export interface EvidenceFileOptions {
  readonly directory: string;
  readonly totalBytes: number;
  readonly mostFiles: number;
  /** Bytes that may wait. */
  readonly bufferBytes: number;
  /** Told of the first error of a series, and when writing has worked for `QUIET_MS` behind the last (undefined). */
  readonly onError: (error: Error | undefined) => void;
  /** Milliseconds of a clock that does not step. */
  readonly now?: () => number;
}

/** What is known of a file until it is removed. */
interface EvidenceFile {
  bytes: number;
  /** It has lost a part, and takes no more. */
  isBroken: boolean;
  /** As it could not be written: what waits for it is passed over, too. */
  isFailed: boolean;
}

const NAME = /^\d{8}T\d{6}\.\d{6}Z-p?\d+\.pcapng$/;
const MODE = 0o600;
const KEEPS_HALF = 2;
/** A disk that is all but full takes small files and no large ones: many series would be as many lines in the log. */
const QUIET_MS = 10_000;

export class EvidenceFiles {
  readonly stats = { files: 0, bytes: 0, removed: 0, dropped: 0, errors: 0 };
  private readonly options: EvidenceFileOptions;
  /** By name, the oldest first. */
  private readonly files: Map<string, EvidenceFile>;
  private total = 0;
  private pending = 0;
  private last: Promise<void> = Promise.resolve();
  /** The last call failed. */
  private failing = false;
  private toldOfErrors = false;
  private lastErrorMs = 0;
  private readonly now: () => number;

  /** Throws where the directory cannot be read. */
  constructor(options: EvidenceFileOptions) {
    this.options = options;
    this.now = options.now ?? (() => performance.now());
    const { directory } = options;
    const names = readdirSync(directory)
      .filter((name) => NAME.test(name))
      .sort();
    this.files = new Map(names.map((name) => [name, fileOf(statSync(join(directory, name)).size)]));
    for (const { bytes } of this.files.values()) this.total += bytes;
  }

  /** Bytes on disk. */
  get bytes(): number {
    return this.total;
  }

  /** Whether a writer that may wait should `drain` first. */
  get isCrowded(): boolean {
    return !this.failing && this.pending * KEEPS_HALF >= this.options.bufferBytes;
  }

  /** Resolves once all is written that was handed over, or could not be. */
  drain(): Promise<void> {
    return this.last;
  }

  /** Begins a file anew. */
  begin(name: string, bytes: Buffer): void {
    this.forget(name);
    this.stats.files++;
    this.write(name, fileOf(0), bytes, 'w');
  }

  append(name: string, bytes: Buffer): void {
    // A file that was removed for its age is not begun again in its middle.
    const file = this.files.get(name);
    if (file === undefined || file.isBroken) this.stats.dropped++;
    else this.write(name, file, bytes, 'a');
  }

  private write(name: string, file: EvidenceFile, bytes: Buffer, flag: 'a' | 'w'): void {
    if (this.pending >= this.options.bufferBytes) return this.lose(file);
    this.pending += bytes.length;
    this.total += bytes.length;
    file.bytes += bytes.length;
    this.files.set(name, file);
    this.do(() => this.writeNow(name, file, bytes, flag).finally(() => (this.pending -= bytes.length)));
    this.removeOldest(name);
  }

  private async writeNow(name: string, file: EvidenceFile, bytes: Buffer, flag: 'a' | 'w'): Promise<void> {
    if (file.isFailed) return this.lose(file);
    try {
      await appendFile(join(this.options.directory, name), bytes, { flag, mode: MODE });
    } catch (error) {
      this.lose(file);
      file.isFailed = true;
      throw error;
    }
    this.stats.bytes += bytes.length;
    this.failing = false;
    if (!this.toldOfErrors || this.now() - this.lastErrorMs < QUIET_MS) return;
    this.toldOfErrors = false;
    this.options.onError(undefined);
  }

  private lose(file: EvidenceFile): void {
    this.stats.dropped++;
    file.isBroken = true;
  }

  private removeOldest(kept: string): void {
    const { totalBytes, mostFiles } = this.options;
    for (const name of this.files.keys()) {
      if (this.total <= totalBytes && this.files.size <= mostFiles) return;
      if (name === kept) continue;
      this.forget(name);
      this.stats.removed++;
      this.do(() => rm(join(this.options.directory, name), { force: true }));
    }
  }

  private forget(name: string): void {
    this.total -= this.files.get(name)?.bytes ?? 0;
    this.files.delete(name);
  }

  private do(call: () => Promise<void>): void {
    this.last = this.last.then(call).catch((error: Error) => {
      this.stats.errors++;
      this.failing = true;
      this.lastErrorMs = this.now();
      if (this.toldOfErrors) return;
      this.toldOfErrors = true;
      this.options.onError(error);
    });
  }
}

const fileOf = (bytes: number): EvidenceFile => ({ bytes, isBroken: false, isFailed: false });
