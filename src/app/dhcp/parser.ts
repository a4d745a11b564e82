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

const FIELDS = new FieldTable(DHCP_BUFFERS, ['kind', 'head', 'client_id', 'hostname', 'requested_ip', 'end']);
export const DHCP_LAYOUT: PlainLayout = {
  table: FIELDS,
  mostBytes: 1024,
  mostFields: 32,
  overflow: dhcpEvent('too_many_fields'),
  print: (tx) => dhcpObject(tx, FIELDS),
};
const HEAD_BYTES = 44;
const OPTIONS_AT = 240;
const MOST_OPTIONS = 128;
const PAD = 0;
const END = 255;
/** Options that are numbers of 4 bytes, and that are texts. */
const NUMBERS: Readonly<Record<number, number>> = {
  51: FIELDS.of('dhcp.leasetime'),
  58: FIELDS.of('dhcp.renewal_time'),
  59: FIELDS.of('dhcp.rebinding_time'),
};
const TEXTS: Readonly<Record<number, number>> = {
  12: FIELDS.of('hostname'),
  50: FIELDS.of('requested_ip'),
  61: FIELDS.of('client_id'),
};
const KIND_OPTION = 53;
const KIND = FIELDS.of('kind');
const HEAD = FIELDS.of('head');
const ENDED = FIELDS.of('end');

export class DhcpConnection extends MessageConnection<PlainTransaction> {
  protected override message(direction: Direction, { bytes, position, available }: Input): boolean {
    if (available < HEAD_BYTES) return false;
    const tx = this.begin();
    if (tx === null) return false;
    const sides = 1 << direction;
    tx.addText(HEAD, sides, position, HEAD_BYTES);
    if (available >= OPTIONS_AT) this.options(tx, direction, bytes, position + OPTIONS_AT, position + available);
    if (!tx.has(ENDED)) tx.raise(dhcpEvent('malformed_options'), direction);
    this.completeAlone(tx, direction);
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
      this.option(tx, sides, code, bytes, at, length);
      at += length;
    }
  }

  private option(
    tx: PlainTransaction,
    sides: number,
    code: number,
    bytes: Uint8Array,
    at: number,
    length: number,
  ): void {
    if (code === KIND_OPTION && length === 1) tx.addNumber(KIND, sides, bytes[at]);
    else if (NUMBERS[code] !== undefined && length === 4)
      tx.addNumber(NUMBERS[code], sides, this.share.reader.begin(at, at + length).u32());
    else if (TEXTS[code] !== undefined) tx.addText(TEXTS[code], sides, at, length);
  }
}
