/**
 * Long headers of QUIC (RFC 9000, 17.2). Stage: app. One object, filled by `read`; allocates nothing.
 *
 *   | form, type | version (4) | length, destination id | length, source id | token length, token | length | number …
 */
import { VERSION_2 } from './keys.js';

const LONG_FORM = 0x80;
const MOST_ID = 20;
export const PACKET = { initial: 0, early: 1, handshake: 2, retry: 3, negotiation: 4 } as const;

export class LongHeader {
  version = 0;
  /** One of `PACKET`. */
  type = 0;
  destinationAt = 0;
  destinationLength = 0;
  /** Where the packet number begins, and where the packet ends. */
  numberAt = 0;
  end = 0;
  private at = 0;

  /** Whether bytes begin with a long header. */
  static isLong(first: number): boolean {
    return (first & LONG_FORM) !== 0;
  }

  /** @returns false where it is malformed. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    if (start + 6 > end) return false;
    this.version =
      bytes[start + 1] * 0x1000000 + ((bytes[start + 2] << 16) | (bytes[start + 3] << 8) | bytes[start + 4]);
    this.type = this.typeOf(bytes[start]);
    this.at = start + 5;
    if (!this.skipId(bytes, end)) return false;
    this.destinationAt = this.at - bytes[start + 5];
    this.destinationLength = bytes[start + 5];
    if (!this.skipId(bytes, end)) return false;
    this.end = end;
    if (this.type === PACKET.negotiation || this.type === PACKET.retry) return true;
    if (this.type === PACKET.initial) {
      const token = this.varint(bytes, end);
      if (token < 0 || this.at + token > end) return false;
      this.at += token;
    }
    const length = this.varint(bytes, end);
    if (length < 0 || this.at + length > end) return false;
    this.numberAt = this.at;
    this.end = this.at + length;
    return true;
  }

  private typeOf(first: number): number {
    if (this.version === 0) return PACKET.negotiation;
    const bits = (first >>> 4) & 3;
    // Version 2 has them in another order, so that nobody relies on it.
    return this.version === VERSION_2 ? (bits + 3) & 3 : bits;
  }

  private skipId(bytes: Uint8Array, end: number): boolean {
    if (this.at >= end || bytes[this.at] > MOST_ID) return false;
    this.at += 1 + bytes[this.at];
    return this.at <= end;
  }

  private varint(bytes: Uint8Array, end: number): number {
    const value = varint(bytes, this.at, end);
    this.at += varintBytes(bytes[this.at]);
    return value;
  }
}

export const varintBytes = (first: number): number => 1 << (first >>> 6);

/** A number of 1, 2, 4 or 8 bytes (RFC 9000, 16); -1 where it is not whole, or larger than any packet. */
export function varint(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return -1;
  const size = varintBytes(bytes[at]);
  if (at + size > end) return -1;
  let value = bytes[at] & 0x3f;
  for (let index = 1; index < size; index++) value = value * 256 + bytes[at + index];
  return value > 0xffffffff ? -1 : value;
}
