/**
 * The `http` object of events about HTTP/2, with the members that Suricata prints. Stage: app; called for events alone.
 * What is gRPC is named: its service and method.
 */
import type { Direction } from '../../flow/flow.js';
import { Span } from '../../memory/span.js';
import { kindOf } from '../http1/header-names.js';
import type { Message } from '../http1/message.js';
import { printedText } from '../printed-text.js';
import { ERRORS, SETTINGS } from './buffers.js';
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

const SIDES = [
  ['request', 0],
  ['response', 1],
] as const;
const SETTINGS_NAMES = Object.entries(SETTINGS).map(([name, id]) => [name.replaceAll('_', ''), id] as const);

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
  if (transaction.stream > 0) members.push(`"length":${response.body.bytes}`);
  members.push(`"http2":{${frameMembers(transaction)}}`);
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

function frameMembers({ notes, stream }: Printed): string {
  const members = [`"stream_id":${stream}`];
  for (const [name, direction] of SIDES) {
    const said = sideMembers(notes, stream, direction);
    if (said.length > 0) members.push(`"${name}":{${said.join(',')}}`);
  }
  return members.join(',');
}

function sideMembers(notes: FrameNotes, stream: number, direction: Direction): string[] {
  const members: string[] = [];
  const settings = SETTINGS_NAMES.flatMap(([name, id]) => {
    const value = notes.value(NOTE.setting + id, 0, direction);
    return Number.isNaN(value) ? [] : [`{"settings_id":"${name}","settings_value":${value}}`];
  });
  if (settings.length > 0) members.push(`"settings":[${settings.join(',')}]`);
  const priority = notes.value(NOTE.priority, 0, direction);
  if (!Number.isNaN(priority)) members.push(`"priority":${priority}`);
  if (!Number.isNaN(notes.value(NOTE.priority, 1, direction))) members.push('"has_multiple":"priority"');
  const code = notes.value(NOTE.error, 0, direction);
  if (!Number.isNaN(code)) members.push(`"error_code":"${errorName(code, stream)}"`);
  return members;
}

/** Whether frames of the connection itself have said something that events tell. */
export const tellsOfConnection = ({ notes }: Printed): boolean =>
  SIDES.some(([, direction]) => sideMembers(notes, 0, direction).length > 0);

/** As Suricata writes it: of GOAWAY `ENHANCEYOURCALM`, of RST_STREAM `EnhanceYourCalm`. */
function errorName(code: number, stream: number): string {
  const name = ERRORS[code];
  if (name === undefined) return String(code);
  if (stream === 0) return name.replaceAll('_', '').toUpperCase();
  return name.replace(/(?:^|_)([a-z0-9])/g, (_, first: string) => first.toUpperCase());
}

/** The path of a call is `/package.Service/Method`. */
function grpcObject(url: string): string {
  const slash = url.lastIndexOf('/');
  return JSON.stringify({ service: url.slice(1, Math.max(1, slash)), method: url.slice(slash + 1) });
}
