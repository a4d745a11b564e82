/**
 * Takes a request line apart as servers do: white space before the method and of any kind behind it, a URI that ends at
 * the last blank, a protocol that need not be there. Stage: app. Reference: RFC 9112, section 3; Suricata for the rest.
 */
import { BLANK, isSpace, isText, skipSpace, startsWith, trimEnd } from './characters.js';

const METHODS = [
  'GET',
  'POST',
  'HEAD',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
  'PROPFIND',
  'PROPPATCH',
  'MKCOL',
  'COPY',
  'MOVE',
  'LOCK',
  'UNLOCK',
  'VERSION-CONTROL',
  'CHECKOUT',
  'UNCHECKOUT',
  'CHECKIN',
  'UPDATE',
  'LABEL',
  'REPORT',
  'MKWORKSPACE',
  'MKACTIVITY',
  'BASELINE-CONTROL',
  'MERGE',
  'SEARCH',
  'SUBSCRIBE',
  'NOTIFY',
  'RPC_IN_DATA',
  'RPC_OUT_DATA',
].map((name) => Uint8Array.from(name, (letter) => letter.charCodeAt(0)));

/** What is odd about a request line: bits. */
export const LINE_SPACE_BEFORE = 1;
export const LINE_METHOD_DELIMITER = 2;
export const LINE_URI_DELIMITER = 4;
export const LINE_INVALID = 8;

/** Versions: 0.9, 1.0 and 1.1 times ten; 0 for what is none of them. */
const HTTP_0_9 = 9;
const HTTP_1_0 = 10;
export const HTTP_1_1 = 11;

export class RequestLine {
  /** Offsets in memory. */
  methodStart = 0;
  methodEnd = 0;
  uriStart = 0;
  uriEnd = 0;
  protocolStart = 0;
  protocolEnd = 0;
  odd = 0;
  version = 0;

  /** Reads [from, end), a line without its end. */
  read(bytes: Uint8Array, from: number, end: number): void {
    this.odd = 0;
    this.methodStart = skipSpace(bytes, from, end);
    if (this.methodStart > from) this.odd |= LINE_SPACE_BEFORE;
    let at = this.methodStart;
    while (at < end && !isSpace(bytes[at]!)) at++;
    this.methodEnd = at;
    for (; at < end && isSpace(bytes[at]!); at++) if (bytes[at] !== BLANK) this.odd |= LINE_METHOD_DELIMITER;
    const last = trimEnd(bytes, at, end);
    this.splitRest(bytes, at, last);
    const hasProtocol = this.protocolStart < this.protocolEnd;
    this.version = hasProtocol ? versionOf(bytes, this.protocolStart, this.protocolEnd) : HTTP_0_9;
    if (this.version === 0 && !isMethod(bytes, this.methodStart, this.methodEnd)) this.odd |= LINE_INVALID;
  }

  /** Into URI and protocol, at the last blank, or at other white space where there is none. */
  private splitRest(bytes: Uint8Array, from: number, end: number): void {
    let blank = end;
    while (blank > from && bytes[blank - 1] !== BLANK) blank--;
    let other = blank > from ? blank : end;
    let uriEnd = trimEnd(bytes, from, other);
    for (let at = from; at < uriEnd; at++) {
      if (!isSpace(bytes[at]!) || bytes[at] === BLANK) continue;
      this.odd |= LINE_URI_DELIMITER;
      if (blank === from) blank = this.lastSpace(bytes, from, end);
      other = blank;
      uriEnd = trimEnd(bytes, from, other);
      break;
    }
    this.uriStart = from;
    this.uriEnd = uriEnd;
    this.protocolStart = blank > from ? skipSpace(bytes, blank, end) : end;
    this.protocolEnd = end;
  }

  private lastSpace(bytes: Uint8Array, from: number, end: number): number {
    let at = end;
    while (at > from && !isSpace(bytes[at - 1]!)) at--;
    return at;
  }
}

/** The version that [from, end) names, if it is one of HTTP's: zeros before it are passed over. */
export function versionOf(bytes: Uint8Array, from: number, end: number): number {
  let at = skipSpace(bytes, from, end);
  if (!startsWith(bytes, at, end, 'http')) return 0;
  at = skipSpace(bytes, at + 4, end);
  if (bytes[at] !== 47) return 0;
  at++;
  while (at < end && (isSpace(bytes[at]!) || bytes[at] === 48)) at++;
  const last = trimEnd(bytes, at, end);
  if (isText(bytes, at, last, '1.1')) return HTTP_1_1;
  if (isText(bytes, at, last, '1.0')) return HTTP_1_0;
  return isText(bytes, at, last, '.9') ? HTTP_0_9 : 0;
}

function isMethod(bytes: Uint8Array, from: number, end: number): boolean {
  return METHODS.some((method) => method.length === end - from && begins(bytes, from, end, method));
}

/**
 * Whether a request begins at `from`, as far as can be told from [from, end): a method that is known, or the beginning
 * of one; white space before it does not count.
 */
export function looksLikeRequest(bytes: Uint8Array, from: number, end: number): boolean {
  const start = skipSpace(bytes, from, end);
  let at = start;
  while (at < end && !isSpace(bytes[at]!)) at++;
  if (at < end) return isMethod(bytes, start, at);
  return METHODS.some((method) => begins(bytes, start, end, method));
}

function begins(bytes: Uint8Array, from: number, end: number, method: Uint8Array): boolean {
  if (end - from > method.length) return false;
  for (let index = from; index < end; index++) if (bytes[index] !== method[index - from]) return false;
  return true;
}
