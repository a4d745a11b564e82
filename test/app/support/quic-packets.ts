/** Initial packets of QUIC for tests, protected as a client or a server does (RFC 9001, 5). */
import { createCipheriv } from 'node:crypto';
import { InitialKeys, VERSION_2 } from '../../../src/app/quic/keys.js';
import { concat, toBytes, u16, u32, type Payload } from '../../support/packet-builder.js';

export interface InitialFields {
  readonly version?: number;
  /** What the client chose for the server in its first packet: keys are made of it. */
  readonly keyId?: Uint8Array;
  readonly destination?: Uint8Array;
  readonly source?: Payload;
  readonly token?: Payload;
  readonly number?: number;
  readonly side?: 'client in' | 'server in';
  /** Bytes of frames, padding included. */
  readonly size?: number;
}

export const CONNECTION_ID = Uint8Array.from([0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08]);

/** A number of two bytes. */
const two = (value: number): number[] => u16(0x4000 | value);
const withLength = (bytes: Payload): Uint8Array => concat([toBytes(bytes).length], bytes);

export const cryptoFrame = (offset: number, data: Payload): Uint8Array =>
  concat([6], two(offset), two(toBytes(data).length), data);

export function initialPacket(frames: Payload, fields: InitialFields = {}): Uint8Array {
  const { version = 1, keyId = CONNECTION_ID, destination = keyId, source = [], token = [], size = 1162 } = fields;
  const { number = 2, side = 'client in' } = fields;
  const plain = concat(frames, new Uint8Array(Math.max(0, size - toBytes(frames).length)));
  const type = version === VERSION_2 ? 1 : 0;
  const tail = concat(withLength(token), two(plain.length + 4 + 16), u32(number));
  const head = concat([0xc3 | (type << 4)], u32(version), withLength(destination), withLength(source), tail);
  const numberAt = head.length - 4;
  const keys = new InitialKeys(version, keyId, side);
  const nonce = Buffer.from(keys.iv);
  nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ number) >>> 0, 8);
  const cipher = createCipheriv('aes-128-gcm', keys.key, nonce);
  cipher.setAAD(head);
  const body = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  const mask = createCipheriv('aes-128-ecb', keys.headerKey, null).setAutoPadding(false).update(body.subarray(0, 16));
  const protectedHead = head.slice();
  protectedHead[0]! ^= mask[0]! & 0x0f;
  for (let index = 0; index < 4; index++) protectedHead[numberAt + index]! ^= mask[1 + index]!;
  return concat(protectedHead, body);
}

/** The frames of a message, `cut` bytes each, in that order of pieces. */
export function messageFrames(
  message: Uint8Array,
  cut: number,
  order = (pieces: number[]): number[] => pieces,
): Uint8Array[] {
  const pieces = Array.from({ length: Math.ceil(message.length / cut) }, (_, index) => index * cut);
  return order(pieces).map((at) => cryptoFrame(at, message.slice(at, at + cut)));
}

const low = (value: number, bytes: number): number[] =>
  Array.from({ length: bytes }, (_, index) => (value >>> (8 * index)) & 0xff);

/** A message of Google's QUIC: tags and their values. */
export function googleMessage(tags: readonly (readonly [tag: string, value: Payload])[], name = 'CHLO'): Uint8Array {
  let end = 0;
  const heads = tags.map(([tag, value]) => {
    end += toBytes(value).length;
    return concat(tag.padEnd(4, '\0'), low(end, 4));
  });
  return concat(name.padEnd(4, '\0'), low(tags.length, 2), [0, 0], ...heads, ...tags.map(([, value]) => value));
}

export const streamFrame = (data: Payload): Uint8Array => concat([0xa0, 1], u16(toBytes(data).length), data);

const GOOGLE_ID = new Uint8Array(8).fill(7);
const HASH = new Uint8Array(12).fill(9);

/** With the public header of Q039 or Q043. */
export const publicPacket = (frames: Payload, version = 'Q043'): Uint8Array =>
  concat([0x09], GOOGLE_ID, version, [1], HASH, frames);
/** With the long header of Q044 to Q046; `first` is 0xff, or 0xc3 of Q046. */
export const googlePacket = (version: string, first: number, frames: Payload): Uint8Array =>
  concat([first], version, [0x50], GOOGLE_ID, u32(1), HASH, frames);
