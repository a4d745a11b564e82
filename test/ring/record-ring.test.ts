import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_RECORD, RingConsumer, RingObserver, RingProducer, allocateRing } from '../../src/ring/record-ring.js';
import { isNoiseAround, ringAmid } from '../support/ring-place.js';

/** A record of `size` bytes whose payload words all hold `value`; undefined when the ring is full. */
function put(producer: RingProducer, size: number, value: number): boolean {
  const at = producer.reserve(size, 7);
  if (at < 0) return false;
  for (let byte = 8; byte < size; byte++) producer.bytes[at + byte] = value & 0xff;
  return true;
}

function take(consumer: RingConsumer, size: number): number | undefined {
  if (consumer.next() === NO_RECORD) return undefined;
  const { offset, bytes } = consumer;
  const value = bytes[offset + 8];
  for (let byte = 8; byte < size; byte++)
    if (bytes[offset + byte] !== value) throw new Error(`byte ${byte} of the record is torn`);
  consumer.release();
  return value;
}

describe('a ring of records', () => {
  it('hides records until they are published', () => {
    const memory = allocateRing(4096);
    const producer = new RingProducer(memory);
    const consumer = new RingConsumer(memory);
    put(producer, 100, 1);
    expect(consumer.next()).toBe(NO_RECORD);
    producer.publish();
    expect(consumer.next()).toBe(7);
  });

  it('refuses a record that does not fit and takes it once there is room', () => {
    const memory = allocateRing(4096);
    const producer = new RingProducer(memory);
    const consumer = new RingConsumer(memory);
    expect(put(producer, 2048, 1)).toBe(true);
    expect(put(producer, 2048, 2)).toBe(true);
    expect(put(producer, 16, 3)).toBe(false);
    producer.publish();
    expect(take(consumer, 2048)).toBe(1);
    expect(put(producer, 16, 3)).toBe(true);
  });

  it("gives a dead consumer's place to the next one, record not done included", () => {
    const memory = allocateRing(4096);
    const producer = new RingProducer(memory);
    for (let value = 1; value <= 3; value++) put(producer, 64, value);
    producer.publish();
    const first = new RingConsumer(memory);
    expect(take(first, 64)).toBe(1);
    first.next();
    new RingObserver(memory).replaceConsumer();
    const second = new RingConsumer(memory);
    expect(first.next()).toBe(NO_RECORD);
    first.release();
    expect(take(second, 64)).toBe(2);
    expect(take(second, 64)).toBe(3);
    expect(take(second, 64)).toBeUndefined();
  });

  it('shows an observer what is filled and the oldest record', () => {
    const memory = allocateRing(4096);
    const producer = new RingProducer(memory);
    const observer = new RingObserver(memory);
    expect(observer.peekDouble(2)).toBeUndefined();
    const at = producer.reserve(64, 7);
    producer.doubles[(at + 8) >> 3] = 42.5;
    expect(observer.filledBytes).toBe(0);
    producer.publish();
    expect(observer.filledBytes).toBe(64);
    expect(observer.peekDouble(2)).toBe(42.5);
  });

  it('behaves as a queue of bounded size under any interleaving, across the wrap of its positions', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('put' as const), size: fc.integer({ min: 16, max: 1500 }) }),
      fc.record({ kind: fc.constant('take' as const), size: fc.constant(0) }),
      fc.record({ kind: fc.constant('publish' as const), size: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), fc.boolean(), (steps, nearWrap) => {
        const memory = ringAmid(4096, nearWrap ? -100 : 0);
        const producer = new RingProducer(memory);
        const consumer = new RingConsumer(memory);
        const model: { size: number; value: number }[] = [];
        let published = 0;
        let value = 0;
        for (const { kind, size } of steps) {
          if (kind === 'put') {
            const filled = model.reduce((sum, record) => sum + Math.ceil(record.size / 8) * 8, 0);
            const done = put(producer, size, ++value);
            // A pad is smaller than the record that did not fit there; one may still lie unread, one be needed now.
            if (!done) expect(filled + size + 2 * 1504).toBeGreaterThan(4096);
            else model.push({ size, value });
          } else if (kind === 'publish') {
            producer.publish();
            published = model.length;
          } else if (published > 0) {
            const expected = model.shift()!;
            published--;
            expect(take(consumer, expected.size)).toBe(expected.value & 0xff);
          } else expect(consumer.next()).toBe(NO_RECORD);
        }
        expect(isNoiseAround(memory)).toBe(true);
      }),
    );
  });
});
