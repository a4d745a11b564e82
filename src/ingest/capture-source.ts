/**
 * Frames from capture files, one file after the other. Stage: ingest; synchronous, blocks its thread.
 *
 * Memory is one window of `bufferBytes`, whatever the files' sizes: frames are ranges of it. A file that is cut or
 * damaged is read up to the damage; what was found is in `captures`. `-` is standard input.
 */
import { closeSync, openSync } from 'node:fs';
import { isDecodedLinkType } from '../decode/link-type.js';
import { openCapture, type CaptureReader } from './capture-reader.js';
import { FileWindow } from './file-window.js';
import { MAX_FRAME_BYTES } from './capture-format.js';
import { FrameBatch, type Deliver, type Source } from './source.js';

const BATCH_SIZE = 512;
const DEFAULT_BUFFER_BYTES = 4 * MAX_FRAME_BYTES;
/** The longest pcapng block that is read has to fit. */
const MIN_BUFFER_BYTES = 2 * MAX_FRAME_BYTES + 64;

/** What came of one capture. */
export interface CaptureResult {
  readonly path: string;
  /** Frames read, and their captured bytes. */
  packets: number;
  bytes: number;
  /** Why it could not be opened, or the damage at which reading ended. */
  error?: string;
  /** Frames of each link type that is not decoded. */
  readonly undecoded: Map<number, number>;
  /** It is a capture, and could be read at least up to its header. */
  opened: boolean;
}

export class CaptureSource implements Source {
  readonly local = undefined;
  /** One entry for each path, in order; complete once `run` has ended. */
  captures: CaptureResult[];
  readonly batch: FrameBatch;
  private readonly paths: readonly string[];
  private readonly window: FileWindow;
  private reader: CaptureReader | undefined;
  private index = 0;
  private fd = -1;

  constructor(paths: readonly string[], bufferBytes: number = DEFAULT_BUFFER_BYTES) {
    this.paths = paths;
    this.captures = emptyResults(paths);
    this.window = new FileWindow(Math.max(MIN_BUFFER_BYTES, bufferBytes));
    this.batch = new FrameBatch(this.window.bytes, BATCH_SIZE);
  }

  async run(deliver: Deliver, stopRequested: () => boolean): Promise<void> {
    while (!stopRequested()) {
      const count = this.next();
      if (count === 0) break;
      deliver(this.batch, count);
    }
    this.closeFile();
  }

  /** Fills `batch` with frames of one capture and returns their number; 0 after the last capture. */
  next(): number {
    while (this.index < this.paths.length) {
      const count = this.readSome(this.captures[this.index]);
      if (count > 0) return count;
      this.closeFile();
      this.index++;
    }
    return 0;
  }

  /** Starts again with the first capture and fresh results. */
  rewind(): void {
    this.closeFile();
    this.captures = emptyResults(this.paths);
    this.index = 0;
  }

  kernelDrops(): number {
    return 0;
  }

  close(): void {
    this.closeFile();
    this.index = this.paths.length;
  }

  private readSome(result: CaptureResult): number {
    try {
      if (this.reader === undefined && !this.openFile(result)) return 0;
      const count = this.reader!.read(this.batch);
      if (count === 0 && this.reader!.error !== undefined) result.error = this.reader!.error;
      for (let i = 0; i < count; i++) {
        result.bytes += this.batch.length[i];
        const linkType = this.batch.linkType[i];
        if (!isDecodedLinkType(linkType)) result.undecoded.set(linkType, (result.undecoded.get(linkType) ?? 0) + 1);
      }
      this.batch.capture = this.index;
      this.batch.firstNumber = result.packets + 1;
      result.packets += count;
      return count;
    } catch (error) {
      result.error = readError(error as NodeJS.ErrnoException);
      return 0;
    }
  }

  private openFile(result: CaptureResult): boolean {
    // Opening standard input anew gives a blocking descriptor, which descriptor 0 need not be.
    this.fd = openSync(result.path === '-' ? '/dev/stdin' : result.path, 'r');
    this.window.reset(this.fd);
    const reader = openCapture(this.window);
    if (typeof reader === 'string') {
      result.error = reader;
      return false;
    }
    result.opened = true;
    this.reader = reader;
    return true;
  }

  private closeFile(): void {
    if (this.fd >= 0) closeSync(this.fd);
    this.fd = -1;
    this.reader = undefined;
  }
}

function emptyResults(paths: readonly string[]): CaptureResult[] {
  return paths.map((path) => ({ path, packets: 0, bytes: 0, opened: false, undecoded: new Map() }));
}

const READ_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'no permission to read it',
  EISDIR: 'it is a directory; name the captures in it, as in DIRECTORY/*.pcap',
};

function readError(error: NodeJS.ErrnoException): string {
  return READ_ERRORS[error.code ?? ''] ?? `it cannot be read: ${error.message}`;
}
