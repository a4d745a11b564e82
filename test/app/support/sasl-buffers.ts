/** Buffers of SASL security layers (RFC 4422, 3.7) for tests: messages that are signed, or sealed. */
import { concat, toBytes, u16, u32, type Payload } from '../../support/packet-builder.js';
import { der } from './certificates.js';

const filled = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte);
const NUMBER = [0, 0, 0, 0, 0, 0, 0, 1];
const KERBEROS = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2];

/** Behind its length. */
export const buffer = (token: Payload): Uint8Array => concat(u32(toBytes(token).length), token);

export interface Turned {
  readonly turns?: number;
  readonly flags?: number;
  readonly sumBytes?: number;
}

/** RFC 4121, 4.2.6.2: the text and its check sum, turned to the right. */
export function kerberos(text: Payload, { turns = 0, flags = 1, sumBytes = 12 }: Turned = {}): Uint8Array {
  const body = concat(text, filled(sumBytes, 0xcc));
  const ahead = body.length === 0 ? 0 : turns % body.length;
  const turned = concat(body.subarray(body.length - ahead), body.subarray(0, body.length - ahead));
  return buffer(concat([5, 4, flags, 0xff], u16(sumBytes), u16(turns), NUMBER, turned));
}

/** RFC 1964, 1.2.2, and RFC 4757, 7.3: with bytes of chance in front, and padding behind. */
export function oldKerberos(text: Payload, by: 'DES' | 'DES3' | 'RC4' = 'DES', seal = 0xffff): Uint8Array {
  const { length } = toBytes(text);
  const padding = by === 'RC4' ? 1 : 8 - (length & 7);
  const algorithm = { DES: 0, DES3: 0x0400, RC4: 0x1100 }[by];
  const head = concat([2, 1], u16(algorithm), u16(seal), [0xff, 0xff], NUMBER, filled(by === 'DES3' ? 20 : 8, 0xcc));
  return buffer(der(0x60, KERBEROS, head, filled(8, 0x5a), text, filled(padding, padding)));
}

/** MS-NLMP, 2.2.2.9.1. */
export const ntlm = (text: Payload): Uint8Array => buffer(concat([1, 0, 0, 0], filled(8, 0xcc), u32(7), text));

/** RFC 2831, 2.3. */
export const digest = (text: Payload): Uint8Array => buffer(concat(text, filled(10, 0xcc), u16(1), u32(7)));
