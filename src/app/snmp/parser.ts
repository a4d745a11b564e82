/**
 * SNMP 1, 2c and 3 over UDP (RFC 1157, 3416, 3412, 3414). Stage: app. Each datagram is a transaction.
 *
 *   { 0 or 1, community, PDU }                                                   versions 1 and 2c
 *   { 3, { id, most, flags, model }, { engine, boots, time, user … }, { engine, name, PDU } or encrypted }
 *   PDU: [type] { id, error, index, { { name, value } … } }, of traps of version 1 { enterprise, address, trap … }
 *
 * Bounds: MOST_VARIABLES are kept of a message, and those of the layout.
 */
import type { Direction } from '../../flow/flow.js';
import { FieldTable } from '../fields/field-table.js';
import { MessageConnection } from '../fields/message-connection.js';
import type { PlainLayout, PlainTransaction } from '../fields/plain-transaction.js';
import type { Input } from '../input.js';
import { SNMP_BUFFERS } from './buffers.js';
import { snmpObject } from './eve.js';
import { snmpEvent } from './events.js';

const FIELDS = new FieldTable(SNMP_BUFFERS, ['encrypted', 'error', 'enterprise', 'address', 'variable']);
export const SNMP_LAYOUT: PlainLayout = {
  table: FIELDS,
  mostBytes: 8192,
  mostFields: 96,
  overflow: snmpEvent('too_many_fields'),
  print: (tx) => snmpObject(tx, FIELDS),
};
const F = {
  community: FIELDS.of('snmp.community'),
  user: FIELDS.of('snmp.usm'),
  version: FIELDS.of('snmp.version'),
  type: FIELDS.of('snmp.pdu_type'),
  trap: FIELDS.of('snmp.trap_type'),
  encrypted: FIELDS.of('encrypted'),
  error: FIELDS.of('error'),
  enterprise: FIELDS.of('enterprise'),
  address: FIELDS.of('address'),
  variable: FIELDS.of('variable'),
};
const SEQUENCE = 0x30;
const INTEGER = 2;
const OCTETS = 4;
const OBJECT_NAME = 6;
const ADDRESS = 0x40;
const FIRST_PDU = 0xa0;
const LAST_PDU = 0xa8;
const TRAP_V1 = 4;
/** What others have as an error is here how many variables are asked for once. */
const GET_BULK = 5;
const VERSION_3 = 3;
const USER_BASED = 3;
const ENCRYPTED_FLAG = 2;
const MOST_VARIABLES = 64;

export class SnmpConnection extends MessageConnection<PlainTransaction> {
  /** Version of the first message; 0 before it. */
  private version = 0;
  private sides = 0;

  override reset(): void {
    super.reset();
    this.version = 0;
  }

  protected override message(direction: Direction, { position, available }: Input): boolean {
    const tx = this.begin();
    if (tx === null) return false;
    this.sides = 1 << direction;
    if (!this.read(tx, direction, position, position + available)) tx.raise(snmpEvent('malformed_data'), direction);
    this.completeAsSent(tx, direction);
    return true;
  }

  /** @returns false where it is none. */
  private read(tx: PlainTransaction, direction: Direction, from: number, end: number): boolean {
    const { ber } = this;
    if (!ber.enter(SEQUENCE, from, end)) return false;
    const last = ber.stop;
    if (!ber.enter(INTEGER, ber.start, last)) return false;
    const number = ber.integer();
    const version = number === VERSION_3 ? VERSION_3 : number + 1;
    if (version < 1 || version > VERSION_3) return false;
    tx.addNumber(F.version, this.sides, version);
    if (this.version === 0) this.version = version;
    else if (version !== this.version) tx.raise(snmpEvent('version_mismatch'), direction);
    return number === VERSION_3
      ? this.message3(tx, direction, ber.stop, last)
      : this.text(tx, F.community, ber.stop, last) && this.pdu(tx, ber.stop, last);
  }

  private message3(tx: PlainTransaction, direction: Direction, from: number, end: number): boolean {
    const { ber } = this;
    if (!ber.enter(SEQUENCE, from, end)) return false;
    const afterHead = ber.stop;
    if (!ber.enter(INTEGER, ber.start, afterHead) || !ber.enter(INTEGER, ber.stop, afterHead)) return false;
    if (!ber.enter(OCTETS, ber.stop, afterHead) || ber.start === ber.stop) return false;
    const isEncrypted = (ber.bytes[ber.start] & ENCRYPTED_FLAG) !== 0;
    if (!ber.enter(INTEGER, ber.stop, afterHead)) return false;
    const model = ber.integer();
    if (!ber.enter(OCTETS, afterHead, end)) return false;
    const afterSecurity = ber.stop;
    if (model !== USER_BASED) tx.raise(snmpEvent('unknown_security_model'), direction);
    else if (!this.user(tx, ber.start, ber.stop)) return false;
    if (isEncrypted) {
      tx.addNumber(F.encrypted, this.sides, 1);
      return ber.enter(OCTETS, afterSecurity, end);
    }
    if (!ber.enter(SEQUENCE, afterSecurity, end)) return false;
    const { stop } = ber;
    // The engine and the name of the context.
    return ber.enter(OCTETS, ber.start, stop) && ber.enter(OCTETS, ber.stop, stop) && this.pdu(tx, ber.stop, stop);
  }

  /** { engine, boots, time, user … } */
  private user(tx: PlainTransaction, from: number, end: number): boolean {
    const { ber } = this;
    if (!ber.enter(SEQUENCE, from, end)) return false;
    const { stop } = ber;
    if (!ber.enter(OCTETS, ber.start, stop) || !ber.enter(INTEGER, ber.stop, stop)) return false;
    return ber.enter(INTEGER, ber.stop, stop) && this.text(tx, F.user, ber.stop, stop);
  }

  private text(tx: PlainTransaction, field: number, from: number, end: number): boolean {
    const { ber } = this;
    if (!ber.enter(OCTETS, from, end)) return false;
    tx.addText(field, this.sides, ber.start, ber.stop - ber.start);
    return true;
  }

  private pdu(tx: PlainTransaction, from: number, end: number): boolean {
    const { ber } = this;
    if (!ber.read(from, end) || ber.tag < FIRST_PDU || ber.tag > LAST_PDU) return false;
    const type = ber.tag - FIRST_PDU;
    const { start, stop } = ber;
    tx.addNumber(F.type, this.sides, type);
    if (type === TRAP_V1) return this.trap(tx, start, stop);
    if (!ber.enter(INTEGER, start, stop) || !ber.enter(INTEGER, ber.stop, stop)) return false;
    const error = ber.integer();
    if (error > 0 && type !== GET_BULK) tx.addNumber(F.error, this.sides, error);
    return ber.enter(INTEGER, ber.stop, stop) && this.variables(tx, ber.stop, stop);
  }

  /** { enterprise, address, trap, its number, time, variables } */
  private trap(tx: PlainTransaction, from: number, end: number): boolean {
    const { ber } = this;
    if (!ber.enter(OBJECT_NAME, from, end)) return false;
    tx.addText(F.enterprise, this.sides, ber.start, ber.stop - ber.start);
    if (!ber.enter(ADDRESS, ber.stop, end)) return false;
    tx.addText(F.address, this.sides, ber.start, ber.stop - ber.start);
    if (!ber.enter(INTEGER, ber.stop, end)) return false;
    tx.addNumber(F.trap, this.sides, ber.integer());
    return ber.enter(INTEGER, ber.stop, end) && ber.read(ber.stop, end) && this.variables(tx, ber.stop, end);
  }

  private variables(tx: PlainTransaction, from: number, end: number): boolean {
    const { ber } = this;
    if (!ber.enter(SEQUENCE, from, end)) return false;
    const last = ber.stop;
    let at = ber.start;
    for (let index = 0; at < last && index < MOST_VARIABLES; index++) {
      if (!ber.enter(SEQUENCE, at, last)) return false;
      at = ber.stop;
      if (!ber.enter(OBJECT_NAME, ber.start, at)) return false;
      tx.addText(F.variable, this.sides, ber.start, ber.stop - ber.start);
    }
    return true;
  }
}
