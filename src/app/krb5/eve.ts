/**
 * The `krb5` object of events, with the members that Suricata 8 prints. Stage: app; called for events alone, so it
 * allocates. Bound: 8 KiB.
 */
import { eventObject, type EventMembers } from '../fields/event-object.js';
import type { FieldTable } from '../fields/field-table.js';
import type { PlainTransaction } from '../fields/plain-transaction.js';
import { encryptionName, WEAK_TYPES } from './encryption-names.js';

const TYPES: Readonly<Record<number, string>> = {
  10: 'KRB_AS_REQ',
  11: 'KRB_AS_REP',
  12: 'KRB_TGS_REQ',
  13: 'KRB_TGS_REP',
  14: 'KRB_AP_REQ',
  15: 'KRB_AP_REP',
  30: 'KRB_ERROR',
};
const ERRORS: Readonly<Record<number, string>> = {
  6: 'KDC_ERR_C_PRINCIPAL_UNKNOWN',
  7: 'KDC_ERR_S_PRINCIPAL_UNKNOWN',
  12: 'KDC_ERR_POLICY',
  14: 'KDC_ERR_ETYPE_NOSUPP',
  18: 'KDC_ERR_CLIENT_REVOKED',
  23: 'KDC_ERR_KEY_EXPIRED',
  24: 'KDC_ERR_PREAUTH_FAILED',
  25: 'KDC_ERR_PREAUTH_REQUIRED',
  31: 'KRB_AP_ERR_BAD_INTEGRITY',
  32: 'KRB_AP_ERR_TKT_EXPIRED',
  37: 'KRB_AP_ERR_SKEW',
  41: 'KRB_AP_ERR_MODIFIED',
  52: 'KRB_ERR_RESPONSE_TOO_BIG',
  60: 'KRB_ERR_GENERIC',
  68: 'KDC_ERR_WRONG_REALM',
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
    error_code: ERRORS[code] ?? String(code),
  };
}

function encryptionOf(tx: PlainTransaction, fields: FieldTable, name: string, prefix: string): EventMembers {
  const number = tx.numberOf(fields.of(name));
  if (number === undefined) return prefix === '' ? { encryption: '<none>', weak_encryption: false } : {};
  const type = number | 0;
  return { [`${prefix}encryption`]: encryptionName(type), [`${prefix}weak_encryption`]: WEAK_TYPES.includes(type) };
}
