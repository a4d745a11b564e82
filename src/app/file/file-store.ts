/**
 * Where files go that are to be stored: to whoever writes them down, elsewhere. Stage: app; the shard has one
 * (shard/file-ring.ts), and none where nothing is stored.
 */
export interface FileStore {
  /** Bytes of a file at most; of one that is larger nothing is stored. */
  readonly mostBytes: number;
  /** A copy begins. @returns its number; 0 where there is no room for it. */
  begin(): number;
  /** Adds bytes of the shard's memory. @returns false where there is no room for them: the copy is to be dropped. */
  append(copy: number, from: number, count: number): boolean;
  /** The copy is complete and stays. @returns false where there is no room to say so. */
  keep(copy: number): boolean;
  /** Nobody wants the copy, or it cannot be completed. */
  drop(copy: number): void;
  /** A file that a rule wanted is not stored. */
  lost(why: StoreLoss): void;
}

/** Why a file is not stored that a rule wanted. */
export const STORE_LOSSES = [
  /** Bytes of it are missing, or were gone when the rule matched. */
  'incomplete',
  /** It is larger than what may be stored of a file. */
  'size',
  /** There was no room on the way to who stores it, or in the store. */
  'room',
] as const;
export type StoreLoss = (typeof STORE_LOSSES)[number];
