/**
 * The records of a message as events print them. Stage: app; called for events alone, so it allocates. Reads the
 * message that a transaction has kept, as far as it goes: what is not well-formed ends it.
 */
import { addressText, printedHex, printedText } from '../printed-text.js';
import { typeName } from './code-names.js';
import { NAME_FLAG, NameReader } from './name-reader.js';

const RECORD_BYTES = 10;
const TYPE_OPT = 41;
const SOA_MEMBERS = ['serial', 'refresh', 'retry', 'expire', 'minimum'];

export interface Name {
  readonly text: string;
  readonly truncated: boolean;
}

export interface Question {
  readonly name: Name;
  readonly type: number;
}

/** Contents of a record: one text or several, an object in JSON, or nothing that is known. */
export interface RecordData {
  readonly texts?: readonly string[];
  readonly truncated?: boolean;
  readonly object?: string;
  /** Bytes of a type that is not known. */
  readonly raw?: string;
}

export interface ResourceRecord extends Question {
  readonly ttl: number;
  readonly data: RecordData;
}

const names = new NameReader();

export class RecordReader {
  private readonly bytes: Uint8Array;
  private readonly start: number;
  private readonly end: number;
  private at: number;

  /** From byte `at` of the message in [start, end). */
  constructor(bytes: Uint8Array, start: number, end: number, at: number) {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.at = start + at;
  }

  question(): Question | undefined {
    const name = this.name(this.end);
    if (name === undefined || this.at + 4 > this.end) return undefined;
    const type = this.u16(this.at);
    this.at += 4;
    return { name, type };
  }

  record(): ResourceRecord | undefined {
    const name = this.name(this.end);
    const at = this.at;
    if (name === undefined || at + RECORD_BYTES > this.end) return undefined;
    const next = at + RECORD_BYTES + this.u16(at + 8);
    if (next > this.end) return undefined;
    const type = this.u16(at);
    this.at = at + RECORD_BYTES;
    const data = this.data(type, next);
    this.at = next;
    return { name, type, ttl: this.u32(at + 4), data };
  }

  /** The name at `at`, whose own bytes end ahead of `limit`. */
  private name(limit: number): Name | undefined {
    const behind = names.read(this.bytes, this.at, this.start, this.end, limit);
    if (behind < 0) return undefined;
    this.at = behind;
    return { text: printedText(names.name, 0, names.length), truncated: (names.flags & NAME_FLAG.truncated) !== 0 };
  }

  private data(type: number, end: number): RecordData {
    const { at } = this;
    switch (typeName(type)) {
      case 'A':
        return { texts: [end - at === 4 ? addressText(this.bytes, at, 4) : ''] };
      case 'AAAA':
        return { texts: [end - at === 16 ? addressText(this.bytes, at, 16) : ''] };
      case 'CNAME':
      case 'NS':
      case 'PTR':
        return this.nameData(end);
      case 'MX':
        this.at += 2;
        return this.nameData(end);
      case 'NULL':
        return { texts: [printedText(this.bytes, at, end - at)] };
      case 'TXT':
        return { texts: this.texts(end) };
      case 'SOA':
        return this.soa(end);
      case 'SRV':
        return this.srv(end);
      case 'SSHFP':
        return this.sshfp(end);
      case 'OPT':
        return { object: this.options(end) };
      default:
        return { raw: printedText(this.bytes, at, end - at) };
    }
  }

  private nameData(end: number): RecordData {
    if (this.at === end) return { texts: [''] };
    const name = this.at > end ? undefined : this.name(end);
    return name === undefined ? {} : { texts: [name.text], truncated: name.truncated };
  }

  private texts(end: number): string[] {
    const texts: string[] = [];
    for (let at = this.at; at < end && at + 1 + this.bytes[at] <= end; at += 1 + this.bytes[at]) {
      texts.push(printedText(this.bytes, at + 1, this.bytes[at]));
    }
    return texts;
  }

  private soa(end: number): RecordData {
    const primary = this.name(end);
    const mailbox = primary && this.name(end);
    const { at } = this;
    if (mailbox === undefined || at + 20 > end) return {};
    const members = SOA_MEMBERS.map((name, index) => `"${name}":${this.u32(at + 4 * index)}`);
    return { object: `{"mname":${json(primary!.text)},"rname":${json(mailbox.text)},${members.join(',')}}` };
  }

  private srv(end: number): RecordData {
    const { at } = this;
    this.at += 6;
    const name = this.at > end ? undefined : this.name(end);
    if (name === undefined) return {};
    const members = ['priority', 'weight', 'port'].map((member, index) => `"${member}":${this.u16(at + 2 * index)}`);
    return { object: `{${members.join(',')},"name":${json(name.text)}}` };
  }

  private sshfp(end: number): RecordData {
    const { at, bytes } = this;
    if (at + 2 > end) return {};
    const fingerprint = printedHex(bytes, at + 2, end - at - 2, ':');
    return { object: `{"fingerprint":"${fingerprint}","algo":${bytes[at]},"type":${bytes[at + 1]}}` };
  }

  /** The options of EDNS (RFC 6891). */
  private options(end: number): string {
    const options: string[] = [];
    for (let at = this.at; at + 4 <= end;) {
      const length = this.u16(at + 2);
      if (at + 4 + length > end) break;
      options.push(`{"code":${this.u16(at)},"data":"${printedHex(this.bytes, at + 4, length)}"}`);
      at += 4 + length;
    }
    return `[${options.join(',')}]`;
  }

  private u16(at: number): number {
    return (this.bytes[at] << 8) | this.bytes[at + 1];
  }

  private u32(at: number): number {
    return this.u16(at) * 65_536 + this.u16(at + 2);
  }
}

const json = (text: string): string => JSON.stringify(text);

/** Whether the contents of a record are options and not text. */
export const isOptions = (type: number): boolean => type === TYPE_OPT;
