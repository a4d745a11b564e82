/**
 * The `http` object of events about HTTP/2, with the members that Suricata prints. Stage: app; called for events alone.
 * What is gRPC is named: its service and method.
 */
import { Span } from '../../memory/span.js';
import { kindOf } from '../http1/header-names.js';
import type { Message } from '../http1/message.js';
import { printedText } from '../printed-text.js';
import { NOTE, type FrameNotes } from './frame-notes.js';

const USER_AGENT = kindOf('user-agent');
const CONTENT_TYPE = kindOf('content-type');
const REFERER = kindOf('referer');
const FORWARDED = kindOf('x-forwarded-for');
/** What is printed: the whole object stays below 8 KiB. */
const VALUE_LIMIT = 512;
const HEADERS_PRINTED = 48;
const HEADER_BYTES_PRINTED = 3000;
const GRPC = 'application/grpc';

const span = new Span();

/** What is printed of a transaction. */
export interface Printed {
  readonly request: Message;
  readonly response: Message;
  readonly stream: number;
  readonly statusCode: number;
  readonly notes: FrameNotes;
  locateRawHost(span: Span): boolean;
  printedUri(): string | undefined;
  printedMethod(): string | undefined;
}

/** `"http":{…}`; `bodies` are members of it, a comma before each. */
export function http2Object(transaction: Printed, bytes: Uint8Array, bodies: string): string {
  const { request, response, statusCode } = transaction;
  const members: string[] = ['"version":"2"'];
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined) members.push(`"${name}":${JSON.stringify(value)}`);
  };
  const located = (isThere: boolean): string | undefined =>
    isThere && span.length > 0 ? printedText(bytes, span.start, Math.min(span.length, VALUE_LIMIT)) : undefined;
  if (request.headers.count > 0) members.push(`"request_headers":${headersOf(request, bytes)}`);
  if (response.headers.count > 0) members.push(`"response_headers":${headersOf(response, bytes)}`);
  const url = transaction.printedUri();
  const type = located(request.locateHeader(CONTENT_TYPE, span));
  add('hostname', located(transaction.locateRawHost(span)));
  add('url', url);
  add('http_user_agent', located(request.locateHeader(USER_AGENT, span)));
  add('xff', located(request.locateHeader(FORWARDED, span)));
  add('http_content_type', located(response.locateHeader(CONTENT_TYPE, span)));
  add('http_refer', located(request.locateHeader(REFERER, span)));
  add('http_method', transaction.printedMethod());
  if (statusCode > 0) members.push(`"status":${statusCode}`);
  members.push(`"length":${response.body.bytes}`);
  members.push(`"http2":{${connectionMembers(transaction)}}`);
  if (type?.startsWith(GRPC) === true && url !== undefined) members.push(`"grpc":${grpcObject(url)}`);
  return `"http":{${members.join(',')}${bodies}}`;
}

function headersOf({ headers, text }: Message, bytes: Uint8Array): string {
  const printed: string[] = [];
  let left = HEADER_BYTES_PRINTED;
  for (let index = 0; index < headers.count && index < HEADERS_PRINTED && left > 0; index++) {
    const name = printedText(bytes, text.start + headers.name(index), Math.min(headers.nameLength(index), left));
    const length = Math.min(headers.valueLength(index), VALUE_LIMIT, left);
    const value = printedText(bytes, text.start + headers.value(index), length);
    left -= name.length + value.length;
    printed.push(`{"name":${JSON.stringify(name)},"value":${JSON.stringify(value)}}`);
  }
  return `[${printed.join(',')}]`;
}

function connectionMembers({ notes, stream }: Printed): string {
  const members = [`"stream_id":${stream}`];
  for (const [name, direction] of [['request', 0] as const, ['response', 1] as const]) {
    const code = notes.value(NOTE.error, 0, direction);
    if (!Number.isNaN(code)) members.push(`"${name}":{"error_code":${code}}`);
  }
  return members.join(',');
}

/** The path of a call is `/package.Service/Method`. */
function grpcObject(url: string): string {
  const slash = url.lastIndexOf('/');
  return JSON.stringify({ service: url.slice(1, Math.max(1, slash)), method: url.slice(slash + 1) });
}
