/**
 * Base64 to bytes, as much of it as can be read. Stage: detect (verify). Reference: RFC 4648, RFC 2045; Suricata,
 * base64 keywords. Allocates nothing.
 */
import { BASE64_VALUES, NO_BASE64 } from '../../util/base64-values.js';

const SKIP_OTHERS = 1;
const REFUSE_OTHERS = 2;

const PADDING = 0x3d;
/** Characters that are three bytes. */
const GROUP = 4;

/**
 * Decodes `input[from, to)` into `output` (as long as there is room) and returns the number of bytes. The first
 * character outside the alphabet ends it (rfc4648), is passed over (rfc2045), or spoils all (strict); `mode` is an
 * index into BASE64_MODES. `=` fills a group of four up, and another text may follow. A last group of two or three
 * characters yields one or two bytes; strict wants it filled up, and nothing behind it.
 */
export function decodeBase64(input: Uint8Array, from: number, to: number, output: Uint8Array, mode: number): number {
  let written = 0;
  let held = 0;
  let digits = 0;
  let fill = 0;
  for (let at = from; at < to; at++) {
    const byte = input[at];
    const value = BASE64_VALUES[byte];
    if (byte === PADDING) fill++;
    else if (value === NO_BASE64) {
      if (mode === SKIP_OTHERS) continue;
      if (mode === REFUSE_OTHERS) return 0;
      break;
    } else if (fill > 0) {
      // Not what fills a group up: it ends there.
      if (mode === REFUSE_OTHERS) return 0;
      break;
    } else {
      held = (held << 6) | value;
      digits++;
    }
    if (digits + fill < GROUP) continue;
    written = give(output, written, held, digits);
    if (mode === REFUSE_OTHERS && (digits < 2 || (fill > 0 && at + 1 < to))) return 0;
    held = digits = fill = 0;
  }
  if (digits + fill === 0) return written;
  return mode === REFUSE_OTHERS ? 0 : give(output, written, held, digits);
}

/** Writes what `digits` of a group say, where there is room. @returns bytes written so far. */
function give(output: Uint8Array, written: number, held: number, digits: number): number {
  const bits = held << (6 * (GROUP - digits));
  for (let count = digits - 1, shift = 16; count > 0 && written < output.length; count--, shift -= 8) {
    output[written++] = (bits >>> shift) & 0xff;
  }
  return written;
}
