/**
 * The header of a datagram of DCE/RPC (C706, 12.5). Stage: app; 80 bytes, of which all are there.
 *
 *   | 4 | type | flags (2) | order of bytes (3) | serial | object (16) | interface (16) | activity (16) | boot (4) |
 *   | version of the interface (4) | sequence (4) | opnum (2) | hints (4) | length (2) | fragment (2) | auth | serial |
 */
export const DATAGRAM_HEADER_BYTES = 80;
const VERSION = 4;
const LAST_TYPE = 10;
const FLAG = { last: 2, fragment: 4 } as const;

export const DATAGRAM = { interface: 24, activity: 40 } as const;

export class Datagram {
  type = 0;
  little = false;
  isLast = false;
  version = 0;
  sequence = 0;
  opnum = 0;
  length = 0;
  fragment = 0;

  /** @returns false where it is none. */
  read(bytes: Uint8Array, at: number): boolean {
    if (bytes[at] !== VERSION || (bytes[at + 1] & 0x1f) > LAST_TYPE) return false;
    this.type = bytes[at + 1] & 0x1f;
    const flags = bytes[at + 2];
    this.isLast = (flags & FLAG.fragment) === 0 || (flags & FLAG.last) !== 0;
    this.little = (bytes[at + 4] & 0x10) !== 0;
    this.version = this.u16(bytes, this.little ? at + 60 : at + 62);
    this.sequence =
      (this.u16(bytes, at + (this.little ? 66 : 64)) * 0x10000 + this.u16(bytes, at + (this.little ? 64 : 66))) >>> 0;
    this.opnum = this.u16(bytes, at + 68);
    this.length = this.u16(bytes, at + 74);
    this.fragment = this.u16(bytes, at + 76);
    return true;
  }

  private u16(bytes: Uint8Array, at: number): number {
    return this.little ? bytes[at] | (bytes[at + 1] << 8) : (bytes[at] << 8) | bytes[at + 1];
  }
}
