/**
 * The `http` object of events, with the members and in the order that Suricata prints. Stage: app; called for alerts
 * alone.
 */
import { DIRECTION, type Direction } from '../../flow/flow.js';
import { Span } from '../../memory/span.js';
import { printedText } from '../printed-text.js';
import { HTTP1_STATE } from './buffers.js';
import { ContentRange } from './content-range.js';
import { kindOf } from './header-names.js';
import type { Message } from './message.js';
import type { Part } from './part.js';

const USER_AGENT = kindOf('user-agent');
const CONTENT_TYPE = kindOf('content-type');
const REFERER = kindOf('referer');
const FORWARDED = kindOf('x-forwarded-for');
const LOCATION = kindOf('location');
const CONTENT_RANGE = kindOf('content-range');
/** Bytes that are printed of a value: the whole object stays below 8 KiB. */
const URL_LIMIT = 4096;
const VALUE_LIMIT = 512;
const SEMICOLON = 59;

const span = new Span();
const range = new ContentRange();

/** What is printed of a transaction. */
export interface Printed {
  readonly request: Message;
  readonly response: Message;
  readonly method: Part;
  readonly uri: Part;
  readonly protocol: Part;
  readonly status: Part;
  readonly statusCode: number;
  readonly port: number;
  progress(direction: Direction): number;
  locateHost(span: Span): boolean;
}

/** `"http":{…}`; `bodies` are members of it, a comma before each. */
export function http1Object(transaction: Printed, bytes: Uint8Array, bodies: string): string {
  const { request, response } = transaction;
  const members: string[] = [];
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined) members.push(`"${name}":${JSON.stringify(value)}`);
  };
  const part = (of: Part, base: number, limit = VALUE_LIMIT): string | undefined =>
    of.isThere && of.length > 0 ? printedText(bytes, base + of.at, Math.min(of.length, limit)) : undefined;
  const located = (isThere: boolean): string | undefined =>
    isThere && span.length > 0 ? printedText(bytes, span.start, Math.min(span.length, VALUE_LIMIT)) : undefined;
  const asked = (kind: number): string | undefined => located(locate(transaction, DIRECTION.toServer, kind));

  add('hostname', located(transaction.locateHost(span)));
  if (transaction.port > 0) members.push(`"http_port":${transaction.port}`);
  add('url', part(transaction.uri, request.text.start, URL_LIMIT));
  add('http_user_agent', asked(USER_AGENT));
  add('xff', asked(FORWARDED));
  add('http_content_type', mediaType(transaction, bytes));
  if (locate(transaction, DIRECTION.toClient, CONTENT_RANGE)) members.push(`"content_range":${rangeObject(bytes)}`);
  add('http_refer', asked(REFERER));
  add('http_method', part(transaction.method, request.text.start));
  add('protocol', part(transaction.protocol, request.text.start));
  if (transaction.statusCode > 0) members.push(`"status":${transaction.statusCode}`);
  else add('status_string', part(transaction.status, response.text.start));
  add('redirect', located(locate(transaction, DIRECTION.toClient, LOCATION)));
  members.push(`"length":${response.body.bytes}`);
  return `"http":{${members.join(',')}${bodies}}`;
}

/** The values of a header; the first one while there may be more, as what joins them is made once for all headers. */
function locate(transaction: Printed, direction: Direction, kind: number): boolean {
  const message = direction === DIRECTION.toServer ? transaction.request : transaction.response;
  if (transaction.progress(direction) >= HTTP1_STATE.headers) return message.locateHeader(kind, span);
  const first = message.headers.find(kind);
  return first >= 0 && message.locateValue(first, span);
}

/** The value of the last header with that name, in any case; '' where there is none. */
export function headerText(message: Message, bytes: Uint8Array, name: string): string {
  const { headers, text } = message;
  const wanted = name.toLowerCase();
  for (let index = headers.count - 1; index >= 0; index--) {
    if (headers.nameLength(index) !== wanted.length) continue;
    const found = printedText(bytes, text.start + headers.name(index), wanted.length).toLowerCase();
    if (found !== wanted) continue;
    message.locateValue(index, span);
    return printedText(bytes, span.start, Math.min(span.length, VALUE_LIMIT));
  }
  return '';
}

/** Of the value in `span`: as it was sent, and the numbers that it names. */
function rangeObject(bytes: Uint8Array): string {
  const { start, length } = span;
  const members = [`"raw":${JSON.stringify(printedText(bytes, start, Math.min(length, VALUE_LIMIT)))}`];
  range.read(bytes, start, start + length);
  if (range.first >= 0) members.push(`"start":${range.first}`);
  if (range.last >= 0) members.push(`"end":${range.last}`);
  if (range.size >= 0) members.push(`"size":${range.size}`);
  return `{${members.join(',')}}`;
}

/** The Content-Type without its parameters. */
function mediaType(transaction: Printed, bytes: Uint8Array): string | undefined {
  if (!locate(transaction, DIRECTION.toClient, CONTENT_TYPE)) return undefined;
  const end = Math.min(span.start + span.length, span.start + VALUE_LIMIT);
  let at = span.start;
  while (at < end && bytes[at] !== SEMICOLON) at++;
  return printedText(bytes, span.start, at - span.start);
}
