/**
 * What is read of calls of NFS 2 and 3 and their answers: handles of files, and names that stand beside that of a
 * directory, which are looked up, made, removed or renamed. Stage: app. RFC 1094, 2.2; RFC 1813, 3.3; RFC 5531, 9 and
 * 14. The compounds of version 4 are read by compound.ts.
 *
 *   | how the client says who it is: kind, length, … | the same verified | handle | length, name … |
 */
import type { Span } from '../../memory/span.js';
import type { ByteReader } from '../fields/byte-reader.js';
import { readBytes, readOpaque, skipOpaque } from './xdr.js';

/** Procedures whose arguments begin with a directory and a name, by version; what renames has one more of each. */
const NAMING: Readonly<Record<number, ReadonlySet<number>>> = {
  2: new Set([4, 9, 10, 11, 13, 14, 15]),
  3: new Set([3, 8, 9, 10, 11, 12, 13, 14]),
};
const RENAMING: Readonly<Record<number, number>> = { 2: 11, 3: 14 };
/** Those without a handle of a file. */
const WITHOUT_HANDLE: Readonly<Record<number, ReadonlySet<number>>> = { 2: new Set([0, 3, 7]), 3: new Set([0]) };
/** Those whose answers have the handle of what was named: it stands there, or behind whether it does. */
const GIVING: Readonly<Record<number, ReadonlySet<number>>> = { 2: new Set([4, 9, 14]), 3: new Set([3]) };
const GIVING_AT_WILL: Readonly<Record<number, ReadonlySet<number>>> = { 2: new Set(), 3: new Set([8, 9, 10, 11]) };
const READ: Readonly<Record<number, number>> = { 2: 6, 3: 6 };
const WRITE: Readonly<Record<number, number>> = { 2: 8, 3: 7 };
const COMMIT_3 = 21;
const HANDLE_BYTES_2 = 32;
const ATTRIBUTES_3 = 84;
const ATTRIBUTES_2 = 68;
/** Where the size stands in them. */
const SIZE_2 = 20;
const FILE_SYNC = 2;

export const isNaming = (version: number, procedure: number): boolean => NAMING[version]?.has(procedure) === true;
export const isRenaming = (version: number, procedure: number): boolean => RENAMING[version] === procedure;
export const hasHandle = (version: number, procedure: number): boolean =>
  WITHOUT_HANDLE[version]?.has(procedure) === false;
export const isRead = (version: number, procedure: number): boolean => READ[version] === procedure;
export const isCommit = (version: number, procedure: number): boolean => version === 3 && procedure === COMMIT_3;
export const isWrite = (version: number, procedure: number): boolean => WRITE[version] === procedure;

/** Passes over who calls, or who answers: a kind, and bytes. */
export function skipAuthentication(reader: ByteReader): void {
  reader.skip(4);
  skipOpaque(reader);
}

/** Reads a handle. The span is used again. */
export function readHandle(reader: ByteReader, version: number): Span {
  return version === 2 ? readBytes(reader, HANDLE_BYTES_2) : readOpaque(reader);
}

/** The handle in the answer of a call that has gone well, behind its status; an empty one where there is none. */
export function readGiven(reader: ByteReader, version: number, procedure: number): Span {
  const isGiven =
    GIVING[version]?.has(procedure) === true ||
    (GIVING_AT_WILL[version]?.has(procedure) === true && reader.u32() === 1);
  return isGiven ? readHandle(reader, version) : readBytes(reader, 0);
}

/** Of the answer to a read of version 3, behind its status; its data is next. @returns whether the file ends there. */
export function readsToEnd(reader: ByteReader): boolean {
  if (reader.u32() === 1) reader.skip(ATTRIBUTES_3);
  reader.skip(4);
  return reader.u32() === 1;
}

/** The same of version 2, which says how long the file is. */
export function readSize(reader: ByteReader): number {
  reader.skip(SIZE_2);
  const size = reader.u32();
  reader.skip(ATTRIBUTES_2 - SIZE_2 - 4);
  return size;
}

/** Where a part of a file begins that is read or written: behind the handle. Version 2 has another number before it. */
export function readOffset(reader: ByteReader, version: number, isWritten: boolean): number {
  if (version === 3) return reader.u64();
  if (isWritten) reader.skip(4);
  return reader.u32();
}

/** Of what is written, behind its offset; its data is next. @returns whether the server is to keep it at once. */
export function isKept(reader: ByteReader, version: number): boolean {
  reader.skip(4);
  // Of version 2 that was the number of bytes of all calls, and each of them is kept at once.
  return version === 3 && reader.u32() === FILE_SYNC;
}
