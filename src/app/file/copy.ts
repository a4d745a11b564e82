/** What a file in transfer asks of whoever stores files. Stage: app, towards shard; shapes alone. */

/** One file on its way to the store. */
export interface FileCopy {
  write(bytes: Uint8Array): void;
  /** The whole of it was written. */
  finish(): void;
  /** There will be no whole of it. */
  abandon(): void;
}

export interface FileStore {
  /** Where a file's bytes go from the first one on; null where it cannot be stored. */
  open(): FileCopy | null;
}
