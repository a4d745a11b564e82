/** What is told of messages that break the rules of IKE. Stage: app; data only. Names as Suricata's rules have them. */
import { protocolEvent as event } from '../protocol-event.js';

export const IKE_EVENTS = [
  event('malformed_data', 'A message is malformed, or breaks off.'),
  event('too_many_fields', 'A message holds more than is kept of it.'),
  event('no_encryption', 'A proposal of IKE 2 without encryption.'),
  event('weak_crypto_enc', 'A proposal of IKE 2 with encryption that is weak, as DES, 3DES or none.'),
  event('weak_crypto_prf', 'A proposal of IKE 2 with MD5 or SHA-1 to make keys.'),
  event('weak_crypto_auth', 'A proposal of IKE 2 with integrity that is weak, as MD5 or SHA-1.'),
  event('weak_crypto_no_auth', 'A proposal of IKE 2 without integrity, whose encryption has none.'),
  event('weak_crypto_dh', 'A proposal of IKE 2 with a group of 1536 bits or less.'),
  event('weak_crypto_no_dh', 'A proposal of IKE 2 without a group.'),
  event('invalid_proposal', 'A proposal of IKE 2 with no function to make keys, or no group, where there must be one.'),
  event('unknown_proposal', 'A proposal of IKE 2 with a type of transform that nobody has defined.'),
  event('multiple_server_proposal', 'The responder of IKE 2 answers with more than one proposal.'),
] as const;

export type IkeEventName = (typeof IKE_EVENTS)[number]['name'];

/** Number of an event. */
export const ikeEvent = (name: IkeEventName): number => IKE_EVENTS.findIndex((event) => event.name === name);
