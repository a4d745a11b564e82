/**
 * A command of IMAP and what is said until the response with its tag; what a server says by itself, as its greeting, is
 * one alone. Stage: app. Bounds: LINE_BYTES of a line, MOST_BYTES of all lines, fields of a transaction.
 */
import type { Arena } from '../../memory/arena.js';
import { BufferTransaction } from '../fields/buffer-transaction.js';
import { SIDE } from '../fields/field-list.js';
import { IMAP_BUFFER } from './buffer-numbers.js';
import { IMAP_STATE } from './buffers.js';
import { imapObject } from './eve.js';

export const LINE_BYTES = 8192;
const MOST_BYTES = 65_536;
const LONGEST_WORD = 64;
const BLANK = 0x20;

export class ImapTransaction extends BufferTransaction {
  /** '' of what a server says by itself. */
  tag = '';
  /** In capital letters. */
  command = '';
  /** OK, NO or BAD. */
  status = '';

  constructor(arena: Arena) {
    super(arena, MOST_BYTES);
  }

  /** Takes a line of the client. @returns whether there was room for it. */
  takeRequest(start: number, end: number): boolean {
    if (this.tag === '') {
      this.tag = wordAt(this.arena.bytes, start, end);
      this.command = this.secondWord(start, end);
    }
    const isRoom = this.addText(IMAP_BUFFER.request, SIDE.toServer, start, end - start);
    this.advance(0, IMAP_STATE.line);
    return isRoom;
  }

  /** Takes a line of the server. @returns whether there was room for it. */
  takeResponse(start: number, end: number): boolean {
    return this.addText(IMAP_BUFFER.response, SIDE.toClient, start, end - start);
  }

  /** Takes the response that ends it. */
  answer(start: number, end: number): boolean {
    this.status = this.secondWord(start, end);
    const isRoom = this.takeResponse(start, end);
    this.complete();
    return isRoom;
  }

  /** Nothing more comes of it. */
  complete(): void {
    this.advance(0, IMAP_STATE.complete);
    this.advance(1, IMAP_STATE.complete);
  }

  override eve(): string {
    return imapObject(this);
  }

  override reset(): void {
    super.reset();
    this.tag = '';
    this.command = '';
    this.status = '';
  }

  /** In capital letters. */
  private secondWord(start: number, end: number): string {
    const { bytes } = this.arena;
    return wordAt(bytes, Math.min(wordEnd(bytes, start, end) + 1, end), end).toUpperCase();
  }
}

/** What stands in a line up to a blank; of a long word its beginning. */
export function wordAt(bytes: Uint8Array, start: number, end: number): string {
  const length = Math.min(wordEnd(bytes, start, end) - start, LONGEST_WORD);
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString('latin1');
}

function wordEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== BLANK) at++;
  return at;
}
