/**
 * The control connection of FTP: commands, replies, and what they agree on. Stage: app. RFC 959, RFC 2228, RFC 2428.
 *
 *   command ─ reply, perhaps after a preliminary one          the oldest open command is what a reply belongs to
 *   PORT | EPRT | PASV | EPSV … RETR | STOR | LIST …          the connection that the port is for is expected
 *   AUTH ─ 234                                                the rest is TLS
 *
 * Keeps no bytes; bounds as in transaction.ts and pooled-connection.ts.
 */
import type { Flow } from '../../flow/flow.js';
import type { Arena } from '../../memory/arena.js';
import { CommandConnection } from '../command-connection.js';
import { EXPECTED, Hosts, type Expectations } from '../expectations.js';
import type { Input } from '../input.js';
import { Pool } from '../pool.js';
import { FTP_STATE } from './buffers.js';
import { COMMAND } from './commands.js';
import { ftpEvent } from './events.js';
import { HostPort } from './ports.js';
import { FTP_BUFFER } from './buffer-numbers.js';
import { FtpTransaction, LINE_BYTES } from './transaction.js';
import { Transfer, TRANSFERS } from './transfer.js';

const TO_SERVER = 0;
const TO_CLIENT = 1;
const COMMAND_CUT = ftpEvent('request_command_too_long');
const REPLY_CUT = ftpEvent('response_command_too_long');
const NO_PORT = ftpEvent('file_before_port');
const WITHOUT_NAME = ftpEvent('file_without_name');
const TOO_MANY_LINES = ftpEvent('too_many_reply_lines');
const TRANSACTION_LIMIT = 65_536;
/** Of the heap, for each. */
const TRANSACTION_BYTES = 1024;
const NO_NAME = new Uint8Array(0);
/** Telnet's, which some clients send in front of a command that interrupts. */
const FIRST_TELNET = 0xf0;
const CODE = { passive: 0x32323720, extendedPassive: 0x32323920, goAhead: 0x32333420 } as const;

export class FtpShare {
  readonly pool: Pool<FtpTransaction>;
  readonly expectations: Expectations;
  readonly hostPort = new HostPort();

  constructor(arena: Arena) {
    this.pool = new Pool(arena, TRANSACTION_LIMIT, TRANSACTION_BYTES, () => new FtpTransaction(arena));
    this.expectations = EXPECTED.of(arena);
  }
}

export class FtpConnection extends CommandConnection<FtpTransaction> {
  private readonly share: FtpShare;
  private readonly hosts = new Hosts();
  /** The port agreed on, 0 for none; whether the client listens there. */
  private port = 0;
  private isActive = false;
  private expects = false;

  constructor(share: FtpShare) {
    super(share.pool, LINE_BYTES, FTP_STATE.complete);
    this.share = share;
  }

  override noteFlow(flow: Flow): void {
    this.hosts.take(flow);
  }

  override reset(): void {
    super.reset();
    this.port = 0;
    this.isActive = false;
    if (this.expects) this.share.expectations.dropOf(this);
    this.expects = false;
  }

  protected override takeRequest(input: Input, from: number, to: number): void {
    const { bytes } = input;
    const { isCut } = this.requests;
    let start = from;
    const end = trimmedEnd(bytes, start, to);
    while (start < end && bytes[start]! >= FIRST_TELNET) start++;
    if (start === end) return;
    const tx = this.openTransaction()!;
    tx.takeCommand(start, end);
    tx.isCut = isCut;
    if (isCut) tx.raise(COMMAND_CUT, TO_SERVER);
    if (tx.command === COMMAND.port || tx.command === COMMAND.eprt) this.takePort(tx, bytes, start, end);
    else if (TRANSFERS.has(tx.command)) this.expectTransfer(tx, bytes, start, end, input.timeUs);
  }

  /** The client says where it listens. */
  private takePort(tx: FtpTransaction, bytes: Uint8Array, start: number, end: number): void {
    const { hostPort } = this.share;
    const from = Math.min(start + 5, end);
    const isRead =
      tx.command === COMMAND.port ? hostPort.readNumbers(bytes, from, end) : hostPort.readExtended(bytes, from, end);
    if (!isRead) return;
    this.agreeOn(tx, hostPort.port, true);
    if (hostPort.hasAddress && !this.hosts.isClient(hostPort.address)) tx.noteBounce();
  }

  private agreeOn(tx: FtpTransaction, port: number, isActive: boolean): void {
    this.port = port;
    this.isActive = isActive;
    tx.setPort(port, isActive);
  }

  private expectTransfer(tx: FtpTransaction, bytes: Uint8Array, start: number, end: number, timeUs: number): void {
    if (this.port === 0) {
      tx.raise(NO_PORT, TO_SERVER);
      return;
    }
    const { direction, isFile } = TRANSFERS.get(tx.command)!;
    const command = tx.textOf(FTP_BUFFER.command)!;
    const name = isFile ? bytes.slice(Math.min(start + 5, end), end) : NO_NAME;
    // Of STOU the server makes a name.
    if (isFile && name.length === 0 && tx.command !== COMMAND.stou) tx.raise(WITHOUT_NAME, TO_SERVER);
    // The listener is the server, unless the mode is active; what it sends is what that side gives.
    const fromListener = (direction === TO_CLIENT) !== this.isActive;
    const transfer = new Transfer(this, timeUs, command, name, isFile, fromListener);
    const listener = this.isActive ? TO_CLIENT : TO_SERVER;
    this.share.expectations.add(this.hosts, listener, this.port, transfer);
    this.expects = true;
    this.port = 0;
    this.isActive = false;
  }

  protected override takeResponse({ bytes }: Input, start: number, to: number): void {
    const end = trimmedEnd(bytes, start, to);
    if (start === end) return;
    const tx = this.oldestOpen() ?? this.openTransaction()!;
    const isRoom = tx.takeReply(start, end);
    if (!isRoom) tx.raise(TOO_MANY_LINES, TO_CLIENT);
    if (this.responses.isCut) {
      tx.isReplyCut = true;
      tx.raise(REPLY_CUT, TO_CLIENT);
    }
    this.heed(tx, bytes, start, end);
  }

  /** What a reply agrees on. */
  private heed(tx: FtpTransaction, bytes: Uint8Array, start: number, end: number): void {
    if (end - start < 4) return;
    const { hostPort } = this.share;
    const code = (bytes[start]! << 24) | (bytes[start + 1]! << 16) | (bytes[start + 2]! << 8) | bytes[start + 3]!;
    if (tx.command === COMMAND.pasv && code === CODE.passive) {
      if (hostPort.readNumbers(bytes, start + 4, end)) this.agreeOn(tx, hostPort.port, false);
    } else if (tx.command === COMMAND.epsv && code === CODE.extendedPassive) {
      if (hostPort.readPortAlone(bytes, start + 4, end)) this.agreeOn(tx, hostPort.port, false);
    } else if (tx.command === COMMAND.auth && code === CODE.goAhead) {
      this.successor = 'tls';
    }
  }
}

/** Without what is white at the end of a line. */
function trimmedEnd(bytes: Uint8Array, start: number, end: number): number {
  while (end > start && (bytes[end - 1] === 0x20 || (bytes[end - 1]! >= 9 && bytes[end - 1]! <= 13))) end--;
  return end;
}
