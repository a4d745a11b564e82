/** What rules look at in IKE. Stage: app; names and shapes alone. Reference: Suricata, IKE keywords. */
import type { BufferSpec } from '../buffer-spec.js';
import { fieldSpecs, number } from '../fields/field-spec.js';

const { both, toClient } = fieldSpecs('ike');

export const IKE_BUFFERS: readonly BufferSpec[] = [
  both('ike.init_spi', 'the SPI of the initiator, as 16 hexadecimal digits', { kind: 'single', lowercase: true }),
  both('ike.resp_spi', 'the SPI of the responder, as 16 hexadecimal digits', { kind: 'single', lowercase: true }),
  both('ike.vendor', 'each vendor id, as hexadecimal digits', { lowercase: true }),
  both('ike.key_exchange_payload', 'the public key', { kind: 'single' }),
  both('ike.nonce_payload', 'the nonce', { kind: 'single' }),
  both('ike.exchtype', 'the type of exchange', number(255)),
  both('ike.key_exchange_payload_length', 'the bytes of the public key', number(0xffff_ffff)),
  both('ike.nonce_payload_length', 'the bytes of the nonce', number(0xffff_ffff)),
  // Type × 2^32 + value (rule/options/ike.ts).
  toClient('ike.chosen_sa_attribute', 'each attribute of the chosen proposal', {
    ...number(Number.MAX_SAFE_INTEGER),
    keyword: '',
  }),
];

/** Attributes of transforms: of version 1 by their type, of version 2 by the type of transform (above 256). */
export const IKE_ATTRIBUTES: Readonly<Record<string, number>> = {
  alg_enc: 1,
  alg_hash: 2,
  alg_auth: 3,
  alg_dh: 4,
  sa_group_type: 5,
  sa_life_type: 11,
  sa_life_duration: 12,
  alg_prf: 13,
  sa_key_length: 14,
  sa_field_size: 15,
};
