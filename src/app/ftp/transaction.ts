/**
 * A command and its reply, as rules look at them; a reply to no command, as the greeting, is one by itself. Stage: app.
 * Bounds: a line of 4096 bytes a command, MOST_LINES lines and MOST_REPLY_BYTES of reply.
 */
import type { Arena } from '../../memory/arena.js';
import { BufferTransaction } from '../fields/buffer-transaction.js';
import { SIDE } from '../fields/field-list.js';
import { FTP_STATE } from './buffers.js';
import { FTP_BUFFER } from './buffer-numbers.js';
import { commandAt, upper } from './commands.js';
import { ftpObject } from './eve.js';

export const LINE_BYTES = 4096;
const MOST_REPLY_BYTES = 32_768;
const MOST_LINES = 100;
const CODE_BYTES = 3;
const BLANK = 0x20;
const HYPHEN = 0x2d;

export class FtpTransaction extends BufferTransaction {
  /** As a number (commands.ts); 0 where there is none, or a long one. */
  command = 0;
  /** The line was longer than what is kept of it; a line of the reply was. */
  isCut = false;
  isReplyCut = false;
  /** The reply is complete. */
  isAnswered = false;
  /** The number of a reply of several lines, while its last one has not come; 0 otherwise. */
  private openCode = 0;
  private lines = 0;
  private replyBytes = 0;

  constructor(arena: Arena) {
    super(arena, LINE_BYTES + MOST_REPLY_BYTES);
  }

  /** Takes the line [start, end). */
  takeCommand(start: number, end: number): void {
    const { bytes } = this.arena;
    let at = start;
    while (at < end && bytes[at] !== BLANK) at++;
    this.command = commandAt(bytes, start, at - start);
    if (this.addText(FTP_BUFFER.command, SIDE.toServer, start, at - start)) this.raiseCase(at - start);
    if (at + 1 < end) this.addText(FTP_BUFFER.data, SIDE.toServer, at + 1, end - at - 1);
    this.advance(0, FTP_STATE.line);
  }

  /** Takes a line of the reply, [start, end). @returns whether there was room for it. */
  takeReply(start: number, end: number): boolean {
    const code = this.codeAt(start, end);
    const behind = start + CODE_BYTES < end ? this.arena.bytes[start + CODE_BYTES] : 0;
    const isNumbered = code > 0 && behind === BLANK;
    const isRoom = this.keepReply(start, end, isNumbered);
    if (this.openCode === 0 && code > 0 && behind === HYPHEN) this.openCode = code;
    else if (this.openCode === 0 || (code === this.openCode && behind !== HYPHEN)) this.endReply(code);
    this.advance(0, FTP_STATE.complete);
    return isRoom;
  }

  /** Who opens the connection, and the port that it goes to. */
  setPort(port: number, isActive: boolean): void {
    this.addNumber(FTP_BUFFER.port, SIDE.both, port);
    this.addNumber(FTP_BUFFER.mode, SIDE.both, isActive ? 1 : 0);
  }

  noteBounce(): void {
    this.addNumber(FTP_BUFFER.bounce, SIDE.toServer, 1);
  }

  /** Nothing more comes of it. */
  complete(): void {
    this.advance(0, FTP_STATE.complete);
    this.advance(1, FTP_STATE.complete);
  }

  override number(buffer: number, instance: number, direction: 0 | 1): number {
    if (buffer !== FTP_BUFFER.received) return super.number(buffer, instance, direction);
    return instance === 0 ? Number(this.isAnswered) : NaN;
  }

  override eve(): string {
    return ftpObject(this);
  }

  override reset(): void {
    super.reset();
    this.command = 0;
    this.isCut = false;
    this.isReplyCut = false;
    this.isAnswered = false;
    this.openCode = 0;
    this.lines = 0;
    this.replyBytes = 0;
  }

  private keepReply(start: number, end: number, isNumbered: boolean): boolean {
    this.replyBytes += end - start;
    if (++this.lines > MOST_LINES || this.replyBytes > MOST_REPLY_BYTES) return false;
    const from = isNumbered ? start + CODE_BYTES + 1 : start;
    return (
      this.addText(FTP_BUFFER.code, SIDE.toClient, start, isNumbered ? CODE_BYTES : 0) &&
      this.addText(FTP_BUFFER.reply, SIDE.toClient, from, end - from)
    );
  }

  /** A preliminary reply (1xx) is followed by another. */
  private endReply(code: number): void {
    this.openCode = 0;
    if (code >= 100 && code < 200) return;
    this.isAnswered = true;
    this.advance(1, FTP_STATE.complete);
  }

  /** The three digits at the start of a line, alone or with a blank or a hyphen behind them; 0 for none. */
  private codeAt(start: number, end: number): number {
    const { bytes } = this.arena;
    if (end - start < CODE_BYTES) return 0;
    let code = 0;
    for (let at = start; at < start + CODE_BYTES; at++) {
      if (bytes[at]! < 0x30 || bytes[at]! > 0x39) return 0;
      code = code * 10 + bytes[at]! - 0x30;
    }
    const behind = bytes[start + CODE_BYTES];
    return end - start === CODE_BYTES || behind === BLANK || behind === HYPHEN ? code : 0;
  }

  /** Makes capital letters of the last `length` bytes of the text. */
  private raiseCase(length: number): void {
    const { bytes } = this.arena;
    const end = this.text.start + this.text.length;
    for (let at = end - length; at < end; at++) bytes[at] = upper(bytes[at]!);
  }
}
