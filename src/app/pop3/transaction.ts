/**
 * A command of POP3 and its response; the greeting is a response by itself. Stage: app. Bounds: LINE_BYTES of a line,
 * MOST_LINES lines of a list, which with the command take MOST_BYTES.
 */
import type { Arena } from '../../memory/arena.js';
import { BufferTransaction } from '../fields/buffer-transaction.js';
import { SIDE } from '../fields/field-list.js';
import { POP3_BUFFER } from './buffer-numbers.js';
import { POP3_STATE } from './buffers.js';
import { POP3_COMMANDS, type Pop3Command } from './commands.js';
import { pop3Object } from './eve.js';

export const LINE_BYTES = 4096;
const MOST_BYTES = 32_768;
const MOST_LINES = 200;
const LONGEST_COMMAND = 16;
const BLANK = 0x20;
const PLUS = 0x2b;
const HYPHEN = 0x2d;

export class Pop3Transaction extends BufferTransaction {
  /** Of the command, in capital letters. */
  name = '';
  /** Undefined of the greeting, and of what is no command. */
  command: Pop3Command | undefined;
  args = 0;
  isOk = false;
  /** Its response has begun, and lines follow. */
  hasLines = false;
  private lines = 0;

  constructor(arena: Arena) {
    super(arena, MOST_BYTES);
  }

  /** Takes the line [start, end). @returns whether the command has as many arguments as it takes. */
  takeCommand(start: number, end: number): boolean {
    const { bytes } = this.arena;
    let at = start;
    while (at < end && bytes[at] !== BLANK) at++;
    const word = Math.min(at - start, LONGEST_COMMAND);
    this.name = Buffer.from(bytes.buffer, bytes.byteOffset + start, word)
      .toString('latin1')
      .toUpperCase();
    this.command = POP3_COMMANDS.get(this.name);
    this.addText(POP3_BUFFER.command, SIDE.toServer, start, at - start);
    while (at < end) {
      const from = at + 1;
      at = from;
      while (at < end && bytes[at] !== BLANK) at++;
      if (at === from) continue;
      this.args++;
      this.addText(POP3_BUFFER.argument, SIDE.toServer, from, at - from);
    }
    this.advance(0, POP3_STATE.line);
    return this.command === undefined || (this.args >= this.command.least && this.args <= this.command.most);
  }

  /** Takes the first line of the response. @returns false where it is none, or asks the client for more. */
  takeStatus(start: number, end: number): boolean {
    const { bytes } = this.arena;
    const sign = start < end ? bytes[start]! : 0;
    if ((sign !== PLUS && sign !== HYPHEN) || end === start + 1 || bytes[start + 1] === BLANK) return false;
    let at = start;
    while (at < end && bytes[at] !== BLANK) at++;
    this.isOk = sign === PLUS;
    this.addText(POP3_BUFFER.status, SIDE.toClient, start + 1, at - start - 1);
    if (at + 1 < end) this.addText(POP3_BUFFER.header, SIDE.toClient, at + 1, end - at - 1);
    const { command } = this;
    this.hasLines = this.isOk && command?.lines !== undefined && (command.unlessAsked !== true || this.args === 0);
    if (!this.hasLines) this.complete();
    return true;
  }

  /** Takes a line behind it. @returns whether there was room for it. */
  takeLine(start: number, end: number): boolean {
    if (end === start + 1 && this.arena.bytes[start] === 0x2e) {
      this.complete();
      return true;
    }
    if (this.command?.lines === 'mail') return true;
    return ++this.lines <= MOST_LINES && this.addText(POP3_BUFFER.data, SIDE.toClient, start, end - start);
  }

  /** Nothing more comes of it. */
  complete(): void {
    this.advance(0, POP3_STATE.complete);
    this.advance(1, POP3_STATE.complete);
  }

  override eve(): string {
    return pop3Object(this);
  }

  override reset(): void {
    super.reset();
    this.name = '';
    this.command = undefined;
    this.args = 0;
    this.isOk = false;
    this.hasLines = false;
    this.lines = 0;
  }
}
