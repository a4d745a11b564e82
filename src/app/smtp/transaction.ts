/**
 * A mail and its envelope, or commands without one, as rules look at them. Stage: app. Pooled; texts lie in the arena.
 */
import type { Arena } from '../../memory/arena.js';
import type { Direction } from '../../flow/flow.js';
import type { Span } from '../../memory/span.js';
import { BUFFERS } from '../buffers.js';
import { FileList } from '../file/file-list.js';
import { Mail, MAIL_VALUES, type MailValue } from '../mime/mail.js';
import { TextBlock } from '../text-block.js';
import { Transaction } from '../transaction.js';
import { SMTP_BUFFERS } from './buffers.js';
import { mailObject, smtpObject } from './eve.js';

const LOCAL: readonly (string | undefined)[] = BUFFERS.map((name) =>
  SMTP_BUFFERS.some((spec) => spec.name === name) ? name : undefined,
);
const ENVELOPE_LIMIT = 131_072;
const RECEIVER_LIMIT = 1024;
const SINGLE: ReadonlySet<string> = new Set(MAIL_VALUES.filter((name) => !/received|url/.test(name)));

export class SmtpTransaction extends Transaction {
  readonly mail: Mail;
  private readonly arena: Arena;
  private readonly list: FileList;
  private readonly text: TextBlock;
  /** Places in the text; a length of -1 is none. */
  private heloAt = 0;
  private heloLength = -1;
  private senderAt = 0;
  private senderLength = -1;
  /** Place and length of each receiver. */
  private readonly receivers: number[] = [];

  constructor(arena: Arena) {
    super();
    this.arena = arena;
    this.mail = new Mail(arena);
    this.list = new FileList(arena);
    this.text = new TextBlock(arena, ENVELOPE_LIMIT);
  }

  get hasSender(): boolean {
    return this.senderLength >= 0;
  }

  setHelo(from: number, length: number): void {
    const at = this.text.append(from, length);
    if (at < 0) return;
    this.heloAt = at;
    this.heloLength = length;
  }

  setSender(from: number, length: number): void {
    const at = this.text.append(from, length);
    if (at < 0) return;
    this.senderAt = at;
    this.senderLength = length;
  }

  addReceiver(from: number, length: number): void {
    const at = this.receivers.length < 2 * RECEIVER_LIMIT ? this.text.append(from, length) : -1;
    if (at >= 0) this.receivers.push(at, length);
  }

  override files(direction: Direction): FileList | null {
    return direction === 0 ? this.list : null;
  }

  /** Servers' replies carry neither a mail nor files. */
  override mayHave(_buffer: number, direction: Direction): boolean {
    return direction === 0;
  }

  override locate(buffer: number, instance: number, direction: Direction, span: Span): boolean {
    const name = LOCAL[buffer];
    if (direction !== 0 || name === undefined) return false;
    if (name === 'smtp.helo') return instance === 0 && this.locateHelo(span);
    if (name === 'smtp.mail_from') return instance === 0 && this.locateSender(span);
    if (name === 'smtp.rcpt_to') return this.locateReceiver(instance, span);
    return (instance === 0 || !SINGLE.has(name)) && this.mail.locate(name as MailValue, instance, span);
  }

  locateHelo(span: Span): boolean {
    return this.heloLength >= 0 && span.set(this.text.start + this.heloAt, this.heloLength);
  }

  locateSender(span: Span): boolean {
    return this.senderLength >= 0 && span.set(this.text.start + this.senderAt, this.senderLength);
  }

  locateReceiver(instance: number, span: Span): boolean {
    const at = this.receivers[2 * instance];
    return at !== undefined && span.set(this.text.start + at, this.receivers[2 * instance + 1]!);
  }

  override eve(): string {
    const mail = this.mail.isThere ? `,${mailObject(this.mail, this.list, this.arena.bytes)}` : '';
    return `${smtpObject(this, this.arena.bytes)}${mail}`;
  }

  override reset(): void {
    super.reset();
    this.mail.clear();
    this.list.clear();
    this.text.clear();
    this.heloLength = -1;
    this.senderLength = -1;
    this.receivers.length = 0;
  }
}
