/**
 * Transactions of an application that is not there, driven by tests step by step. Import it with its buffers mixed in.
 */
import { bufferNumber } from '../../src/app/buffers.js';
import { TextBlock } from '../../src/app/text-block.js';
import { Transaction } from '../../src/app/transaction.js';
import type { Direction } from '../../src/flow/flow.js';
import type { Arena } from '../../src/memory/arena.js';
import type { Span } from '../../src/memory/span.js';
import { FAKE_STATE } from './fake-buffers.js';

/** Bytes that tests put into the arena's memory on their way into texts: below where the arena begins. */
const STAGE = 8;

export class FakeTransaction extends Transaction {
  private readonly arena: Arena;
  private readonly texts = new Map<string, TextBlock[]>();

  constructor(arena: Arena, id: number) {
    super();
    this.arena = arena;
    this.id = id;
  }

  /** Sets a buffer, or one more instance of it. */
  put(name: string, bytes: Uint8Array, direction: Direction): void {
    const text = new TextBlock(this.arena, 200_000);
    this.write(text, bytes);
    const key = `${direction}:${bufferNumber(name)}`;
    this.texts.set(key, [...(this.texts.get(key) ?? []), text]);
    this.dirty |= 1 << direction;
  }

  /** Lets a growing buffer grow. */
  grow(name: string, bytes: Uint8Array, direction: Direction): void {
    const [text] = this.texts.get(`${direction}:${bufferNumber(name)}`) ?? [];
    if (text === undefined) this.put(name, bytes, direction);
    else this.write(text, bytes);
    this.dirty |= 1 << direction;
  }

  override locate(buffer: number, instance: number, direction: Direction, span: Span): boolean {
    const text = this.texts.get(`${direction}:${buffer}`)?.[instance];
    return text !== undefined && span.set(text.start, text.length);
  }

  override isComplete(_buffer: number, direction: Direction): boolean {
    return this.progress(direction) >= (direction === 0 ? FAKE_STATE.requestComplete : FAKE_STATE.answerComplete);
  }

  private write(text: TextBlock, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += 1024) {
      const part = bytes.subarray(at, at + 1024);
      this.arena.bytes.set(part, STAGE);
      if (text.append(STAGE, part.length) < 0) throw new Error('the arena of the test is full');
    }
  }
}
