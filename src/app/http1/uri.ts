/**
 * Finds the parts of a request's URI, and makes of path and query what a server sees. Stage: app.
 *
 * The path: escapes and `%u` are decoded, backslashes are slashes, of several slashes one stays, UTF-8 becomes the
 * byte that its character looks like, dot segments go (RFC 3986, 5.2.4). The query and the fragment: decoded only.
 * Damaged escapes stay as they are. A URI that all this leaves as it is, as most are, is not copied.
 */
import type { TextBlock } from '../text-block.js';
import { bestFit } from './best-fit.js';
import { COLON, hexValue, isHex } from './characters.js';
import type { UriSettings } from './settings.js';

const SLASH = 47;
const DOT = 46;
const PERCENT = 37;
const BACKSLASH = 92;
const QUESTION = 63;
const HASH = 35;
const AT = 64;
const PLUS = 43;
const LETTER_U = 117;

/** Where the parts of a URI are: offsets in memory; -1 for those that it does not have. */
export class UriParts {
  hostStart = -1;
  hostEnd = -1;
  portStart = -1;
  portEnd = -1;
  path = 0;
  /** Where the path ends: at the query, the fragment or the end. */
  pathEnd = 0;
  /** Where the fragment begins, or the end. */
  queryEnd = 0;
  end = 0;

  /** Splits [from, end); `authority`: it is a host and a port alone, as behind CONNECT. */
  split(bytes: Uint8Array, from: number, end: number, authority: boolean): void {
    this.hostStart = -1;
    this.hostEnd = -1;
    this.portStart = -1;
    this.portEnd = -1;
    this.path = authority ? end : this.afterAuthority(bytes, from, end);
    if (authority) this.splitHost(bytes, from, end);
    let at = this.path;
    while (at < end && bytes[at] !== QUESTION && bytes[at] !== HASH) at++;
    this.pathEnd = at;
    while (at < end && bytes[at] !== HASH) at++;
    this.queryEnd = at;
    this.end = end;
  }

  /** Moves all offsets, as the text that they count from does. */
  shift(by: number): void {
    if (this.hostStart >= 0) {
      this.hostStart += by;
      this.hostEnd += by;
    }
    if (this.portStart >= 0) {
      this.portStart += by;
      this.portEnd += by;
    }
    this.path += by;
    this.pathEnd += by;
    this.queryEnd += by;
    this.end += by;
  }

  /** Behind `scheme://user:password@host:port`, if it is there. */
  private afterAuthority(bytes: Uint8Array, from: number, end: number): number {
    let at = from;
    while (at < end && !isDelimiter(bytes[at]!) && bytes[at] !== COLON) at++;
    if (at === end || bytes[at] !== COLON || at === from) return from;
    const scheme = at + 1;
    if (scheme + 2 > end || bytes[scheme] !== SLASH || bytes[scheme + 1] !== SLASH) return scheme;
    let authorityEnd = scheme + 2;
    while (authorityEnd < end && !isDelimiter(bytes[authorityEnd]!)) authorityEnd++;
    let host = authorityEnd;
    while (host > scheme + 2 && bytes[host - 1] !== AT) host--;
    if (authorityEnd > scheme + 2) this.splitHost(bytes, host, authorityEnd);
    return authorityEnd;
  }

  private splitHost(bytes: Uint8Array, from: number, end: number): void {
    const colon = hostEnd(bytes, from, end);
    this.hostStart = from;
    this.hostEnd = colon;
    if (colon < end && bytes[colon] === COLON) {
      this.portStart = colon + 1;
      this.portEnd = end;
    }
  }
}

const isDelimiter = (byte: number): boolean => byte === SLASH || byte === QUESTION || byte === HASH;

/** Where the host name at `from` ends: at a colon, or at a delimiter; behind the bracket of an IPv6 address. */
export function hostEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  if (bytes[at] === 91) {
    while (at < end && bytes[at] !== 93 && !isDelimiter(bytes[at]!)) at++;
    if (at < end && bytes[at] === 93) return at + 1;
    return at;
  }
  while (at < end && bytes[at] !== COLON && !isDelimiter(bytes[at]!)) at++;
  return at;
}

/** Whether the parts are what a server sees already. */
export function isNormal(bytes: Uint8Array, parts: UriParts, settings: UriSettings): boolean {
  let before = 0;
  for (let at = parts.path; at < parts.pathEnd; at++) {
    const byte = bytes[at]!;
    if (byte === PERCENT || byte >= 0x80 || (byte === BACKSLASH && settings.backslashes)) return false;
    if (byte === SLASH && before === SLASH) return false;
    if (byte === DOT && (before === SLASH || at === parts.path)) return false;
    before = byte;
  }
  for (let at = parts.pathEnd; at < parts.end; at++) {
    if (bytes[at] === PERCENT || (bytes[at] === PLUS && settings.plus)) return false;
  }
  return true;
}

/**
 * Appends what a server sees of the path and what follows it. There is room for as many bytes as it has.
 * @returns whether escapes hid others.
 */
export function normalise(bytes: Uint8Array, parts: UriParts, settings: UriSettings, out: TextBlock): boolean {
  const start = out.start + out.length;
  let end = decode(bytes, parts.path, parts.pathEnd, start, settings, true, false);
  end = removeDots(bytes, start, transcode(bytes, start, end));
  let twice = false;
  if (settings.twiceInPath) {
    const once = end;
    end = decode(bytes, start, end, start, settings, false, false);
    twice = end < once;
  }
  const query = end;
  end = decode(bytes, parts.pathEnd, parts.queryEnd, query, settings, false, settings.plus);
  if (settings.twiceInQuery) {
    const once = end;
    end = decode(bytes, query, end, query, settings, false, false);
    twice ||= end < once;
  }
  end = decode(bytes, parts.queryEnd, parts.end, end, settings, false, false);
  out.length += end - start;
  return twice;
}

/** Appends [from, end), decoded. There is room for as many bytes. */
export function decodeTo(bytes: Uint8Array, from: number, end: number, settings: UriSettings, out: TextBlock): void {
  const to = out.start + out.length;
  out.length += decode(bytes, from, end, to, settings, false, false) - to;
}

/** Decodes [from, end) to `to`, which may be `from`. @returns where it ends. */
function decode(
  bytes: Uint8Array,
  from: number,
  end: number,
  to: number,
  settings: UriSettings,
  path: boolean,
  plus: boolean,
): number {
  let out = to;
  for (let at = from; at < end; at++) {
    let byte = bytes[at]!;
    if (byte === PERCENT) {
      const length = escapeLength(bytes, at, end, settings.unicode);
      if (length > 0) {
        byte = escaped(bytes, at, length);
        at += length - 1;
      }
    } else if (plus && byte === PLUS) {
      byte = 32;
    }
    if (path) {
      if (byte === BACKSLASH && settings.backslashes) byte = SLASH;
      if (byte === SLASH && out > to && bytes[out - 1] === SLASH) continue;
    }
    bytes[out++] = byte;
  }
  return out;
}

/** 3 for `%41`, 6 for `%u0041`, 0 for what is no escape. */
function escapeLength(bytes: Uint8Array, at: number, end: number, unicode: boolean): number {
  if (at + 2 < end && isHex(bytes[at + 1]!) && isHex(bytes[at + 2]!)) return 3;
  if (!unicode || at + 5 >= end || (bytes[at + 1]! | 32) !== LETTER_U) return 0;
  for (let digit = at + 2; digit < at + 6; digit++) if (!isHex(bytes[digit]!)) return 0;
  return 6;
}

function escaped(bytes: Uint8Array, at: number, length: number): number {
  const low = (hexValue(bytes[at + length - 2]!) << 4) | hexValue(bytes[at + length - 1]!);
  if (length === 3) return low;
  const high = (hexValue(bytes[at + 2]!) << 4) | hexValue(bytes[at + 3]!);
  return high === 0 ? low : bestFit((high << 8) | low);
}

/**
 * Makes single bytes of UTF-8 in place, also of forms that are too long; `?` of what is none. @returns where it ends.
 */
function transcode(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at]! < 0x80) at++;
  let out = at;
  while (at < end) {
    const first = bytes[at++]!;
    if (first < 0x80) {
      bytes[out++] = first;
      continue;
    }
    let more = following(first);
    let character = first & (0x3f >> Math.max(more, 0));
    for (; more > 0 && at < end && (bytes[at]! & 0xc0) === 0x80; more--) {
      character = (character << 6) | (bytes[at++]! & 0x3f);
    }
    bytes[out++] = more === 0 ? bestFit(character) : QUESTION;
  }
  return out;
}

/** Bytes that follow the first one of a character; -1 where it begins none. */
function following(first: number): number {
  if (first < 0xc0 || first >= 0xf8) return -1;
  if (first < 0xe0) return 1;
  return first < 0xf0 ? 2 : 3;
}

/** Removes dot segments in place. @returns where it ends. */
function removeDots(bytes: Uint8Array, from: number, end: number): number {
  let out = from;
  let at = skipLeadingDots(bytes, from, end);
  while (at < end) {
    const start = at;
    const segment = bytes[at] === SLASH ? at + 1 : at;
    at = segmentEnd(bytes, segment, end);
    const dots = dotsOf(bytes, segment, at);
    if (dots === 0) {
      if (out !== start) bytes.copyWithin(out, start, at);
      out += at - start;
    } else {
      if (dots === 2) while (out > from && bytes[--out] !== SLASH);
      if (at === end) bytes[out++] = SLASH;
    }
  }
  return out;
}

/** Behind `./` and `../` before a path that begins without slash: they go with their slash. */
function skipLeadingDots(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] !== SLASH) {
    const next = segmentEnd(bytes, at, end);
    if (dotsOf(bytes, at, next) === 0) return at;
    at = Math.min(next + 1, end);
  }
  return at;
}

function segmentEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] !== SLASH) at++;
  return at;
}

/** 1 and 2 for segments of so many dots, else 0. */
function dotsOf(bytes: Uint8Array, from: number, end: number): number {
  if (end - from > 2 || end === from || bytes[from] !== DOT) return 0;
  if (end - from === 1) return 1;
  return bytes[from + 1] === DOT ? 2 : 0;
}
