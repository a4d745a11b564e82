/**
 * The certificates that one side has sent, as a transaction keeps them. Stage: app.
 *
 *   | length of all (3) | length (3) | certificate | length (3) | certificate …       the body of a Certificate message
 *
 * The first one is read when a rule or an event asks, or for its faults. Bounds: 64 certificates, and what a
 * transaction keeps of messages; of a certificate that ends beyond that, what is there is read.
 */
import type { Arena } from '../../memory/arena.js';
import type { Span } from '../../memory/span.js';
import { BUFFERS } from '../buffers.js';
import type { TextBlock } from '../text-block.js';
import type { Certificate } from './certificate.js';
import type { CertificateCache } from './certificate-cache.js';
import { tlsEvent } from './events.js';
import { Part } from './hello.js';

const LENGTH_BYTES = 3;
const MOST_CERTIFICATES = 64;
const MICROSECONDS = 1e6;

const number = (name: string): number => BUFFERS.indexOf(name);
const SUBJECT = number('tls.cert_subject');
const ISSUER = number('tls.cert_issuer');
const SERIAL = number('tls.cert_serial');
const FINGERPRINT = number('tls.cert_fingerprint');
export const ALTERNATIVES = number('tls.subjectaltname');
const CERTIFICATES = number('tls.certs');
const COUNT = number('tls.cert_chain_len');
const NOT_BEFORE = number('tls_cert_notbefore');
const NOT_AFTER = number('tls_cert_notafter');
const EXPIRED = number('tls_cert_expired');
const VALID = number('tls_cert_valid');

const INVALID_LENGTH = tlsEvent('certificate_invalid_length');
const TOO_MANY = tlsEvent('too_many_certificates');
const TOO_LONG = tlsEvent('handshake_message_too_long');
const NO_EVENT = -1;

const u24 = (bytes: Uint8Array, at: number): number => (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];

export class CertificateChain {
  count = 0;
  private readonly arena: Arena;
  private readonly cache: CertificateCache;
  private readonly text: TextBlock;
  private readonly made: TextBlock;
  /** The first certificate in `text`, behind its length; where the chain ends. */
  private at = 0;
  private end = 0;
  /** What lies behind `end` was not kept. */
  private isCut = false;
  private timeUs = 0;
  private first: Certificate | null = null;
  private readonly subject = new Part();
  private readonly issuer = new Part();
  private readonly serial = new Part();
  private readonly fingerprint = new Part();
  /** Alternative names in `made`: places and lengths. */
  private readonly alternativeAt: number[] = [];
  private readonly alternativeLength: number[] = [];
  private alternatives = 0;
  private isWritten = false;

  constructor(arena: Arena, cache: CertificateCache, text: TextBlock, made: TextBlock) {
    this.arena = arena;
    this.cache = cache;
    this.text = text;
    this.made = made;
  }

  clear(): void {
    this.count = 0;
    this.first = null;
    this.isWritten = false;
    this.alternatives = 0;
    for (const part of [this.subject, this.issuer, this.serial, this.fingerprint]) part.clear();
  }

  /** Keeps [start, start + length): the body of a message, or what there `isCut` of one. @returns an event, or -1. */
  take(start: number, length: number, isCut: boolean, timeUs: number): number {
    if (this.count > 0) return NO_EVENT;
    const { bytes } = this.arena;
    if (length < LENGTH_BYTES) return INVALID_LENGTH;
    const whole = LENGTH_BYTES + u24(bytes, start);
    if (whole > length && !isCut) return INVALID_LENGTH;
    const kept = Math.min(whole, length, this.text.room);
    const at = this.text.append(start, kept);
    if (at < 0) return TOO_LONG;
    this.isCut = kept < whole;
    this.timeUs = timeUs;
    this.at = at + 2 * LENGTH_BYTES;
    this.end = at + kept;
    const event = this.countAll(at + LENGTH_BYTES);
    return event === NO_EVENT && this.isCut ? TOO_LONG : event;
  }

  /** The first certificate; null where there is none. */
  get certificate(): Certificate | null {
    if (this.first === null && this.count > 0) {
      const { bytes } = this.arena;
      const start = this.text.start + this.at;
      const length = u24(bytes, start - LENGTH_BYTES);
      const kept = Math.min(length, this.text.start + this.end - start);
      this.first = this.cache.get(bytes, start, start + kept, kept < length);
    }
    return this.first;
  }

  locate(buffer: number, instance: number, span: Span): boolean {
    if (this.count === 0) return false;
    if (buffer === CERTIFICATES) return this.locateCertificate(instance, span);
    if (!this.isWritten) this.write();
    switch (buffer) {
      case SUBJECT:
        return this.locatePart(this.subject, span);
      case ISSUER:
        return this.locatePart(this.issuer, span);
      case SERIAL:
        return this.locatePart(this.serial, span);
      case FINGERPRINT:
        return this.locatePart(this.fingerprint, span);
      case ALTERNATIVES:
        if (instance >= this.alternatives) return false;
        return span.set(this.made.start + this.alternativeAt[instance], this.alternativeLength[instance]);
      default:
        return false;
    }
  }

  number(buffer: number): number {
    if (buffer === COUNT) return this.count > 0 ? this.count : NaN;
    if (buffer !== NOT_BEFORE && buffer !== NOT_AFTER && buffer !== EXPIRED && buffer !== VALID) return NaN;
    const { certificate } = this;
    if (certificate === null || Number.isNaN(certificate.notAfter)) return NaN;
    const { notBefore, notAfter } = certificate;
    if (buffer === NOT_BEFORE) return notBefore;
    if (buffer === NOT_AFTER) return notAfter;
    const now = this.timeUs / MICROSECONDS;
    return Number(buffer === EXPIRED ? now > notAfter : now <= notAfter);
  }

  private countAll(at: number): number {
    const { bytes } = this.arena;
    const { start } = this.text;
    for (; at < this.end; this.count++) {
      if (this.count === MOST_CERTIFICATES) return TOO_MANY;
      if (at + LENGTH_BYTES > this.end) break;
      at += LENGTH_BYTES + u24(bytes, start + at);
      if (at > this.end && !this.isCut) break;
    }
    return at === this.end || this.isCut ? NO_EVENT : INVALID_LENGTH;
  }

  private locateCertificate(instance: number, span: Span): boolean {
    if (instance >= this.count) return false;
    const { bytes } = this.arena;
    let at = this.text.start + this.at;
    for (let index = 0; index < instance; index++) at += u24(bytes, at - LENGTH_BYTES) + LENGTH_BYTES;
    return span.set(at, Math.min(u24(bytes, at - LENGTH_BYTES), this.text.start + this.end - at));
  }

  /** Texts of the first certificate, so that rules can look at them. */
  private write(): void {
    this.isWritten = true;
    const { certificate } = this;
    if (certificate === null) return;
    this.keep(this.subject, certificate.subject);
    this.keep(this.issuer, certificate.issuer);
    this.keep(this.serial, certificate.serial);
    this.keep(this.fingerprint, certificate.fingerprint);
    for (const name of certificate.alternatives) {
      const at = this.append(name);
      if (at < 0) return;
      this.alternativeAt[this.alternatives] = at;
      this.alternativeLength[this.alternatives++] = name.length;
    }
  }

  private keep(part: Part, latin1: string | undefined): void {
    if (latin1 === undefined) return;
    const at = this.append(latin1);
    if (at >= 0) part.set(at, latin1.length);
  }

  private append(latin1: string): number {
    const at = this.made.length;
    if (!this.made.reserve(latin1.length)) return -1;
    for (let index = 0; index < latin1.length; index++) this.made.push(latin1.charCodeAt(index));
    return at;
  }

  private locatePart(part: Part, span: Span): boolean {
    return part.isThere && span.set(this.made.start + part.at, part.length);
  }
}
