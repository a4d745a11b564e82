/**
 * Base64 to bytes, as much of it as can be read. Stage: detect (verify). Reference: RFC 4648, RFC 2045; Suricata,
 * base64 keywords. Allocates nothing.
 */
import { BASE64_VALUES, NO_BASE64 } from '../../util/base64-values.js';

const SKIP_OTHERS = 1;
const REFUSE_OTHERS = 2;

const PADDING = 0x3d;

/**
 * Decodes `input[from, to)` into `output` (as long as there is room) and returns the number of bytes. The first
 * character outside the alphabet ends it (rfc4648), is passed over (rfc2045), or spoils all (strict); `mode` is an
 * index into BASE64_MODES. `=` ends it in every mode. A last group of two or three characters yields one or two bytes.
 */
export function decodeBase64(input: Uint8Array, from: number, to: number, output: Uint8Array, mode: number): number {
  let written = 0;
  let bits = 0;
  let held = 0;
  for (let at = from; at < to; at++) {
    const byte = input[at];
    if (byte === PADDING) break;
    const value = BASE64_VALUES[byte];
    if (value === NO_BASE64) {
      if (mode === SKIP_OTHERS) continue;
      if (mode === REFUSE_OTHERS) return 0;
      break;
    }
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    if (written === output.length) break;
    output[written++] = (held >>> bits) & 0xff;
  }
  return written;
}
