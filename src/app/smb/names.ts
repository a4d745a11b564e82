/** What events call commands, dialects, states and dispositions. Stage: app; data only. MS-CIFS; MS-SMB2; MS-ERREF. */
import { STATES } from './status-names.js';

const SMB2_COMMANDS =
  'NEGOTIATE_PROTOCOL SESSION_SETUP SESSION_LOGOFF TREE_CONNECT TREE_DISCONNECT CREATE CLOSE FLUSH READ WRITE LOCK IOCTL CANCEL KEEPALIVE FIND CHANGE_NOTIFY GET_INFO SET_INFO OPLOCK_BREAK'.split(
    ' ',
  );

const SMB1_COMMANDS: Readonly<Record<number, string>> = {
  0x00: 'CREATE_DIRECTORY',
  0x01: 'DELETE_DIRECTORY',
  0x02: 'OPEN',
  0x03: 'CREATE',
  0x04: 'CLOSE',
  0x05: 'FLUSH',
  0x06: 'DELETE',
  0x07: 'RENAME',
  0x08: 'QUERY_INFORMATION',
  0x09: 'SET_INFORMATION',
  0x0a: 'READ',
  0x0b: 'WRITE',
  0x0c: 'LOCK_BYTE_RANGE',
  0x0d: 'UNLOCK_BYTE_RANGE',
  0x0e: 'CREATE_TEMPORARY',
  0x0f: 'CREATE_NEW',
  0x10: 'CHECK_DIRECTORY',
  0x11: 'PROCESS_EXIT',
  0x12: 'SEEK',
  0x13: 'LOCK_AND_READ',
  0x14: 'WRITE_AND_UNLOCK',
  0x24: 'LOCKING_ANDX',
  0x25: 'TRANS',
  0x2b: 'ECHO',
  0x2c: 'WRITE_AND_CLOSE',
  0x2d: 'OPEN_ANDX',
  0x2e: 'READ_ANDX',
  0x2f: 'WRITE_ANDX',
  0x32: 'TRANS2',
  0x33: 'TRANS2_SECONDARY',
  0x34: 'FIND_CLOSE2',
  0x71: 'TREE_DISCONNECT',
  0x72: 'NEGOTIATE_PROTOCOL',
  0x73: 'SESSION_SETUP_ANDX',
  0x74: 'LOGOFF_ANDX',
  0x75: 'TREE_CONNECT_ANDX',
  0x80: 'QUERY_INFO_DISK',
  0xa0: 'NT_TRANS',
  0xa1: 'NT_TRANS_SECONDARY',
  0xa2: 'NT_CREATE_ANDX',
  0xa4: 'NT_CANCEL',
};

export function commandName(version: number, command: number): string {
  const name = version === 1 ? SMB1_COMMANDS[command] : SMB2_COMMANDS[command];
  return name === undefined ? String(command) : `SMB${version}_COMMAND_${name}`;
}

const DIALECTS: Readonly<Record<number, string>> = {
  0x0202: '2.02',
  0x0210: '2.10',
  0x0222: '2.22',
  0x0224: '2.24',
  0x02ff: '2.??',
  0x0300: '3.00',
  0x0302: '3.02',
  0x0310: '3.10',
  0x0311: '3.11',
};

export const dialectName = (dialect: number): string => DIALECTS[dialect] ?? String(dialect);

export function statusName(status: number): string {
  const name = STATES.get(status);
  return name === undefined ? String(status) : `STATUS_${name}`;
}

/** Of servers that answer in the old way, by class and code (MS-CIFS, 2.2.2.4). */
const DOS_ERRORS: Readonly<Record<number, Readonly<Record<number, string>>>> = {
  1: {
    0: 'DOS_SUCCESS',
    1: 'DOS_BAD_FUNC',
    2: 'DOS_BAD_FILE',
    3: 'DOS_BAD_PATH',
    4: 'DOS_TOO_MANY_OPEN_FILES',
    5: 'DOS_ACCESS_DENIED',
  },
  2: { 1: 'SRV_ERROR', 2: 'SRV_BADPW', 3: 'SRV_BADTYPE', 4: 'SRV_ACCESS', 91: 'SRV_BADUID' },
};

export function dosErrorName(kind: number, code: number): string {
  const names = DOS_ERRORS[kind];
  const digits = (value: number, count: number): string => value.toString(16).padStart(count, '0');
  return names === undefined ? `UNKNOWN_${digits(kind, 2)}_${digits(code, 4)}` : (names[code] ?? String(code));
}

const DISPOSITIONS = 'SUPERSEDE OPEN CREATE OPEN_IF OVERWRITE OVERWRITE_IF'.split(' ');

export function dispositionName(disposition: number): string {
  const name = DISPOSITIONS[disposition];
  return name === undefined ? 'UNKNOWN' : `FILE_${name}`;
}

const SHARE_TYPES = ['', 'FILE', 'PIPE', 'PRINT'];

export const shareTypeName = (type: number): string => SHARE_TYPES[type] || 'UNKNOWN';
