/**
 * A request and its response, as rules look at them. Stage: app. Pooled; what it keeps of the messages is in blocks of
 * the arena (message.ts). Buffers are found by their place in HTTP1_BUFFERS.
 */
import type { Arena } from '../../memory/arena.js';
import type { Direction } from '../../flow/flow.js';
import { Span } from '../../memory/span.js';
import type { FileList } from '../file/file-list.js';
import { Transaction } from '../transaction.js';
import { BodyNamer, isPart } from './body-files.js';
import { HTTP1_STATE } from './buffers.js';
import { lower } from './characters.js';
import { LOCAL } from './buffer-numbers.js';
import { kindOf } from './header-names.js';
import { Message } from './message.js';
import { Part } from './part.js';
import type { Http1Settings } from './settings.js';
import { decodeTo, isNormal, normalise, UriParts } from './uri.js';
import { http1Event } from './events.js';
import { headerText, http1Object } from './eve.js';
import { shownBodies } from './shown-bodies.js';

const DOUBLE_ENCODED = http1Event('double_encoded_uri');
const HEADER = {
  userAgent: kindOf('user-agent'),
  accept: kindOf('accept'),
  acceptEncoding: kindOf('accept-encoding'),
  acceptLanguage: kindOf('accept-language'),
  referer: kindOf('referer'),
  connection: kindOf('connection'),
  contentLength: kindOf('content-length'),
  contentType: kindOf('content-type'),
  server: kindOf('server'),
  location: kindOf('location'),
  cookie: kindOf('cookie'),
  setCookie: kindOf('set-cookie'),
};

const length = new Span();

/** Of requests, and of responses. */
const COOKIES = [kindOf('cookie'), kindOf('set-cookie')] as const;
const SEMICOLON = 59;

/** Pairs with a semicolon between them. */
function pairsIn(bytes: Uint8Array, { start, length: size }: Span): number {
  let count = size > 0 ? 1 : 0;
  for (let at = start; at < start + size - 1; at++) if (bytes[at] === SEMICOLON) count++;
  return count;
}

export class Http1Transaction extends Transaction {
  readonly request: Message;
  readonly response: Message;
  readonly method = new Part();
  readonly uri = new Part();
  readonly protocol = new Part();
  readonly responseProtocol = new Part();
  readonly status = new Part();
  readonly statusText = new Part();
  /** The status as a number; 0 while there is none. */
  statusCode = 0;
  port = 0;
  /** Versions of the request and the response (request-line.ts). */
  version = 0;
  responseVersion = 0;
  isConnect = false;
  isHead = false;
  /** An interim response was seen. */
  hasContinued = false;
  /** Which request of the connection it is, from 0. */
  ordinal = 0;
  readonly parts = new UriParts();

  private readonly settings: Http1Settings;
  private readonly arena: Arena;
  /** The host in small letters, and as it was sent: each in the request's text, or in what was made of it. */
  private readonly host = new Part();
  private hostIsMade = false;
  private readonly rawHost = new Part();
  private rawHostIsMade = false;
  /** The URI as a server sees it: where it begins in the text, or in what was made; -1 before anybody asked. */
  private normalAt = -1;
  private normalLength = 0;
  private normalIsMade = false;

  private readonly requestNamer: BodyNamer;
  private readonly responseNamer: BodyNamer;

  constructor(arena: Arena, settings: Http1Settings) {
    super();
    this.requestNamer = new BodyNamer(this, 0, arena.bytes, length);
    this.responseNamer = new BodyNamer(this, 1, arena.bytes, length);
    this.arena = arena;
    this.settings = settings;
    this.request = new Message(arena, settings.requestBody, false);
    this.response = new Message(arena, settings.responseBody, true);
  }

  /** A message that never came, or was lost, says nothing of what it has. */
  override mayHave(_buffer: number, direction: Direction): boolean {
    return (direction === 0 ? this.request : this.response).isThere;
  }

  override locate(buffer: number, instance: number, direction: Direction, span: Span): boolean {
    const name = LOCAL[buffer];
    if (instance > 0 && name !== 'http.request_header' && name !== 'http.response_header') return false;
    const message = direction === 0 ? this.request : this.response;
    switch (name) {
      case 'http.method':
        return this.part(this.method, this.request, span);
      case 'http.uri':
        return this.locateUri(span);
      case 'http.uri.raw':
        return this.part(this.uri, this.request, span);
      case 'http.request_line':
        return this.request.locateLine(this.request.lineLength, span);
      case 'http.response_line':
        return this.response.locateLine(this.response.lineBytes, span);
      case 'http.stat_code':
        return this.part(this.status, this.response, span);
      case 'http.stat_msg':
        return this.part(this.statusText, this.response, span);
      case 'http.protocol':
        return this.part(direction === 0 ? this.protocol : this.responseProtocol, message, span);
      case 'http.start':
        return message.locateStart(span);
      case 'http.header':
        return message.locateHeaders(span);
      case 'http.header.raw':
        return message.locateRaw(span);
      case 'http.header_names':
        return message.locateNames(span);
      case 'http.request_header':
        return this.request.locateField(instance, span);
      case 'http.response_header':
        return this.response.locateField(instance, span);
      case 'http.cookie':
        return message.locateHeader(direction === 0 ? HEADER.cookie : HEADER.setCookie, span);
      case 'http.host':
        return this.locateHost(span);
      case 'http.host.raw':
        return this.locateRawHost(span);
      case 'http.user_agent':
        return this.request.locateHeader(HEADER.userAgent, span);
      case 'http.accept':
        return this.request.locateHeader(HEADER.accept, span);
      case 'http.accept_enc':
        return this.request.locateHeader(HEADER.acceptEncoding, span);
      case 'http.accept_lang':
        return this.request.locateHeader(HEADER.acceptLanguage, span);
      case 'http.referer':
        return this.request.locateHeader(HEADER.referer, span);
      case 'http.connection':
        return message.locateHeader(HEADER.connection, span);
      case 'http.content_len':
        return message.locateHeader(HEADER.contentLength, span);
      case 'http.content_type':
        return message.locateHeader(HEADER.contentType, span);
      case 'http.server':
        return this.response.locateHeader(HEADER.server, span);
      case 'http.location':
        return this.response.locateHeader(HEADER.location, span);
      case 'http.request_body':
        return this.locateBody(this.request, span);
      case 'http.response_body':
        return this.locateBody(this.response, span);
      default:
        return false;
    }
  }

  override number(buffer: number, instance: number, direction: Direction): number {
    if (instance > 0) return NaN;
    const name = LOCAL[buffer];
    const { headers } = direction === 0 ? this.request : this.response;
    if (name === 'http_num_headers') return headers.count;
    if (name === 'http_max_header_line') return headers.longestLine;
    if (name === 'http_num_cookies') return this.countCookies(direction);
    if (!this.uri.isThere) return NaN;
    if (name === 'urilen.raw') return this.uri.length;
    return name === 'urilen' && this.locateUri(length) ? length.length : NaN;
  }

  /** Pairs of name and value in Cookie, or headers Set-Cookie. */
  private countCookies(direction: Direction): number {
    const message = direction === 0 ? this.request : this.response;
    let count = 0;
    for (let at = message.headers.find(COOKIES[direction]); at >= 0; at = message.headers.next(at)) {
      if (direction === 1) count++;
      else if (message.locateValue(at, length)) count += pairsIn(this.arena.bytes, length);
    }
    return count;
  }

  override isComplete(buffer: number, direction: Direction): boolean {
    if (this.progress(direction) >= HTTP1_STATE.complete) return true;
    const name = LOCAL[buffer];
    if (name === 'http.request_body' || name === 'http.response_body') {
      return (direction === 0 ? this.request : this.response).body.isClosed;
    }
    return true;
  }

  override files(direction: Direction): FileList {
    return (direction === 0 ? this.request : this.response).files;
  }

  /** The first bytes of a body come: says which files it is, or holds. */
  beginFiles(direction: Direction): void {
    const message = direction === 0 ? this.request : this.response;
    const { body, files } = message;
    if (direction === 0 && this.beginParts()) return;
    files.isOver = true;
    if (direction === 0 && !this.isUpload()) return;
    body.file = files.open(direction === 0 ? this.requestNamer : this.responseNamer);
    body.file?.showIn(body.text, 0);
  }

  /** A form that was sent holds files. */
  private beginParts(): boolean {
    const { request, arena } = this;
    const { start } = request.text;
    if (!isPart(this.method, arena.bytes, start, 'POST') || !request.locateHeader(HEADER.contentType, length))
      return false;
    return request.body.parts.begin(arena.bytes, length.start, length.start + length.length, request.files);
  }

  /** As Suricata has it: the bodies of other methods are no files. */
  private isUpload(): boolean {
    const { start } = this.request.text;
    return isPart(this.method, this.arena.bytes, start, 'POST') || isPart(this.method, this.arena.bytes, start, 'PUT');
  }

  override eve(isAlert: boolean): string {
    return http1Object(this, this.arena.bytes, this.bodies(isAlert));
  }

  /** Where proxies say whom they speak for, in the header of that name. */
  override forwardedFor(name: string): string {
    return headerText(this.request, this.arena.bytes, name);
  }

  protected bodies(isAlert: boolean): string {
    return isAlert ? shownBodies(this.request, this.response, this.arena.bytes, this.settings.shown) : '';
  }

  /** The URI is [from, end) of the request's text: finds its parts. */
  splitUri(isAuthority: boolean): void {
    const start = this.request.text.start + this.uri.at;
    this.parts.split(this.arena.bytes, start, start + this.uri.length, isAuthority);
    this.parts.shift(-this.request.text.start);
  }

  locateHost(span: Span): boolean {
    const { text, made } = this.request;
    return this.host.isThere && span.set((this.hostIsMade ? made.start : text.start) + this.host.at, this.host.length);
  }

  /** The host of the URI counts: decoded, in small letters, without dots behind it. @returns whether there is one. */
  takeUriHost(): boolean {
    const {
      parts,
      request: { text, made },
    } = this;
    const from = text.start + parts.hostStart;
    const end = text.start + parts.hostEnd;
    if (!made.reserve(end - from)) return false;
    const at = made.length;
    decodeTo(this.arena.bytes, from, end, this.settings.uri, made);
    this.lowerMade(at);
    while (made.length > at && this.arena.bytes[made.start + made.length - 1] === 46) made.length--;
    this.setHost(made.start, made.start + at, made.start + made.length, true);
    this.rawHost.set(made.start, made.start + at, made.start + made.length);
    this.rawHostIsMade = true;
    return true;
  }

  /** The host of the header counts: [start, end), of which the name ends at `nameEnd`. There is room for it. */
  takeHeaderHost(start: number, nameEnd: number, end: number): void {
    const { text, made } = this.request;
    const { bytes } = this.arena;
    this.rawHostIsMade = start >= made.start && start < made.start + made.length;
    const base = this.rawHostIsMade ? made.start : text.start;
    this.rawHost.set(base, start, end);
    if (!hasCapitals(bytes, start, nameEnd)) {
      this.setHost(base, start, nameEnd, this.rawHostIsMade);
      return;
    }
    const at = made.length;
    made.append(start, nameEnd - start);
    this.lowerMade(at);
    this.setHost(made.start, made.start + at, made.start + made.length, true);
  }

  override reset(): void {
    super.reset();
    this.request.clear();
    this.response.clear();
    this.method.clear();
    this.uri.clear();
    this.protocol.clear();
    this.host.clear();
    this.rawHost.clear();
    this.restartResponse();
    this.port = 0;
    this.isConnect = false;
    this.isHead = false;
    this.hasContinued = false;
    this.ordinal = 0;
    this.normalAt = -1;
  }

  /** Forgets the status line: it was not the last one. */
  restartResponse(): void {
    this.responseProtocol.clear();
    this.status.clear();
    this.statusText.clear();
    this.statusCode = 0;
  }

  private setHost(base: number, start: number, end: number, made: boolean): void {
    this.host.set(base, start, end);
    this.hostIsMade = made;
  }

  /** Makes small letters of what was made from `at` on. */
  private lowerMade(at: number): void {
    const { bytes } = this.arena;
    const { made } = this.request;
    for (let index = made.start + at; index < made.start + made.length; index++) bytes[index] = lower(bytes[index]!);
  }

  private part(part: Part, message: Message, span: Span): boolean {
    return part.isThere && span.set(message.text.start + part.at, part.length);
  }

  private locateBody(message: Message, span: Span): boolean {
    const { body } = message;
    return body.isThere && span.set(body.text.start, body.text.length);
  }

  locateRawHost(span: Span): boolean {
    const { text, made } = this.request;
    const base = this.rawHostIsMade ? made.start : text.start;
    return this.rawHost.isThere && span.set(base + this.rawHost.at, this.rawHost.length);
  }

  locateUri(span: Span): boolean {
    if (!this.uri.isThere) return false;
    if (this.normalAt < 0 && !this.normaliseUri()) return false;
    const { text, made } = this.request;
    return span.set((this.normalIsMade ? made.start : text.start) + this.normalAt, this.normalLength);
  }

  private normaliseUri(): boolean {
    const { text, made } = this.request;
    const { parts } = this;
    if (!made.reserve(this.uri.length + 1)) return false;
    parts.shift(text.start);
    this.normalIsMade = !isNormal(this.arena.bytes, parts, this.settings.uri);
    this.normalAt = this.normalIsMade ? made.length : parts.path - text.start;
    if (!this.normalIsMade) {
      this.normalLength = parts.end - parts.path;
    } else {
      if (normalise(this.arena.bytes, parts, this.settings.uri, made)) this.raise(DOUBLE_ENCODED, 0);
      this.normalLength = made.length - this.normalAt;
    }
    parts.shift(-text.start);
    return true;
  }
}

function hasCapitals(bytes: Uint8Array, from: number, end: number): boolean {
  for (let at = from; at < end; at++) if (bytes[at]! >= 65 && bytes[at]! <= 90) return true;
  return false;
}
