/**
 * A TLS connection as rules see it: one transaction. Stage: app.
 *
 *   text    | ClientHello | ServerHello | certificates …     the bodies of messages as they came
 *   made    | JA3 | its hash | JA4 | subject | issuer …      texts that are made of them when a rule asks
 *
 * Bounds: 256 KiB of messages, 32 KiB of texts made.
 */
import type { Direction } from '../../flow/flow.js';
import type { Arena } from '../../memory/arena.js';
import type { Span } from '../../memory/span.js';
import { BUFFERS } from '../buffers.js';
import { TextBlock } from '../text-block.js';
import { Transaction } from '../transaction.js';
import { SSL_VERSION } from './buffers.js';
import { ALTERNATIVES, CertificateChain } from './certificate-chain.js';
import type { CertificateCache } from './certificate-cache.js';
import { tlsObject } from './eve.js';
import { tlsEvent } from './events.js';
import { HELLO_FAULT } from './hello.js';
import { HelloText } from './hello-text.js';

const MOST_TEXT = 262_144;
const MOST_MADE = 32_768;
const TIME_BYTES = 4;
const RANDOM_BYTES = 32;

const number = (name: string): number => BUFFERS.indexOf(name);
const SNI = number('tls.sni');
const ALPN = number('tls.alpn');
const RANDOM = number('tls.random');
const RANDOM_TIME = number('tls.random_time');
const RANDOM_REST = number('tls.random_bytes');
const JA3 = number('ja3.string');
const JA3_HASH = number('ja3.hash');
const JA3S = number('ja3s.string');
const JA3S_HASH = number('ja3s.hash');
const JA4 = number('ja4.hash');
const VERSION = number('tls.version');
const VERSION_BIT = number('ssl_version');
const STATE = number('ssl_state');

const VERSION_BITS: Readonly<Record<number, number>> = {
  0x0002: SSL_VERSION.sslv2,
  0x0300: SSL_VERSION.sslv3,
  0x0301: SSL_VERSION['tls1.0'],
  0x0302: SSL_VERSION['tls1.1'],
  0x0303: SSL_VERSION['tls1.2'],
  0x0304: SSL_VERSION['tls1.3'],
};

/** Events of the faults of a hello, by their bit. */
const FAULT_EVENTS = [
  [HELLO_FAULT.malformed, tlsEvent('handshake_invalid_length')],
  [HELLO_FAULT.twoNames, tlsEvent('multiple_sni_extensions')],
  [HELLO_FAULT.nameType, tlsEvent('invalid_sni_type')],
  [HELLO_FAULT.nameLength, tlsEvent('invalid_sni_length')],
] as const;

export class TlsTransaction extends Transaction {
  readonly text: TextBlock;
  readonly made: TextBlock;
  readonly client: HelloText;
  readonly server: HelloText;
  /** By direction. */
  readonly chains: readonly [CertificateChain, CertificateChain];
  /** Messages of the handshake seen, bits of `SSL_STATE`, by direction. */
  readonly states: [number, number] = [0, 0];
  /** Version of a hello of SSLv2, which has no other fields here. */
  oldVersion = 0;
  /** Version of the record of an alert that ended a side, by direction: of a server that refuses it is all there is. */
  readonly alertVersions: [number, number] = [0, 0];
  private readonly arena: Arena;

  constructor(arena: Arena, cache: CertificateCache) {
    super();
    this.arena = arena;
    this.text = new TextBlock(arena, MOST_TEXT);
    this.made = new TextBlock(arena, MOST_MADE);
    this.client = new HelloText(arena, this.text, this.made);
    this.server = new HelloText(arena, this.text, this.made);
    const newChain = (): CertificateChain => new CertificateChain(arena, cache, this.text, this.made);
    this.chains = [newChain(), newChain()];
  }

  /** Keeps a hello, and reads it. @returns false where it is none. */
  takeHello(direction: Direction, start: number, length: number): boolean {
    const hello = direction === 0 ? this.client : this.server;
    if (hello.isThere) return true;
    const isRead = hello.take(start, length, direction === 1);
    for (const [fault, event] of FAULT_EVENTS) if ((hello.faults & fault) !== 0) this.raise(event, direction);
    return isRead;
  }

  /** What was agreed on, or else the newest that is offered; 0 before the first hello. */
  get version(): number {
    if (this.server.isThere) return this.server.version;
    return this.client.isThere ? this.client.version : this.oldVersion;
  }

  /** Of clients, few have a certificate, and that seldom has alternative names. */
  override mayHave(buffer: number, direction: Direction): boolean {
    return buffer !== ALTERNATIVES || direction === 1;
  }

  override locate(buffer: number, instance: number, direction: Direction, span: Span): boolean {
    const hello = direction === 0 ? this.client : this.server;
    switch (buffer) {
      case SNI:
        return direction === 0 && hello.locateName(span);
      case ALPN:
        return hello.locateAlpn(instance, span);
      case RANDOM:
        return hello.locateRandom(0, RANDOM_BYTES, span);
      case RANDOM_TIME:
        return hello.locateRandom(0, TIME_BYTES, span);
      case RANDOM_REST:
        return hello.locateRandom(TIME_BYTES, RANDOM_BYTES - TIME_BYTES, span);
      case JA3:
        return direction === 0 && hello.locateJa3(span);
      case JA3_HASH:
        return direction === 0 && hello.locateJa3Hash(span);
      case JA3S:
        return direction === 1 && hello.locateJa3(span);
      case JA3S_HASH:
        return direction === 1 && hello.locateJa3Hash(span);
      case JA4:
        return direction === 0 && hello.locateJa4(false, span);
      default:
        return this.chains[direction].locate(buffer, instance, span);
    }
  }

  override number(buffer: number, instance: number, direction: Direction): number {
    if (instance > 0) return NaN;
    const hello = direction === 0 ? this.client : this.server;
    const version = hello.isThere ? hello.version : this.alertVersions[direction] || this.oldVersion;
    switch (buffer) {
      case VERSION:
        return version === 0 ? NaN : version;
      case VERSION_BIT:
        return VERSION_BITS[version] ?? NaN;
      case STATE:
        return this.states[direction] === 0 ? NaN : this.states[direction];
      default:
        return this.chains[direction].number(buffer);
    }
  }

  override eve(isAlert: boolean): string {
    const isKnown = this.client.isThere || this.server.isThere || this.oldVersion !== 0;
    if (!isAlert && !isKnown) return '';
    return tlsObject(this, this.arena.bytes);
  }

  override reset(): void {
    super.reset();
    this.text.clear();
    this.made.clear();
    this.client.clear();
    this.server.clear();
    for (const chain of this.chains) chain.clear();
    this.states.fill(0);
    this.alertVersions.fill(0);
    this.oldVersion = 0;
  }
}
