/**
 * The directory of stored files: each is written under a name of its own and, once it is complete, named by the SHA-256
 * of its bytes, in a folder by the first two digits of that. Stage: output, on a thread of its own; calls block.
 *
 *   <directory>/incoming/3-17          of a copy that is under way
 *   <directory>/ba/ba7816bf…15ad       mode 0600, in folders of mode 0700
 *
 * Bounds: files and bytes in the directory, with those that were there at the start; copies under way. What does not
 * fit is not stored, and counted; nothing is ever deleted but copies that did not become files.
 */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, openSync, readdirSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { STORE_SLOTS, type StoreCounter } from '../counters/names.js';
import { makeDirectory } from '../util/make-directory.js';

export interface FileStoreOptions {
  readonly directory: string;
  /** Files, and bytes of all of them, in the directory. */
  readonly files: number;
  readonly bytes: number;
}

/** Copies under way at a time, of all shards. */
export const MOST_COPIES = 256;
const INCOMING = 'incoming';
const FOLDER = /^[0-9a-f]{2}$/;
const NAME = /^[0-9a-f]{64}$/;
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

interface Copy {
  readonly path: string;
  readonly fd: number;
  readonly hash: Hash;
  bytes: number;
}

export class FileDirectory {
  private readonly options: FileStoreOptions;
  private readonly counts: Float64Array;
  private readonly copies = new Map<string, Copy>();
  /** Bytes of the copies under way. */
  private pendingBytes = 0;

  /** Takes the directory into use, and makes it where it is not there. Throws where it cannot be written to. */
  constructor(options: FileStoreOptions, counts: Float64Array) {
    this.options = options;
    this.counts = counts;
    const incoming = join(options.directory, INCOMING);
    rmSync(incoming, { recursive: true, force: true });
    makeDirectory(incoming, FOLDER_MODE);
    this.takeStock();
  }

  /** No further copy is of use. */
  get isFull(): boolean {
    return this.count('files') >= this.options.files || this.count('bytes') >= this.options.bytes;
  }

  begin(source: number, number: number): void {
    if (this.count('files') + this.copies.size >= this.options.files) return this.add('overFiles');
    if (this.copies.size >= MOST_COPIES) return this.add('overCopies');
    const path = join(this.options.directory, INCOMING, `${source}-${number}`);
    this.attempt(() => {
      const fd = openSync(path, 'wx', FILE_MODE);
      this.copies.set(keyOf(source, number), { path, fd, hash: createHash('sha256'), bytes: 0 });
    });
  }

  append(source: number, number: number, bytes: Uint8Array): void {
    const copy = this.copies.get(keyOf(source, number));
    if (copy === undefined) return;
    if (this.count('bytes') + this.pendingBytes + bytes.length > this.options.bytes) {
      this.add('overBytes');
      this.drop(source, number);
      return;
    }
    const isWritten = this.attempt(() => {
      for (let at = 0; at < bytes.length;) at += writeSync(copy.fd, bytes, at);
      copy.hash.update(bytes);
      copy.bytes += bytes.length;
      this.pendingBytes += bytes.length;
    });
    if (!isWritten) this.drop(source, number);
  }

  /** The copy is complete: it gets its name. */
  keep(source: number, number: number): void {
    const copy = this.forget(source, number);
    if (copy === undefined) return;
    const isKept = this.attempt(() => {
      closeSync(copy.fd);
      this.name(copy);
    });
    if (!isKept) this.remove(copy);
  }

  drop(source: number, number: number): void {
    const copy = this.forget(source, number);
    if (copy === undefined) return;
    this.attempt(() => closeSync(copy.fd));
    this.remove(copy);
  }

  /** Drops the copies of a shard, or of all. */
  dropAll(source?: number): void {
    for (const key of [...this.copies.keys()]) {
      const [shard, number] = key.split('-').map(Number) as [number, number];
      if (source === undefined || shard === source) this.drop(shard, number);
    }
  }

  private name(copy: Copy): void {
    const name = copy.hash.digest('hex');
    const folder = join(this.options.directory, name.slice(0, 2));
    const path = join(folder, name);
    if (statSync(path, { throwIfNoEntry: false }) !== undefined) {
      this.add('known');
      this.remove(copy);
      return;
    }
    makeDirectory(folder, FOLDER_MODE);
    renameSync(copy.path, path);
    this.add('stored');
    this.add('storedBytes', copy.bytes);
    this.add('files');
    this.add('bytes', copy.bytes);
  }

  private forget(source: number, number: number): Copy | undefined {
    const key = keyOf(source, number);
    const copy = this.copies.get(key);
    this.copies.delete(key);
    this.pendingBytes -= copy?.bytes ?? 0;
    return copy;
  }

  private remove({ path }: Copy): void {
    this.attempt(() => rmSync(path, { force: true }));
  }

  /** Counts what is there. */
  private takeStock(): void {
    const { directory } = this.options;
    for (const folder of readdirSync(directory)) {
      if (!FOLDER.test(folder)) continue;
      for (const name of readdirSync(join(directory, folder))) {
        if (!NAME.test(name)) continue;
        this.add('files');
        this.add('bytes', statSync(join(directory, folder, name)).size);
      }
    }
  }

  /** A call that fails, as on a full disk, costs the copy. */
  private attempt(call: () => void): boolean {
    try {
      call();
      return true;
    } catch {
      this.add('errors');
      return false;
    }
  }

  private count(name: StoreCounter): number {
    return this.counts[STORE_SLOTS[name]];
  }

  private add(name: StoreCounter, amount = 1): void {
    this.counts[STORE_SLOTS[name]] += amount;
  }
}

const keyOf = (source: number, number: number): string => `${source}-${number}`;
