/**
 * The merge's watermark: an idle dispatcher holds nobody up, and nothing ever comes from below a watermark that was
 * read.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FrameRingObserver } from '../../src/ring/frame-ring.js';
import { SequenceWords } from '../../src/dispatch/task.js';
import { watermarkOf } from '../../src/dispatch/watermark.js';

const observing = (headSeq: () => number | undefined): FrameRingObserver => ({ headSeq }) as FrameRingObserver;
const empty = observing(() => undefined);

describe('the watermark', () => {
  it('passes what others took while a dispatcher is idle, whether it ever took anything or not', () => {
    const sequence = new SequenceWords(SequenceWords.allocate(3));
    sequence.take(1, 10);
    sequence.rest(1);
    const first = sequence.take(0, 100);
    sequence.publish(0, first + 100);
    expect(watermarkOf([empty, empty, empty], sequence)).toBe(first + 100);
  });

  it('stays at what a busy dispatcher has published, and at the oldest record that is not done', () => {
    const sequence = new SequenceWords(SequenceWords.allocate(2));
    const busy = sequence.take(0, 5);
    sequence.take(1, 7);
    sequence.rest(1);
    expect(watermarkOf([empty, empty], sequence)).toBe(busy);
    sequence.publish(0, busy + 3);
    expect(watermarkOf([empty, empty], sequence)).toBe(busy + 3);
    expect(watermarkOf([observing(() => busy + 1), empty], sequence)).toBe(busy + 1);
    sequence.rest(0);
    expect(watermarkOf([empty, empty], sequence)).toBe(busy + 12);
  });

  it('is never above a frame that is not done, whatever the dispatchers do while it is read', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.array(fc.nat(0xffff), { minLength: 20, maxLength: 300 }),
        (dispatchers, moves) => {
          const model = new Model(dispatchers, moves);
          for (let i = 0; i < 40; i++) model.read();
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** Dispatchers and one shard that each take a small step whenever the reader has read a word. */
class Model {
  private readonly sequence: SequenceWords;
  private readonly reader: SequenceWords;
  private readonly observers: readonly FrameRingObserver[];
  /** By dispatcher: numbers taken and not written, and those in its ring. */
  private readonly taken: (number[] | undefined)[];
  private readonly rings: number[][];
  private readonly moves: readonly number[];
  private at = 0;
  private promised = 0;

  constructor(dispatchers: number, moves: readonly number[]) {
    const memory = SequenceWords.allocate(dispatchers);
    const disturb = (): void => this.disturb();
    this.moves = moves;
    this.sequence = new SequenceWords(memory);
    this.reader = new (class extends SequenceWords {
      override get next(): number {
        const next = super.next;
        disturb();
        return next;
      }

      override published(dispatcher: number, next: number): number {
        const published = super.published(dispatcher, next);
        disturb();
        return published;
      }
    })(memory);
    this.taken = Array.from({ length: dispatchers }, () => undefined);
    this.rings = Array.from({ length: dispatchers }, () => []);
    this.observers = this.rings.map((ring) =>
      observing(() => {
        const head = ring[0];
        disturb();
        return head;
      }),
    );
  }

  read(): void {
    this.disturb();
    const watermark = watermarkOf(this.observers, this.reader);
    for (const seq of [...this.rings.flat(), ...this.taken.flatMap((numbers) => numbers ?? [])])
      expect(seq).toBeGreaterThanOrEqual(watermark);
    this.promised = Math.max(this.promised, watermark);
  }

  private disturb(): void {
    for (let steps = this.move() % 4; steps > 0; steps--) this.step(this.move());
  }

  private move(): number {
    return this.moves[this.at++ % this.moves.length]!;
  }

  private step(move: number): void {
    const dispatcher = move % this.rings.length;
    const numbers = this.taken[dispatcher];
    const choice = Math.floor(move / this.rings.length) % 3;
    if (choice === 0) {
      this.rings[dispatcher]!.shift();
    } else if (numbers === undefined) {
      const count = 1 + ((move >> 8) % 4);
      const first = this.sequence.take(dispatcher, count);
      expect(first).toBeGreaterThanOrEqual(this.promised);
      this.taken[dispatcher] = Array.from({ length: count }, (_, i) => first + i);
    } else if (numbers.length === 0) {
      this.sequence.rest(dispatcher);
      this.taken[dispatcher] = undefined;
    } else if (choice === 1) {
      this.rings[dispatcher]!.push(numbers.shift()!);
    } else {
      // As a dispatcher that waits for room.
      this.sequence.publish(dispatcher, numbers[0]!);
    }
  }
}
