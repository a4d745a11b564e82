import { describe, expect, it } from 'vitest';
import { hasBerFault } from '../../../src/detect/verify/ber.js';
import { BerHeader } from '../../../src/util/ber.js';

describe('a long tag', () => {
  const header = new BerHeader();
  const longTag = (bytes: number): Uint8Array =>
    Uint8Array.from([0x1f, ...Array.from({ length: bytes - 1 }, () => 0x81), 0x01, 0x02, 0xaa, 0xbb]);

  it('is read up to eight bytes', () => {
    for (const bytes of [1, 3, 8]) {
      const text = longTag(bytes);
      expect(header.read(text, 0, text.length), String(bytes)).toBe(true);
      expect([header.contents, header.length]).toEqual([bytes + 2, 2]);
    }
  });

  it('is none beyond: whoever sends one cannot have the whole buffer read for each element', () => {
    for (const bytes of [9, 60_000]) {
      const text = longTag(bytes);
      expect(header.read(text, 0, text.length), String(bytes)).toBe(false);
    }
    expect(hasBerFault(header, longTag(60_000), 0, 60_004, true, true, 0)).toBe(false);
  });
});
