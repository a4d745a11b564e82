/**
 * Makes a message of a header block, as HTTP/1.x would have said it: a first line of `:method` and `:path`, or of
 * `:status`, then all headers, one by one. Stage: app; one for all connections of a shard, for one block at a time.
 *
 * Bounds: HEADER_LIMIT headers and HEADERS_LIMIT bytes of them, and LINE_LIMIT of the first line; what is beyond is not
 * copied.
 */
import type { Arena } from '../../memory/arena.js';
import type { Direction } from '../../flow/flow.js';
import { TextBlock } from '../text-block.js';
import { isText } from '../http1/characters.js';
import { HASH_START, hashed, kindOfName } from '../http1/header-names.js';
import { Field } from '../http1/header-table.js';
import type { Message } from '../http1/message.js';
import type { Part } from '../http1/part.js';
import { HEADERS_LIMIT, HEADER_LIMIT, LINE_LIMIT } from '../http1/settings.js';
import type { HeaderSink } from './hpack.js';
import type { Http2Transaction } from './transaction.js';

const COLON = 58;
const BLANK = 32;
const CR = 13;
const LF = 10;
const WORDS = 3;
/** `: ` and CR LF. */
const BETWEEN = 4;
const VERSION = Buffer.from('HTTP/2', 'latin1');
const GET_LIMIT = 64;

/** The pseudo-headers (RFC 9113, section 8.3). */
type Pseudo = ':method' | ':path' | ':status';

export class HeaderCollector implements HeaderSink {
  /** Headers were not kept: there were too many. */
  isCut = false;
  /** The last size that the table was told to have; -1 for none. */
  size = -1;
  private readonly arena: Arena;
  private readonly lines: TextBlock;
  /** Of each header: where its line begins in `lines`, bytes of its name and of its value. */
  private readonly words = new Int32Array(WORDS * HEADER_LIMIT);
  private count = 0;
  private readonly field = new Field();

  constructor(arena: Arena) {
    this.arena = arena;
    this.lines = new TextBlock(arena, HEADERS_LIMIT);
  }

  begin(): void {
    this.lines.length = 0;
    this.count = 0;
    this.isCut = false;
    this.size = -1;
  }

  /** Gives back what it holds. */
  end(): void {
    this.lines.clear();
  }

  header(bytes: Uint8Array, from: number, name: number, value: number): void {
    const { lines } = this;
    if (this.count === HEADER_LIMIT || !lines.reserve(name + value + BETWEEN)) {
      this.isCut = true;
      return;
    }
    const at = WORDS * this.count++;
    this.words[at] = lines.length;
    this.words[at + 1] = name;
    this.words[at + 2] = value;
    lines.appendBytes(bytes, from, from + name);
    lines.push(COLON);
    lines.push(BLANK);
    lines.appendBytes(bytes, from + name, from + name + value);
    lines.push(CR);
    lines.push(LF);
  }

  tableSize(bytes: number): void {
    this.size = bytes;
  }

  /** The number that is the value of `:status`; 0 for none. */
  get status(): number {
    const index = this.find(':status');
    if (index < 0 || this.words[WORDS * index + 2] !== 3) return 0;
    const { bytes } = this.arena;
    const at = this.valueOf(index);
    const digit = (place: number): number => bytes[at + place]! - 48;
    const status = 100 * digit(0) + 10 * digit(1) + digit(2);
    return status >= 100 && status <= 999 ? status : 0;
  }

  /** Fills one side of a transaction with what was collected. @returns false where there is no memory. */
  give(transaction: Http2Transaction, direction: Direction): boolean {
    const message = direction === 0 ? transaction.request : transaction.response;
    const made = direction === 0 ? this.requestLine(transaction) : this.statusLine(transaction);
    if (!made) return false;
    const { text } = message;
    message.setLine(this.arena.bytes, text.length);
    const base = text.append(this.lines.start, this.lines.length);
    if (base < 0 || !text.push(CR) || !text.push(LF)) return false;
    message.headersBytes = this.lines.length + 2;
    for (let index = 0; index < this.count; index++) this.addField(message, index, base);
    return true;
  }

  private requestLine(transaction: Http2Transaction): boolean {
    const { text } = transaction.request;
    const method = this.appendValue(text, transaction.method, ':method', GET_LIMIT);
    return (
      method &&
      text.push(BLANK) &&
      this.appendValue(text, transaction.uri, ':path', LINE_LIMIT - GET_LIMIT) &&
      text.push(BLANK) &&
      appendVersion(text, transaction.protocol) &&
      text.push(CR) &&
      text.push(LF)
    );
  }

  private statusLine(transaction: Http2Transaction): boolean {
    const { text } = transaction.response;
    if (!appendVersion(text, transaction.responseProtocol) || !text.push(BLANK)) return false;
    if (!this.appendValue(text, transaction.status, ':status', GET_LIMIT)) return false;
    transaction.statusText.set(text.start, text.start + text.length, text.start + text.length);
    transaction.statusCode = this.status;
    return text.push(CR) && text.push(LF);
  }

  /** Appends the value of a pseudo-header, as a part of the first line if it is there. */
  private appendValue(text: TextBlock, part: Part, name: Pseudo, limit: number): boolean {
    const index = this.find(name);
    if (index < 0) return true;
    const length = Math.min(this.words[WORDS * index + 2]!, limit);
    const at = text.append(this.valueOf(index), length);
    if (at < 0) return false;
    part.set(text.start, text.start + at, text.start + at + length);
    return true;
  }

  private find(name: Pseudo): number {
    const { bytes } = this.arena;
    for (let index = 0; index < this.count; index++) {
      const start = this.lines.start + this.words[WORDS * index]!;
      if (isText(bytes, start, start + this.words[WORDS * index + 1]!, name)) return index;
    }
    return -1;
  }

  private valueOf(index: number): number {
    return this.lines.start + this.words[WORDS * index]! + this.words[WORDS * index + 1]! + 2;
  }

  private addField(message: Message, index: number, base: number): void {
    const { field, words } = this;
    const { bytes } = this.arena;
    const at = WORDS * index;
    field.name = base + words[at]!;
    field.nameLength = words[at + 1]!;
    field.value = field.name + field.nameLength + 2;
    field.valueLength = words[at + 2]!;
    const from = message.text.start + field.name;
    let hash = HASH_START;
    for (let place = from; place < from + field.nameLength; place++) hash = hashed(hash, bytes[place]!);
    field.hash = hash;
    field.kind = kindOfName(bytes, from, from + field.nameLength, hash);
    const number = message.headers.add(field, message.text.start);
    if (number < 0 || !message.headers.isRepeated(number)) return;
    message.isPlain = false;
    message.hasRepeated = true;
  }
}

function appendVersion(text: TextBlock, part: Part): boolean {
  const at = text.length;
  if (!text.reserve(VERSION.length)) return false;
  text.appendBytes(VERSION, 0, VERSION.length);
  part.set(text.start, text.start + at, text.start + text.length);
  return true;
}
