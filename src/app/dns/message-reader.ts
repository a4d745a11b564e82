/**
 * Reads one message of DNS into a transaction: names of all sections, types, events. Stage: app. RFC 1035, 4.1.
 *
 *   | id | flags | questions | answers | authorities | additionals | (2 bytes each), then the sections:
 *   question | name | type | class |        record | name | type | class | time to live (4) | length | data |
 *
 * What stands before a fault is inspected: a mirror that cuts packets leaves the question and the first answers, and
 * resolvers differ in what they take. Bounds: 256 names a message, each as in name-reader.ts. Allocates nothing.
 */
import { dnsEvent } from './events.js';
import { NAME_FLAG, NameReader } from './name-reader.js';
import { MOST_NAMES, SECTION, type DnsTransaction } from './transaction.js';

export const HEADER_BYTES = 12;
const RECORD_BYTES = 10;
/** Bytes of the shortest entry that a header may count: a name that is a pointer or nothing. */
const LEAST_ENTRY_BYTES = 2;
const Z_FLAG = 0x0040;
const FIRST_UNDEFINED_OPCODE = 7;

const TYPE_NS = 2;
const TYPE_CNAME = 5;
const TYPE_SOA = 6;
const TYPE_PTR = 12;
const TYPE_MX = 15;
const TYPE_OPT = 41;
/** Of an option of EDNS: code and length. */
const OPTION_HEADER_BYTES = 4;
const PREFERENCE_BYTES = 2;

const MALFORMED = dnsEvent('malformed_data');
const Z_SET = dnsEvent('z_flag_set');
const INVALID_OPCODE = dnsEvent('invalid_opcode');
const NAME_TOO_LONG = dnsEvent('name_too_long');
const INFINITE_LOOP = dnsEvent('infinite_loop');
const TOO_MANY_LABELS = dnsEvent('too_many_labels');
const INVALID_ADDITIONALS = dnsEvent('invalid_additionals');
const INVALID_AUTHORITIES = dnsEvent('invalid_authorities');
const TOO_MANY_NAMES = dnsEvent('too_many_names');

const u16 = (bytes: Uint8Array, at: number): number => (bytes[at] << 8) | bytes[at + 1];

/** Whether as many entries as the header counts can stand in a message of that length. */
export function isPlausible(bytes: Uint8Array, start: number, length: number): boolean {
  if (length < HEADER_BYTES) return false;
  let entries = 0;
  for (let at = 4; at < HEADER_BYTES; at += 2) entries += u16(bytes, start + at);
  return entries * LEAST_ENTRY_BYTES <= length;
}

export class MessageReader {
  private readonly names = new NameReader();
  private readonly bytes: Uint8Array;
  private start = 0;
  private end = 0;
  private tx!: DnsTransaction;
  /** Names read, kept or not. */
  private count = 0;
  /** Where the first name stands, and whether it was kept. */
  private firstAt = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** The message is that of the transaction, and of at least a plausible header. */
  read(tx: DnsTransaction, start: number, length: number): void {
    this.tx = tx;
    this.start = start;
    this.end = start + length;
    this.count = 0;
    this.firstAt = -1;
    this.readFlags();
    this.readSections();
  }

  private readFlags(): void {
    const { flags } = this.tx;
    if ((flags & Z_FLAG) !== 0) this.raise(Z_SET);
    if (((flags >>> 11) & 0x0f) >= FIRST_UNDEFINED_OPCODE) this.raise(INVALID_OPCODE);
  }

  private readSections(): void {
    const { bytes, start } = this;
    let at = this.readQuestions(start + HEADER_BYTES, u16(bytes, start + 4));
    if (at >= 0) at = this.readRecords(at, u16(bytes, start + 6), SECTION.answer);
    if (at < 0) return this.raise(MALFORMED);
    at = this.readRecords(at, u16(bytes, start + 8), SECTION.authority);
    if (at < 0) return this.raise(INVALID_AUTHORITIES);
    at = this.readRecords(at, u16(bytes, start + 10), SECTION.additional);
    if (at < 0) this.raise(INVALID_ADDITIONALS);
  }

  /** @returns where the next section begins, or -1 where this one is not well-formed. */
  private readQuestions(at: number, count: number): number {
    const { bytes, end, tx } = this;
    for (let index = 0; index < count && !this.isFull; index++) {
      at = this.readName(at, SECTION.query, end);
      if (at < 0 || at + 4 > end) return -1;
      if (!tx.isResponse) tx.addType(u16(bytes, at));
      at += 4;
    }
    return at;
  }

  private readRecords(at: number, count: number, section: number): number {
    const { bytes, end, tx } = this;
    for (let index = 0; index < count && !this.isFull; index++) {
      at = this.readName(at, section, end);
      if (at < 0 || at + RECORD_BYTES > end) return -1;
      const type = u16(bytes, at);
      if (section === SECTION.answer && tx.isResponse) tx.addType(type);
      const data = at + RECORD_BYTES;
      at = data + u16(bytes, at + RECORD_BYTES - 2);
      if (at > end || !this.readData(type, data, at)) return -1;
    }
    return at;
  }

  /** The name that a record leads to, the options of EDNS. @returns false where they are not well-formed. */
  private readData(type: number, at: number, end: number): boolean {
    if (type === TYPE_OPT) return this.areOptions(at, end);
    if (type === TYPE_MX) return at + PREFERENCE_BYTES <= end && this.readNameOfData(at + PREFERENCE_BYTES, end);
    const isName = type === TYPE_CNAME || type === TYPE_NS || type === TYPE_PTR || type === TYPE_SOA;
    return !isName || this.readNameOfData(at, end);
  }

  /** | code (2) | length (2) | data | … (RFC 6891, 6.1.2) */
  private areOptions(at: number, end: number): boolean {
    while (at + OPTION_HEADER_BYTES <= end) at += OPTION_HEADER_BYTES + u16(this.bytes, at + 2);
    return at === end;
  }

  private readNameOfData(at: number, end: number): boolean {
    if (this.isFull || at >= end) return true;
    return this.readName(at, SECTION.data, end) >= 0;
  }

  private readName(at: number, section: number, limit: number): number {
    const { bytes, end, start, names, tx } = this;
    this.count++;
    if (this.isFirst(at, limit)) {
      tx.addFirstAgain(section);
      return at + 2;
    }
    const behind = names.read(bytes, at, start, end, limit);
    if (names.flags !== 0) this.tell(names.flags);
    if (behind < 0) return -1;
    if (!tx.addName(section, names.name, names.length)) this.count = MOST_NAMES + 1;
    else if (this.count === 1 && names.flags === 0 && names.length > 0) this.firstAt = at;
    if (this.isFull) this.raise(TOO_MANY_NAMES);
    return behind;
  }

  /** A pointer to the first name of the message. */
  private isFirst(at: number, limit: number): boolean {
    const { bytes, start, firstAt } = this;
    return firstAt >= 0 && at + 2 <= limit && u16(bytes, at) === (0xc000 | (firstAt - start));
  }

  private get isFull(): boolean {
    return this.count > MOST_NAMES;
  }

  private tell(flags: number): void {
    if ((flags & NAME_FLAG.truncated) !== 0) this.raise(NAME_TOO_LONG);
    if ((flags & NAME_FLAG.loop) !== 0) this.raise(INFINITE_LOOP);
    if ((flags & NAME_FLAG.tooManyLabels) !== 0) this.raise(TOO_MANY_LABELS);
  }

  private raise(event: number): void {
    this.tx.raise(event, this.tx.direction);
  }
}
