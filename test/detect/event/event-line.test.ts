/** Lines of events in bytes, against the texts that say the same. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventLine } from '../../../src/detect/event/event-line.js';
import { eveAddress, eveTime } from '../../../src/detect/event/eve-text.js';

const textOf = (line: EventLine): string => Buffer.from(line.written).toString('utf8');

describe('a line of an event', () => {
  it('holds texts of any length and alphabet', () => {
    const text = fc.oneof(fc.string({ maxLength: 200 }), fc.string({ unit: 'binary', maxLength: 200 }));
    fc.assert(
      fc.property(fc.array(text, { maxLength: 60 }), (texts) => {
        const line = new EventLine();
        for (const each of texts) line.append(each);
        expect(textOf(line)).toBe(Buffer.from(texts.join('')).toString('utf8'));
      }),
    );
  });

  it('grows for bytes that are longer than it', () => {
    const line = new EventLine().append('a').appendBytes(Buffer.alloc(10_000, 'b')).append('c');
    expect(textOf(line)).toBe(`a${'b'.repeat(10_000)}c`);
  });

  it('writes numbers as JSON does', () => {
    const edges = [0, 9, 10, 99, 100, 2 ** 31, 2 ** 32, 999_999_999, 1e9, 1e9 + 1, 10_000_000_001, 2 ** 53 - 1];
    for (const value of edges) expect(textOf(new EventLine().decimal(value))).toBe(String(value));
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        expect(textOf(new EventLine().append('x').decimal(value).append('y'))).toBe(`x${value}y`);
      }),
    );
  });

  it('writes times as texts have them', () => {
    const time = fc.double({ min: -1e6, max: 3e17, noNaN: true });
    fc.assert(
      fc.property(time, (us) => {
        expect(textOf(new EventLine().time(us))).toBe(eveTime(us));
      }),
    );
  });

  it('writes addresses as texts have them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), fc.constantFrom(0, 4, 6), (bytes, version) => {
        expect(textOf(new EventLine().address(bytes, 3, version))).toBe(eveAddress(bytes, 3, version));
      }),
    );
  });

  it('begins anew', () => {
    const line = new EventLine().append('before');
    line.length = 0;
    expect(textOf(line.append('after'))).toBe('after');
  });
});
