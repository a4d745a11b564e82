/**
 * A hello as a transaction keeps it: its body, where its fields are, and the fingerprints that are made of it when
 * they are asked for. Stage: app. For TLS and for QUIC.
 */
import type { Arena } from '../../memory/arena.js';
import type { Span } from '../../memory/span.js';
import type { TextBlock } from '../text-block.js';
import { Hello, Part } from './hello.js';
import { md5, writeJa3 } from './ja3.js';
import { ja4Of } from './ja4.js';

export class HelloText {
  isThere = false;
  readonly hello = new Hello();
  private readonly arena: Arena;
  private readonly text: TextBlock;
  private readonly made: TextBlock;
  /** Where the body begins in `text`. */
  private at = 0;
  /** In `made`. */
  private readonly ja3 = new Part();
  private readonly ja3Hash = new Part();
  private readonly ja4 = new Part();
  /** Where the last search in the list of ALPN ended. */
  private alpnInstance = 0;
  private alpnAt = 0;

  constructor(arena: Arena, text: TextBlock, made: TextBlock) {
    this.arena = arena;
    this.text = text;
    this.made = made;
  }

  /** Keeps the body in [start, start + length). @returns false where it is no hello. */
  take(start: number, length: number, isServer: boolean): boolean {
    if (!this.hello.read(this.arena.bytes, start, start + length, isServer)) return false;
    this.at = this.text.append(start, length);
    this.isThere = this.at >= 0;
    return true;
  }

  clear(): void {
    this.isThere = false;
    this.hello.clear();
    this.ja3.clear();
    this.ja3Hash.clear();
    this.ja4.clear();
    this.alpnInstance = 0;
    this.alpnAt = 0;
  }

  get faults(): number {
    return this.hello.faults;
  }

  get version(): number {
    return this.hello.version;
  }

  locateName(span: Span): boolean {
    return this.locatePart(this.hello.serverName, span);
  }

  locateRandom(from: number, length: number, span: Span): boolean {
    return this.isThere && span.set(this.body + this.hello.random.at + from, length);
  }

  /** | length | name | length | name … */
  locateAlpn(instance: number, span: Span): boolean {
    const { alpn } = this.hello;
    if (!this.isThere || alpn.length === 0) return false;
    const { bytes } = this.arena;
    const list = this.body + alpn.at;
    let index = instance < this.alpnInstance ? 0 : this.alpnInstance;
    let at = index === 0 ? 0 : this.alpnAt;
    for (; index < instance && at < alpn.length; index++) at += 1 + bytes[list + at];
    if (at >= alpn.length || at + 1 + bytes[list + at] > alpn.length) return false;
    this.alpnInstance = index;
    this.alpnAt = at;
    return span.set(list + at + 1, bytes[list + at]);
  }

  locateJa3(span: Span): boolean {
    if (!this.ja3.isThere) this.makeJa3();
    return this.locateMade(this.ja3, span);
  }

  locateJa3Hash(span: Span): boolean {
    if (!this.ja3Hash.isThere && this.locateJa3(span)) {
      this.keep(this.ja3Hash, md5(new Uint8Array(this.arena.bytes.buffer, span.start, span.length)));
    }
    return this.locateMade(this.ja3Hash, span);
  }

  locateJa4(isQuic: boolean, span: Span): boolean {
    if (!this.ja4.isThere && this.isThere) this.keep(this.ja4, ja4Of(this.arena.bytes, this.body, this.hello, isQuic));
    return this.locateMade(this.ja4, span);
  }

  /** Where the body begins now. */
  get body(): number {
    return this.text.start + this.at;
  }

  private makeJa3(): void {
    if (!this.isThere) return;
    const at = this.made.length;
    if (writeJa3(this.made, this.arena.bytes, this.body, this.hello)) this.ja3.set(at, this.made.length - at);
  }

  private keep(part: Part, ascii: string): void {
    const at = this.made.appendAscii(ascii);
    if (at >= 0) part.set(at, ascii.length);
  }

  private locatePart(part: Part, span: Span): boolean {
    return this.isThere && part.length > 0 && span.set(this.body + part.at, part.length);
  }

  private locateMade(part: Part, span: Span): boolean {
    return part.isThere && span.set(this.made.start + part.at, part.length);
  }
}
