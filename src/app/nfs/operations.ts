/**
 * Operations of NFS 4, which a call has in a row: what they are called, and how long what they are given is, and what
 * they answer (RFC 7530, 16; RFC 8881, 18; RFC 7862, 15). Stage: app; data, and who steps over it.
 *
 *   call:   | tag | minor version | count | operation, what it is given | …
 *   answer: | status | tag | count | operation, status, what it answers where that is 0 | …
 *
 * An answer ends with the first operation that fails.
 */
import type { ByteReader } from '../fields/byte-reader.js';
import { readOpaque, skipOpaque } from './xdr.js';

export const OPERATION = {
  access: 3,
  close: 4,
  commit: 5,
  create: 6,
  getattr: 9,
  getfh: 10,
  link: 11,
  lock: 12,
  lookup: 15,
  open: 18,
  putfh: 22,
  putpubfh: 23,
  putrootfh: 24,
  read: 25,
  remove: 28,
  rename: 29,
  restorefh: 31,
  savefh: 32,
  sequence: 53,
  write: 38,
  readPlus: 68,
} as const;

/** Of a call: operations that are read. */
export const MOST_OPERATIONS = 32;

/** Not known, or of no interest: nothing behind it is read. */
const UNREAD = '?';

/**
 * Name, what it is given and what it answers: `w` a word, `h` two, `s` four (a stateid or the id of a session), `o`
 * bytes behind their number, `b` a bitmap, `f` attributes (a bitmap, and bytes), `*` what `stepOver` knows.
 */
const OPERATIONS: readonly (readonly [code: number, name: string, given: string, answered: string])[] = [
  [3, 'ACCESS', 'w', 'ww'],
  [4, 'CLOSE', 'ws', 's'],
  [5, 'COMMIT', 'hw', 'h'],
  [6, 'CREATE', '*', 'whhb'],
  [7, 'DELEGPURGE', 'h', ''],
  [8, 'DELEGRETURN', 's', ''],
  [9, 'GETATTR', 'b', 'f'],
  [10, 'GETFH', '', 'o'],
  [11, 'LINK', 'o', 'whh'],
  [12, 'LOCK', '*', 's'],
  [13, 'LOCKT', 'whhho', ''],
  [14, 'LOCKU', 'wwshh', 's'],
  [15, 'LOOKUP', 'o', ''],
  [16, 'LOOKUPP', '', ''],
  [17, 'NVERIFY', 'f', ''],
  [18, 'OPEN', '*', '*'],
  [19, 'OPENATTR', 'w', ''],
  [20, 'OPEN_CONFIRM', 'sw', 's'],
  [21, 'OPEN_DOWNGRADE', 'swww', 's'],
  [22, 'PUTFH', 'o', ''],
  [23, 'PUTPUBFH', '', ''],
  [24, 'PUTROOTFH', '', ''],
  [25, 'READ', 'shw', 'wo'],
  [26, 'READDIR', 'hhwwb', UNREAD],
  [27, 'READLINK', '', 'o'],
  [28, 'REMOVE', 'o', 'whh'],
  [29, 'RENAME', 'oo', 'whhwhh'],
  [30, 'RENEW', 'h', ''],
  [31, 'RESTOREFH', '', ''],
  [32, 'SAVEFH', '', ''],
  [33, 'SECINFO', 'o', UNREAD],
  [34, 'SETATTR', 'sf', 'b'],
  [35, 'SETCLIENTID', 'howoow', 'hh'],
  [36, 'SETCLIENTID_CONFIRM', 'hh', ''],
  [37, 'VERIFY', 'f', ''],
  [38, 'WRITE', 'shwo', 'wwh'],
  [39, 'RELEASE_LOCKOWNER', 'ho', ''],
  [40, 'BACKCHANNEL_CTL', UNREAD, ''],
  [41, 'BIND_CONN_TO_SESSION', 'sww', 'sww'],
  [42, 'EXCHANGE_ID', UNREAD, UNREAD],
  [43, 'CREATE_SESSION', UNREAD, UNREAD],
  [44, 'DESTROY_SESSION', 's', ''],
  [45, 'FREE_STATEID', 's', ''],
  [46, 'GET_DIR_DELEGATION', UNREAD, UNREAD],
  [47, 'GETDEVICEINFO', UNREAD, UNREAD],
  [48, 'GETDEVICELIST', UNREAD, UNREAD],
  [49, 'LAYOUTCOMMIT', UNREAD, UNREAD],
  [50, 'LAYOUTGET', 'wwwhhhsw', UNREAD],
  [51, 'LAYOUTRETURN', UNREAD, UNREAD],
  [52, 'SECINFO_NO_NAME', 'w', UNREAD],
  [53, 'SEQUENCE', 'swwww', 'swwwww'],
  [54, 'SET_SSV', 'oo', 'o'],
  [55, 'TEST_STATEID', UNREAD, UNREAD],
  [56, 'WANT_DELEGATION', UNREAD, UNREAD],
  [57, 'DESTROY_CLIENTID', 'h', ''],
  [58, 'RECLAIM_COMPLETE', 'w', ''],
  [59, 'ALLOCATE', 'shh', ''],
  [60, 'COPY', UNREAD, UNREAD],
  [61, 'COPY_NOTIFY', UNREAD, UNREAD],
  [62, 'DEALLOCATE', 'shh', ''],
  [63, 'IO_ADVISE', 'shhb', 'b'],
  [64, 'LAYOUTERROR', UNREAD, UNREAD],
  [65, 'LAYOUTSTATS', UNREAD, UNREAD],
  [66, 'OFFLOAD_CANCEL', 's', ''],
  [67, 'OFFLOAD_STATUS', 's', UNREAD],
  [68, 'READ_PLUS', 'shw', UNREAD],
  [69, 'SEEK', 'shw', 'wh'],
  [70, 'WRITE_SAME', UNREAD, UNREAD],
  [71, 'CLONE', 'sshhh', ''],
];

const byCode = <T>(of: (row: (typeof OPERATIONS)[number]) => T): readonly (T | undefined)[] => {
  const found: (T | undefined)[] = [];
  for (const row of OPERATIONS) found[row[0]] = of(row);
  return found;
};
export const OPERATION_NAMES = byCode(([, name]) => name);
const GIVEN = byCode(([, , given]) => given);
const ANSWERED = byCode(([, , , answered]) => answered);

/** Those that say on which file or directory others work, and who calls. */
const PREPARING: ReadonlySet<number> = new Set([
  OPERATION.getfh,
  OPERATION.putfh,
  OPERATION.putpubfh,
  OPERATION.putrootfh,
  OPERATION.restorefh,
  OPERATION.savefh,
  OPERATION.sequence,
]);
/** Those that clients add to nearly all others. */
const ADDED: ReadonlySet<number> = new Set([OPERATION.access, OPERATION.getattr]);
const weightOf = (operation: number): number => (PREPARING.has(operation) ? 1 : ADDED.has(operation) ? 2 : 3);

/** What a call is about: of two, the one that it is, as of all so far. 0 is none. */
export const mainOf = (soFar: number, next: number): number =>
  soFar === 0 || weightOf(next) > weightOf(soFar) ? next : soFar;

/** Passes over what an operation is given, or answers. @returns false where what is behind it cannot be read. */
export function stepOver(reader: ByteReader, operation: number, isCall: boolean): boolean {
  const layout = (isCall ? GIVEN : ANSWERED)[operation] ?? UNREAD;
  if (layout === UNREAD) return false;
  if (layout === '*') stepOverSpecial(reader, operation, isCall);
  else for (let index = 0; index < layout.length; index++) stepOverOne(reader, layout.charCodeAt(index));
  return !reader.failed;
}

const [WORD, HYPER, STATE, OPAQUE, BITMAP] = [...'whsob'].map((letter) => letter.charCodeAt(0));

function stepOverOne(reader: ByteReader, letter: number): void {
  if (letter === WORD) reader.skip(4);
  else if (letter === HYPER) reader.skip(8);
  else if (letter === STATE) reader.skip(16);
  else if (letter === OPAQUE) skipOpaque(reader);
  else if (letter === BITMAP) reader.skip(4 * reader.u32());
  else skipAttributes(reader);
}

function stepOverSpecial(reader: ByteReader, operation: number, isCall: boolean): void {
  if (operation === OPERATION.create) {
    readCreated(reader);
    skipAttributes(reader);
  } else if (operation === OPERATION.lock) skipLock(reader);
  else if (isCall) readOpened(reader);
  else skipOpenAnswer(reader);
}

export function skipAttributes(reader: ByteReader): void {
  reader.skip(4 * reader.u32());
  skipOpaque(reader);
}

const KIND = { block: 3, character: 4, link: 5 } as const;

/** The name of what CREATE makes; the attributes stand behind it. The span is used again. */
export function readCreated(reader: ByteReader): ReturnType<typeof readOpaque> {
  const kind = reader.u32();
  if (kind === KIND.link) skipOpaque(reader);
  else if (kind === KIND.block || kind === KIND.character) reader.skip(8);
  return readOpaque(reader);
}

/** How OPEN makes a file: as it is or not, with attributes, or once only, with a number or with both. */
const CREATION = { exclusive: 2, exclusiveWithAttributes: 3 } as const;
/** By what OPEN names a file: a name, alone or behind a stateid, or else the file in use. */
const CLAIM = { name: 0, previous: 1, delegated: 2, previouslyDelegated: 3, delegatedFile: 5 } as const;

/** The name of what OPEN opens; null where it is the file in use. The span is used again. */
export function readOpened(reader: ByteReader): ReturnType<typeof readOpaque> | null {
  reader.skip(12 + 8);
  skipOpaque(reader);
  if (reader.u32() === 1) {
    const creation = reader.u32();
    if (creation === CREATION.exclusive || creation === CREATION.exclusiveWithAttributes) reader.skip(8);
    if (creation !== CREATION.exclusive) skipAttributes(reader);
  }
  const claim = reader.u32();
  if (claim === CLAIM.previous) reader.skip(4);
  if (claim === CLAIM.delegated || claim === CLAIM.delegatedFile) reader.skip(16);
  const isNamed = claim === CLAIM.name || claim === CLAIM.delegated || claim === CLAIM.previouslyDelegated;
  return isNamed ? readOpaque(reader) : null;
}

/** What a server lends with a file: nothing, what is read of it, or written, or nothing and why. */
const LENT = { read: 1, written: 2, not: 3 } as const;
/** Reasons with which stands whether the server will say when that has changed. */
const [CONTENTION, RESOURCE] = [1, 2];

function skipOpenAnswer(reader: ByteReader): void {
  reader.skip(16 + 20 + 4);
  reader.skip(4 * reader.u32());
  const lent = reader.u32();
  if (lent === LENT.not) {
    const why = reader.u32();
    if (why === CONTENTION || why === RESOURCE) reader.skip(4);
    return;
  }
  if (lent !== LENT.read && lent !== LENT.written) return;
  reader.skip(16 + 4);
  // So many bytes, or so many blocks of so many bytes: as long.
  if (lent === LENT.written) reader.skip(4 + 8);
  reader.skip(12);
  skipOpaque(reader);
}

function skipLock(reader: ByteReader): void {
  reader.skip(8 + 16);
  if (reader.u32() === 1) {
    reader.skip(4 + 16 + 4 + 8);
    skipOpaque(reader);
  } else reader.skip(16 + 4);
}
