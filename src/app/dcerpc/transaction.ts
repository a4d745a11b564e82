/** A call of DCE/RPC over a connection or datagrams. Stage: app. */
import type { Arena } from '../../memory/arena.js';
import { FieldTable } from '../fields/field-table.js';
import type { FieldLayout } from '../fields/field-transaction.js';
import { DCERPC_BUFFERS } from './buffers.js';
import { UUID_BYTES } from './context-table.js';
import { dcerpcObject } from './eve.js';
import { dcerpcEvent } from './events.js';
import { RpcTransaction } from './rpc-transaction.js';

const LAYOUT: FieldLayout = {
  table: new FieldTable(DCERPC_BUFFERS),
  mostBytes: 256,
  mostFields: 4,
  overflow: dcerpcEvent('too_many_fields'),
};

export class DcerpcTransaction extends RpcTransaction {
  /** Of datagrams: who calls, and the number of the call. */
  readonly activity = new Uint8Array(UUID_BYTES);
  isDatagram = false;
  sequence = 0;
  /** The fragment that is to come next, by direction. */
  readonly nextFragment: [number, number] = [0, 0];

  constructor(arena: Arena) {
    super(arena, LAYOUT);
  }

  override eve(): string {
    return dcerpcObject(this);
  }

  override reset(): void {
    super.reset();
    this.isDatagram = false;
    this.sequence = 0;
    this.nextFragment.fill(0);
  }
}
