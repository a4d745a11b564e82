/**
 * The hello of a client of Google's QUIC: tags and their values; and CYU, the fingerprint that is made of it when it
 * is asked for. Stage: app. Reference: salesforce/GQUIC_Protocol_Analyzer.
 *
 *   | CHLO | tags (2) | 0 (2) | tag (4), end of its value (4) … | values |     numbers with the lowest byte first
 *
 * Bound: 128 tags. Kept in the texts of its transaction.
 */
import type { Arena } from '../../memory/arena.js';
import type { Span } from '../../memory/span.js';
import { u16le, u32, u32le } from '../probe/answer.js';
import type { TextBlock } from '../text-block.js';
import { Part } from '../tls/hello.js';
import { md5 } from '../tls/ja3.js';

const HEADER_BYTES = 8;
const TAG_BYTES = 8;
const MOST_TAGS = 128;
const COUNT_AT = 4;
const END_AT = 4;
const CHLO = 0x43484c4f;
const SERVER_NAME = 0x534e4900;
const USER_AGENT = 0x55414944;

/** What is there of a message: its bytes, MORE while its tags or values are not whole, NONE where it is none. */
export const MORE = -1;
export const NONE = -2;

export class GoogleHello {
  isThere = false;
  private readonly arena: Arena;
  private readonly text: TextBlock;
  private readonly made: TextBlock;
  /** Where it begins in `text`. */
  private at = 0;
  private tags = 0;
  /** Number of the version in CYU. */
  private prefix = '';
  private readonly name = new Part();
  private readonly agent = new Part();
  /** In `made`. */
  private readonly cyu = new Part();
  private readonly cyuHash = new Part();

  constructor(arena: Arena, text: TextBlock, made: TextBlock) {
    this.arena = arena;
    this.text = text;
    this.made = made;
  }

  /** Whether a hello begins there. */
  static begins(bytes: Uint8Array, at: number, end: number): boolean {
    return end - at >= HEADER_BYTES && u32(bytes, at) === CHLO;
  }

  /** Bytes of the hello that begins there, MORE or NONE. */
  static measure(bytes: Uint8Array, at: number, end: number): number {
    if (end - at < HEADER_BYTES) return MORE;
    if (u32(bytes, at) !== CHLO) return NONE;
    const tags = u16le(bytes, at + COUNT_AT);
    if (tags === 0 || tags > MOST_TAGS) return NONE;
    const values = HEADER_BYTES + tags * TAG_BYTES;
    if (end - at < values) return MORE;
    let last = 0;
    for (let tag = at + HEADER_BYTES; tag < at + values; tag += TAG_BYTES) {
      const next = u32le(bytes, tag + END_AT);
      if (next < last) return NONE;
      last = next;
    }
    return end - at < values + last ? MORE : values + last;
  }

  /** Keeps one that was measured. `prefix`: the number of its version in CYU, '' for none. */
  take(start: number, length: number, prefix: string): void {
    const { bytes } = this.arena;
    this.tags = u16le(bytes, start + COUNT_AT);
    this.prefix = prefix;
    this.at = this.text.append(start, length);
    this.isThere = this.at >= 0;
    let value = HEADER_BYTES + this.tags * TAG_BYTES;
    const first = value;
    for (let tag = HEADER_BYTES; tag < first; tag += TAG_BYTES) {
      const end = first + u32le(bytes, start + tag + END_AT);
      const name = u32(bytes, start + tag);
      if (name === SERVER_NAME) this.name.set(value, end - value);
      if (name === USER_AGENT) this.agent.set(value, end - value);
      value = end;
    }
  }

  clear(): void {
    this.isThere = false;
    this.tags = 0;
    for (const part of [this.name, this.agent, this.cyu, this.cyuHash]) part.clear();
  }

  locateName(span: Span): boolean {
    return this.locateValue(this.name, span);
  }

  locateAgent(span: Span): boolean {
    return this.locateValue(this.agent, span);
  }

  locateCyu(span: Span): boolean {
    if (!this.cyu.isThere && this.isThere && this.prefix !== '') this.keep(this.cyu, this.cyuText());
    return this.cyu.isThere && span.set(this.made.start + this.cyu.at, this.cyu.length);
  }

  locateCyuHash(span: Span): boolean {
    if (!this.cyuHash.isThere && this.locateCyu(span))
      this.keep(this.cyuHash, md5(new Uint8Array(this.arena.bytes.buffer, span.start, span.length)));
    return this.cyuHash.isThere && span.set(this.made.start + this.cyuHash.at, this.cyuHash.length);
  }

  /** | version | , | tag | - | tag … */
  private cyuText(): string {
    const { bytes } = this.arena;
    const names: string[] = [];
    for (let index = 0; index < this.tags; index++) {
      const at = this.text.start + this.at + HEADER_BYTES + index * TAG_BYTES;
      let name = '';
      for (let byte = at; byte < at + END_AT && bytes[byte] !== 0; byte++) name += String.fromCharCode(bytes[byte]);
      names.push(name);
    }
    return `${this.prefix},${names.join('-')}`;
  }

  private keep(part: Part, text: string): void {
    const at = this.made.appendAscii(text);
    if (at >= 0) part.set(at, text.length);
  }

  private locateValue(part: Part, span: Span): boolean {
    return this.isThere && part.isThere && span.set(this.text.start + this.at + part.at, part.length);
  }
}
