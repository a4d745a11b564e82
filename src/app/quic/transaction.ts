/**
 * A QUIC connection as rules see it: one transaction, of which the hellos are read; of Google's QUIC, one for each
 * hello of the client. Stage: app.
 */
import type { Direction } from '../../flow/flow.js';
import type { Arena } from '../../memory/arena.js';
import type { Span } from '../../memory/span.js';
import { BUFFERS } from '../buffers.js';
import { TextBlock } from '../text-block.js';
import { HelloText } from '../tls/hello-text.js';
import { Transaction } from '../transaction.js';
import { QUIC_STATE } from './buffers.js';
import { quicObject } from './eve.js';
import { GoogleHello } from './google-hello.js';

const MOST_TEXT = 131_072;
const MOST_MADE = 16_384;
const VERSION_BYTES = 4;
const number = (name: string): number => BUFFERS.indexOf(name);
const SNI = number('quic.sni');
const VERSION = number('quic.version');
const AGENT = number('quic.ua');
const CYU = number('quic.cyu.string');
const CYU_HASH = number('quic.cyu.hash');
const JA3 = number('ja3.string');
const JA3_HASH = number('ja3.hash');
const JA3S = number('ja3s.string');
const JA3S_HASH = number('ja3s.hash');
const JA4 = number('ja4.hash');

export class QuicTransaction extends Transaction {
  readonly client: HelloText;
  readonly server: HelloText;
  readonly google: GoogleHello;
  version = 0;
  private readonly arena: Arena;
  private readonly text: TextBlock;
  private readonly made: TextBlock;
  /** The bytes of the version in `made`. */
  private versionAt = -1;

  constructor(arena: Arena) {
    super();
    this.arena = arena;
    this.text = new TextBlock(arena, MOST_TEXT);
    this.made = new TextBlock(arena, MOST_MADE);
    this.client = new HelloText(arena, this.text, this.made);
    this.server = new HelloText(arena, this.text, this.made);
    this.google = new GoogleHello(arena, this.text, this.made);
  }

  override locate(buffer: number, _instance: number, direction: Direction, span: Span): boolean {
    const isClient = direction === 0;
    switch (buffer) {
      case VERSION:
        return (isClient || !this.google.isThere) && this.locateVersion(span);
      case SNI:
        return isClient && (this.client.locateName(span) || this.google.locateName(span));
      case AGENT:
        return isClient && this.google.locateAgent(span);
      case CYU:
        return isClient && this.google.locateCyu(span);
      case CYU_HASH:
        return isClient && this.google.locateCyuHash(span);
      case JA3:
        return isClient && this.client.locateJa3(span);
      case JA3_HASH:
        return isClient && this.client.locateJa3Hash(span);
      case JA3S:
        return !isClient && this.server.locateJa3(span);
      case JA3S_HASH:
        return !isClient && this.server.locateJa3Hash(span);
      case JA4:
        return isClient && this.client.locateJa4(true, span);
      default:
        return false;
    }
  }

  override eve(): string {
    return quicObject(this, this.arena.bytes);
  }

  override reset(): void {
    super.reset();
    this.text.clear();
    this.made.clear();
    this.client.clear();
    this.server.clear();
    this.google.clear();
    this.version = 0;
    this.versionAt = -1;
  }

  /** Nothing more is to come of it. `spoken`: the directions in which something has, which are to be inspected. */
  end(spoken: number): void {
    for (const direction of [0, 1] as const)
      if (this.progress(direction) < QUIC_STATE.hello) this.dirty |= spoken & (1 << direction);
    this.progressToServer = QUIC_STATE.hello;
    this.progressToClient = QUIC_STATE.hello;
  }

  private locateVersion(span: Span): boolean {
    if (this.versionAt < 0) this.writeVersion();
    return this.versionAt >= 0 && span.set(this.made.start + this.versionAt, VERSION_BYTES);
  }

  private writeVersion(): void {
    const at = this.made.length;
    if (!this.made.reserve(VERSION_BYTES)) return;
    for (let shift = 24; shift >= 0; shift -= 8) this.made.push((this.version >>> shift) & 0xff);
    this.versionAt = at;
  }
}
