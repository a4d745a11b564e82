/** Lines of events in bytes, against plain ways to say the same; and texts that are made of them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventLine } from '../../../src/detect/event/event-line.js';
import { eveAddress, eveTime } from '../../../src/detect/event/eve-text.js';

const textOf = (line: EventLine): string => Buffer.from(line.written).toString('utf8');

const LAST_US = Date.parse('9999-12-31T23:59:59Z') * 1000;
function plainTime(us: number): string {
  const whole = BigInt(Math.floor(Math.min(Math.max(us, 0), LAST_US)));
  const second = new Date(Number(whole / 1_000_000n) * 1000).toISOString().slice(0, 19);
  return `${second}.${String(whole % 1_000_000n).padStart(6, '0')}+0000`;
}

function plainAddress(bytes: Uint8Array, version: number): string {
  if (version === 4) return bytes.slice(0, 4).join('.');
  return version === 6 ? Buffer.from(bytes.slice(0, 16)).toString('hex').match(/.{4}/g)!.join(':') : '';
}

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

  it('writes times, which texts have as it does', () => {
    const time = fc.double({ min: -1e6, max: 3e17, noNaN: true });
    fc.assert(
      fc.property(time, (us) => {
        expect(textOf(new EventLine().append('x').time(us))).toBe(`x${plainTime(us)}`);
        expect(eveTime(us)).toBe(plainTime(us));
      }),
    );
  });

  it('writes addresses, which texts have as it does', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), fc.constantFrom(0, 4, 6), (bytes, version) => {
        const plain = plainAddress(bytes.slice(3), version);
        expect(textOf(new EventLine().append('x').address(bytes, 3, version))).toBe(`x${plain}`);
        expect(eveAddress(bytes, 3, version)).toBe(plain);
      }),
    );
  });

  it('begins anew', () => {
    const line = new EventLine().append('before');
    line.length = 0;
    expect(textOf(line.append('after'))).toBe('after');
  });
});
