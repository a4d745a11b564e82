/**
 * What belongs to a status line behind its LF or CR, where servers end it oddly: a CR, or an empty line that headers
 * or another status line follow. Stage: app. No standard has it; it was asked of Suricata, so that what browsers may
 * take is inspected.
 */
import { BLANK, COLON, CR, isToken, LF, TAB } from './characters.js';
import { looksLikeStatus, STATUS } from './status-line.js';

/** More bytes are needed. */
export const UNDECIDED_REST = -1;
/** Longer ones are no names of headers. */
const NAME_LIMIT = 256;

/** @returns bytes at `from`, behind the line end, that belong to it, or UNDECIDED_REST; `last`: nothing follows. */
export function statusLineRest(bytes: Uint8Array, from: number, end: number, last: boolean): number {
  if (from === end) return 0;
  const first = bytes[from];
  if (first !== CR && first !== LF) return 0;
  let at = from + 1;
  if (first === CR) {
    if (at === end || bytes[at] === LF) return 0;
  } else if (at + 1 < end && bytes[at] === CR && bytes[at + 1] !== LF) {
    at++;
  }
  // A blank before an empty line that LF or CR alone ends: that ends the headers.
  const line = at < end && isBlank(bytes[at]!) ? at + 1 : at;
  if (line + 1 >= end && !last) return UNDECIDED_REST;
  if (line < end && (bytes[line] === LF || (bytes[line] === CR && (line === at || bytes[line + 1] !== LF)))) {
    return line - from;
  }
  if (first === CR) return 1;
  if (looksLikeStatus(bytes, at, end, last) === STATUS) return at - from;
  const name = nameEnd(bytes, at, end);
  if (name === end && !last) return UNDECIDED_REST;
  return name > at && name < end && bytes[name] === COLON ? at - from : 0;
}

const isBlank = (byte: number): boolean => byte === BLANK || byte === TAB || byte === 0;

/** Behind a name at `from`, and blanks in and around it. */
function nameEnd(bytes: Uint8Array, from: number, end: number): number {
  const limit = Math.min(end, from + NAME_LIMIT);
  let at = from;
  while (at < limit && (isToken(bytes[at]!) || bytes[at] === BLANK || bytes[at] === TAB)) at++;
  return at;
}
