/** The `ike` object of events, with the values that Suricata 8.0.7 printed, but for what docs/protocols/ike.md says. */
import { describe, expect, it } from 'vitest';
import { IKE, IKE_EVENTS } from '../../../src/app/ike/index.js';
import { u16, u32 } from '../../support/packet-builder.js';
import { association1, association2, attribute, message, payload } from '../support/ike-messages.js';
import { Talk } from '../support/talk.js';

const NONE = '0000000000000000';
const THEIRS = '1112131415161718';
const CHOSEN = [attribute(1, 7), attribute(14, 256), attribute(2, 4), attribute(4, 14), attribute(3, 1)];
const PROPOSAL = association2([
  [
    [1, 12, attribute(14, 256)],
    [2, 5],
    [3, 12],
    [4, 31],
    [5, 0],
  ],
]);
const AGREED = {
  alg_enc: 'EncAesCbc',
  alg_enc_raw: 7,
  sa_key_length: 'Unknown',
  sa_key_length_raw: 256,
  alg_hash: 'HashSha2_256',
  alg_hash_raw: 4,
  alg_dh: 'GroupModp2048Bit',
  alg_dh_raw: 14,
  alg_auth: 'AuthPreSharedKey',
  alg_auth_raw: 1,
};
const head = (version: number, exchange: number, responder = NONE): object => ({
  version_major: version,
  version_minor: 0,
  init_spi: '0102030405060708',
  resp_spi: responder,
  message_id: 0,
  exchange_type: exchange,
});

function objectOf(direction: '>' | '<', bytes: Uint8Array): unknown {
  const talk = new Talk(IKE, [], IKE_EVENTS, 8);
  talk.datagram(direction, bytes);
  expect(talk.seen).toHaveLength(1);
  return (JSON.parse(`{${talk.seen[0]!.eve}}`) as { ike: unknown }).ike;
}

describe('the object of IKE', () => {
  it('has what a client of version 1 proposes', () => {
    const bytes = message(1, 0x10, 2, 0, NONE, payload(0, association1(CHOSEN, [attribute(1, 99)])));
    expect(objectOf('>', bytes)).toEqual({
      ...head(1, 2),
      payload: ['SecurityAssociation', 'Proposal', 'Transform'],
      ikev1: {
        doi: 1,
        encrypted_payloads: false,
        client: { proposals: [AGREED, { alg_enc: 'Unknown', alg_enc_raw: 99 }] },
        server: {},
      },
    });
  });

  it('has what a server of version 1 has chosen', () => {
    const bytes = message(1, 0x10, 2, 0, THEIRS, payload(0, association1(CHOSEN)));
    expect(objectOf('<', bytes)).toEqual({
      ...head(1, 2, THEIRS),
      ...AGREED,
      payload: ['SecurityAssociation', 'Proposal', 'Transform'],
      ikev1: { doi: 1, encrypted_payloads: false, client: {}, server: {} },
    });
  });

  it('has keys, nonces and vendors of version 1', () => {
    const payloads = [payload(10, [9, 8, 7]), payload(13, 'nonc'), payload(0, 'vendor')];
    expect(objectOf('>', message(4, 0x10, 4, 0, NONE, ...payloads))).toEqual({
      ...head(1, 4),
      payload: ['KeyExchange', 'Nonce', 'VendorID'],
      ikev1: {
        encrypted_payloads: false,
        client: {
          key_exchange_payload: '090807',
          key_exchange_payload_length: 3,
          nonce_payload: '6e6f6e63',
          nonce_payload_length: 4,
        },
        server: {},
        vendor_ids: ['76656e646f72'],
      },
    });
  });

  it('has no more than the first payload of what version 1 encrypts', () => {
    expect(objectOf('>', message(8, 0x10, 5, 1, THEIRS, payload(0, 'abcdefgh')))).toEqual({
      ...head(1, 5, THEIRS),
      payload: ['Hash'],
      ikev1: { encrypted_payloads: true },
    });
  });

  it('has what a responder of version 2 has chosen', () => {
    expect(objectOf('<', message(33, 0x20, 34, 0x20, THEIRS, payload(0, PROPOSAL)))).toEqual({
      ...head(2, 34, THEIRS),
      role: 'responder',
      alg_enc: 'ENCR_AES_CBC',
      alg_prf: 'PRF_HMAC_SHA2_256',
      alg_auth: 'AUTH_HMAC_SHA2_256_128',
      alg_dh: 'Curve25519',
      alg_esn: 'NoESN',
      payload: ['SecurityAssociation', 'NoNextPayload'],
      ikev2: { errors: 0 },
    });
  });

  it('has the notifications of version 2, and how many of them are errors', () => {
    const notify = (next: number, type: number): Uint8Array => payload(next, [0, 0], u16(type), u32(1));
    const bytes = message(41, 0x20, 34, 8, NONE, notify(41, 14), notify(41, 16388), notify(0, 40));
    expect(objectOf('>', bytes)).toEqual({
      ...head(2, 34),
      role: 'initiator',
      payload: ['Notify', 'Notify', 'Notify', 'NoNextPayload'],
      ikev2: { errors: 2, notify: ['NO_PROPOSAL_CHOSEN', 'NAT_DETECTION_SOURCE_IP', 'Unknown'] },
    });
  });

  it('names what lies within what version 2 encrypts', () => {
    expect(objectOf('>', message(46, 0x20, 35, 8, THEIRS, payload(35, 'abcdefgh')))).toEqual({
      ...head(2, 35, THEIRS),
      role: 'initiator',
      payload: ['EncryptedAndAuthenticated', 'IdentInitiator'],
      ikev2: { errors: 0 },
    });
  });
});
