/** The `dhcp` object of events. Stage: app; called for events alone, so it allocates. Bound: 8 KiB. */
import { eventObject } from '../fields/event-object.js';
import type { FieldTable } from '../fields/field-table.js';
import type { PlainTransaction } from '../fields/plain-transaction.js';

const KINDS = ['', 'discover', 'offer', 'request', 'decline', 'ack', 'nak', 'release', 'inform'];
const REQUEST = 1;

export function dhcpObject(tx: PlainTransaction, fields: FieldTable): string {
  const head = Buffer.from(tx.bytesOf(fields.of('head')) ?? new Uint8Array(44));
  const address = (at: number): string => head.subarray(at, at + 4).join('.');
  const kind = tx.numberOf(fields.of('kind'));
  const requested = tx.bytesOf(fields.of('requested_ip'));
  return eventObject('dhcp', {
    type: head[0] === REQUEST ? 'request' : 'reply',
    id: head.readUInt32BE(4),
    client_mac: head
      .subarray(28, 34)
      .toString('hex')
      .replace(/(..)(?=.)/g, '$1:'),
    assigned_ip: address(16),
    client_ip: head[0] === REQUEST ? address(12) : undefined,
    relay_ip: head[0] === REQUEST ? undefined : address(24),
    next_server_ip: head[0] === REQUEST ? undefined : address(20),
    dhcp_type: kind === undefined ? undefined : (KINDS[kind] ?? 'unknown'),
    client_id: tx.textOf(fields.of('client_id')),
    hostname: tx.textOf(fields.of('hostname')),
    requested_ip: requested?.join('.'),
    lease_time: tx.numberOf(fields.of('dhcp.leasetime')),
    renewal_time: tx.numberOf(fields.of('dhcp.renewal_time')),
    rebinding_time: tx.numberOf(fields.of('dhcp.rebinding_time')),
  });
}
