/**
 * Elements of BER, the encoding of ASN.1: tag, length, contents. Stage: detect (verify). Reference: ITU-T X.690; Suricata,
 * asn1; Snort 3, ber_data and ber_skip. Reads within [at, end) only; allocates nothing.
 *
 *   | class constructed tag | length, or 0x80 + its bytes | contents …
 */
const UNIVERSAL_BIT_STRING = 0x03;
const UNIVERSAL_REAL = 0x09;
const CONSTRUCTED = 0x20;
const LONG_TAG = 0x1f;
const MAX_REAL = 256;
/** Bytes of a long tag: any number that a protocol has. */
const MAX_TAG_BYTES = 8;
/** Elements looked at in one walk, as many as Suricata takes. */
const MAX_ELEMENTS = 256;

/** The header of one element; one object, filled by `read`. */
export class BerHeader {
  identifier = 0;
  /** Where the contents start. */
  contents = 0;
  /** Bytes of contents claimed; -1 for an indefinite length. */
  length = 0;

  /** False where no whole header stands at `at`. */
  read(bytes: Uint8Array, at: number, end: number): boolean {
    if (at >= end) return false;
    this.identifier = bytes[at++];
    if ((this.identifier & LONG_TAG) === LONG_TAG) {
      const tagEnd = Math.min(end, at + MAX_TAG_BYTES);
      while (at < tagEnd && (bytes[at] & 0x80) !== 0) at++;
      if (at === tagEnd) return false;
      at++;
    }
    if (at >= end) return false;
    const first = bytes[at++];
    if (first < 0x80) return this.found(at, first);
    if (first === 0x80) return this.found(at, -1);
    const size = first & 0x7f;
    if (size > 4 || at + size > end) return false;
    let length = 0;
    for (let i = 0; i < size; i++) length = length * 256 + bytes[at + i];
    return this.found(at + size, length);
  }

  private found(contents: number, length: number): true {
    this.contents = contents;
    this.length = length;
    return true;
  }
}

/**
 * Whether an element from `at` on has one of the faults: a BIT STRING whose unused bits outnumber its bits, a decimal REAL
 * of over 256 bytes, or (`oversize` >= 0) a claimed length over `oversize`. Constructed elements are entered.
 */
export function hasBerFault(header: BerHeader, bytes: Uint8Array, at: number, end: number, bitString: boolean, real: boolean, oversize: number): boolean {
  for (let element = 0; element < MAX_ELEMENTS && header.read(bytes, at, end); element++) {
    const { identifier, contents, length } = header;
    if (oversize >= 0 && length > oversize) return true;
    const first = contents < end && length > 0 ? bytes[contents] : -1;
    if (bitString && identifier === UNIVERSAL_BIT_STRING && first >= 0 && first > 8 * (length - 1)) return true;
    if (real && identifier === UNIVERSAL_REAL && first >= 0 && (first & 0xc0) === 0 && length > MAX_REAL) return true;
    at = (identifier & CONSTRUCTED) !== 0 || length < 0 ? contents : contents + length;
  }
  return false;
}
