/**
 * What is kept of a mail for rules: the headers of the mail itself that keywords name, and addresses in its text.
 * Stage: app. Part of a transaction; texts lie in one block, by place. Bounds: TEXT_LIMIT bytes, VALUE_LIMIT values.
 */
import type { Arena } from '../../memory/arena.js';
import type { Span } from '../../memory/span.js';
import { fileNeeds, type FileNeeds } from '../file/needs.js';
import { TextBlock } from '../text-block.js';

/** Headers, by the keyword that names them, and addresses. */
export const MAIL_VALUES = [
  'email.from',
  'email.subject',
  'email.to',
  'email.cc',
  'email.date',
  'email.message_id',
  'email.x_mailer',
  'email.received',
  'email.url',
] as const;
export type MailValue = (typeof MAIL_VALUES)[number];

const TEXT_LIMIT = 131_072;
const VALUE_LIMIT = 1024;
const WORDS = 3;

export class Mail {
  isThere = false;
  private readonly text: TextBlock;
  /** Kind, place, length of each. */
  private readonly values = new Int32Array(WORDS * 16);
  private more: Int32Array = this.values;
  private count = 0;

  private readonly needs: FileNeeds;

  constructor(arena: Arena) {
    this.needs = fileNeeds(arena);
    this.text = new TextBlock(arena, TEXT_LIMIT);
  }

  /** Adds a value that lies in the shard's memory. */
  add(kind: MailValue, from: number, length: number): void {
    const at = this.count < VALUE_LIMIT ? this.text.append(from, length) : -1;
    if (at < 0) {
      this.needs.mailValuesRefused++;
      return;
    }
    if (WORDS * (this.count + 1) > this.more.length) this.grow();
    const word = WORDS * this.count++;
    this.more[word] = MAIL_VALUES.indexOf(kind);
    this.more[word + 1] = at;
    this.more[word + 2] = length;
  }

  /** The `instance`th value of a kind. */
  locate(kind: MailValue, instance: number, span: Span): boolean {
    const wanted = MAIL_VALUES.indexOf(kind);
    let seen = -1;
    for (let index = 0; index < this.count; index++) {
      if (this.more[WORDS * index] !== wanted || ++seen !== instance) continue;
      return span.set(this.text.start + this.more[WORDS * index + 1]!, this.more[WORDS * index + 2]!);
    }
    return false;
  }

  clear(): void {
    this.text.clear();
    this.more = this.values;
    this.count = 0;
    this.isThere = false;
  }

  private grow(): void {
    const larger = new Int32Array(2 * this.more.length);
    larger.set(this.more);
    this.more = larger;
  }
}
