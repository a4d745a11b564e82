/**
 * The thread that stores files: takes what the shards have copied from their rings, writes it, sleeps. Stage: output.
 *
 * A disk that is slow holds up this thread alone: the rings fill, and shards drop copies. It ends when it is told to
 * and the rings are empty.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { CounterRow } from '../counters/counters.js';
import { STORE_LAYOUT } from '../counters/names.js';
import { FILE_RECORD, FileRingReader, STORE_WORD } from '../ring/file-ring.js';
import { NO_RECORD, type RingPlace } from '../ring/record-ring.js';
import { Doorbell } from '../util/doorbell.js';
import { reasonOf } from '../util/reason.js';
import { FileDirectory, type FileStoreOptions } from './file-store.js';

export interface FileStoreTask extends FileStoreOptions {
  /** One of each shard. */
  readonly rings: readonly RingPlace[];
  readonly doorbell: SharedArrayBuffer;
  /** STORE_WORD. */
  readonly words: SharedArrayBuffer;
  readonly counters: SharedArrayBuffer;
}

export type FileStoreMessage = { readonly kind: 'ready' } | { readonly kind: 'failed'; readonly message: string };

const RECORDS_PER_TURN = 64;
const SLEEP_MS = 1000;

class Writer {
  private readonly directory: FileDirectory;
  private readonly rings: readonly FileRingReader[];
  private readonly words: Int32Array;
  private readonly doorbell: Doorbell;

  constructor(task: FileStoreTask) {
    this.directory = new FileDirectory(task, new CounterRow(task.counters, 0, STORE_LAYOUT.size).values);
    this.rings = task.rings.map((place) => new FileRingReader(place));
    this.words = new Int32Array(task.words);
    this.doorbell = new Doorbell(task.doorbell);
  }

  run(): void {
    for (;;) {
      // Before the look at the rings: what was put into them before the stop is taken.
      const isStopping = Atomics.load(this.words, STORE_WORD.stop) !== 0;
      if (this.turn() > 0) continue;
      if (isStopping) break;
      const token = this.doorbell.prepare();
      if (this.turn() > 0 || Atomics.load(this.words, STORE_WORD.stop) !== 0) this.doorbell.cancel();
      else this.doorbell.sleep(token, SLEEP_MS);
    }
    this.directory.dropAll();
  }

  private turn(): number {
    let taken = 0;
    this.rings.forEach((ring, shard) => {
      for (let record = 0; record < RECORDS_PER_TURN; record++) {
        const kind = ring.next();
        if (kind === NO_RECORD) break;
        this.take(kind, shard, ring);
        ring.release();
        taken++;
      }
    });
    if (taken > 0) Atomics.store(this.words, STORE_WORD.full, this.directory.isFull ? 1 : 0);
    return taken;
  }

  private take(kind: number, shard: number, ring: FileRingReader): void {
    const { directory } = this;
    if (kind === FILE_RECORD.restart) directory.dropAll(shard);
    else if (kind === FILE_RECORD.begin) directory.begin(shard, ring.copy);
    else if (kind === FILE_RECORD.data) directory.append(shard, ring.copy, ring.data);
    else if (kind === FILE_RECORD.keep) directory.keep(shard, ring.copy);
    else directory.drop(shard, ring.copy);
  }
}

const tell = (message: FileStoreMessage): void => parentPort!.postMessage(message);

function open(task: FileStoreTask): Writer | undefined {
  try {
    return new Writer(task);
  } catch (error) {
    tell({ kind: 'failed', message: `files cannot be stored in ${task.directory}: ${reasonOf(error)}` });
    return undefined;
  }
}

const writer = open(workerData as FileStoreTask);
if (writer !== undefined) {
  tell({ kind: 'ready' });
  writer.run();
}
