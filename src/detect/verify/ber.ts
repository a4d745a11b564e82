/**
 * Faults in elements of BER, the encoding of ASN.1. Stage: detect (verify). Reference: ITU-T X.690; Suricata, asn1;
 * Snort 3, ber_data and ber_skip. Reads within [at, end) only; allocates nothing.
 */
import type { BerHeader } from '../../util/ber.js';

const UNIVERSAL_BIT_STRING = 0x03;
const UNIVERSAL_REAL = 0x09;
const CONSTRUCTED = 0x20;
const MAX_REAL = 256;
/** Elements looked at in one walk, as many as Suricata takes. */
const MAX_ELEMENTS = 256;

/**
 * Whether an element from `at` on has one of the faults: a BIT STRING whose unused bits outnumber its bits, a decimal
 * REAL of over 256 bytes, or (`oversize` >= 0) a claimed length over `oversize`. Constructed elements are entered.
 */
export function hasBerFault(
  header: BerHeader,
  bytes: Uint8Array,
  at: number,
  end: number,
  bitString: boolean,
  real: boolean,
  oversize: number,
): boolean {
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
