/**
 * A request of SMB and its answer, or a call of DCE/RPC through a pipe, however many reads and writes it took. Stage:
 * app.
 */
import type { Arena } from '../../memory/arena.js';
import { DCERPC_BUFFERS } from '../dcerpc/buffers.js';
import type { RpcChannel } from '../dcerpc/rpc-channel.js';
import { RpcTransaction } from '../dcerpc/rpc-transaction.js';
import { FieldTable } from '../fields/field-table.js';
import type { FieldLayout } from '../fields/field-transaction.js';
import { SMB_BUFFERS } from './buffers.js';
import { smbObject } from './eve.js';
import { smbEvent } from './events.js';
import { FIELD_NAMES } from './field-names.js';

export const SMB_FIELDS = new FieldTable([...SMB_BUFFERS, ...DCERPC_BUFFERS], FIELD_NAMES);

const LAYOUT: FieldLayout = {
  table: SMB_FIELDS,
  mostBytes: 4096,
  mostFields: 96,
  overflow: smbEvent('too_many_fields'),
};

export const NO_STATUS = -1;

export class SmbTransaction extends RpcTransaction {
  version = 0;
  command = 0;
  /** Of SMB 2: the number of the message, and of SMB 1 its multiplex id. */
  messageId = 0;
  /** High and low word. */
  sessionHigh = 0;
  sessionLow = 0;
  treeId = 0;
  status = NO_STATUS;
  /** Of SMB 2 a number, of SMB 1 a name; what the connection had agreed on when this came. */
  dialect: number | string = 'unknown';
  /** Where its calls go through; null of all else. */
  channel: RpcChannel | null = null;

  constructor(arena: Arena) {
    super(arena, LAYOUT);
  }

  override eve(): string {
    return smbObject(this, SMB_FIELDS);
  }

  override reset(): void {
    super.reset();
    this.status = NO_STATUS;
    this.channel = null;
    this.dialect = 'unknown';
  }
}
