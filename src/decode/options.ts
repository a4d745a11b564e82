/**
 * The list of options that IPv4 (RFC 791) and TCP (RFC 9293) headers end with: kind(1) length(1) data, where kinds 0
 * (end) and 1 (no operation) are single bytes. No allocation.
 */
const OPTION_END = 0;
const OPTION_NOP = 1;

/** Whether every option between `at` and `end` lies within them; the caller has checked that they are present. */
export function optionsFit(bytes: Uint8Array, at: number, end: number): boolean {
  let next = at;
  while (next < end) {
    const kind = bytes[next];
    if (kind === OPTION_END) return true;
    if (kind === OPTION_NOP) {
      next++;
      continue;
    }
    if (next + 1 >= end) return false;
    const length = bytes[next + 1];
    if (length < 2 || next + length > end) return false;
    next += length;
  }
  return true;
}
