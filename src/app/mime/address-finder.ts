/**
 * Addresses in the text of a mail, `http://host/path` without the scheme, as email.url has them. Stage: app. A line at
 * a time, as far as LINE_LIMIT bytes of it.
 */
import type { Arena } from '../../memory/arena.js';
import { TextBlock } from '../text-block.js';
import type { Mail } from './mail.js';

const LINE_LIMIT = 8192;
const LF = 10;
const COLON = 58;
const SLASH = 47;
const SCHEMES = ['http', 'https', 'ftp'];
/** What ends an address beside white space and control characters. */
const ENDS: readonly number[] = Array.from('<>"\'', (character) => character.charCodeAt(0));

export class AddressFinder {
  private readonly line: TextBlock;
  private readonly arena: Arena;

  constructor(arena: Arena) {
    this.arena = arena;
    this.line = new TextBlock(arena, LINE_LIMIT);
  }

  /** Takes more of the text. */
  add(from: number, end: number, mail: Mail): void {
    const { bytes } = this.arena;
    for (let at = from; at < end; at++) {
      if (bytes[at] === LF) this.finish(mail);
      else if (this.line.length < LINE_LIMIT) this.line.push(bytes[at]!);
    }
  }

  /** The line ends. */
  finish(mail: Mail): void {
    const { bytes } = this.arena;
    const { start, length } = this.line;
    const end = start + length;
    for (let at = start; at + 3 < end; at++) {
      if (bytes[at] !== COLON || bytes[at + 1] !== SLASH || bytes[at + 2] !== SLASH) continue;
      if (!SCHEMES.some((scheme) => this.endsWith(start, at, scheme))) continue;
      const from = at + 3;
      let to = from;
      while (to < end && bytes[to]! > 32 && !ENDS.includes(bytes[to]!)) to++;
      if (to > from) mail.add('email.url', from, to - from);
      at = to - 1;
    }
    this.line.length = 0;
  }

  clear(): void {
    this.line.clear();
  }

  private endsWith(start: number, at: number, scheme: string): boolean {
    const from = at - scheme.length;
    if (from < start) return false;
    for (let index = 0; index < scheme.length; index++) {
      if ((this.arena.bytes[from + index]! | 32) !== scheme.charCodeAt(index)) return false;
    }
    return true;
  }
}
