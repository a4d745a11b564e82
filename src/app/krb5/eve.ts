/**
 * The `krb5` object of events, with the members that Suricata 8 prints. Stage: app; called for events alone, so it
 * allocates. Bound: 8 KiB.
 */
import { eventObject, type EventMembers } from '../fields/event-object.js';
import type { FieldTable } from '../fields/field-table.js';
import type { PlainTransaction } from '../fields/plain-transaction.js';
import { encryptionName, WEAK_TYPES } from './encryption-names.js';
import { ERROR_NAMES } from './error-names.js';

const TYPES: Readonly<Record<number, string>> = {
  10: 'KRB_AS_REQ',
  11: 'KRB_AS_REP',
  12: 'KRB_TGS_REQ',
  13: 'KRB_TGS_REP',
  14: 'KRB_AP_REQ',
  15: 'KRB_AP_REP',
  30: 'KRB_ERROR',
};
const EMPTY = '<empty>';

export function krb5Object(tx: PlainTransaction, fields: FieldTable): string {
  const type = tx.numberOf(fields.of('krb5_msg_type'));
  if (type === undefined) return '';
  const joined = (name: string): string => tx.allOf(fields.of(name)).join('/') || EMPTY;
  return eventObject('krb5', {
    msg_type: TYPES[type] ?? String(type),
    ...errorOf(tx, fields),
    cname: joined('krb5.cname'),
    realm: tx.textOf(fields.of('realm')) ?? EMPTY,
    sname: joined('krb5.sname'),
    ...encryptionOf(tx, fields, 'encryption', ''),
    ...encryptionOf(tx, fields, 'krb5.ticket_encryption', 'ticket_'),
  });
}

function errorOf(tx: PlainTransaction, fields: FieldTable): EventMembers {
  const code = tx.numberOf(fields.of('krb5_err_code'));
  if (code === undefined) return {};
  const asked = tx.numberOf(fields.of('failed_request'));
  return {
    failed_request: asked === undefined ? 'UNKNOWN' : TYPES[asked],
    error_code: ERROR_NAMES[code] ?? String(code),
  };
}

function encryptionOf(tx: PlainTransaction, fields: FieldTable, name: string, prefix: string): EventMembers {
  const number = tx.numberOf(fields.of(name));
  if (number === undefined) return prefix === '' ? { encryption: '<none>', weak_encryption: false } : {};
  const type = number | 0;
  return { [`${prefix}encryption`]: encryptionName(type), [`${prefix}weak_encryption`]: WEAK_TYPES.includes(type) };
}
