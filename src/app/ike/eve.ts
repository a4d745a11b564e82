/** The `ike` object of events, with the members that Suricata 8 prints. Stage: app; it allocates. */
import { eventObject, type EventMembers } from '../fields/event-object.js';
import type { PlainTransaction } from '../fields/plain-transaction.js';
import { ATTRIBUTE_BASE, FIELD } from './fields.js';
import {
  ATTRIBUTES_1,
  FIRST_PAYLOAD_2,
  FIRST_STATUS,
  NOTIFICATIONS,
  PAYLOADS_1,
  PAYLOADS_2,
  TRANSFORMS_2,
  UNKNOWN,
} from './names.js';
import { transformOf } from './transforms.js';

const numbersOf = (tx: PlainTransaction, field: number): number[] => tx.allOf(field) as number[];
const named = (names: readonly string[], value: number): string => names[value] || UNKNOWN;

export function ikeObject(tx: PlainTransaction): string {
  const isFirst = tx.numberOf(FIELD.major) === 1;
  return eventObject('ike', {
    version_major: tx.numberOf(FIELD.major),
    version_minor: tx.numberOf(FIELD.minor),
    init_spi: tx.textOf(FIELD.initiator),
    resp_spi: tx.textOf(FIELD.responder),
    message_id: tx.numberOf(FIELD.message),
    exchange_type: tx.numberOf(FIELD.exchange),
    ...(isFirst ? version1(tx) : version2(tx)),
  });
}

// ---------------------------------------------------------------------------------------------------- version 1

function version1(tx: PlainTransaction): EventMembers {
  const isResponder = tx.numberOf(FIELD.isResponder) === 1;
  const transforms = transformsOf(tx).map(members1);
  const payloads = [...new Set(numbersOf(tx, FIELD.payload))].map((type) => named(PAYLOADS_1, type));
  if (transforms.length > 0) payloads.push('Proposal', 'Transform');
  const isEncrypted = tx.numberOf(FIELD.isEncrypted) === 1;
  const vendors = tx.allOf(FIELD.vendor);
  const side: EventMembers = {
    key_exchange_payload: hexOf(tx, FIELD.key),
    key_exchange_payload_length: tx.numberOf(FIELD.keyLength),
    nonce_payload: hexOf(tx, FIELD.nonce),
    nonce_payload_length: tx.numberOf(FIELD.nonceLength),
    proposals: isResponder || transforms.length === 0 ? undefined : transforms,
  };
  return {
    ...(isResponder ? transforms[0] : {}),
    payload: payloads,
    ikev1: {
      doi: tx.numberOf(FIELD.doi),
      encrypted_payloads: isEncrypted,
      ...(isEncrypted ? {} : { client: isResponder ? {} : side, server: isResponder ? side : {} }),
      vendor_ids: vendors.length === 0 ? undefined : vendors,
    },
  };
}

/** The attributes of each transform. */
function transformsOf(tx: PlainTransaction): number[][] {
  const attributes = numbersOf(tx, FIELD.attribute);
  const starts = numbersOf(tx, FIELD.transform);
  return starts.map((start, index) => attributes.slice(start, starts[index + 1]));
}

function members1(attributes: readonly number[]): EventMembers {
  const members: Record<string, string | number> = {};
  for (const attribute of attributes) {
    const value = attribute % ATTRIBUTE_BASE;
    const [member, names] = ATTRIBUTES_1[Math.floor(attribute / ATTRIBUTE_BASE)] ?? [];
    if (member === undefined) continue;
    members[member] = named(names!, value);
    members[`${member}_raw`] = value;
  }
  return members;
}

function hexOf(tx: PlainTransaction, field: number): string | undefined {
  const bytes = tx.bytesOf(field);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('hex');
}

// ---------------------------------------------------------------------------------------------------- version 2

function version2(tx: PlainTransaction): EventMembers {
  const isResponder = tx.numberOf(FIELD.isResponder) === 1;
  const notified = numbersOf(tx, FIELD.notification);
  const notify = notified.map((type) => NOTIFICATIONS[type] ?? UNKNOWN);
  return {
    role: isResponder ? 'responder' : 'initiator',
    ...(isResponder ? chosen2(numbersOf(tx, FIELD.attribute)) : {}),
    payload: numbersOf(tx, FIELD.payload).map(payloadName2),
    ikev2: {
      errors: notified.filter((type) => type < FIRST_STATUS).length,
      notify: notify.length === 0 ? undefined : notify,
    },
  };
}

const payloadName2 = (type: number): string =>
  type === 0 ? 'NoNextPayload' : named(PAYLOADS_2, type - FIRST_PAYLOAD_2);

function chosen2(attributes: readonly number[]): EventMembers {
  const members: Record<string, string> = {};
  for (const attribute of attributes) {
    const [member, names] = TRANSFORMS_2[transformOf(Math.floor(attribute / ATTRIBUTE_BASE))] ?? [];
    if (member !== undefined) members[member] = named(names!, attribute % ATTRIBUTE_BASE);
  }
  return members;
}
