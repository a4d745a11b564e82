/**
 * Takes a status line apart, and tells what may be one: browsers take everything that begins with "http". Stage: app.
 * Reference: RFC 9112, section 4.
 */
import { isDigit, isSpace, lower, trimEnd } from './characters.js';
import { versionOf } from './request-line.js';
import { BLANK_LIMIT } from './settings.js';

const HTTP = 'http';
/** Whether a response begins: it does not, it does, or that cannot be told yet. */
export const NO_STATUS = 0;
export const STATUS = 1;
export const MAYBE_STATUS = 2;

export class StatusLine {
  /** Offsets in memory; empty ranges for what is missing. */
  protocolStart = 0;
  protocolEnd = 0;
  statusStart = 0;
  statusEnd = 0;
  messageStart = 0;
  messageEnd = 0;
  version = 0;
  /** NaN where it is no number of three digits. */
  status = NaN;

  /** Reads [from, end), a line without its end. */
  read(bytes: Uint8Array, from: number, end: number): void {
    let at = from;
    while (at < end && (isSpace(bytes[at]!) || bytes[at] === 0)) at++;
    this.protocolStart = at;
    this.protocolEnd = wordEnd(bytes, at, end);
    at = gapEnd(bytes, this.protocolEnd, end);
    this.statusStart = at;
    this.statusEnd = wordEnd(bytes, at, end);
    at = gapEnd(bytes, this.statusEnd, end);
    this.messageStart = at;
    this.messageEnd = end;
    this.version = versionOf(bytes, this.protocolStart, this.protocolEnd);
    this.status = statusOf(bytes, this.statusStart, this.statusEnd);
  }
}

/** Whether [from, end) begins as a status line does, behind few blanks; `last`: nothing follows. */
export function looksLikeStatus(bytes: Uint8Array, from: number, end: number, last: boolean): number {
  let at = from;
  const limit = Math.min(end, from + BLANK_LIMIT);
  while (at < limit && (isSpace(bytes[at]!) || bytes[at] === 0)) at++;
  for (let index = 0; index < HTTP.length; index++, at++) {
    if (at === end) return last ? NO_STATUS : MAYBE_STATUS;
    if (lower(bytes[at]!) !== HTTP.charCodeAt(index)) return NO_STATUS;
  }
  return STATUS;
}

function statusOf(bytes: Uint8Array, from: number, end: number): number {
  const last = trimEnd(bytes, from, end);
  let status = 0;
  for (let at = from; at < last; at++) {
    if (!isDigit(bytes[at]!) || status > 999) return NaN;
    status = status * 10 + bytes[at]! - 48;
  }
  return status >= 100 && status <= 999 ? status : NaN;
}

function wordEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && !isSpace(bytes[at]!)) at++;
  return at;
}

function gapEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && isSpace(bytes[at]!)) at++;
  return at;
}
