/** What the readers of archives (tar.ts, zip.ts) have in common. Stage: load. */

export interface ArchiveFile {
  /** Relative, with slashes, checked. */
  readonly path: string;
  readonly content: Uint8Array;
}

export interface ArchiveLimits {
  readonly files: number;
  /** Of all files together, unpacked. */
  readonly bytes: number;
}

/** The archive is damaged, or does what no archive of rules needs to. */
export class ArchiveError extends Error {}
