/**
 * NTP (RFC 5905, 7.3). Stage: app. Each datagram is a transaction.
 *
 *   | leap, version, mode | stratum | poll | precision | delay (4) | dispersion (4) | source (4) | four times (32) |
 */
import type { Direction } from '../../flow/flow.js';
import { FieldTable } from '../fields/field-table.js';
import { eventObject } from '../fields/event-object.js';
import { MessageConnection } from '../fields/message-connection.js';
import type { PlainLayout, PlainTransaction } from '../fields/plain-transaction.js';
import type { Input } from '../input.js';
import { NTP_BUFFERS } from './buffers.js';
import { ntpEvent } from './events.js';

const FIELDS = new FieldTable(NTP_BUFFERS);
const F = {
  mode: FIELDS.of('ntp.mode'),
  version: FIELDS.of('ntp.version'),
  stratum: FIELDS.of('ntp.stratum'),
  source: FIELDS.of('ntp.reference_id'),
};
export const NTP_LAYOUT: PlainLayout = {
  table: FIELDS,
  mostBytes: 256,
  mostFields: 8,
  overflow: ntpEvent('too_many_fields'),
  print: (tx) => ntpObject(tx),
};
const MESSAGE_BYTES = 48;
const SOURCE_AT = 12;
/** Modes of other layouts: control and private messages have no source. */
const FIRST_OTHER_MODE = 6;

export class NtpConnection extends MessageConnection<PlainTransaction> {
  protected override message(direction: Direction, { bytes, position, available }: Input): boolean {
    const tx = this.begin();
    if (tx === null) return false;
    const sides = 1 << direction;
    const mode = available > 0 ? bytes[position] & 7 : 0;
    if (available > 1) {
      tx.addNumber(F.version, sides, (bytes[position] >>> 3) & 7);
      tx.addNumber(F.mode, sides, mode);
      if (mode < FIRST_OTHER_MODE) tx.addNumber(F.stratum, sides, bytes[position + 1]);
    }
    if (mode < FIRST_OTHER_MODE && available >= MESSAGE_BYTES) tx.addText(F.source, sides, position + SOURCE_AT, 4);
    else if (mode < FIRST_OTHER_MODE) tx.raise(ntpEvent('malformed_data'), direction);
    this.completeAsSent(tx, direction);
    return true;
  }
}

function ntpObject(tx: PlainTransaction): string {
  const source = tx.bytesOf(F.source);
  return eventObject('ntp', {
    version: tx.numberOf(F.version),
    mode: tx.numberOf(F.mode),
    stratum: tx.numberOf(F.stratum),
    reference_id:
      source &&
      Buffer.from(source)
        .toString('hex')
        .replace(/(..)(?=.)/g, '$1:'),
  });
}
