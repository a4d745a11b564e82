/**
 * Records that take the bytes of files to be stored from a shard to the thread that writes them: their form, and the
 * reading side. Stage: shard → output.
 *
 *   word 0 size | 1 kind | 2 number of the copy | 3 bytes | the bytes, of `data` alone
 *
 * `restart` says that the shard begins anew: of the copies that it had begun none is completed.
 */
import { RingConsumer } from './record-ring.js';

export { FILE_RING_BYTES } from '../memory/budget.js';

export const FILE_RECORD = { restart: 1, begin: 2, data: 3, keep: 4, drop: 5 } as const;

export const FILE_WORD = { copy: 2, bytes: 3 } as const;
export const FILE_HEAD_BYTES = 16;
/** Bytes of a file in one record at most. */
export const MOST_FILE_CHUNK = 65_536;

/** Words shared by the shards and the thread that writes: whether new copies are of use, and whether it is gone. */
export const STORE_WORD = { full: 0, gone: 1, stop: 2 } as const;
export const STORE_WORDS_BYTES = 16;

export class FileRingReader extends RingConsumer {
  get copy(): number {
    return this.words[this.current + FILE_WORD.copy];
  }

  /** The bytes of a `data` record, where they lie: until it is released. */
  get data(): Uint8Array {
    const start = this.offset + FILE_HEAD_BYTES;
    return this.bytes.subarray(start, start + this.words[this.current + FILE_WORD.bytes]);
  }
}
