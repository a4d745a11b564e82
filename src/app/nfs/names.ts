/** What procedures and outcomes of NFS are called. Stage: app; data only. RFC 1094; RFC 1813, 2.6 and 3; RFC 7530. */
import { OPERATION_NAMES } from './operations.js';

const OF_VERSION_2 =
  'NULL GETATTR SETATTR ROOT LOOKUP READLINK READ WRITECACHE WRITE CREATE REMOVE RENAME LINK SYMLINK MKDIR RMDIR READDIR STATFS';
const OF_VERSION_3 =
  'NULL GETATTR SETATTR LOOKUP ACCESS READLINK READ WRITE CREATE MKDIR SYMLINK MKNOD REMOVE RMDIR RENAME LINK READDIR READDIRPLUS FSSTAT FSINFO PATHCONF COMMIT';
const PROCEDURES: Readonly<Record<number, readonly (string | undefined)[]>> = {
  2: OF_VERSION_2.split(' '),
  3: OF_VERSION_3.split(' '),
  4: Object.assign([...OPERATION_NAMES], { 0: 'NULL', 1: 'COMPOUND' }),
};
const STATUSES: Readonly<Record<number, string>> = {
  0: 'OK',
  1: 'ERR_PERM',
  2: 'ERR_NOENT',
  5: 'ERR_IO',
  6: 'ERR_NXIO',
  13: 'ERR_ACCES',
  17: 'ERR_EXIST',
  18: 'ERR_XDEV',
  19: 'ERR_NODEV',
  20: 'ERR_NOTDIR',
  21: 'ERR_ISDIR',
  22: 'ERR_INVAL',
  27: 'ERR_FBIG',
  28: 'ERR_NOSPC',
  30: 'ERR_ROFS',
  31: 'ERR_MLINK',
  63: 'ERR_NAMETOOLONG',
  66: 'ERR_NOTEMPTY',
  69: 'ERR_DQUOT',
  70: 'ERR_STALE',
  71: 'ERR_REMOTE',
  10001: 'ERR_BADHANDLE',
  10002: 'ERR_NOT_SYNC',
  10003: 'ERR_BAD_COOKIE',
  10004: 'ERR_NOTSUPP',
  10005: 'ERR_TOOSMALL',
  10006: 'ERR_SERVERFAULT',
  10007: 'ERR_BADTYPE',
  10008: 'ERR_JUKEBOX',
};
/** `LOOKUP`; of version 4 the operation; the number where it has no name. */
export const procedureName = (version: number, procedure: number): string =>
  PROCEDURES[version]?.[procedure] ?? String(procedure);

export const statusName = (status: number): string => STATUSES[status] ?? String(status);

/** How clients say who they are: RFC 5531, 8.2. */
const AUTHENTICATION = ['NULL', 'UNIX', 'SHORT', 'DES', 'KERB', 'RSA', 'GSS'];

/** `UNIX`; the number where it has no name. */
export const authenticationName = (flavor: number): string => AUTHENTICATION[flavor] ?? String(flavor);
