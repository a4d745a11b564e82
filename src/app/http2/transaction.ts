/**
 * A request on a stream of HTTP/2 and its response, or one frame of the connection itself. Stage: app. Pooled.
 *
 * It is kept as HTTP/1.x would have said it (header-collector.ts), so that rules see both alike; `:method`, `:path` and
 * the like stand among the headers as well.
 */
import type { Arena } from '../../memory/arena.js';
import type { Direction } from '../../flow/flow.js';
import { Span } from '../../memory/span.js';
import { BUFFERS } from '../buffers.js';
import { isText, lower } from '../http1/characters.js';
import { kindOf } from '../http1/header-names.js';
import { isHostName, portOf } from '../http1/host.js';
import type { Part } from '../http1/part.js';
import { hostEnd } from '../http1/uri.js';
import { printedText } from '../printed-text.js';
import type { Http1Settings } from '../http1/settings.js';
import { Http1Transaction } from '../http1/transaction.js';
import { carriedDnsObject, carriesDns } from './carried-dns.js';
import { settingBuffer, SETTINGS } from './buffers.js';
import { http2Object, tellsOfConnection } from './eve.js';
import { http2Event } from './events.js';
import { FrameNotes, NOTE } from './frame-notes.js';

const HOST = kindOf('host');
const COLON = 58;
const AT = 64;
const MISMATCH = http2Event('authority_host_mismatch');
const USER_INFO = http2Event('userinfo_in_uri');
const INVALID = http2Event('invalid_header');
const URL_LIMIT = 4096;
const METHOD_LIMIT = 64;

const HEADER_NAME = BUFFERS.indexOf('http2.header_name');
const HEADER = BUFFERS.indexOf('http2.header');
const REQUEST_HEADER = BUFFERS.indexOf('http.request_header');
const RESPONSE_HEADER = BUFFERS.indexOf('http.response_header');
const REQUEST_LINE = BUFFERS.indexOf('http.request_line');
/** By buffer: what its numbers are of; -1 for those that are none. */
const NOTE_OF = Int8Array.from(BUFFERS, (name) => noteOf(name));

function noteOf(name: string): number {
  const setting = Object.values(SETTINGS).find((id) => settingBuffer(id) === name);
  if (setting !== undefined) return NOTE.setting + setting;
  const names = {
    'http2.frametype': NOTE.type,
    'http2.errorcode': NOTE.error,
    'http2.priority': NOTE.priority,
    'http2.window': NOTE.window,
    'http2.size_update': NOTE.size,
  } as const;
  return Object.hasOwn(names, name) ? names[name as keyof typeof names] : -1;
}

const header = new Span();

export class Http2Transaction extends Http1Transaction {
  /** 0 of frames of the connection. */
  stream = 0;
  readonly notes = new FrameNotes();
  private readonly shard: Arena;

  constructor(arena: Arena, settings: Http1Settings) {
    super(arena, settings);
    this.shard = arena;
  }

  override locate(buffer: number, instance: number, direction: Direction, span: Span): boolean {
    switch (buffer) {
      case HEADER_NAME:
        return this.locateField(direction, instance, false, span);
      case HEADER:
        return this.locateField(direction, instance, true, span);
      case REQUEST_HEADER:
        return this.locateField(0, instance, true, span);
      case RESPONSE_HEADER:
        return this.locateField(1, instance, true, span);
      case REQUEST_LINE:
        return this.request.locateLine(this.request.lineBytes, span);
      default:
        return super.locate(buffer, instance, direction, span);
    }
  }

  override number(buffer: number, instance: number, direction: Direction): number {
    const note = NOTE_OF[buffer]!;
    return note < 0 ? super.number(buffer, instance, direction) : this.notes.value(note, instance, direction);
  }

  /** The shard's memory. */
  get memory(): Uint8Array {
    return this.shard.bytes;
  }

  /** The headers of the request are there: finds its host, of `:authority` or else of Host. */
  finishRequest(): void {
    if (this.uri.isThere) this.splitUri(false);
    const { request } = this;
    const authority = this.findAuthority();
    const host = request.headers.find(HOST);
    if (authority >= 0 && host >= 0 && !this.haveSameValue(authority, host)) this.raise(MISMATCH, 0);
    const index = authority >= 0 ? authority : host;
    if (index < 0) return;
    request.locateValue(index, header);
    if (!request.made.reserve(header.length)) return;
    this.takeHost();
  }

  printedUri(): string | undefined {
    return this.printed(this.uri, URL_LIMIT);
  }

  printedMethod(): string | undefined {
    return this.printed(this.method, METHOD_LIMIT);
  }

  /** Frames of the connection itself have an event where they say something. */
  override eve(isAlert: boolean): string {
    if (!isAlert && this.stream === 0 && !tellsOfConnection(this)) return '';
    const http = http2Object(this, this.shard.bytes, this.bodies(isAlert));
    const dns = carriedDnsObject(this, isAlert);
    return dns === '' ? http : `${http},${dns}`;
  }

  /** As Suricata has it: a request that carries a message of DNS is one event, that of DNS. */
  override get eventType(): string {
    return carriesDns(this) ? 'dns' : '';
  }

  override reset(): void {
    super.reset();
    this.stream = 0;
    this.notes.clear();
  }

  /** A header as it was sent, or its name; several of one name are as many. */
  private locateField(direction: Direction, index: number, isWhole: boolean, span: Span): boolean {
    const { headers, text } = direction === 0 ? this.request : this.response;
    if (index >= headers.count) return false;
    const length = headers.nameLength(index) + (isWhole ? 2 + headers.valueLength(index) : 0);
    return span.set(text.start + headers.name(index), length);
  }

  private printed(part: Part, limit: number): string | undefined {
    if (!part.isThere || part.length === 0) return undefined;
    return printedText(this.memory, this.request.text.start + part.at, Math.min(part.length, limit));
  }

  /** The value that `header` points at is the host, with a port perhaps. */
  private takeHost(): void {
    const { memory } = this;
    const end = header.start + header.length;
    let start = header.start;
    for (let at = start; at < end; at++) if (memory[at] === AT) start = at + 1;
    if (start > header.start) this.raise(USER_INFO, 0);
    const nameEnd = hostEnd(memory, start, end);
    if (nameEnd === start) return;
    const port = nameEnd < end && memory[nameEnd] === COLON ? portOf(memory, nameEnd + 1, end) : 0;
    if (Number.isNaN(port) || !isHostName(memory, start, nameEnd)) this.raise(INVALID, 0);
    if (port > 0) this.port = port;
    this.takeHeaderHost(start, nameEnd, end);
  }

  private findAuthority(): number {
    const { headers, text } = this.request;
    for (let index = 0; index < headers.count; index++) {
      const start = text.start + headers.name(index);
      if (isText(this.memory, start, start + headers.nameLength(index), ':authority')) return index;
    }
    return -1;
  }

  private haveSameValue(one: number, other: number): boolean {
    const { headers, text } = this.request;
    const length = headers.valueLength(one);
    if (headers.valueLength(other) !== length) return false;
    const a = text.start + headers.value(one);
    const b = text.start + headers.value(other);
    for (let at = 0; at < length; at++) if (lower(this.memory[a + at]!) !== lower(this.memory[b + at]!)) return false;
    return true;
  }
}
