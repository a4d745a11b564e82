/**
 * What the readers of both versions of SMB share with their connection: transactions, trees, handles, what was agreed
 * on. Stage: app.
 */
import type { Direction } from '../../flow/flow.js';
import type { BerReader } from '../asn1/ber-reader.js';
import type { ByteReader } from '../fields/byte-reader.js';
import type { HandleTable } from './handle-table.js';
import type { OpenFile } from './open-file.js';
import type { Pipe } from './pipe.js';
import type { SmbTransaction } from './transaction.js';
import type { TreeTable } from './tree-table.js';
import { DOUBLE_ZERO } from '../../util/double-zero.js';

const WORD = 0x1_0000_0000;
/** Of the high word, what is left of it in an exact number. */
const SESSION_HIGHS = 0x20_0000;

/** The header of the message that is being read. */
export class MessageHeader {
  version = 0;
  command = 0;
  status = 0;
  isResponse = false;
  messageId = DOUBLE_ZERO;
  sessionHigh = DOUBLE_ZERO;
  sessionLow = DOUBLE_ZERO;
  treeId = DOUBLE_ZERO;
  /** Where the message begins and ends, and the place of its body. */
  start = 0;
  body = 0;
  end = 0;
  /** Of SMB 1: texts are UTF-16. */
  isUnicode = false;
  /** Of SMB 1: the state is an error of DOS, a class and a code. */
  isDosError = false;

  /** The session that the tree is one of, as one number; 0 of SMB 1, where trees are the connection's. */
  get treeSession(): number {
    return this.version === 1 ? 0 : (this.sessionHigh % SESSION_HIGHS) * WORD + this.sessionLow;
  }
}

export interface SmbContext {
  readonly reader: ByteReader;
  readonly ber: BerReader;
  readonly header: MessageHeader;
  readonly trees: TreeTable;
  readonly handles: HandleTable;
  dialect: number | string;
  /** By direction: bytes of a write, and of what is read at once, that the server takes and gives; of SMB 2 alone. */
  readonly most: [number, number];
  /** The place of what the last message opened or used: related ones go on with it. */
  lastHandle: number;
  /** A transaction for the message being read; null where there are too many. */
  beginMessage(): SmbTransaction | null;
  /** The open one that the answer being read is to. */
  findRequest(): SmbTransaction | null;
  /** What goes through a pipe. */
  throughPipe(pipe: Pipe, direction: Direction, start: number, length: number): void;
  /**
   * What is written to a file, or read from it: `length` bytes from `start` on, as far as they are there, at an offset
   * in the file.
   */
  throughFile(file: OpenFile, direction: Direction, offset: number, start: number, length: number): void;
  /** Ends the transaction with the answer being read. */
  answer(tx: SmbTransaction): void;
  /** Ends those of the same message that it does not answer: of a chain, what stands behind a command that failed. */
  answerRest(): void;
}
