/** What is kept of a message of IKE: for rules, and for events alone. Stage: app. */
import { FieldTable } from '../fields/field-table.js';
import { IKE_BUFFERS } from './buffers.js';

export const IKE_FIELDS = new FieldTable(IKE_BUFFERS, [
  'major',
  'minor',
  'message_id',
  'payload',
  'is_responder',
  'is_encrypted',
  'doi',
  'notification',
  'transform',
]);
const F = (name: string): number => IKE_FIELDS.of(name);

export const FIELD = {
  initiator: F('ike.init_spi'),
  responder: F('ike.resp_spi'),
  vendor: F('ike.vendor'),
  key: F('ike.key_exchange_payload'),
  keyLength: F('ike.key_exchange_payload_length'),
  nonce: F('ike.nonce_payload'),
  nonceLength: F('ike.nonce_payload_length'),
  exchange: F('ike.exchtype'),
  attribute: F('ike.chosen_sa_attribute'),
  major: F('major'),
  minor: F('minor'),
  message: F('message_id'),
  /** Types, in their order; of version 2 with the one that ends them. */
  payload: F('payload'),
  /** 1 for who answers. */
  isResponder: F('is_responder'),
  isEncrypted: F('is_encrypted'),
  doi: F('doi'),
  notification: F('notification'),
  /** How many attributes there were before each transform of the first proposal. */
  transform: F('transform'),
} as const;

/** An attribute is its type × ATTRIBUTE_BASE + its value; of version 2 the type is OWN_TYPE + that of its transform. */
export const ATTRIBUTE_BASE = 0x1_0000_0000;
export const OWN_TYPE = 256;
