/**
 * What rules and events want to know of a certificate (RFC 5280, 4.1). Stage: app. Read once per fingerprint
 * (certificate-cache.ts); allocates, never throws, reads within the certificate only.
 *
 *  SEQUENCE { SEQUENCE { version, serial, algorithm, issuer, validity, subject, key … extensions }, … }
 */
import { BerHeader } from '../../util/ber.js';
import { nameText, objectText } from './name-text.js';
import { timeOf } from './certificate-time.js';
import { tlsEvent } from './events.js';

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const OBJECT = 0x06;
const BOOLEAN = 0x01;
const OCTETS = 0x04;
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;
const ALTERNATIVE_NAMES = '2.5.29.17';
const OTHER = 0xa0;
const MAIL = 0x81;
const HOST = 0x82;
const DIRECTORY = 0xa4;
const URI = 0x86;
const ADDRESS = 0x87;
const REGISTERED = 0x88;
export const MOST_ALTERNATIVES = 256;
const MOST_EXTENSIONS = 256;
/** Of one text; longer ones are cut. */
const MOST_TEXT = 4096;
/** Of all alternative names together. */
const MOST_NAMES_TEXT = 16_384;

export interface Certificate {
  /** Texts are latin1, a character a byte; undefined where they could not be read. */
  readonly fingerprint: string | undefined;
  readonly subject: string | undefined;
  readonly issuer: string | undefined;
  readonly serial: string | undefined;
  readonly alternatives: readonly string[];
  /** Seconds since 1970; NaN where it is none. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** Events, by number. */
  readonly events: readonly number[];
}

type Draft = { -readonly [Member in keyof Certificate]: Certificate[Member] } & {
  alternatives: string[];
  events: number[];
};

const colons = (hex: string): string => hex.replace(/../g, '$&:').slice(0, -1);

export class CertificateReader {
  private readonly header = new BerHeader();
  private bytes: Uint8Array = new Uint8Array(0);
  private at = 0;
  private end = 0;
  private isCut = false;
  private draft!: Draft;

  /** `fingerprint`: SHA-1 of [start, end) in hexadecimal digits; none where the rest of the certificate is missing. */
  read(bytes: Uint8Array, start: number, end: number, fingerprint: string | undefined): Certificate {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.isCut = fingerprint === undefined;
    this.draft = {
      fingerprint: fingerprint && colons(fingerprint),
      subject: undefined,
      issuer: undefined,
      serial: undefined,
      alternatives: [],
      notBefore: NaN,
      notAfter: NaN,
      events: [],
    };
    const fault = this.enter(SEQUENCE) && this.enter(SEQUENCE) ? this.readFields() : tlsEvent('invalid_certificate');
    if (fault >= 0 && !this.isCut) this.draft.events.push(fault);
    return this.draft;
  }

  /** @returns the event of the first field that is malformed, or -1. */
  private readFields(): number {
    const { draft } = this;
    if (this.peek() === VERSION && !this.pass(VERSION)) return tlsEvent('certificate_invalid_version');
    if (!this.find(INTEGER)) return tlsEvent('certificate_invalid_serial');
    draft.serial = colons(this.hex().toUpperCase());
    this.leave();
    if (!this.pass(SEQUENCE)) return tlsEvent('certificate_invalid_algorithmidentifier');
    draft.issuer = this.name();
    if (draft.issuer === undefined) return tlsEvent('certificate_invalid_issuer');
    const validity = this.readValidity();
    if (validity >= 0) return validity;
    draft.subject = this.name();
    if (draft.subject === undefined) return tlsEvent('certificate_invalid_subject');
    while (this.at < this.end && this.peek() !== EXTENSIONS) if (!this.pass(this.peek())) return -1;
    return this.at < this.end ? this.readExtensions() : -1;
  }

  private readValidity(): number {
    const { draft, header } = this;
    if (!this.find(SEQUENCE)) return tlsEvent('certificate_invalid_validity');
    const behind = header.contents + header.length;
    const times: number[] = [];
    for (let at = header.contents; times.length < 2; at = header.contents + header.length) {
      if (!header.read(this.bytes, at, behind) || header.length < 0) return tlsEvent('certificate_invalid_validity');
      times.push(
        timeOf(this.bytes, header.identifier, header.contents, Math.min(behind, header.contents + header.length)),
      );
    }
    this.at = behind;
    [draft.notBefore = NaN, draft.notAfter = NaN] = times;
    return times.some(Number.isNaN) ? tlsEvent('certificate_invalid_date') : -1;
  }

  private readExtensions(): number {
    const malformed = tlsEvent('certificate_invalid_extensions');
    if (!this.enter(EXTENSIONS) || !this.enter(SEQUENCE)) return malformed;
    for (let count = 0; this.at < this.end && count < MOST_EXTENSIONS; count++) {
      if (!this.find(SEQUENCE)) return malformed;
      const behind = this.header.contents + this.header.length;
      if (!this.readExtension(this.header.contents, behind)) return malformed;
      this.at = behind;
    }
    return -1;
  }

  private readExtension(at: number, end: number): boolean {
    const { bytes, header } = this;
    if (!header.find(OBJECT, bytes, at, end)) return false;
    at = header.contents + header.length;
    if (objectText(bytes, header.contents, at) !== ALTERNATIVE_NAMES) return true;
    if (header.find(BOOLEAN, bytes, at, end)) at = header.contents + header.length;
    if (!this.findIn(OCTETS, at, end)) return false;
    if (!this.findIn(SEQUENCE, header.contents, header.contents + header.length)) return false;
    return this.readAlternatives(header.contents, header.contents + header.length);
  }

  private readAlternatives(at: number, end: number): boolean {
    const { bytes, draft, header } = this;
    let left = MOST_NAMES_TEXT;
    while (at < end) {
      if (!header.read(bytes, at, end) || !header.isWithin(end)) return false;
      at = header.contents + header.length;
      const text = this.alternative(header.identifier, header.contents, at);
      left -= text.length;
      if (draft.alternatives.length === MOST_ALTERNATIVES || left < 0) {
        draft.events.push(tlsEvent('too_many_subject_alternative_names'));
        return true;
      }
      if (text !== '') draft.alternatives.push(text);
    }
    return true;
  }

  private alternative(tag: number, at: number, end: number): string {
    const { bytes } = this;
    const text = (): string => Buffer.from(bytes.slice(at, Math.min(end, at + MOST_TEXT))).toString('latin1');
    switch (tag) {
      case HOST:
      case URI:
        return text();
      case MAIL:
        return `RFC822Name(${text()})`;
      case ADDRESS:
        return addressText(bytes, at, end);
      case OTHER:
        return this.header.find(OBJECT, bytes, at, end)
          ? `OtherName(${objectText(bytes, this.header.contents, this.header.contents + this.header.length)}, [...])`
          : '';
      case REGISTERED:
        return `RegisteredID(${objectText(bytes, at, end)})`;
      case DIRECTORY: {
        const { header } = this;
        return header.find(SEQUENCE, bytes, at, end)
          ? `DirectoryName(${nameText(bytes, header.contents, header.contents + header.length) ?? ''})`
          : '';
      }
      default:
        return '';
    }
  }

  private name(): string | undefined {
    if (!this.find(SEQUENCE)) return undefined;
    const { contents, length } = this.header;
    this.leave();
    return nameText(this.bytes, contents, contents + length)?.slice(0, MOST_TEXT);
  }

  private peek(): number {
    return this.at < this.end ? this.bytes[this.at] : 0;
  }

  /** An element of that tag stands here, whole but at the cut; `header` is on it. */
  private find(tag: number): boolean {
    return this.findIn(tag, this.at, this.end);
  }

  private findIn(tag: number, at: number, end: number): boolean {
    const { header, bytes, isCut } = this;
    return isCut ? header.findCut(tag, bytes, at, end) : header.find(tag, bytes, at, end);
  }

  private enter(tag: number): boolean {
    if (!this.find(tag)) return false;
    this.at = this.header.contents;
    this.end = this.header.contents + this.header.length;
    return true;
  }

  private pass(tag: number): boolean {
    if (!this.find(tag)) return false;
    this.leave();
    return true;
  }

  private leave(): void {
    this.at = this.header.contents + this.header.length;
  }

  private hex(): string {
    const { contents, length } = this.header;
    return Buffer.from(this.bytes.slice(contents, contents + Math.min(length, MOST_TEXT / 3))).toString('hex');
  }
}

function addressText(bytes: Uint8Array, at: number, end: number): string {
  if (end - at === 4) return Array.from(bytes.slice(at, end)).join('.');
  if (end - at !== 16) return '';
  const groups = Array.from({ length: 8 }, (_, index) => (bytes[at + 2 * index] << 8) | bytes[at + 2 * index + 1]);
  return groups.map((group) => group.toString(16)).join(':');
}
