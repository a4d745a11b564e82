/**
 * The header of a message of DCE/RPC over connections and pipes (C706, 12.6.1). Stage: app.
 *
 *   | 5 | minor | type | flags | order of bytes (4) | length (2) | length of what authenticates (2) | call (4) | …
 */
import { LAST_TYPE } from './type-names.js';

export const PDU_HEADER_BYTES = 16;
const VERSION = 5;
/** | type | level | padding | 0 | context (4) |, ahead of what authenticates. */
const TRAILER_HEADER_BYTES = 8;
const PADDING_AT = 2;

export const FLAG = { first: 1, last: 2, object: 0x80 } as const;

export class Pdu {
  type = 0;
  flags = 0;
  little = false;
  minor = 0;
  /** Of the whole message. */
  length = 0;
  callId = 0;
  private authenticationBytes = 0;

  /** Reads a header of which all bytes are there. @returns false where it is none. */
  read(bytes: Uint8Array, at: number): boolean {
    if (bytes[at] !== VERSION || bytes[at + 1] > 1 || bytes[at + 2] > LAST_TYPE) return false;
    this.minor = bytes[at + 1];
    this.type = bytes[at + 2];
    this.flags = bytes[at + 3];
    this.little = (bytes[at + 4] & 0x10) !== 0;
    this.length = this.u16(bytes, at + 8);
    this.authenticationBytes = this.u16(bytes, at + 10);
    this.callId =
      (this.u16(bytes, at + (this.little ? 14 : 12)) * 0x10000 + this.u16(bytes, at + (this.little ? 12 : 14))) >>> 0;
    return this.length >= PDU_HEADER_BYTES;
  }

  get isFirst(): boolean {
    return (this.flags & FLAG.first) !== 0;
  }

  get isLast(): boolean {
    return (this.flags & FLAG.last) !== 0;
  }

  /** Where the body ends that begins behind the header at `at`: in front of what authenticates, and its padding. */
  bodyEnd(bytes: Uint8Array, at: number): number {
    const end = at + this.length;
    if (this.authenticationBytes === 0) return end;
    const trailer = end - this.authenticationBytes - TRAILER_HEADER_BYTES;
    if (trailer < at + PDU_HEADER_BYTES) return end;
    return Math.max(at + PDU_HEADER_BYTES, trailer - bytes[trailer + PADDING_AT]);
  }

  private u16(bytes: Uint8Array, at: number): number {
    return this.little ? bytes[at] | (bytes[at + 1] << 8) : (bytes[at] << 8) | bytes[at + 1];
  }
}

/** Whether bytes look like the beginning of a message. */
export function beginsCall(bytes: Uint8Array, at: number, length: number): boolean {
  return length >= PDU_HEADER_BYTES && bytes[at] === VERSION && bytes[at + 1] <= 1 && bytes[at + 2] <= LAST_TYPE;
}
