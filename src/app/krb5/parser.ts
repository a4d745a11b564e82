/**
 * Kerberos 5 over UDP, and over TCP behind a length (RFC 4120, 5 and 7.2). Stage: app. Each message is a transaction:
 * requests and answers for tickets, and errors.
 *
 *   [APPLICATION type] { [1] …, [4] body } of requests  { [3] realm, [4] cname, [5] ticket, [6] encrypted } of answers
 *
 * Bounds: 64 KiB of a message, and those of the layout.
 */
import type { Direction } from '../../flow/flow.js';
import { FieldTable } from '../fields/field-table.js';
import { MessageConnection } from '../fields/message-connection.js';
import type { PlainLayout, PlainTransaction } from '../fields/plain-transaction.js';
import type { Input } from '../input.js';
import type { Probe } from '../probe/answer.js';
import { probeKrb5Tcp } from '../probe/directory.js';
import { KRB5_BUFFERS } from './buffers.js';
import { encryptionNumber, WEAK_TYPES } from './encryption-names.js';
import { krb5Object } from './eve.js';
import { krb5Event } from './events.js';

const FIELDS = new FieldTable(KRB5_BUFFERS, ['realm', 'encryption', 'failed_request']);
export const KRB5_LAYOUT: PlainLayout = {
  table: FIELDS,
  mostBytes: 4096,
  mostFields: 64,
  overflow: krb5Event('too_many_fields'),
  print: (tx) => krb5Object(tx, FIELDS),
};
const MALFORMED = krb5Event('malformed_data');
const WEAK = krb5Event('weak_encryption');
const LENGTH_BYTES = 4;
const MOST_MESSAGE = 65_536;
const APPLICATION = 0x60;
const SEQUENCE = 0x30;
const INTEGER = 2;
const STRING = 0x1b;
const TYPE = { asRequest: 10, asReply: 11, tgsRequest: 12, tgsReply: 13, error: 30 } as const;
/** Tags of members, [0] … */
const member = (number: number): number => 0xa0 | number;
const F = {
  client: FIELDS.of('krb5.cname'),
  server: FIELDS.of('krb5.sname'),
  type: FIELDS.of('krb5_msg_type'),
  error: FIELDS.of('krb5_err_code'),
  ticket: FIELDS.of('krb5.ticket_encryption'),
  realm: FIELDS.of('realm'),
  encryption: FIELDS.of('encryption'),
  failed: FIELDS.of('failed_request'),
};

export class Krb5Connection extends MessageConnection<PlainTransaction> {
  /** The last request, which an error is about. */
  private asked = 0;
  private sides = 0;

  override reset(): void {
    super.reset();
    this.asked = 0;
  }

  protected override probe(): Probe {
    return probeKrb5Tcp;
  }

  protected override message(direction: Direction, input: Input): boolean {
    const { position, available, bytes } = input;
    if (input.datagram) return this.take(direction, position, position + available);
    if (available < LENGTH_BYTES) return false;
    const length =
      ((bytes[position] & 0x7f) << 24) | (bytes[position + 1] << 16) | (bytes[position + 2] << 8) | bytes[position + 3];
    if (length > MOST_MESSAGE) {
      this.broken = true;
      return false;
    }
    if (available < LENGTH_BYTES + length) return false;
    const start = position + LENGTH_BYTES;
    if (length > 0 && !this.take(direction, start, start + length)) return false;
    input.take(LENGTH_BYTES + length);
    return true;
  }

  private take(direction: Direction, start: number, end: number): boolean {
    const tx = this.begin();
    if (tx === null) return false;
    this.sides = 1 << direction;
    if (!this.read(tx, start, end)) tx.raise(MALFORMED, direction);
    if (tx.hasEvent(WEAK)) tx.raise(WEAK, direction);
    this.completeAsSent(tx, direction);
    return true;
  }

  /** @returns false where it is none. */
  private read(tx: PlainTransaction, at: number, end: number): boolean {
    const { ber } = this;
    if (!ber.read(at, end) || (ber.tag & 0xe0) !== APPLICATION) return false;
    const type = ber.tag & 0x1f;
    if (!ber.enter(SEQUENCE, ber.start, ber.stop)) return false;
    tx.addNumber(F.type, this.sides, type);
    switch (type) {
      case TYPE.asRequest:
      case TYPE.tgsRequest:
        this.asked = type;
        return this.request(tx, ber.start, ber.stop);
      case TYPE.asReply:
      case TYPE.tgsReply:
        return this.reply(tx, ber.start, ber.stop);
      case TYPE.error:
        if (this.asked !== 0) tx.addNumber(F.failed, this.sides, this.asked);
        return this.error(tx, ber.start, ber.stop);
      default:
        return true;
    }
  }

  /** [4] { [0] options, [1] cname, [2] realm, [3] sname … } */
  private request(tx: PlainTransaction, from: number, end: number): boolean {
    const { ber } = this;
    if (!ber.find(member(4), from, end) || !ber.enter(SEQUENCE, ber.start, ber.stop)) return false;
    return this.members(tx, ber.start, ber.stop, 1, 2, 3);
  }

  /** [3] crealm, [4] cname, [5] ticket { [1] realm, [2] sname, [3] encrypted }, [6] encrypted */
  private reply(tx: PlainTransaction, from: number, end: number): boolean {
    const { ber } = this;
    let at = from;
    while (at < end) {
      if (!ber.read(at, end)) return false;
      const { tag, start, stop } = ber;
      if (tag === member(3)) this.realm(tx, start, stop);
      else if (tag === member(4)) this.name(tx, F.client, start, stop);
      else if (tag === member(5) && !this.ticket(tx, start, stop)) return false;
      else if (tag === member(6)) this.encrypted(tx, F.encryption, start, stop);
      at = stop;
    }
    return true;
  }

  private ticket(tx: PlainTransaction, from: number, end: number): boolean {
    const { ber } = this;
    if (!ber.read(from, end) || !ber.enter(SEQUENCE, ber.start, ber.stop)) return false;
    const last = ber.stop;
    for (let at = ber.start; at < last;) {
      if (!ber.read(at, last)) return false;
      const { tag, start, stop } = ber;
      if (tag === member(2)) this.name(tx, F.server, start, stop);
      else if (tag === member(3)) this.encrypted(tx, F.ticket, start, stop);
      at = stop;
    }
    return true;
  }

  /** [6] error code, [7] crealm, [8] cname, [9] realm, [10] sname */
  private error(tx: PlainTransaction, from: number, end: number): boolean {
    const { ber } = this;
    for (let at = from; at < end;) {
      if (!ber.read(at, end)) return false;
      const { tag, start, stop } = ber;
      if (tag === member(6) && ber.enter(INTEGER, start, stop)) tx.addNumber(F.error, this.sides, ber.integer() >>> 0);
      else if (tag === member(8)) this.name(tx, F.client, start, stop);
      else if (tag === member(7)) this.realm(tx, start, stop);
      else if (tag === member(10)) this.name(tx, F.server, start, stop);
      at = stop;
    }
    return true;
  }

  private members(
    tx: PlainTransaction,
    from: number,
    end: number,
    client: number,
    realm: number,
    server: number,
  ): boolean {
    const { ber } = this;
    for (let at = from; at < end;) {
      if (!ber.read(at, end)) return false;
      const { tag, start, stop } = ber;
      if (tag === member(client)) this.name(tx, F.client, start, stop);
      else if (tag === member(realm)) this.realm(tx, start, stop);
      else if (tag === member(server)) this.name(tx, F.server, start, stop);
      at = stop;
    }
    return true;
  }

  private realm(tx: PlainTransaction, from: number, end: number): void {
    const { ber } = this;
    if (ber.enter(STRING, from, end)) tx.addText(F.realm, this.sides, ber.start, ber.stop - ber.start);
  }

  /** { [0] type, [1] { text … } } */
  private name(tx: PlainTransaction, field: number, from: number, end: number): void {
    const { ber } = this;
    if (!ber.enter(SEQUENCE, from, end)) return;
    if (!ber.find(member(1), ber.start, ber.stop) || !ber.enter(SEQUENCE, ber.start, ber.stop)) return;
    const stop = ber.stop;
    for (let at = ber.start; at < stop && ber.read(at, stop); at = ber.stop)
      if (ber.tag === STRING) tx.addText(field, this.sides, ber.start, ber.stop - ber.start);
  }

  /** { [0] type, [1] version, [2] bytes } */
  private encrypted(tx: PlainTransaction, field: number, from: number, end: number): void {
    const { ber } = this;
    if (!ber.enter(SEQUENCE, from, end) || !ber.enter(member(0), ber.start, ber.stop)) return;
    if (!ber.enter(INTEGER, ber.start, ber.stop)) return;
    const type = ber.integer();
    tx.addNumber(field, this.sides, encryptionNumber(type));
    if (WEAK_TYPES.includes(type)) tx.raise(WEAK, this.sides === 1 ? 0 : 1);
  }
}
