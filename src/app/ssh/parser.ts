/**
 * SSH up to where it is encrypted. Stage: app. RFC 4253, sections 4.2, 6 and 7.
 *
 *   SSH-2.0-software comment CR LF | length (4) | padding (1) | KEXINIT … | … | NEWKEYS | encrypted: passed over
 *
 * A packet is read whole where it is a KEXINIT, and skipped otherwise. Keeps no bytes. Version 1 is read as far as its
 * banners.
 */
import type { Direction } from '../../flow/flow.js';
import type { Arena } from '../../memory/arena.js';
import { bytesOfFrame, MessageFrames } from '../frame/message-frames.js';
import type { Input } from '../input.js';
import { LineReader } from '../line-reader.js';
import { Pool } from '../pool.js';
import { PooledConnection } from '../pooled-connection.js';
import type { Transaction } from '../transaction.js';
import { SSH_STATE } from './buffers.js';
import { sshEvent } from './events.js';
import { SshTransaction } from './transaction.js';

const BANNER_BYTES = 255;
const PREFIX = [0x53, 0x53, 0x48, 0x2d] as const;
const CR = 0x0d;
const KEXINIT = 20;
const NEWKEYS = 21;
const HEAD_BYTES = 6;
/** Behind the head: 16 random bytes. */
const COOKIE_BYTES = 16;
const LISTS = 8;
const LEAST_PACKET = 2;
const MOST_PACKET = 262_144;
const MOST_KEX = 32_768;
const FRAMES = new MessageFrames('ssh.record.pdu', 'ssh.record.hdr', 'ssh.record.data');
const LENGTH_BYTES = 4;
const TRANSACTION_LIMIT = 65_536;
/** Of the heap, for each. */
const TRANSACTION_BYTES = 1024;
/** Of the lists of KEXINIT, those of HASSH: key exchange, encryption, MAC and compression of the side that speaks. */
const HASSH_LISTS = [
  [0, 2, 4, 6],
  [0, 3, 5, 7],
] as const;

const INVALID_BANNER = sshEvent('invalid_banner');
const LONG_BANNER = sshEvent('long_banner');
const INVALID_RECORD = sshEvent('invalid_record');
const LONG_KEX = sshEvent('long_kex_record');

export class SshShare {
  readonly pool: Pool<SshTransaction>;

  constructor(arena: Arena) {
    this.pool = new Pool(arena, TRANSACTION_LIMIT, TRANSACTION_BYTES, () => new SshTransaction(arena));
  }
}

export class SshConnection extends PooledConnection<SshTransaction> {
  private readonly banners = [new LineReader(BANNER_BYTES), new LineReader(BANNER_BYTES)] as const;
  private transaction: SshTransaction | null = null;
  private begun = false;
  /** A set of directions whose banner was read. */
  private greeted = 0;
  /** A set of directions in which packets are not found any more. */
  private lost = 0;
  private readonly starts: number[] = [];
  private readonly lengths: number[] = [];

  constructor(share: SshShare) {
    super(share.pool);
  }

  override parse(direction: Direction, input: Input): void {
    if (!this.begun) this.transaction = this.openTransaction();
    this.begun = true;
    const tx = this.transaction;
    if (tx === null) this.lose(direction);
    else if (((this.greeted >>> direction) & 1) === 0 && !this.readBanner(tx, direction, input)) return;
    if (tx?.speaksVersion1 === true) this.lose(direction);
    while (tx !== null && this.isRead(direction) && this.readPacket(tx, direction, input));
    if (((this.lost >>> direction) & 1) !== 0) input.take(input.available);
  }

  /** Nobody knows where the next packet begins, nor, of a banner that is not whole, how it goes on. */
  override gap(direction: Direction): boolean {
    this.greeted |= 1 << direction;
    this.lose(direction);
    return true;
  }

  override close(direction: Direction): void {
    this.transaction?.advance(direction, SSH_STATE.complete);
  }

  override release(transaction: Transaction): void {
    if (this.transaction === transaction) this.transaction = null;
    super.release(transaction);
  }

  override reset(): void {
    super.reset();
    for (const banner of this.banners) banner.reset();
    this.transaction = null;
    this.begun = false;
    this.greeted = 0;
    this.lost = 0;
  }

  private readBanner(tx: SshTransaction, direction: Direction, input: Input): boolean {
    const line = this.banners[direction];
    if (!line.next(input)) return false;
    const { bytes } = input;
    let end = line.start + line.length;
    while (end > line.start && bytes[end - 1] === CR) end--;
    this.greeted |= 1 << direction;
    if (line.isCut) tx.raise(LONG_BANNER, direction);
    const isBanner = line.length >= PREFIX.length && PREFIX.every((byte, index) => bytes[line.start + index] === byte);
    if (!isBanner || !tx.takeBanner(direction, line.start + PREFIX.length, end)) tx.raise(INVALID_BANNER, direction);
    tx.advance(direction, SSH_STATE.banner);
    if (line.isCut) this.lose(direction);
    return true;
  }

  /** The next packet. @returns whether there may be another. */
  private readPacket(tx: SshTransaction, direction: Direction, input: Input): boolean {
    const { bytes, position, available } = input;
    if (available < HEAD_BYTES) return false;
    const length =
      (bytes[position]! << 24) | (bytes[position + 1]! << 16) | (bytes[position + 2]! << 8) | bytes[position + 3]!;
    if (length < LEAST_PACKET || length > MOST_PACKET) {
      tx.raise(INVALID_RECORD, direction);
      this.lose(direction);
      return false;
    }
    const whole = LENGTH_BYTES + length;
    const isAsked = FRAMES.areAsked(input.frames);
    if (isAsked && available < bytesOfFrame(whole)) return false;
    const kind = bytes[position + 5];
    if (kind === KEXINIT) {
      if (length > MOST_KEX) tx.raise(LONG_KEX, direction);
      else if (available < whole) return false;
      else this.readLists(tx, direction, bytes, position + HEAD_BYTES + COOKIE_BYTES, position + whole);
    }
    if (isAsked) FRAMES.note(input.frames!, direction, position, HEAD_BYTES, whole);
    input.skip(whole);
    if (kind === NEWKEYS) this.encrypt(direction, input.offset);
    return input.available > 0;
  }

  private readLists(tx: SshTransaction, direction: Direction, bytes: Uint8Array, start: number, end: number): void {
    const { starts, lengths } = this;
    let at = start;
    for (let list = 0; list < LISTS; list++) {
      const length =
        at + 4 > end ? -1 : (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
      if (length < 0 || at + 4 + length > end) {
        tx.raise(INVALID_RECORD, direction);
        return;
      }
      const place = (HASSH_LISTS[direction] as readonly number[]).indexOf(list);
      if (place >= 0) {
        starts[place] = at + 4;
        lengths[place] = length;
      }
      at += 4 + length;
    }
    if (tx.progress(direction) < SSH_STATE.keys) tx.takeLists(direction, starts, lengths);
    tx.advance(direction, SSH_STATE.keys);
  }

  private isRead(direction: Direction): boolean {
    return (((this.lost | this.status.bypassed) >>> direction) & 1) === 0;
  }

  /** From the place in its stream on the side is encrypted; the connection is where both are. */
  private encrypt(direction: Direction, from: number): void {
    this.transaction?.advance(direction, SSH_STATE.complete);
    this.status.bypassed |= 1 << direction;
    this.status.encryptedFrom[direction] = from;
    this.status.isEncrypted = this.status.encryptedFrom.every(isFinite);
  }

  /** What follows may be anything: it is a part of the stream, and no longer read here. */
  private lose(direction: Direction): void {
    this.transaction?.advance(direction, SSH_STATE.complete);
    this.lost |= 1 << direction;
  }
}
