/**
 * The `dns`, `mdns` and `llmnr` objects of events, with the members and in the order that Suricata 8 prints (version 3
 * for `dns`), `llmnr` as the schema of Suricata 9 has it. Stage: app; called for events alone, so it allocates. Bound:
 * 8 KiB, whole records but for the content of one that alone is larger.
 */
import { codeName, typeName } from './code-names.js';
import { isOptions, RecordReader, type Name, type Question, type RecordData, type ResourceRecord } from './records.js';

/** What is printed of a message: it lies in [start, start + length). */
export interface PrintedMessage {
  readonly application: 'dns' | 'mdns' | 'llmnr';
  readonly id: number;
  readonly messageId: number;
  readonly flags: number;
  readonly isResponse: boolean;
  readonly text: { readonly start: number };
  readonly messageBytes: number;
}

const HEADER_BYTES = 12;
const MOST_CHARACTERS = 8192;
/** What the object may hold besides records. */
const RESERVED_CHARACTERS = 512;
/** What an entry has beside its name and its content. */
const ENTRY_CHARACTERS = 128;
/** A character in JSON, at most. */
const MOST_ESCAPED = 6;
const FLAGS = [
  ['qr', 0x8000],
  ['aa', 0x0400],
  ['tc', 0x0200],
  ['rd', 0x0100],
  ['ra', 0x0080],
  ['z', 0x0040],
] as const;
/** Those of mDNS say `ad` and `cd` too, and not `qr`. */
const MDNS_FLAGS = [...FLAGS.slice(1), ['ad', 0x0020], ['cd', 0x0010]] as const;
/** RFC 4795, 2.1.1: conflict, truncation, tentative. */
const LLMNR_FLAGS = [
  ['c', 0x0400],
  ['tc', 0x0200],
  ['t', 0x0100],
] as const;
/** Contents of records that have members of their own; what else is read is `unknown`. */
const LLMNR_KINDS = 'a aaaa cname mx ns null opt ptr soa srv sshfp txt'.split(' ');
const SECTIONS = ['answers', 'authorities', 'additionals'] as const;

/** An OPT record that says nothing is not shown. */
const NO_OPTIONS = '[]';

const json = (text: string): string => JSON.stringify(text);

/** `"dns":{…}`, or nothing where not even a header came. */
export function dnsObject(tx: PrintedMessage, bytes: Uint8Array, isAlert: boolean): string {
  if (tx.flags < 0) return '';
  const members = HEADERS[tx.application](tx);
  members.push(...new Sections(tx, bytes, !isAlert && tx.application !== 'mdns').members());
  return `"${tx.application}":{${members.join(',')}}`;
}

function dnsHeader(tx: PrintedMessage): string[] {
  const { flags } = tx;
  const members = ['"version":3', `"type":"${typeOf(tx)}"`, `"tx_id":${tx.id}`, `"id":${tx.messageId}`];
  members.push(`"flags":"${flags.toString(16)}"`);
  for (const [name, bit] of FLAGS) if ((flags & bit) !== 0) members.push(`"${name}":true`);
  return [...members, `"opcode":${(flags >>> 11) & 15}`, `"rcode":"${codeName(flags & 15)}"`];
}

function mdnsHeader(tx: PrintedMessage): string[] {
  const { flags } = tx;
  const members = [`"type":"${typeOf(tx)}"`, `"id":${tx.messageId}`, ...flagList(flags, MDNS_FLAGS)];
  return [...members, `"opcode":${(flags >>> 11) & 15}`, `"rcode":${flags & 15}`];
}

/** A code other than 0 is no part of the protocol, and is shown then. */
function llmnrHeader(tx: PrintedMessage): string[] {
  const { flags } = tx;
  const members = [`"type":"${typeOf(tx)}"`, `"tx_id":${tx.id}`, `"id":${tx.messageId}`];
  members.push(...flagList(flags, LLMNR_FLAGS), `"opcode":${(flags >>> 11) & 15}`);
  return (flags & 15) === 0 ? members : [...members, `"rcode":"${codeName(flags & 15)}"`];
}

const HEADERS = { dns: dnsHeader, mdns: mdnsHeader, llmnr: llmnrHeader };

function flagList(flags: number, all: readonly (readonly [name: string, bit: number])[]): string[] {
  const names = all.filter(([, bit]) => (flags & bit) !== 0).map(([name]) => json(name));
  return names.length === 0 ? [] : [`"flags":[${names.join(',')}]`];
}

const typeOf = (tx: PrintedMessage): string => (tx.isResponse ? 'response' : 'request');

class Sections {
  private readonly tx: PrintedMessage;
  private readonly bytes: Uint8Array;
  private readonly reader: RecordReader;
  private readonly grouped = new Map<string, string[]>();
  private readonly isMdns: boolean;
  private readonly groups: boolean;
  private left = MOST_CHARACTERS - RESERVED_CHARACTERS;

  /** `groups`: whether contents of answers are shown by type, too. */
  constructor(tx: PrintedMessage, bytes: Uint8Array, groups: boolean) {
    this.tx = tx;
    this.bytes = bytes;
    this.isMdns = tx.application === 'mdns';
    this.groups = groups;
    this.reader = new RecordReader(bytes, tx.text.start, tx.text.start + tx.messageBytes, HEADER_BYTES);
  }

  members(): string[] {
    if (this.tx.messageBytes < HEADER_BYTES) return [];
    const members: string[] = [];
    const questions = this.list(0, () => {
      const question = this.reader.question();
      return question && [this.isMdns ? mdnsQuestion(question) : dnsQuestion(question)];
    });
    if (questions.length > 0) members.push(`"queries":[${questions.join(',')}]`);
    SECTIONS.forEach((name, index) => {
      const records = this.list(index + 1, () => {
        const read = this.reader.record();
        if (read === undefined) return undefined;
        const record = this.fitted(read, index === 0 && this.groups ? 2 : 1);
        if (this.isMdns) return [mdnsRecord(record)];
        if (isOptions(record.type) && record.data.object === NO_OPTIONS) return [];
        if (index === 0 && this.groups) this.group(record);
        return this.tx.application === 'llmnr' ? [llmnrRecord(record)] : dnsRecords(record);
      });
      if (records.length > 0) members.push(`"${name}":[${records.join(',')}]`);
      if (name === 'answers' && this.groups && records.length > 0) members.push(`"grouped":{${this.groupedTexts()}}`);
    });
    return members;
  }

  /** As many entries of a section as there are and as there is room for. */
  private list(section: number, next: () => readonly string[] | undefined): string[] {
    const at = this.tx.text.start + 4 + 2 * section;
    const count = (this.bytes[at] << 8) | this.bytes[at + 1];
    const entries: string[] = [];
    for (let index = 0; index < count && this.left > 0; index++) {
      const printed = next();
      if (printed === undefined) {
        this.left = 0;
        break;
      }
      for (const entry of printed) {
        this.left -= entry.length + 1;
        if (this.left > 0) entries.push(entry);
      }
    }
    return entries;
  }

  /**
   * The record, its content cut where there is no room for the whole, as of a tunnel through NULL records; it is shown
   * so many `times`.
   */
  private fitted(record: ResourceRecord, times: number): ResourceRecord {
    const { name, data } = record;
    const text = data.texts?.length === 1 ? data.texts[0] : data.raw;
    const all = Math.floor(this.left / times) - ENTRY_CHARACTERS;
    if (text === undefined || MOST_ESCAPED * (name.text.length + text.length) <= all) return record;
    const room = all - json(name.text).length;
    if (json(text).length <= room) return record;
    const shown = fitting(text, room);
    return { ...record, data: { ...(data.raw === undefined ? { texts: [shown] } : { raw: shown }), truncated: true } };
  }

  /** Contents of the answers, by type. */
  private group({ type, data }: ResourceRecord): void {
    const texts = data.object === undefined ? data.texts?.map(json) : isOptions(type) ? undefined : [data.object];
    if (texts === undefined) return;
    const group = this.grouped.get(typeName(type)) ?? [];
    this.grouped.set(typeName(type), group);
    for (const text of texts) {
      this.left -= text.length + 1;
      if (this.left > 0) group.push(text);
    }
  }

  private groupedTexts(): string {
    return Array.from(this.grouped, ([type, texts]) => `"${type}":[${texts.join(',')}]`).join(',');
  }
}

/** As much of a text as JSON has room for; of an escape all or nothing. */
function fitting(text: string, room: number): string {
  let shown = room > 0 ? text : '';
  for (let length = json(shown).length; shown !== '' && length > room; length = json(shown).length)
    shown = shown.slice(0, Math.floor((shown.length * room) / length));
  return shown.replace(/(\\x?[0-9a-f]?|[\ud800-\udbff])$/, '');
}

const question = (name: Name, type: string): string =>
  `{"rrname":${json(name.text)},"rrtype":"${type}"${name.truncated ? ',"rrname_truncated":true' : ''}}`;

const dnsQuestion = ({ name, type }: Question): string => question(name, typeName(type));
const mdnsQuestion = ({ name, type }: Question): string => question(name, typeName(type).toLowerCase());

/** The name of a record, at the head of its entry. */
const owner = ({ name }: ResourceRecord): string =>
  `{"rrname":${json(name.text)}${name.truncated ? ',"rrname_truncated":true' : ''}`;
const cut = (data: RecordData): string => (data.truncated === true ? ',"rdata_truncated":true' : '');

/** One entry; of TXT one for each text. */
function dnsRecords(record: ResourceRecord): string[] {
  const { type, ttl, data } = record;
  const head = `${owner(record)},"rrtype":"${typeName(type)}","ttl":${ttl}`;
  if (data.object !== undefined) return [`${head},"${typeName(type).toLowerCase()}":${data.object}}`];
  if (data.texts === undefined) return [`${head}}`];
  return data.texts.map((text) => `${head},"rdata":${json(text)}${cut(data)}}`);
}

function mdnsRecord(record: ResourceRecord): string {
  return withContent(owner(record), record, typeName(record.type).toLowerCase());
}

function llmnrRecord(record: ResourceRecord): string {
  const type = typeName(record.type);
  const kind = type.toLowerCase();
  const head = `${owner(record)},"rrtype":"${type}","ttl":${record.ttl}`;
  return withContent(head, record, LLMNR_KINDS.includes(kind) ? kind : 'unknown');
}

/** The entry with the content of the record as a member of its own. */
function withContent(head: string, { data }: ResourceRecord, kind: string): string {
  if (data.object !== undefined) return `${head},"${kind}":${data.object}}`;
  if (data.raw !== undefined) return `${head},"${kind}":${json(data.raw)}${cut(data)}}`;
  if (data.texts === undefined) return `${head}}`;
  if (kind === 'txt') return `${head},"txt":[${data.texts.map(json).join(',')}]}`;
  return `${head},"${kind}":${json(data.texts[0] ?? '')}${cut(data)}}`;
}
