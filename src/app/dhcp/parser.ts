/**
 * DHCP over IPv4 (RFC 2131, 2132). Stage: app. Each datagram is a transaction.
 *
 *   | op | type | length | hops | id (4) | … | addresses (16) | hardware (16) | names (192) | cookie (4) | options |
 */
import type { Direction } from '../../flow/flow.js';
import { FieldTable } from '../fields/field-table.js';
import { MessageConnection } from '../fields/message-connection.js';
import type { PlainLayout, PlainTransaction } from '../fields/plain-transaction.js';
import type { Input } from '../input.js';
import { DHCP_BUFFERS } from './buffers.js';
import { dhcpObject } from './eve.js';
import { dhcpEvent } from './events.js';

const FIELDS = new FieldTable(DHCP_BUFFERS, ['head', 'options', 'end']);
export const DHCP_LAYOUT: PlainLayout = {
  table: FIELDS,
  mostBytes: 2048,
  mostFields: 32,
  overflow: dhcpEvent('too_many_fields'),
  // There is no head where there was no room for it.
  print: (tx) => (tx.has(HEAD) ? dhcpObject(bytesOf(tx, HEAD), bytesOf(tx, OPTIONS)) : ''),
};
const HEAD_BYTES = 44;
const OPTIONS_AT = 240;
const MOST_OPTIONS = 128;
/** Of options, for events. */
const MOST_OPTION_BYTES = 1500;
const PAD = 0;
const END = 255;
/** Options that are numbers of 4 bytes. */
const NUMBERS: Readonly<Record<number, number>> = {
  51: FIELDS.of('dhcp.leasetime'),
  58: FIELDS.of('dhcp.renewal_time'),
  59: FIELDS.of('dhcp.rebinding_time'),
};
const HEAD = FIELDS.of('head');
const OPTIONS = FIELDS.of('options');
const ENDED = FIELDS.of('end');

export class DhcpConnection extends MessageConnection<PlainTransaction> {
  protected override message(direction: Direction, { bytes, position, available }: Input): boolean {
    if (available < HEAD_BYTES) return false;
    const tx = this.begin();
    if (tx === null) return false;
    const sides = 1 << direction;
    tx.addText(HEAD, sides, position, HEAD_BYTES);
    if (available >= OPTIONS_AT) {
      const [from, end] = [position + OPTIONS_AT, position + available];
      tx.addText(OPTIONS, sides, from, Math.min(end - from, MOST_OPTION_BYTES));
      this.options(tx, direction, bytes, from, end);
    }
    if (!tx.has(ENDED)) tx.raise(dhcpEvent('malformed_options'), direction);
    this.completeAsSent(tx, direction);
    return true;
  }

  private options(tx: PlainTransaction, direction: Direction, bytes: Uint8Array, from: number, end: number): void {
    const sides = 1 << direction;
    let at = from;
    for (let index = 0; index < MOST_OPTIONS && at < end; index++) {
      const code = bytes[at++];
      if (code === END) {
        tx.addNumber(ENDED, sides, 1);
        return;
      }
      if (code === PAD) continue;
      const length = at < end ? bytes[at++] : 256;
      if (at + length > end) {
        tx.raise(dhcpEvent('truncated_options'), direction);
        return;
      }
      if (NUMBERS[code] !== undefined && length === 4)
        tx.addNumber(NUMBERS[code], sides, this.share.reader.begin(at, at + length).u32());
      at += length;
    }
  }
}

const bytesOf = (tx: PlainTransaction, field: number): Buffer => Buffer.from(tx.bytesOf(field) ?? []);
