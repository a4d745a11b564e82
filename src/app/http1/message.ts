/**
 * One side of a transaction: a request or a response, as it was sent and as rules look at it. Stage: app.
 *
 *   text      the request or status line and the headers, as they were sent
 *   made      what is made of them: folded and repeated values put together, the headers one by one, names
 *
 * What is made is made when it is first asked for: most rules never ask. Where headers were sent as `Name: value` CR
 * LF, none of them twice, the text is what would be made, and nothing is copied.
 */
import type { Arena } from '../../memory/arena.js';
import type { Span } from '../../memory/span.js';
import { FileList } from '../file/file-list.js';
import { TextBlock } from '../text-block.js';
import { Body } from './body.js';
import { BLANK, COLON, CR, LF } from './characters.js';
import { HeaderTable } from './header-table.js';
import { kindOf } from './header-names.js';
import { HEADERS_LIMIT, LINE_LIMIT } from './settings.js';

const MADE_LIMIT = 262_144;
const CONTENT_LENGTH = kindOf('content-length');
const COMMA = 44;
const NOT_YET = -1;

export class Message {
  readonly text: TextBlock;
  readonly made: TextBlock;
  readonly headers: HeaderTable;
  readonly body: Body;
  readonly files: FileList;
  /** Bytes of the first line without and with its end. */
  lineLength = 0;
  lineBytes = 0;
  /** Bytes of the headers with the empty line behind them, from `lineBytes` on. */
  headersBytes = 0;
  /** The headers so far were sent as they would be made. */
  isPlain = true;
  /** The empty line behind them has come. */
  hasEnd = false;
  /** A gap took part of it: what is not there may have been. */
  isTorn = false;
  /** Some header has the name of one before it. */
  hasRepeated = false;

  private readonly cookieKind: number;
  /** A status line stays with its end, and an empty line follows: so Suricata's http.start has it. */
  private readonly keepsLineEnd: boolean;
  /** Offsets in `made` of what was made, or NOT_YET. */
  private startAt = NOT_YET;
  private startLength = 0;
  private namesAt = NOT_YET;
  private namesLength = 0;
  private withoutCookieAt = NOT_YET;
  private withoutCookieLength = 0;

  constructor(arena: Arena, bodyLimit: number, response: boolean) {
    this.text = new TextBlock(arena, LINE_LIMIT + HEADERS_LIMIT);
    this.made = new TextBlock(arena, MADE_LIMIT);
    this.headers = new HeaderTable(arena);
    this.body = new Body(arena, bodyLimit);
    this.files = new FileList(arena);
    this.cookieKind = kindOf(response ? 'set-cookie' : 'cookie');
    this.keepsLineEnd = response;
  }

  clear(): void {
    this.restart();
    this.files.clear();
    this.body.clear();
  }

  /** Whether it has come, be it without a line as in HTTP/0.9, and nothing of its head is known to be lost. */
  get isThere(): boolean {
    return (this.lineBytes > 0 || this.body.isThere) && !this.isTorn;
  }

  /** Headers so far are thrown away, and the line: another message follows in their place. */
  restart(): void {
    this.text.clear();
    this.made.clear();
    this.headers.clear();
    this.lineLength = 0;
    this.lineBytes = 0;
    this.headersBytes = 0;
    this.isPlain = true;
    this.hasEnd = false;
    this.isTorn = false;
    this.hasRepeated = false;
    this.forget();
  }

  /** The text holds the line, with its end: `count` bytes. */
  setLine(bytes: Uint8Array, count: number): void {
    const base = this.text.start;
    let end = base + count;
    while (end > base && (bytes[end - 1] === LF || bytes[end - 1] === CR)) end--;
    this.lineBytes = count;
    this.lineLength = end - base;
  }

  /** The first `length` bytes of its line. */
  locateLine(length: number, span: Span): boolean {
    return this.lineBytes > 0 && span.set(this.text.start, length);
  }

  /** The value of all headers of a kind, joined with ", ". @returns false where there is none. */
  locateHeader(kind: number, span: Span): boolean {
    const index = this.headers.find(kind);
    if (index < 0) return false;
    return this.nextJoined(index) < 0 ? this.locateValue(index, span) : this.locateJoined(index, span);
  }

  /** The value of one header alone. */
  locateValue(index: number, span: Span): true {
    const { headers } = this;
    const start = (headers.isMade(index) ? this.made.start : this.text.start) + headers.value(index);
    return span.set(start, headers.valueLength(index));
  }

  /** All headers as they were sent, with the empty line behind them. */
  locateRaw(span: Span): boolean {
    return this.headersBytes > 0 && span.set(this.text.start + this.lineBytes, this.headersBytes);
  }

  /** `Name: value` of the header that is the nth of all different names. */
  locateField(instance: number, span: Span): boolean {
    const index = this.distinct(instance);
    if (index < 0 || !this.make()) return false;
    const { headers } = this;
    const length = headers.nameLength(index) + 2 + this.joinedLength(index);
    return span.set(this.lineStart(index), length);
  }

  /** The line and all headers, one by one. */
  locateStart(span: Span): boolean {
    if (this.lineBytes === 0 || !this.make()) return false;
    return this.isWhole() ? span.set(this.text.start, this.lineBytes + this.headersBytes) : this.locateMade(span);
  }

  /** All headers but cookies, one by one, without the empty line. */
  locateHeaders(span: Span): boolean {
    if (this.headers.count === 0 || !this.make()) return false;
    if (this.headers.find(this.cookieKind) >= 0) return this.locateWithoutCookie(span);
    this.locateLines(span);
    return span.length > 0;
  }

  /** CR LF, each name once with CR LF, CR LF. */
  locateNames(span: Span): boolean {
    if (this.headers.count === 0) return false;
    if (this.namesAt === NOT_YET) {
      this.namesAt = this.made.length;
      if (!this.makeNames()) return this.giveUp(span);
      this.namesLength = this.made.length - this.namesAt;
    }
    return span.set(this.made.start + this.namesAt, this.namesLength);
  }

  private forget(): void {
    this.startAt = NOT_YET;
    this.namesAt = NOT_YET;
    this.withoutCookieAt = NOT_YET;
  }

  /** There was no memory for it: it is empty. */
  private giveUp(span: Span): boolean {
    span.set(0, 0);
    return false;
  }

  /** The text holds what would be made of the headers. */
  private get isAsMade(): boolean {
    return this.isPlain && this.hasEnd;
  }

  /** What was sent is what http.start holds. */
  private isWhole(): boolean {
    return this.isAsMade && !this.keepsLineEnd && this.lineBytes === this.lineLength + 2 && this.headers.count > 0;
  }

  private locateMade(span: Span): boolean {
    if (this.startAt === NOT_YET && !this.makeStart()) return this.giveUp(span);
    return span.set(this.made.start + this.startAt, this.startLength);
  }

  /** Makes sure that lines of headers can be located. */
  private make(): boolean {
    return this.isAsMade || this.startAt !== NOT_YET || this.makeStart();
  }

  /** All headers one by one, without the empty line. */
  private locateLines(span: Span): void {
    if (this.isAsMade) {
      span.set(this.text.start + this.lineBytes, this.headersBytes - 2);
      return;
    }
    const line = this.lineLength + 2 + (this.keepsLineEnd ? this.lineBytes - this.lineLength : 0);
    span.set(this.made.start + this.startAt + line, this.startLength - line - 2);
  }

  private locateWithoutCookie(span: Span): boolean {
    if (this.withoutCookieAt === NOT_YET) {
      const cookie = this.headers.find(this.cookieKind);
      const length = this.headers.nameLength(cookie) + 4 + this.joinedLength(cookie);
      this.locateLines(span);
      // Room first: the text that is copied may lie in the block that grows.
      if (!this.made.reserve(span.length)) return this.giveUp(span);
      this.locateLines(span);
      const lines = span.start;
      const before = this.lineStart(cookie) - lines;
      this.withoutCookieAt = this.made.length;
      this.withoutCookieLength = span.length - length;
      this.made.append(lines, before);
      this.made.append(lines + before + length, span.length - before - length);
    }
    span.set(this.made.start + this.withoutCookieAt, this.withoutCookieLength);
    return span.length > 0;
  }

  /** Where the line of a header is, among all of them one by one. */
  private lineStart(index: number): number {
    const { headers } = this;
    return this.isAsMade ? this.text.start + headers.name(index) : this.made.start + headers.line(index);
  }

  private makeStart(): boolean {
    const { headers, made } = this;
    const at = made.length;
    if (!this.copy(0, this.keepsLineEnd ? this.lineBytes : this.lineLength) || !pushPair(made, CR, LF)) return false;
    for (let index = 0; index < headers.count; index++) {
      if (headers.isRepeated(index)) continue;
      headers.setLine(index, made.length);
      if (!this.copy(headers.name(index), headers.nameLength(index)) || !pushPair(made, COLON, BLANK)) return false;
      if (!this.appendJoined(index) || !pushPair(made, CR, LF)) return false;
    }
    if (headers.count > 0 && !pushPair(made, CR, LF)) return false;
    this.startAt = at;
    this.startLength = made.length - at;
    return true;
  }

  private makeNames(): boolean {
    const { headers, made } = this;
    if (!pushPair(made, CR, LF)) return false;
    for (let index = 0; index < headers.count; index++) {
      if (headers.isRepeated(index)) continue;
      if (!this.copy(headers.name(index), headers.nameLength(index)) || !pushPair(made, CR, LF)) return false;
    }
    return pushPair(made, CR, LF);
  }

  /** Appends bytes of the text to what is made. */
  private copy(from: number, count: number): boolean {
    return this.made.append(this.text.start + from, count) >= 0;
  }

  private appendJoined(first: number): boolean {
    const { headers, made } = this;
    for (let index = first; index >= 0; index = this.nextJoined(index)) {
      if (index !== first && !pushPair(made, COMMA, BLANK)) return false;
      const length = headers.valueLength(index);
      // Room first: the value may lie in the block that grows.
      if (!made.reserve(length)) return false;
      made.append((headers.isMade(index) ? made.start : this.text.start) + headers.value(index), length);
    }
    return true;
  }

  private joinedLength(first: number): number {
    let length = 0;
    for (let index = first; index >= 0; index = this.nextJoined(index)) {
      length += this.headers.valueLength(index) + (index === first ? 0 : 2);
    }
    return length;
  }

  /** Of several Content-Lengths the first one counts. */
  private nextJoined(index: number): number {
    return this.headers.kind(index) === CONTENT_LENGTH ? -1 : this.headers.next(index);
  }

  /** The joined value as a part of the header's line. */
  private locateJoined(index: number, span: Span): boolean {
    if (!this.make()) return this.giveUp(span);
    const length = this.joinedLength(index);
    return span.set(this.made.start + this.headers.line(index) + this.headers.nameLength(index) + 2, length);
  }

  private distinct(instance: number): number {
    if (!this.hasRepeated) return instance < this.headers.count ? instance : -1;
    let seen = -1;
    for (let index = 0; index < this.headers.count; index++) {
      if (!this.headers.isRepeated(index) && ++seen === instance) return index;
    }
    return -1;
  }
}

function pushPair(text: TextBlock, first: number, second: number): boolean {
  return text.push(first) && text.push(second);
}
