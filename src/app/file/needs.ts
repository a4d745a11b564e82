/**
 * What is asked of files by the rules and events in use: one object for a shard, which changes with its rules. Stage:
 * app.
 */
import type { Arena } from '../../memory/arena.js';
import type { FileStore } from './file-store.js';

export class FileNeeds {
  /** A set of DIGEST: those that rules in use compare with lists, or that events show. */
  digests = 0;
  /** Files that were not looked at, because their side of a transaction had too many. */
  refused = 0;
  /** Values of mails that were not kept (mime/mail.ts). */
  mailValuesRefused = 0;
  /** Where files go that rules want stored; null where nothing is stored. */
  store: FileStore | null = null;
  /** Rules in use may want files by what is known at their end alone. */
  copiesAll = false;
}

const NEEDS = new WeakMap<Arena, FileNeeds>();

/** Those of the shard whose arena it is. */
export function fileNeeds(arena: Arena): FileNeeds {
  let needs = NEEDS.get(arena);
  if (needs === undefined) {
    needs = new FileNeeds();
    NEEDS.set(arena, needs);
  }
  return needs;
}
