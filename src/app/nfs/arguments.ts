/**
 * What is read of calls of NFS 2 and 3 and their answers: handles of files, and names that stand beside that of a
 * directory, which are looked up, made, removed or renamed. Stage: app. RFC 1094, 2.2; RFC 1813, 3.3; RFC 5531, 9 and
 * 14. The compounds of version 4 are not read.
 *
 *   | how the client says who it is: kind, length, … | the same verified | handle | length, name … |
 */
import { Span } from '../../memory/span.js';
import type { ByteReader } from '../fields/byte-reader.js';

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
const HANDLE_BYTES_2 = 32;
const ATTRIBUTES_3 = 84;

export const isNaming = (version: number, procedure: number): boolean => NAMING[version]?.has(procedure) === true;
export const isRenaming = (version: number, procedure: number): boolean => RENAMING[version] === procedure;
export const hasHandle = (version: number, procedure: number): boolean =>
  WITHOUT_HANDLE[version]?.has(procedure) === false;
export const isRead = (version: number, procedure: number): boolean => READ[version] === procedure;
export const isWrite = (version: number, procedure: number): boolean => WRITE[version] === procedure;

/** Passes over who calls, or who answers: a kind, and bytes. */
export function skipAuthentication(reader: ByteReader): void {
  reader.skip(4);
  readOpaque(reader);
}

/** Reads a handle. The span is used again. */
export function readHandle(reader: ByteReader, version: number): Span {
  return version === 2 ? taken(reader, HANDLE_BYTES_2) : readOpaque(reader);
}

/** Bytes behind their number, padded to four. The span is used again. */
export function readOpaque(reader: ByteReader): Span {
  const length = reader.u32();
  const read = taken(reader, length);
  reader.skip(paddingOf(length));
  return read;
}

/** The handle in the answer of a call that has gone well, behind its status; an empty one where there is none. */
export function readGiven(reader: ByteReader, version: number, procedure: number): Span {
  const isGiven =
    GIVING[version]?.has(procedure) === true ||
    (GIVING_AT_WILL[version]?.has(procedure) === true && reader.u32() === 1);
  return isGiven ? readHandle(reader, version) : taken(reader, 0);
}

/** Of the answer to a read, behind its status: whether the file ends there. Version 2 does not say. */
export function readsToEnd(reader: ByteReader, version: number): boolean {
  if (version !== 3) return false;
  if (reader.u32() === 1) reader.skip(ATTRIBUTES_3);
  reader.skip(4);
  return reader.u32() === 1;
}

/** Where a part of a file begins that is read or written: behind the handle. Version 2 has another number before it. */
export function readOffset(reader: ByteReader, version: number, isWritten: boolean): number {
  if (version === 3) return reader.u64();
  if (isWritten) reader.skip(4);
  return reader.u32();
}

/** Of what is written, behind its offset: whether the server is to keep it before it answers. As in version 2. */
export function isKept(reader: ByteReader, version: number): boolean {
  if (version === 2) return true;
  reader.skip(4);
  return reader.u32() !== 0;
}

/** Zeros behind so many bytes, to a multiple of four (RFC 4506, 4.10). */
export const paddingOf = (length: number): number => (4 - (length & 3)) & 3;

const found = new Span();

function taken(reader: ByteReader, length: number): Span {
  found.set(reader.skip(length), length);
  if (reader.failed) found.length = 0;
  return found;
}
