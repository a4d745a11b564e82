/**
 * One message of DNS, mDNS or LLMNR. Stage: app. As the peer has it, a question and its answer are two transactions.
 *
 *   text    | the message as it came | name | name …         names decompressed, where a rule can look at them
 *
 * Bounds: 64 KiB of message, 32 KiB and 256 of names; the lists grow to what messages have and are used again.
 */
import type { Direction } from '../../flow/flow.js';
import type { Arena } from '../../memory/arena.js';
import type { Span } from '../../memory/span.js';
import { BUFFERS } from '../buffers.js';
import { TextBlock } from '../text-block.js';
import { Transaction } from '../transaction.js';
import { DNS_STATE } from './buffers.js';
import { dnsObject } from './eve.js';

/** Where a name stands: sets of these. */
export const SECTION = { query: 1, answer: 2, authority: 4, additional: 8, data: 16 } as const;
const EVERYWHERE = 31;

/** Of which messages a buffer is. */
const OF_REQUESTS = 64;
const OF_RESPONSES = 128;
const OF_ALL = OF_REQUESTS | OF_RESPONSES;

/** By the end of the keyword's name: where its names stand, and of which messages. */
const NAMES: Readonly<Record<string, number>> = {
  query: SECTION.query | OF_REQUESTS,
  'query.name': SECTION.query | OF_ALL,
  'answer.name': SECTION.answer | OF_ALL,
  'queries.rrname': SECTION.query | OF_ALL,
  'answers.rrname': SECTION.answer | OF_ALL,
  'authorities.rrname': SECTION.authority | OF_ALL,
  'additionals.rrname': SECTION.additional | OF_ALL,
  'response.rrname': EVERYWHERE | OF_RESPONSES,
};

const KEYWORD = /^(?:dns|mdns|llmnr)\.(.*)$/;
const keywords = BUFFERS.map((name) => KEYWORD.exec(name)?.[1] ?? '');
const WANTED = Uint8Array.from(keywords, (name) => NAMES[name] ?? 0);
const OPCODE = keywords.indexOf('opcode');
const RCODE = keywords.indexOf('rcode');
const RRTYPE = keywords.indexOf('rrtype');

const HEADER_BYTES = 12;
const MOST_MESSAGE_BYTES = 65_535;
const MOST_TEXT_BYTES = 32_768;
export const MOST_NAMES = 256;
const RESPONSE = 0x8000;

export type DnsApplication = 'dns' | 'mdns' | 'llmnr';

export class DnsTransaction extends Transaction {
  readonly text: TextBlock;
  application: DnsApplication = 'dns';
  /** The message's own number, and its flags with opcode and response code; -1 where there is no whole header. */
  messageId = -1;
  flags = -1;
  /** Bytes of the message at the beginning of the text; 0 where there was no room for it. */
  messageBytes = 0;
  /** That of another protocol which carries the message, and tells of it in events; null where there is none. */
  carrier: Transaction | null = null;
  private readonly arena: Arena;
  /** Names that are not empty, in their order: place in the text, length, section. */
  private nameCount = 0;
  private readonly starts: number[] = [];
  private readonly lengths: number[] = [];
  private readonly sections: number[] = [];
  /** Types of the questions of a request, of the answers of a response. */
  private typeCount = 0;
  private readonly types: number[] = [];
  /** Where the last search for an instance ended: that for the next one goes on there. */
  private soughtIn = 0;
  private soughtInstance = 0;
  private soughtIndex = 0;

  constructor(arena: Arena) {
    super();
    this.arena = arena;
    this.text = new TextBlock(arena, MOST_MESSAGE_BYTES + MOST_TEXT_BYTES);
  }

  get isResponse(): boolean {
    return this.flags >= 0 && (this.flags & RESPONSE) !== 0;
  }

  private get kind(): number {
    return this.isResponse ? OF_RESPONSES : OF_REQUESTS;
  }

  /** Keeps the message, and what its header says. */
  begin(application: DnsApplication, direction: Direction, start: number, length: number): void {
    this.application = application;
    this.direction = direction;
    const { bytes } = this.arena;
    if (length >= HEADER_BYTES) {
      this.messageId = (bytes[start] << 8) | bytes[start + 1];
      this.flags = (bytes[start + 2] << 8) | bytes[start + 3];
    }
    if (this.text.append(start, length) === 0) this.messageBytes = length;
  }

  /** Adds a name. @returns false where there is no room for it. */
  addName(section: number, name: Uint8Array, length: number): boolean {
    if (length === 0) return true;
    if (!this.text.reserve(length) || this.text.length + length - this.messageBytes > MOST_TEXT_BYTES) return false;
    const at = this.text.length;
    const to = this.text.start + at;
    const { bytes } = this.arena;
    for (let index = 0; index < length; index++) bytes[to + index] = name[index];
    this.text.length += length;
    this.note(section, at, length);
    return true;
  }

  /** Adds the first name once more: what nearly all answers are about. */
  addFirstAgain(section: number): void {
    if (this.nameCount > 0) this.note(section, this.starts[0], this.lengths[0]);
  }

  addType(type: number): void {
    this.types[this.typeCount++] = type;
  }

  override locate(buffer: number, instance: number, direction: Direction, span: Span): boolean {
    if (direction !== this.direction) return false;
    const wanted = WANTED[buffer];
    if ((wanted & this.kind) === 0) return false;
    const index = this.indexOf(wanted & EVERYWHERE, instance);
    return index < this.nameCount && span.set(this.text.start + this.starts[index], this.lengths[index]);
  }

  override mayHave(buffer: number, direction: Direction): boolean {
    return direction === this.direction && (WANTED[buffer] & this.kind) !== 0;
  }

  override number(buffer: number, instance: number, direction: Direction): number {
    if (direction !== this.direction) return NaN;
    if (buffer === RRTYPE) return instance < this.typeCount ? this.types[instance] : NaN;
    if (instance > 0 || this.flags < 0) return NaN;
    if (buffer === OPCODE) return (this.flags >>> 11) & 0x0f;
    return buffer === RCODE ? this.flags & 0x0f : NaN;
  }

  override eve(isAlert: boolean): string {
    return this.carrier === null ? dnsObject(this, this.arena.bytes, isAlert) : this.carrier.eve(isAlert);
  }

  override reset(): void {
    super.reset();
    this.text.clear();
    this.carrier = null;
    this.messageId = -1;
    this.flags = -1;
    this.messageBytes = 0;
    this.nameCount = 0;
    this.typeCount = 0;
    this.soughtIn = 0;
  }

  /** Both sides: there is nothing to wait for from the one that did not speak. */
  complete(): void {
    this.progressToServer = DNS_STATE.message;
    this.progressToClient = DNS_STATE.message;
    this.dirty |= 1 << this.direction;
  }

  private note(section: number, at: number, length: number): void {
    const index = this.nameCount++;
    this.starts[index] = at;
    this.lengths[index] = length;
    this.sections[index] = section;
  }

  private indexOf(sections: number, instance: number): number {
    const goesOn = this.soughtIn === sections && instance >= this.soughtInstance;
    let index = goesOn ? this.soughtIndex : 0;
    let left = goesOn ? instance - this.soughtInstance : instance;
    for (; index < this.nameCount; index++) if ((this.sections[index] & sections) !== 0 && left-- === 0) break;
    this.soughtIn = index < this.nameCount ? sections : 0;
    this.soughtInstance = instance;
    this.soughtIndex = index;
    return index;
  }
}
