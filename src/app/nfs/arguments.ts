/**
 * The names of files in calls of NFS 2 and 3: what is looked up, made, removed or renamed in a directory. Stage: app.
 * RFC 1094, 2.2; RFC 1813, 3.3. Names within the compounds of version 4 are not read.
 *
 *   | how the client says who it is: kind, length, … | the same verified | handle of a directory | length, name … |
 */
import type { ByteReader } from '../fields/byte-reader.js';

/** Procedures whose arguments begin with a directory and a name, by version; what renames has one more of each. */
const NAMING: Readonly<Record<number, ReadonlySet<number>>> = {
  2: new Set([4, 9, 10, 11, 13, 14, 15]),
  3: new Set([3, 8, 9, 10, 11, 12, 13, 14]),
};
const RENAMING: Readonly<Record<number, number>> = { 2: 11, 3: 14 };
const HANDLE_BYTES_2 = 32;

export const isNaming = (version: number, procedure: number): boolean => NAMING[version]?.has(procedure) === true;
export const isRenaming = (version: number, procedure: number): boolean => RENAMING[version] === procedure;

/** Passes over who calls, or who answers: a kind, and bytes. */
export function skipAuthentication(reader: ByteReader): void {
  reader.skip(4);
  skipOpaque(reader);
}

export function skipHandle(reader: ByteReader, version: number): void {
  if (version === 2) reader.skip(HANDLE_BYTES_2);
  else skipOpaque(reader);
}

/** Bytes behind their number, padded to four. */
function skipOpaque(reader: ByteReader): void {
  const length = reader.u32();
  reader.skip(length);
  skipPadding(reader, length);
}

export const skipPadding = (reader: ByteReader, length: number): number => reader.skip((4 - (length & 3)) & 3);
