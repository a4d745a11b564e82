/**
 * The files that rules take data from, and a record of what was in each: a compiled rule set that the cache keeps is
 * good for as long as all of them are what they were. Stage: load.
 */
import { createHash } from 'node:crypto';
import { readBytes, textOf, type BytesOrReason, type TextOrReason } from './read-text.js';

/** By path: the SHA-256 of the content, or why there was none. */
export type FileRecord = Readonly<Record<string, string>>;

export class DataFiles {
  private readonly found = new Map<string, string>();

  /** What was asked for so far, by path. */
  get record(): FileRecord {
    return Object.fromEntries([...this.found].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** The content, or in a few words why there is none. */
  read(path: string): BytesOrReason {
    const outcome = readBytes(path);
    this.found.set(path, digestOf(outcome));
    return outcome;
  }

  /** The content as latin1, or why there is none. */
  readText(path: string): TextOrReason {
    return textOf(path, this.read(path));
  }
}

/** Whether every file is what the record says. */
export function isUnchanged(record: FileRecord): boolean {
  return Object.entries(record).every(([path, digest]) => digestOf(readBytes(path)) === digest);
}

const digestOf = (outcome: BytesOrReason): string =>
  'bytes' in outcome ? createHash('sha256').update(outcome.bytes).digest('hex') : `none: ${outcome.reason}`;
