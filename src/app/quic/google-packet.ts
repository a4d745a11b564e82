/**
 * Packets of Google's QUIC that are in the open: versions Q039 and Q043 to Q046. Stage: app. One object, filled by
 * `read`; allocates nothing.
 *
 *   flags | id (8) | version (4) | number (1, 2, 4 or 6) | hash (12) | frames …                   Q039, Q043
 *   form, type | version (4) | lengths of the ids | ids | number (4) | hash (12) | frames …       from Q044 on
 *
 *   frame of a stream | 1, fin, has length, offset (3 bits), id (2 bits) | id | offset | length (2) | data
 */
import { u16, u32 } from '../probe/answer.js';

const LONG_FORM = 0x80;
const FORM = 0xc9;
/** A version and an id of 8 bytes. */
const PUBLIC = 0x09;
const PUBLIC_VERSION_AT = 9;
const PUBLIC_BYTES = 13;
const NUMBER_BYTES = [1, 2, 4, 6] as const;
const LONG_BYTES = 6;
const LONG_NUMBER_BYTES = 4;
const HASH_BYTES = 12;
/** Of the type: Q046 has two bits of it, the versions before it have all. */
const INITIAL = 0x7f;
const INITIAL_BITS = 0x30;

/** Versions by their last digit, with the number that they have in CYU. */
const GOOGLE_VERSION = 0x51303430;
const CYU_VERSIONS: Readonly<Record<number, string>> = { 3: '43', 4: '44', 5: '44', 6: '46' };
const Q046 = GOOGLE_VERSION + 6;
/** The first that has its numbers in network order; nobody has said what its CYU is. */
const Q039 = 0x51303339;

const STREAM_FRAME = 0x80;
const HAS_LENGTH = 0x20;
const PADDING = 0;

export class GooglePacket {
  version = 0;
  /** Data of the stream frame at hand. */
  dataAt = 0;
  dataEnd = 0;
  private at = 0;
  private end = 0;

  /** @returns false where it is none. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    this.end = end;
    return (bytes[start] & LONG_FORM) === 0 ? this.readPublic(bytes, start) : this.readLong(bytes, start);
  }

  /** Goes to the next frame of a stream. @returns false where there is none. */
  next(bytes: Uint8Array): boolean {
    while (this.at < this.end && bytes[this.at] === PADDING) this.at++;
    if (this.at >= this.end || (bytes[this.at] & STREAM_FRAME) === 0) return false;
    const type = bytes[this.at];
    const offset = (type >>> 2) & 7;
    let at = this.at + 1 + (type & 3) + 1 + (offset === 0 ? 0 : offset + 1);
    let length = this.end - at;
    if ((type & HAS_LENGTH) !== 0) {
      length = u16(bytes, at);
      at += 2;
    }
    if (at > this.end || length > this.end - at) return false;
    this.dataAt = at;
    this.dataEnd = at + length;
    this.at = this.dataEnd;
    return true;
  }

  private readPublic(bytes: Uint8Array, start: number): boolean {
    if ((bytes[start] & FORM) !== PUBLIC || this.end - start < PUBLIC_BYTES) return false;
    this.version = u32(bytes, start + PUBLIC_VERSION_AT);
    this.at = start + PUBLIC_BYTES + NUMBER_BYTES[(bytes[start] >>> 4) & 3]! + HASH_BYTES;
    return isInTheOpen(this.version) && this.at <= this.end;
  }

  private readLong(bytes: Uint8Array, start: number): boolean {
    if (this.end - start < LONG_BYTES) return false;
    this.version = u32(bytes, start + 1);
    if (!isInTheOpen(this.version)) return false;
    const type = bytes[start] & INITIAL;
    const isInitial = this.version === Q046 ? (type & INITIAL_BITS) === 0 : type === INITIAL;
    const lengths = bytes[start + 5];
    this.at = start + LONG_BYTES + idBytes(lengths >>> 4) + idBytes(lengths & 0x0f) + LONG_NUMBER_BYTES + HASH_BYTES;
    // Of others no more than their version is read.
    if (!isInitial || this.at > this.end) this.at = this.end;
    return true;
  }
}

/** Whether tags of hellos of the version are in the open. */
export const isInTheOpen = (version: number): boolean => version === Q039 || cyuVersion(version) !== '';

/** The number of a version in CYU; '' where it has none. */
export const cyuVersion = (version: number): string => CYU_VERSIONS[version - GOOGLE_VERSION] ?? '';

const idBytes = (coded: number): number => (coded === 0 ? 0 : coded + 3);
