/**
 * Requests of TFTP (RFC 1350). Stage: app. Each is a transaction; the transfer goes over other ports.
 *
 *   | 1 read, 2 write (2) | name | 0 | mode | 0 | options … |
 */
import type { Direction } from '../../flow/flow.js';
import { eventObject } from '../fields/event-object.js';
import { FieldTable } from '../fields/field-table.js';
import { MessageConnection } from '../fields/message-connection.js';
import type { PlainLayout, PlainTransaction } from '../fields/plain-transaction.js';
import type { Input } from '../input.js';
import { lower } from '../probe/answer.js';
import { TFTP_BUFFERS } from './buffers.js';
import { tftpEvent } from './events.js';

const FIELDS = new FieldTable(TFTP_BUFFERS, ['request', 'name', 'mode']);
const F = { request: FIELDS.of('request'), name: FIELDS.of('name'), mode: FIELDS.of('mode') };
export const TFTP_LAYOUT: PlainLayout = {
  table: FIELDS,
  mostBytes: 2048,
  mostFields: 4,
  overflow: tftpEvent('too_many_fields'),
  print: (tx) => tftpObject(tx),
};
const REQUESTS: Readonly<Record<number, string>> = { 1: 'read', 2: 'write' };
const MODES = ['netascii', 'mail', 'octet'].map((mode) => Buffer.from(mode));
const HEAD_BYTES = 2;
const LAST_REQUEST = 2;

export class TftpConnection extends MessageConnection<PlainTransaction> {
  protected override message(direction: Direction, { bytes, position, end }: Input): boolean {
    if (end - position < HEAD_BYTES || bytes[position] !== 0) return false;
    const request = bytes[position + 1];
    if (request === 0 || request > LAST_REQUEST) return false;
    const tx = this.begin();
    if (tx === null) return false;
    const sides = 1 << direction;
    tx.addNumber(F.request, sides, request);
    const name = position + HEAD_BYTES;
    const afterName = zeroFrom(bytes, name, end);
    const mode = afterName + 1;
    const isNamed = afterName > name && afterName < end;
    if (isNamed) tx.addText(F.name, sides, name, afterName - name);
    const length = isNamed ? modeAt(bytes, mode, end) : 0;
    if (length > 0) tx.addText(F.mode, sides, mode, length);
    else tx.raise(tftpEvent('malformed_data'), direction);
    this.completeAlone(tx, direction);
    return true;
  }
}

/** Where the first zero is; `end` where there is none. */
function zeroFrom(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] !== 0) at++;
  return at;
}

/** Length of the mode at `at`, in letters of either case; 0 where there is none. */
function modeAt(bytes: Uint8Array, at: number, end: number): number {
  for (const mode of MODES) {
    let index = 0;
    while (index < mode.length && at + index < end && lower(bytes[at + index]) === mode[index]) index++;
    if (index === mode.length && at + index < end && bytes[at + index] === 0) return index;
  }
  return 0;
}

/** The `tftp` object of events. */
function tftpObject(tx: PlainTransaction): string {
  return eventObject('tftp', {
    packet: REQUESTS[tx.numberOf(F.request)!],
    file: tx.textOf(F.name),
    mode: tx.textOf(F.mode)?.toLowerCase(),
  });
}
