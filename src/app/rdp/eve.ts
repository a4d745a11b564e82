/**
 * The `rdp` object of events, with the members that Suricata 8 prints. Stage: app; called for events alone, so it
 * allocates. Bound: 8 KiB.
 */
import { eventObject, type EventMembers } from '../fields/event-object.js';
import type { PlainTransaction } from '../fields/plain-transaction.js';
import { buildName, CAPABILITIES, DEPTHS, HINTS, KEYBOARDS, LAYOUTS, VERSIONS } from './client-names.js';
import { MESSAGE_TYPE, RDP_FIELD as F } from './fields.js';

const REQUEST_FLAGS: Readonly<Record<number, string>> = {
  1: 'restricted_admin_mode_required',
  2: 'redirected_authentication_mode_required',
  8: 'correlation_info_present',
};
const ANSWER_FLAGS: Readonly<Record<number, string>> = {
  1: 'extended_client_data',
  2: 'dynvc_gfx',
  8: 'restricted_admin',
  16: 'redirected_authentication',
};
const SECURITY: Readonly<Record<number, string>> = { 0: 'rdp', 1: 'ssl', 2: 'hybrid', 4: 'rds_tls', 8: 'hybrid_ex' };
const FAILURES: readonly string[] = [
  '',
  'ssl required by server',
  'ssl not allowed by server',
  'ssl cert not on server',
  'inconsistent flags',
  'hybrid required by server',
  'ssl with user auth required by server',
];
const UNKNOWN = 'unknown';

export function rdpObject(tx: PlainTransaction): string {
  const message = tx.numberOf(F.message);
  if (message === undefined) return '';
  return eventObject('rdp', { tx_id: tx.id + 1, ...membersOf(tx, message) });
}

function membersOf(tx: PlainTransaction, message: number): EventMembers {
  const flags = tx.numberOf(F.flags) ?? 0;
  switch (message) {
    case MESSAGE_TYPE.request:
      return {
        event_type: 'initial_request',
        cookie: tx.textOf(F.cookie),
        flags: flags === 0 ? undefined : namesOf(REQUEST_FLAGS, flags),
      };
    case MESSAGE_TYPE.confirm:
      return { event_type: 'initial_response', ...answerOf(tx, flags) };
    case MESSAGE_TYPE.connect: {
      const channels = tx.allOf(F.channel);
      return {
        event_type: 'connect_request',
        client: clientOf(tx),
        channels: channels.length === 0 ? undefined : channels,
      };
    }
    default:
      return { event_type: 'connect_response' };
  }
}

function answerOf(tx: PlainTransaction, flags: number): EventMembers {
  const failure = tx.numberOf(F.failure);
  const security = tx.numberOf(F.security);
  if (failure !== undefined) return { error_code: failure, reason: FAILURES[failure] ?? UNKNOWN };
  if (security === undefined) return {};
  return {
    server_supports: flags === 0 ? undefined : namesOf(ANSWER_FLAGS, flags),
    protocol: SECURITY[security] ?? UNKNOWN,
  };
}

const namesOf = (names: Readonly<Record<number, string>>, bits: number): string[] =>
  Object.entries(names).flatMap(([bit, name]) => ((bits & Number(bit)) !== 0 ? name : []));

const wideText = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : Buffer.from(bytes).toString('utf16le');

/** What stands behind the first 128 bytes is there where the client says so much. */
function clientOf(tx: PlainTransaction): EventMembers | undefined {
  const bytes = tx.bytesOf(F.core);
  if (bytes === undefined) return undefined;
  const core = Buffer.from(bytes);
  const u16 = (at: number): number | undefined => (at + 2 <= core.length ? core.readUInt16LE(at) : undefined);
  const u32 = (at: number): number | undefined => (at + 4 <= core.length ? core.readUInt32LE(at) : undefined);
  const orNone = (number: number | undefined): number | undefined => (number === 0 ? undefined : number);
  const capabilities = u16(140) ?? 0;
  return {
    version: VERSIONS[u32(0)!] ?? UNKNOWN,
    desktop_width: u16(4),
    desktop_height: u16(6),
    color_depth: DEPTHS.high[u16(136) ?? 0] ?? DEPTHS.other[u16(128) ?? 0] ?? DEPTHS.first[u16(8)!],
    keyboard_layout: LAYOUTS[u32(12)!] ?? UNKNOWN,
    build: buildName(u32(16)!),
    client_name: wideText(tx.bytesOf(F.name)),
    keyboard_type: KEYBOARDS[u32(52)!],
    keyboard_subtype: orNone(u32(56)),
    function_keys: orNone(u32(60)),
    product_id: u16(130),
    serial_number: orNone(u32(132)),
    capabilities: capabilities === 0 ? undefined : namesOf(CAPABILITIES, capabilities),
    id: wideText(tx.bytesOf(F.product)),
    connection_hint: HINTS[core[206] ?? 0],
  };
}
