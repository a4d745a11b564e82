/**
 * The `bittorrent_dht` object of events, with the members that Suricata 8 prints. Stage: app; called for events alone,
 * so it allocates. Bound: 8 KiB.
 */
import { eventObject, type EventMembers } from '../fields/event-object.js';
import type { FieldTable } from '../fields/field-table.js';
import type { PlainTransaction } from '../fields/plain-transaction.js';
import { addressText, printedHex } from '../printed-text.js';

const ID_BYTES = 20;
const PORT_BYTES = 2;
const IPV4_BYTES = 4;
const IPV6_BYTES = 16;

export function dhtObject(tx: PlainTransaction, fields: FieldTable): string {
  const bytes = (name: string): Uint8Array | undefined => tx.bytesOf(fields.of(name));
  const hex = (name: string): string | undefined => {
    const found = bytes(name);
    return found && hexOf(found);
  };
  const number = (name: string): number | undefined => tx.numberOf(fields.of(name));
  const nodes = nodesOf(bytes('response.nodes'), IPV4_BYTES);
  const nodes6 = nodesOf(bytes('response.nodes6'), IPV6_BYTES);
  const value = fields.of('response.value');
  const values = Array.from({ length: tx.countOf(value) }, (_, index) => peerOf(tx.bytesOf(value, index)!));
  const request = {
    id: hex('request.id'),
    target: hex('request.target'),
    info_hash: hex('request.info_hash'),
    token: hex('request.token'),
    implied_port: number('request.implied_port'),
    port: number('request.port'),
  };
  const response = {
    id: hex('response.id'),
    nodes: nodes.length > 0 ? nodes : undefined,
    nodes6: nodes6.length > 0 ? nodes6 : undefined,
    values: values.length > 0 ? values : undefined,
    token: hex('response.token'),
  };
  const error = { num: number('error.num'), msg: tx.textOf(fields.of('error.msg')) };
  return eventObject('bittorrent_dht', {
    transaction_id: hex('transaction_id') ?? '',
    client_version: hex('client_version'),
    request_type: tx.textOf(fields.of('request_type')),
    error: error.num === undefined ? undefined : error,
    request: request.id === undefined ? undefined : request,
    response: response.id === undefined ? undefined : response,
  });
}

const hexOf = (bytes: Uint8Array): string => printedHex(bytes, 0, bytes.length);

/** Compact nodes: an id, an address and a port each. */
function nodesOf(bytes: Uint8Array | undefined, addressBytes: number): EventMembers[] {
  if (bytes === undefined) return [];
  const size = ID_BYTES + addressBytes + PORT_BYTES;
  return Array.from({ length: Math.floor(bytes.length / size) }, (_, index) => {
    const node = bytes.subarray(index * size, (index + 1) * size);
    return { id: hexOf(node.subarray(0, ID_BYTES)), ...peerOf(node.subarray(ID_BYTES)) };
  });
}

function peerOf(bytes: Uint8Array): EventMembers {
  const port = bytes.length - PORT_BYTES;
  return { ip: addressText(bytes, 0, port), port: (bytes[port]! << 8) | bytes[port + 1]! };
}
