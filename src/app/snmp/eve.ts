/**
 * The `snmp` object of events, with the members that Suricata 8 prints. Stage: app; called for events alone, so it
 * allocates. Bound: 8 KiB.
 */
import { eventObject } from '../fields/event-object.js';
import type { FieldTable } from '../fields/field-table.js';
import type { PlainTransaction } from '../fields/plain-transaction.js';
import { PDU_TYPES } from './buffers.js';

const TYPES = Object.keys(PDU_TYPES);
const TRAPS: readonly string[] = [
  'coldStart',
  'warmStart',
  'linkDown',
  'linkUp',
  'authenticationFailure',
  'egpNeighborLoss',
  'enterpriseSpecific',
];
/** RFC 3416, section 3. */
const ERRORS: readonly string[] = [
  '',
  'TooBig',
  'NoSuchName',
  'BadValue',
  'ReadOnly',
  'GenErr',
  'NoAccess',
  'WrongType',
  'WrongLength',
  'WrongEncoding',
  'WrongValue',
  'NoCreation',
  'InconsistentValue',
  'ResourceUnavailable',
  'CommitFailed',
  'UndoFailed',
  'AuthorizationError',
  'NotWritable',
  'InconsistentName',
];

export function snmpObject(tx: PlainTransaction, fields: FieldTable): string {
  const version = tx.numberOf(fields.of('snmp.version'));
  if (version === undefined) return '';
  if (tx.has(fields.of('encrypted'))) return eventObject('snmp', { version, pdu_type: 'encrypted' });
  const type = tx.numberOf(fields.of('snmp.pdu_type'));
  const error = tx.numberOf(fields.of('error'));
  const trap = tx.numberOf(fields.of('snmp.trap_type'));
  const enterprise = tx.bytesOf(fields.of('enterprise'));
  const vars = Array.from({ length: tx.countOf(fields.of('variable')) }, (_, index) =>
    objectName(tx.bytesOf(fields.of('variable'), index)!),
  );
  return eventObject('snmp', {
    version,
    pdu_type: type === undefined ? undefined : (TYPES[type] ?? `Unknown(0x${type.toString(16)})`),
    error: error === undefined || error === 0 ? undefined : (ERRORS[error] ?? `ErrorStatus(${error})`),
    trap_type: trap === undefined ? undefined : (TRAPS[trap] ?? `TrapType(${trap})`),
    trap_oid: enterprise && objectName(enterprise),
    trap_address: tx.bytesOf(fields.of('address'))?.join('.'),
    vars: vars.length > 0 ? vars : undefined,
    community: tx.textOf(fields.of('snmp.community')),
    usm: tx.textOf(fields.of('snmp.usm')),
  });
}

/** `1.3.6.1.2.1`: numbers of 7 bits a byte, the first of which is two. */
function objectName(bytes: Uint8Array): string {
  const numbers: number[] = [];
  let number = 0;
  for (const byte of bytes) {
    number = number * 128 + (byte & 0x7f);
    if (byte > 0x7f) continue;
    if (numbers.length === 0)
      numbers.push(Math.min(Math.floor(number / 40), 2), number - 40 * Math.min(Math.floor(number / 40), 2));
    else numbers.push(number);
    number = 0;
  }
  return numbers.join('.');
}
