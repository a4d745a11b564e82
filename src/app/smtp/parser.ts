/**
 * SMTP on one connection: commands and replies, the mails between them, and the change to TLS. Stage: app. RFC 5321,
 * RFC 2920 (pipelining), RFC 3030 (BDAT), RFC 3207 (STARTTLS).
 *
 * A transaction has what belongs to one mail: it ends with the mail, or with RSET; the next command begins another,
 * unless it is RSET or QUIT. Replies belong to commands in their order. Bounds: LINE_LIMIT bytes of a line, beyond
 * which it is cut; PENDING_LIMIT commands without reply, beyond which replies are read and belong to none.
 */
import { frameNumber } from '../frame/buffers.js';
import type { Arena } from '../../memory/arena.js';
import { DIRECTION, type Direction } from '../../flow/flow.js';
import { Connection } from '../connection.js';
import type { Input } from '../input.js';
import { MAIL_FAULT, MailReader } from '../mime/reader.js';
import { Pool } from '../pool.js';
import { TextBlock } from '../text-block.js';
import type { Transaction } from '../transaction.js';
import { codeOf, isRefusal, trimmed } from './reply.js';
import { SMTP_STATE } from './buffers.js';
import { addressEnd, argumentStart, ARGUMENT_AT, COMMAND, commandOf, wordEnd } from './command.js';
import { smtpEvent } from './events.js';
import { SmtpTransaction } from './transaction.js';

const { toServer: TO_SERVER, toClient: TO_CLIENT } = DIRECTION;
const LINE_LIMIT = 4096;
/** RFC 5321, section 4.5.3.1, without the line end. */
const LONG_LINE = 510;
const PENDING_LIMIT = 256;
const TRANSACTION_LIMIT = 65_536;
/** Of the heap, for each. */
const TRANSACTION_BYTES = 1536;
const HELO_LIMIT = 4096;
/** What is read of a mail's line at once. */
const PIECE = 8192;
const LF = 10;
const CR = 13;
const DOT = 46;
const DASH = 45;
const EVENT = {
  invalidReply: smtpEvent('invalid_reply'),
  unmatched: smtpEvent('unable_to_match_reply_with_request'),
  longCommand: smtpEvent('max_command_line_len_exceeded'),
  longReply: smtpEvent('max_reply_line_len_exceeded'),
  truncated: smtpEvent('truncated_line'),
  pipelined: smtpEvent('invalid_pipelined_sequence'),
  bdat: smtpEvent('invalid_bdat'),
  noWelcome: smtpEvent('no_server_welcome_message'),
  tlsRejected: smtpEvent('tls_rejected'),
  dataRejected: smtpEvent('data_command_rejected'),
  duplicate: smtpEvent('duplicate_fields'),
  gap: smtpEvent('gap'),
};
const MAIL_EVENTS: readonly (readonly [fault: number, event: number])[] = [
  [MAIL_FAULT.invalidBase64, smtpEvent('mime_invalid_base64')],
  [MAIL_FAULT.longBoundary, smtpEvent('mime_long_boundary')],
  [MAIL_FAULT.longHeader, smtpEvent('mime_long_header_value')],
  [MAIL_FAULT.longName, smtpEvent('mime_long_filename')],
  [MAIL_FAULT.tooDeep, smtpEvent('unparsable_content')],
];

/** What the client's next bytes are. */
const READ = { command: 0, data: 1, chunk: 2, awaitTls: 3 } as const;

const FRAME = {
  command: frameNumber('smtp.command_line'),
  reply: frameNumber('smtp.response_line'),
  data: frameNumber('smtp.data'),
} as const;

export class SmtpConnection extends Connection {
  private readonly pool: Pool<SmtpTransaction>;
  private readonly helo: TextBlock;
  private readonly reader: MailReader;
  private readonly bytes: Uint8Array;
  /** The start of a line that goes on in the next chunk. */
  private readonly carried: TextBlock;
  private state: number = READ.command;
  private current: SmtpTransaction | null = null;
  private made = 0;
  /** Bytes from the next one on, by direction, that hold no line end; and whether they are the rest of a cut line. */
  private readonly searched: [number, number] = [0, 0];
  private readonly isCut: [boolean, boolean] = [false, false];
  /** Of a chunk: bytes that are left of it, and whether it is the last. */
  private left = 0;
  private isLastChunk = false;
  /** The mail at hand is read, and the piece at hand goes on in a line. */
  private isReading = false;
  private isMidLine = false;
  /** Commands without reply, from `first` on. */
  private readonly pending = new Uint8Array(PENDING_LIMIT);
  private first = 0;
  private waiting = 0;
  /** Replies are read, and belong to no command. */
  private isLost = false;
  private isWelcomed = false;

  constructor(share: SmtpShare) {
    super();
    this.pool = share.pool;
    this.helo = new TextBlock(share.arena, HELO_LIMIT);
    this.reader = new MailReader(share.arena);
    this.bytes = share.arena.bytes;
    this.carried = new TextBlock(share.arena, 2 * PIECE);
  }

  override parse(direction: Direction, input: Input): void {
    if (direction === TO_CLIENT) while (this.successor === '' && this.readReply(input));
    else while (this.successor === '' && this.readPart(input));
    this.takeFaults();
  }

  override gap(direction: Direction, bytes: number): boolean {
    this.searched[direction] = 0;
    this.isLost = true;
    (this.current ?? this.open())?.raise(EVENT.gap, direction);
    if (direction === TO_CLIENT || this.state === READ.command) {
      this.isCut[direction] = true;
      return true;
    }
    if (this.isReading) this.reader.gap(bytes);
    this.isMidLine = true;
    if (this.state !== READ.chunk) return true;
    this.left -= bytes;
    if (this.left <= 0) this.endChunk();
    return true;
  }

  override close(direction: Direction): void {
    if (direction === TO_SERVER) this.endTransaction();
  }

  override release(transaction: Transaction): void {
    if (this.current === transaction) {
      this.stopReading();
      this.current = null;
    }
    transaction.reset();
    this.pool.give(transaction as SmtpTransaction);
  }

  override reset(): void {
    super.reset();
    this.stopReading();
    this.helo.clear();
    this.state = READ.command;
    this.current = null;
    this.made = 0;
    this.searched.fill(0);
    this.isCut.fill(false);
    this.left = 0;
    this.first = 0;
    this.waiting = 0;
    this.isLost = false;
    this.isWelcomed = false;
  }

  // ------------------------------------------------------------------ lines

  /** Behind the line end of the next line; -1 while it is not there, or it was passed over. */
  private lineEnd(direction: Direction, input: Input): number {
    const { bytes, position, end } = input;
    let at = position + this.searched[direction];
    while (at < end && bytes[at] !== LF) at++;
    if (this.isCut[direction]) {
      this.isCut[direction] = at === end;
      this.searched[direction] = 0;
      input.take(Math.min(at + 1, end) - position);
      return at === end ? -1 : this.lineEnd(direction, input);
    }
    this.searched[direction] = at - position;
    if (at === end && !input.last && at - position <= LINE_LIMIT) return -1;
    if (at === position && at === end) return -1;
    this.searched[direction] = 0;
    if (at - position > LINE_LIMIT) this.cutLine(direction, at === end);
    return Math.min(at + 1, end);
  }

  private cutLine(direction: Direction, goesOn: boolean): void {
    (this.current ?? this.open())?.raise(EVENT.truncated, direction);
    this.isCut[direction] = goesOn;
  }

  // ---------------------------------------------------------------- replies

  private readReply(input: Input): boolean {
    const behind = this.lineEnd(TO_CLIENT, input);
    if (behind < 0) return false;
    const { bytes, position } = input;
    const end = trimmed(bytes, position, Math.min(behind, position + LINE_LIMIT));
    input.frames?.add(FRAME.reply, TO_CLIENT, position, behind - position);
    if (end > position) this.takeReply(bytes, position, end);
    input.take(behind - position);
    return true;
  }

  private takeReply(bytes: Uint8Array, from: number, end: number): void {
    const code = codeOf(bytes, from, end);
    if (code < 0) {
      (this.current ?? this.open())?.raise(EVENT.invalidReply, TO_CLIENT);
      return;
    }
    if (end - from > LONG_LINE) this.current?.raise(EVENT.longReply, TO_CLIENT);
    if (bytes[from + 3] === DASH && end > from + 3) return;
    if (!this.isWelcomed) {
      this.isWelcomed = true;
      if (code === 220) return;
      (this.current ?? this.open())?.raise(EVENT.noWelcome, TO_CLIENT);
    }
    if (this.isLost) return;
    if (this.waiting === 0) {
      if (!isRefusal(code)) this.current?.raise(EVENT.unmatched, TO_CLIENT);
      return;
    }
    const command = this.pending[this.first]!;
    this.first = (this.first + 1) % PENDING_LIMIT;
    this.waiting--;
    this.answered(command, code);
  }

  private answered(command: number, code: number): void {
    if (command === COMMAND.starttls) {
      if (code === 220) {
        this.endTransaction();
        this.successor = 'tls';
      } else {
        this.current?.raise(EVENT.tlsRejected, TO_CLIENT);
        this.state = READ.command;
      }
    } else if (command === COMMAND.data && code >= 400) {
      this.current?.raise(EVENT.dataRejected, TO_CLIENT);
      if (this.state === READ.data) this.state = READ.command;
      this.stopReading();
    }
  }

  /** Notes a command that a reply belongs to. */
  private expect(command: number): void {
    if (this.isLost) return;
    if (this.waiting === PENDING_LIMIT) {
      this.isLost = true;
      return;
    }
    this.pending[(this.first + this.waiting++) % PENDING_LIMIT] = command;
  }

  // --------------------------------------------------------------- commands

  private readPart(input: Input): boolean {
    switch (this.state) {
      case READ.command:
        return this.readCommand(input);
      case READ.data:
        return this.readDataLine(input);
      case READ.chunk:
        return this.readChunk(input);
      default:
        if (input.available > 0) this.current?.raise(EVENT.pipelined, TO_SERVER);
        // Replies that were lost tell nothing: what follows is TLS if it looks like it.
        if (this.isLost && input.available > 0) this.successor = 'tls';
        return false;
    }
  }

  private readCommand(input: Input): boolean {
    const behind = this.lineEnd(TO_SERVER, input);
    if (behind < 0) return false;
    const { bytes, position } = input;
    const end = trimmed(bytes, position, Math.min(behind, position + LINE_LIMIT));
    if (end > position) {
      input.frames?.add(FRAME.command, TO_SERVER, position, end - position);
      this.takeCommand(bytes, position, end);
    }
    input.take(behind - position);
    if (this.state === READ.data) input.frames?.begin(this.status.openFrames, FRAME.data, TO_SERVER, input.position);
    return true;
  }

  private takeCommand(bytes: Uint8Array, from: number, end: number): void {
    const command = commandOf(bytes, from, end);
    this.expect(command);
    if (this.current === null && (command === COMMAND.quit || command === COMMAND.rset)) return;
    const transaction = this.current ?? this.open();
    if (transaction === null) return;
    if (end - from > LONG_LINE && command !== COMMAND.other) transaction.raise(EVENT.longCommand, TO_SERVER);
    const argument = argumentStart(bytes, from + (ARGUMENT_AT[command] ?? 0), end);
    switch (command) {
      case COMMAND.helo:
        // The first one counts.
        if (this.helo.length > 0) {
          transaction.raise(EVENT.duplicate, TO_SERVER);
          break;
        }
        this.helo.append(argument, wordEnd(bytes, argument, end) - argument);
        transaction.setHelo(this.helo.start, this.helo.length);
        break;
      case COMMAND.mail:
        if (transaction.hasSender) transaction.raise(EVENT.duplicate, TO_SERVER);
        else transaction.setSender(argument, addressEnd(bytes, argument, end) - argument);
        transaction.advance(TO_SERVER, SMTP_STATE.sender);
        break;
      case COMMAND.rcpt:
        transaction.addReceiver(argument, addressEnd(bytes, argument, end) - argument);
        break;
      case COMMAND.data:
        this.state = READ.data;
        this.beginMail(transaction);
        break;
      case COMMAND.bdat:
        this.beginChunk(transaction, bytes, argument, end);
        break;
      case COMMAND.rset:
      case COMMAND.quit:
        this.endTransaction();
        break;
      case COMMAND.starttls:
        this.state = READ.awaitTls;
        break;
    }
  }

  private beginMail(transaction: SmtpTransaction): void {
    if (this.isReading) return;
    transaction.advance(TO_SERVER, SMTP_STATE.envelope);
    this.isReading = true;
    this.isMidLine = false;
    this.reader.begin(transaction.mail, transaction.files(TO_SERVER)!);
  }

  // ------------------------------------------------------------------ mails

  private beginChunk(transaction: SmtpTransaction, bytes: Uint8Array, from: number, end: number): void {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, end - from).toString('latin1');
    const [, digits = '', last] = /^(\d{1,15})(?:\s+(last))?\s*$/i.exec(text) ?? [];
    if (digits === '') {
      transaction.raise(EVENT.bdat, TO_SERVER);
      return;
    }
    this.beginMail(transaction);
    this.left = Number(digits);
    this.isLastChunk = last !== undefined;
    this.state = READ.chunk;
    if (this.left === 0) this.endChunk();
  }

  private readDataLine(input: Input): boolean {
    const goesOn = this.readMailLine(input, Infinity);
    if (this.state === READ.data || input.frames === null) return goesOn;
    input.frames.take(this.status.openFrames, TO_SERVER, input.position);
    input.frames.end(this.status.openFrames, TO_SERVER);
    return goesOn;
  }

  private readChunk(input: Input): boolean {
    const before = input.position;
    const goesOn = this.readMailLine(input, this.left);
    this.left -= input.position - before;
    if (this.left > 0) return goesOn;
    this.endChunk();
    return true;
  }

  private endChunk(): void {
    this.left = 0;
    this.state = READ.command;
    if (this.isLastChunk) this.endTransaction();
  }

  /** Takes a line of a mail, or a piece of one that is long, of `most` bytes at most. */
  private readMailLine(input: Input, most: number): boolean {
    const { bytes, position } = input;
    const end = Math.min(input.end, position + most);
    if (end === position) return false;
    let at = position + Math.min(this.searched[TO_SERVER], end - position);
    const stop = Math.min(end, position + PIECE);
    while (at < stop && bytes[at] !== LF) at++;
    const hasEnd = at < stop;
    const isChunkEnd = at === position + most;
    const isWhole = hasEnd || isChunkEnd || at - position >= PIECE || input.last;
    this.searched[TO_SERVER] = isWhole ? 0 : at - position;
    if (!isWhole) return false;
    // A CR that may belong to a line end stays with it.
    if (!hasEnd && !isChunkEnd && bytes[at - 1] === CR && at - 1 > position) at--;
    if (isChunkEnd && !hasEnd) this.carry(position, at - position);
    else this.takeCarried(bytes, position, at, hasEnd);
    input.take((hasEnd ? at + 1 : at) - position);
    return true;
  }

  /** A chunk ends within a line: the line comes with the next one. */
  private carry(from: number, count: number): void {
    if (this.carried.append(from, count) >= 0) return;
    this.takeMailLine(this.bytes, this.carried.start, this.carried.start + this.carried.length, false);
    this.carried.length = 0;
    this.carried.append(from, count);
  }

  /** Takes a line, or a piece of one, with what chunks before had of it. */
  private takeCarried(bytes: Uint8Array, start: number, lineEnd: number, hasEnd: boolean): void {
    const { carried } = this;
    if (carried.length === 0) {
      this.takeMailLine(bytes, start, lineEnd, hasEnd);
      return;
    }
    this.carry(start, lineEnd - start);
    this.takeMailLine(bytes, carried.start, carried.start + carried.length, hasEnd);
    carried.length = 0;
  }

  /** The rest of a mail without line end. */
  private finishCarried(): void {
    const { carried } = this;
    if (carried.length === 0) return;
    const isLate = this.bytes[carried.start + carried.length - 1] === CR;
    this.takeMailLine(this.bytes, carried.start, carried.start + carried.length - (isLate ? 1 : 0), false);
    carried.clear();
  }

  private takeMailLine(bytes: Uint8Array, start: number, lineEnd: number, hasEnd: boolean): void {
    const end = hasEnd && lineEnd > start && bytes[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd;
    const endBytes = hasEnd ? lineEnd + 1 - end : 0;
    const isStuffed = this.state === READ.data && !this.isMidLine && end > start && bytes[start] === DOT;
    this.isMidLine = !hasEnd;
    if (isStuffed && end === start + 1) {
      this.state = READ.command;
      this.expect(COMMAND.mailEnd);
      this.endTransaction();
      return;
    }
    if (!this.isReading) return;
    this.reader.line(isStuffed ? start + 1 : start, end, endBytes);
    const transaction = this.current!;
    if (this.reader.hasHeaders) transaction.advance(TO_SERVER, SMTP_STATE.headers);
    else transaction.dirty |= 1 << TO_SERVER;
  }

  private takeFaults(): void {
    const { faults } = this.reader;
    if (faults === 0 || this.current === null) return;
    this.reader.faults = 0;
    for (const [fault, event] of MAIL_EVENTS) if ((faults & fault) !== 0) this.current.raise(event, TO_SERVER);
  }

  private stopReading(): void {
    if (this.isReading) {
      this.finishCarried();
      this.reader.end();
    }
    this.carried.clear();
    this.isReading = false;
    this.isMidLine = false;
  }

  // ----------------------------------------------------------- transactions

  private open(): SmtpTransaction | null {
    const transaction = this.pool.take();
    if (transaction === undefined) return null;
    transaction.id = this.made++;
    this.transactions[this.count++] = transaction;
    this.current = transaction;
    if (this.helo.length > 0) transaction.setHelo(this.helo.start, this.helo.length);
    transaction.advance(TO_SERVER, SMTP_STATE.started);
    transaction.advance(TO_CLIENT, SMTP_STATE.started);
    return transaction;
  }

  private endTransaction(): void {
    const transaction = this.current;
    this.stopReading();
    if (transaction === null) return;
    this.takeFaults();
    transaction.files(TO_SERVER)!.isOver = true;
    transaction.advance(TO_SERVER, SMTP_STATE.complete);
    transaction.advance(TO_CLIENT, SMTP_STATE.complete);
    this.current = null;
  }
}

/** What connections of one shard share. */
export class SmtpShare {
  readonly arena: Arena;
  readonly pool: Pool<SmtpTransaction>;

  constructor(arena: Arena) {
    this.arena = arena;
    this.pool = new Pool(arena, TRANSACTION_LIMIT, TRANSACTION_BYTES, () => new SmtpTransaction(arena));
  }
}
