/**
 * The directory with the evidence of alerts: files of a name each, mode 0600, within a total. Stage: output, main
 * thread; Node's threads for files do the writing.
 *
 * One call is under way at a time, in order. What waits is bounded; what has no room, and what a full disk does not
 * take, is dropped and counted, and a file that has lost a part gets no more, so that what is there can be read. When
 * all files together are larger than the total, the oldest are removed.
 */
import { readdirSync, statSync } from 'node:fs';
import { appendFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

export interface EvidenceFileOptions {
  readonly directory: string;
  readonly totalBytes: number;
  /** Bytes that may wait. */
  readonly bufferBytes: number;
  /** Told of the first error of a series, and when writing works again (undefined). */
  readonly onError: (error: Error | undefined) => void;
}

const NAME = /^\d{8}T\d{6}\.\d{6}Z-p?\d+\.pcapng$/;
const MODE = 0o600;
const KEEPS_HALF = 2;

export class EvidenceFiles {
  readonly stats = { files: 0, bytes: 0, removed: 0, dropped: 0, errors: 0 };
  private readonly options: EvidenceFileOptions;
  /** Sizes by name, the oldest first. */
  private readonly sizes: Map<string, number>;
  private total = 0;
  private pending = 0;
  private last: Promise<void> = Promise.resolve();
  private failing = false;
  /** Files that have lost a part and take no more, and those of them that could not be written. */
  private readonly broken = new Set<string>();
  private readonly failed = new Set<string>();

  /** Throws where the directory cannot be read. */
  constructor(options: EvidenceFileOptions) {
    this.options = options;
    const { directory } = options;
    const names = readdirSync(directory)
      .filter((name) => NAME.test(name))
      .sort();
    this.sizes = new Map(names.map((name) => [name, statSync(join(directory, name)).size]));
    for (const size of this.sizes.values()) this.total += size;
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
    this.broken.delete(name);
    this.failed.delete(name);
    this.total -= this.sizes.get(name) ?? 0;
    this.sizes.delete(name);
    this.stats.files++;
    this.write(name, bytes, 'w');
  }

  append(name: string, bytes: Buffer): void {
    this.write(name, bytes, 'a');
  }

  /** Nothing more comes for the file. */
  end(name: string): void {
    this.broken.delete(name);
    this.do(() => Promise.resolve(void this.failed.delete(name)), '', 0);
  }

  private write(name: string, bytes: Buffer, flag: 'a' | 'w'): void {
    // A file that was removed for its age is not begun again in its middle.
    if (this.broken.has(name) || (flag === 'a' && !this.sizes.has(name))) {
      this.stats.dropped++;
      return;
    }
    if (this.pending >= this.options.bufferBytes) return this.lose(name);
    this.pending += bytes.length;
    this.total += bytes.length;
    this.sizes.set(name, (this.sizes.get(name) ?? 0) + bytes.length);
    const path = join(this.options.directory, name);
    this.do(() => appendFile(path, bytes, { flag, mode: MODE }), name, bytes.length);
    this.removeOldest(name);
  }

  private lose(name: string): void {
    this.stats.dropped++;
    this.broken.add(name);
  }

  private removeOldest(kept: string): void {
    for (const [name, size] of this.sizes) {
      if (this.total <= this.options.totalBytes) return;
      if (name === kept) continue;
      this.sizes.delete(name);
      this.total -= size;
      this.stats.removed++;
      this.do(() => rm(join(this.options.directory, name), { force: true }), name, 0);
    }
  }

  private do(call: () => Promise<void>, name: string, bytes: number): void {
    this.last = this.last.then(async () => {
      try {
        if (this.failed.has(name)) {
          this.stats.dropped++;
          return;
        }
        await call();
        if (bytes === 0) return;
        this.stats.bytes += bytes;
        if (this.failing) this.options.onError(undefined);
        this.failing = false;
      } catch (error) {
        this.stats.errors++;
        this.lose(name);
        this.failed.add(name);
        if (!this.failing) this.options.onError(error as Error);
        this.failing = true;
      } finally {
        this.pending -= bytes;
      }
    });
  }
}
