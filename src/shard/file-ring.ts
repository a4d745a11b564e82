/**
 * The ring that takes the bytes of files to be stored from one shard to the thread that writes them. Stage: shard →
 * output.
 *
 * Live, a ring without room costs the copy at hand, which is counted: a slow disk never holds up inspection. Offline
 * the shard waits. Where the store is full no copy is begun; where its thread is gone nothing is waited for. What the
 * store must be told all the same, as it would wait for the rest of copies for good, is told as soon as there is room,
 * and no copy is begun before.
 */
import { STORE_LOSSES, type FileStore, type StoreLoss } from '../app/file/file-store.js';
import { copyBytes } from '../memory/copy.js';
import { FILE_HEAD_BYTES, FILE_RECORD, FILE_WORD, MOST_FILE_CHUNK, STORE_WORD } from '../ring/file-ring.js';
import { RingProducer, type RingPlace } from '../ring/record-ring.js';
import { nap, type Doorbell } from '../util/doorbell.js';

/** No copy: what the shard before this one has begun. */
const ALL_BEFORE = 0;

export interface FileRingOptions {
  /** Bytes of a file at most. */
  readonly mostBytes: number;
  /** Waits for room. */
  readonly waits: boolean;
  /** Wakes whoever writes. */
  readonly bell: Doorbell;
  /** STORE_WORD. */
  readonly words: Int32Array;
  /** The shard's memory, in which files lie. */
  readonly memory: Uint8Array;
}

export class FileRingWriter extends RingProducer implements FileStore {
  readonly mostBytes: number;
  /** Files that rules wanted and that are not stored, by why (STORE_LOSSES). */
  readonly losses = new Float64Array(STORE_LOSSES.length);
  private readonly options: FileRingOptions;
  private copies = 0;
  /** Copies that are over, of which the store was not told: of those alone that have begun, so they are few. */
  private readonly untold: number[] = [];

  constructor(place: RingPlace, options: FileRingOptions) {
    super(place);
    this.options = options;
    this.mostBytes = options.mostBytes;
    this.drop(ALL_BEFORE);
  }

  begin(): number {
    if (!this.tellEnds() || Atomics.load(this.options.words, STORE_WORD.full) !== 0) return 0;
    const copy = (this.copies % 0x3fff_ffff) + 1;
    if (!this.write(FILE_RECORD.begin, copy, 0, 0)) return 0;
    this.copies = copy;
    return copy;
  }

  append(copy: number, from: number, count: number): boolean {
    for (let at = 0; at < count; at += MOST_FILE_CHUNK) {
      if (!this.write(FILE_RECORD.data, copy, from + at, Math.min(count - at, MOST_FILE_CHUNK))) return false;
    }
    return true;
  }

  keep(copy: number): boolean {
    return this.write(FILE_RECORD.keep, copy, 0, 0);
  }

  drop(copy: number): void {
    this.untold.push(copy);
    this.tellEnds();
  }

  lost(why: StoreLoss): void {
    this.losses[STORE_LOSSES.indexOf(why)]++;
  }

  /** @returns whether there was room for all of them. */
  private tellEnds(): boolean {
    const { untold } = this;
    for (; untold.length > 0; untold.shift()) {
      const kind = untold[0] === ALL_BEFORE ? FILE_RECORD.restart : FILE_RECORD.drop;
      if (!this.write(kind, untold[0], 0, 0)) return false;
    }
    return true;
  }

  private write(kind: number, copy: number, from: number, count: number): boolean {
    const { waits, words, bell, memory } = this.options;
    let at = this.reserve(FILE_HEAD_BYTES + count, kind);
    while (at < 0 && waits && Atomics.load(words, STORE_WORD.gone) === 0) {
      bell.ring();
      nap(1);
      at = this.reserve(FILE_HEAD_BYTES + count, kind);
    }
    if (at < 0) return false;
    this.words[(at >>> 2) + FILE_WORD.copy] = copy;
    this.words[(at >>> 2) + FILE_WORD.bytes] = count;
    copyBytes(this.bytes, at + FILE_HEAD_BYTES, memory, from, count);
    this.publish();
    bell.ring();
    return true;
  }
}
