/** A transfer that a control connection has agreed on, until its own connection comes. Stage: app. */
import type { Direction } from '../../flow/flow.js';
import { Expected } from '../expectations.js';
import { COMMAND } from './commands.js';

/** The longest name that is kept: as long as a path of Linux. */
const LONGEST_NAME = 4096;

export class Transfer extends Expected {
  readonly command: string;
  /** As the command gives it; empty where it names none. */
  readonly name: Uint8Array;
  /** Lists of files are none. */
  readonly isFile: boolean;
  /** Whether the side that listens sends the data. */
  readonly fromListener: boolean;

  constructor(
    owner: object,
    timeUs: number,
    command: string,
    name: Uint8Array,
    isFile: boolean,
    fromListener: boolean,
  ) {
    super('ftp-data', owner, timeUs);
    this.command = command;
    this.name = name.length > LONGEST_NAME ? name.slice(0, LONGEST_NAME) : name;
    this.isFile = isFile;
    this.fromListener = fromListener;
  }
}

/** Commands that need a connection for data: which way it goes on the control connection, and whether it is a file. */
interface TransferKind {
  readonly direction: Direction;
  readonly isFile: boolean;
}

const kind = (direction: Direction, isFile: boolean): TransferKind => ({ direction, isFile });

export const TRANSFERS: ReadonlyMap<number, TransferKind> = new Map([
  [COMMAND.retr, kind(1, true)],
  [COMMAND.stor, kind(0, true)],
  [COMMAND.stou, kind(0, true)],
  [COMMAND.appe, kind(0, true)],
  [COMMAND.list, kind(1, false)],
  [COMMAND.nlst, kind(1, false)],
  [COMMAND.mlsd, kind(1, false)],
]);
