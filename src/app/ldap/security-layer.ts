/**
 * What one side sends within a SASL security layer (RFC 4422, 3.7): the clear text of its buffers, put together, which
 * has messages one after the other however buffers divide them. Stage: app. What is sealed or malformed is passed over,
 * and what came of a message before it is given up.
 *
 *   | length (4) | buffer: head, text, sum | length | …   →   text: | read, up to `from` | message | message …
 *
 * Text is taken as it comes. Behind what was passed over, and at first, a message must begin with a buffer. Bounds:
 * MOST_TEXT that waits; a buffer whose text is turned in itself is passed over if it is longer than MOST_TURNED.
 */
import type { Direction } from '../../flow/flow.js';
import type { Arena } from '../../memory/arena.js';
import type { Input } from '../input.js';
import { PerArena } from '../per-arena.js';
import { ANSWER, u32 } from '../probe/answer.js';
import { probeLdap } from '../probe/directory.js';
import { TextBlock } from '../text-block.js';
import { LENGTH_BYTES, HEAD_BYTES, PADDED_BYTES, WrapToken } from './wrap-token.js';

/** The longest message that is kept, and as much again: what waits of one, and a buffer that is turned. */
const MOST_TEXT = 131_072;
const MOST_TURNED = 65_536;
/** Bytes that tell the beginning of a message. */
const PROBED_BYTES = 128;

const TOKENS = new PerArena((arena) => new WrapToken(arena.bytes));

export class SecurityLayer {
  private readonly direction: Direction;
  private readonly bytes: Uint8Array;
  private readonly token: WrapToken;
  private readonly text: TextBlock;
  /** Bytes of the text that were read. */
  private from = 0;
  /** Bytes that are still to come of a message that was read. */
  private over = 0;
  /** Of the buffer that is being taken: text and what is behind it, and whether its last bytes are padded. */
  private textLeft = 0;
  private tail = 0;
  private isPadded = false;
  /** The beginning of the next message is not known. */
  private isLost = true;
  /** Whether this buffer is one of digests, and whether all are. */
  private seemsDigest = false;
  private isDigest = false;

  constructor(arena: Arena, direction: Direction) {
    this.direction = direction;
    this.bytes = arena.bytes;
    this.token = TOKENS.of(arena);
    this.text = new TextBlock(arena, MOST_TEXT);
  }

  /** Whether a buffer is being taken. */
  get isWithin(): boolean {
    return this.textLeft + this.tail > 0 || this.isPadded;
  }

  /** Whether text waits for more. */
  get holdsText(): boolean {
    return this.start < this.end || this.over > 0;
  }

  /** Text that was not read. */
  get start(): number {
    return this.text.start + this.from;
  }

  get end(): number {
    return this.text.start + this.text.length;
  }

  /** Whether text is there that a message begins with. */
  get isReady(): boolean {
    if (this.start === this.end) return false;
    if (!this.isLost) return true;
    const length = Math.min(this.end - this.start, PROBED_BYTES);
    const answer = probeLdap(this.bytes, this.start, length, this.direction);
    if (answer === ANSWER.more && length < PROBED_BYTES) return false;
    this.isLost = answer !== ANSWER.yes;
    if (this.isLost) this.lose();
    else this.isDigest = this.seemsDigest;
    return !this.isLost;
  }

  /** Takes what there is of a buffer. @returns false where more bytes, or more room, are needed. */
  take(input: Input): boolean {
    if (!this.isWithin) return this.begin(input);
    if (this.textLeft > 0) return this.takeText(input);
    if (this.isPadded) return this.takePadded(input);
    this.endBuffer(input);
    return true;
  }

  /** A message of `length` bytes was read, all of which need not be there. */
  drop(length: number): void {
    const there = this.end - this.start;
    this.over = Math.max(0, length - there);
    this.from += Math.min(length, there);
  }

  /** Gives room back. */
  settle(): void {
    if (this.from === 0) return;
    this.text.drop(this.from);
    this.from = 0;
  }

  /** What there is of a message is none, or nothing more comes of it. */
  lose(): void {
    this.text.clear();
    this.from = 0;
    this.over = 0;
    this.isLost = true;
    // What is left of the buffer begins with no message.
    this.tail += this.textLeft + (this.isPadded ? PADDED_BYTES : 0);
    this.textLeft = 0;
    this.isPadded = false;
  }

  /** Bytes are missing: the next ones are no part of this buffer. */
  interrupt(): void {
    this.lose();
    this.tail = 0;
  }

  clear(): void {
    this.interrupt();
    this.isDigest = false;
  }

  private begin(input: Input): boolean {
    const { token } = this;
    const { bytes, position, available } = input;
    if (available < LENGTH_BYTES) return false;
    const length = u32(bytes, position);
    if (available - LENGTH_BYTES < Math.min(length, HEAD_BYTES)) return false;
    const start = position + LENGTH_BYTES;
    const isClear = this.isDigest ? token.readDigest(length) : token.read(start, length);
    const isTooLong = token.turned > 0 && length > MOST_TURNED;
    if (isClear && token.turned > 0 && !isTooLong) return this.takeTurned(input, length);
    if (!isClear || isTooLong) {
      this.lose();
      input.skip(LENGTH_BYTES + length);
      return true;
    }
    this.seemsDigest = token.isDigest;
    this.textLeft = token.text;
    this.tail = token.tail;
    this.isPadded = token.isPadded;
    input.skip(LENGTH_BYTES + token.lead);
    if (this.textLeft === 0 && !this.isPadded) this.endBuffer(input);
    return true;
  }

  private takeText(input: Input): boolean {
    const count = Math.min(this.textLeft, input.available, this.over + this.text.room);
    if (count === 0) return false;
    this.textLeft -= count;
    this.append(input.position, count);
    input.take(count);
    if (this.textLeft === 0 && !this.isPadded) this.endBuffer(input);
    return true;
  }

  private takePadded(input: Input): boolean {
    if (input.available < PADDED_BYTES || this.over + this.text.room < PADDED_BYTES) return false;
    const { position } = input;
    const padding = input.bytes[position + PADDED_BYTES - 1];
    this.isPadded = false;
    if (padding < 1 || padding > PADDED_BYTES) this.lose();
    else this.append(position, PADDED_BYTES - padding);
    input.take(PADDED_BYTES);
    return true;
  }

  /** A buffer whose text has its end in front, as a whole. */
  private takeTurned(input: Input, length: number): boolean {
    const { lead, text, tail, turned } = this.token;
    if (input.available < LENGTH_BYTES + length || this.text.room < text) return false;
    this.seemsDigest = false;
    const first = input.position + LENGTH_BYTES + lead;
    this.append(first + turned + tail, text - turned);
    this.append(first, turned);
    input.take(LENGTH_BYTES + length);
    return true;
  }

  private append(start: number, count: number): void {
    const passed = Math.min(this.over, count);
    this.over -= passed;
    if (count > passed && this.text.append(start + passed, count - passed) < 0) this.lose();
  }

  private endBuffer(input: Input): void {
    input.skip(this.tail);
    this.tail = 0;
  }
}
