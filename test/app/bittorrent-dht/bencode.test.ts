/** Bencoding against an encoder, and cut off anywhere. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BencodeReader } from '../../../src/app/bittorrent-dht/bencode.js';
import { bencoded, type Value } from './messages.js';

const text = fc.string({ unit: 'binary-ascii', maxLength: 6 });
const leaf = fc.oneof(text, fc.integer({ min: -(10 ** 14), max: 10 ** 14 }));
/** Values with so many dictionaries and lists within each other. */
const nested = (depth: number): fc.Arbitrary<Value> =>
  depth === 0
    ? leaf
    : fc.oneof(
        leaf,
        fc.array(nested(depth - 1), { maxLength: 3 }),
        fc.dictionary(text, nested(depth - 1), { maxKeys: 3 }),
      );

/** Reads a value anew. */
function read(reader: BencodeReader, bytes: Uint8Array): Value {
  const textOf = (): string => Buffer.from(bytes.slice(reader.start, reader.start + reader.length)).toString('latin1');
  if (reader.text()) return textOf();
  if (reader.integer()) return reader.value;
  if (reader.enterList()) {
    const list: Value[] = [];
    while (reader.hasMore()) list.push(read(reader, bytes));
    return list;
  }
  const members: [string, Value][] = [];
  if (!reader.enterDictionary()) reader.fail();
  while (!reader.failed && reader.nextKey()) members.push([textOf(), read(reader, bytes)]);
  return Object.fromEntries(members);
}

const readerOf = (bytes: Uint8Array, length = bytes.length): BencodeReader => {
  const reader = new BencodeReader(bytes);
  reader.use(bytes, 0, length);
  return reader;
};

describe('bencoding', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(nested(3), (value) => {
        const bytes = bencoded(value);
        const reader = readerOf(bytes);
        expect(bencoded(read(reader, bytes))).toEqual(bytes);
        expect(reader.failed).toBe(false);
        const skipping = readerOf(bytes);
        skipping.skip();
        expect(skipping.failed).toBe(false);
      }),
    );
  });

  it('fails where it breaks off, and nothing behind its end is looked at', () => {
    fc.assert(
      fc.property(nested(2), fc.nat(), (value, cut) => {
        const bytes = bencoded(value);
        const reader = readerOf(bytes, cut % bytes.length);
        reader.skip();
        expect(reader.failed).toBe(true);
      }),
    );
  });

  it.each([
    'i01e',
    'i-0e',
    'ie',
    'i-e',
    '01:a',
    ':',
    'x',
    'e',
    'd1:b0:1:a0:e',
    'd1:a0:1:a0:e',
    'di1e0:e',
    'd1:ae',
    'llllee',
  ])('fails: %s', (wrong) => {
    const reader = readerOf(Buffer.from(wrong));
    reader.skip();
    expect(reader.failed).toBe(true);
  });
});
