/**
 * For which service a client has a ticket of Kerberos: the request within what SPNEGO wraps around it (RFC 4121, 4.1;
 * RFC 4120, 5.5.1). Stage: app; for events alone.
 *
 *   mechanism (11) | 1 0 | [14] { [0] 5, [1] 14, [2] options, [3] ticket }
 *   ticket: { [0] 5, [1] realm, [2] { …, [1] { names } } }
 *
 * Bounds: MOST_SOUGHT bytes are searched, MOST_NAMES are kept.
 */
import type { BerReader } from '../asn1/ber-reader.js';
import { SIDE } from '../fields/field-list.js';
import { SMB_FIELDS, type SmbTransaction } from './transaction.js';

/** 1.2.840.113554.1.2.2, and the mark of a request. */
const MARK = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02, 0x01, 0x00];
const MOST_SOUGHT = 4096;
const MOST_NAMES = 8;
const REQUEST = 0x6e;
const TICKET = 0x61;
const SEQUENCE = 0x30;
const STRING = 0x1b;
const member = (number: number): number => 0xa0 | number;
const REALM = SMB_FIELDS.of('realm');
const NAME = SMB_FIELDS.of('server_name');

export function takeKerberos(tx: SmbTransaction, ber: BerReader, start: number, end: number): void {
  const at = find(ber.bytes, start, Math.min(end, start + MOST_SOUGHT));
  if (at < 0 || !ber.enter(REQUEST, at, end) || !ber.enter(SEQUENCE, ber.start, ber.stop)) return;
  if (!ber.find(member(3), ber.start, ber.stop) || !ber.enter(TICKET, ber.start, ber.stop)) return;
  if (!ber.enter(SEQUENCE, ber.start, ber.stop)) return;
  const last = ber.stop;
  if (!ber.find(member(1), ber.start, last)) return;
  const next = ber.stop;
  if (ber.enter(STRING, ber.start, ber.stop)) tx.addText(REALM, SIDE.toServer, ber.start, ber.stop - ber.start);
  if (!ber.enter(member(2), next, last) || !ber.enter(SEQUENCE, ber.start, ber.stop)) return;
  if (!ber.find(member(1), ber.start, ber.stop) || !ber.enter(SEQUENCE, ber.start, ber.stop)) return;
  const { stop } = ber;
  for (
    let index = 0, place = ber.start;
    index < MOST_NAMES && ber.enter(STRING, place, stop);
    index++, place = ber.stop
  )
    tx.addText(NAME, SIDE.toServer, ber.start, ber.stop - ber.start);
}

/** Behind the mark; -1 where there is none. */
function find(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at + MARK.length <= end; at++) {
    let index = 0;
    while (index < MARK.length && bytes[at + index] === MARK[index]) index++;
    if (index === MARK.length) return at + MARK.length;
  }
  return -1;
}
