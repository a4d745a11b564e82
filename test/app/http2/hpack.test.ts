/** HPACK: the examples of RFC 7541, what is damaged, and bounds. */
import { describe, expect, it } from 'vitest';
import { HPACK, HpackReader, type HeaderSink } from '../../../src/app/http2/hpack.js';
import { Arena, PAGE_BYTES } from '../../../src/memory/arena.js';
import { number } from './frames.js';

const WINDOW = 131_072;

class Reader implements HeaderSink {
  readonly arena = new Arena(new ArrayBuffer(WINDOW + 16 * PAGE_BYTES), WINDOW, 16 * PAGE_BYTES, { keptBytes: 0 });
  readonly hpack = new HpackReader(this.arena);
  headers: string[] = [];
  sizes: number[] = [];

  header(bytes: Uint8Array, from: number, name: number, value: number): void {
    const text = Buffer.from(bytes.slice(from, from + name + value)).toString('latin1');
    this.headers.push(`${text.slice(0, name)}: ${text.slice(name)}`);
  }

  tableSize(bytes: number): void {
    this.sizes.push(bytes);
  }

  read(block: Uint8Array | string): number {
    this.headers = [];
    const bytes = typeof block === 'string' ? Buffer.from(block.replaceAll(' ', ''), 'hex') : block;
    this.arena.bytes.set(bytes, 8);
    return this.hpack.read(8, 8 + bytes.length, this);
  }
}

describe('the examples of RFC 7541', () => {
  it('C.2: literals and indexes', () => {
    const reader = new Reader();
    expect(reader.read('400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572')).toBe(HPACK.done);
    expect(reader.headers).toEqual(['custom-key: custom-header']);
    reader.read('be 82');
    expect(reader.headers).toEqual(['custom-key: custom-header', ':method: GET']);
    reader.read('040c 2f73 616d 706c 652f 7061 7468 be');
    expect(reader.headers).toEqual([':path: /sample/path', 'custom-key: custom-header']);
  });

  it('C.4: requests with Huffman code', () => {
    const reader = new Reader();
    const first = [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com'];
    reader.read('8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff');
    expect(reader.headers).toEqual(first);
    reader.read('8286 84be 5886 a8eb 1064 9cbf');
    expect(reader.headers).toEqual([...first, 'cache-control: no-cache']);
    reader.read('8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf');
    expect(reader.headers).toEqual([
      ':method: GET',
      ':scheme: https',
      ':path: /index.html',
      ':authority: www.example.com',
      'custom-key: custom-value',
    ]);
  });

  it('C.6: responses with a table of 256 bytes, from which entries go', () => {
    const reader = new Reader();
    reader.hpack.ring.resize(256);
    reader.read(
      '4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3',
    );
    const private1 = 'cache-control: private';
    const date = 'date: Mon, 21 Oct 2013 20:13:21 GMT';
    const location = 'location: https://www.example.com';
    expect(reader.headers).toEqual([':status: 302', private1, date, location]);
    reader.read('4883 640e ffc1 c0bf');
    expect(reader.headers).toEqual([':status: 307', private1, date, location]);
    reader.read(
      '88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07',
    );
    expect(reader.headers).toEqual([
      ':status: 200',
      private1,
      'date: Mon, 21 Oct 2013 20:13:22 GMT',
      location,
      'content-encoding: gzip',
      'set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1',
    ]);
    expect(reader.hpack.ring.count).toBe(3);
  });
});

describe('what is damaged', () => {
  it.each([
    ['an index of nothing', '80', HPACK.damaged],
    ['an index behind the table', 'be', HPACK.damaged],
    ['a name behind the table', '7e 01 61', HPACK.damaged],
    ['a literal without value', '40 01 61', HPACK.damaged],
    ['a string longer than the block', '40 01 61 05 61', HPACK.damaged],
    ['a number that does not end', '7f 80', HPACK.damaged],
    ['a number of 35 bits', '7f ff ff ff ff ff 01', HPACK.integer],
    ['a table beyond the limit', '3f e2 ff 03', HPACK.table],
    ['Huffman code with the end of a string', '40 84 ff ff ff ff 01 61', HPACK.damaged],
    ['Huffman code filled up with zeros', '40 01 61 81 18', HPACK.damaged],
    ['Huffman code filled up with a byte', '40 01 61 82 1f ff', HPACK.damaged],
  ])('is told: %s', (_, block, result) => {
    expect(new Reader().read(block)).toBe(result);
  });
});

describe('bounds', () => {
  const literal = (name: string, value: string): number[] => [
    0x40,
    ...number(name.length, 7, 0),
    ...Buffer.from(name),
    ...number(value.length, 7, 0),
    ...Buffer.from(value),
  ];

  it('the table holds what HPACK counts, whatever came before', () => {
    const reader = new Reader();
    for (let round = 0; round < 2000; round++) {
      const value = `${round}`.padEnd(1 + ((round * 37) % 400), 'v');
      reader.read(Uint8Array.from(literal('name', value)));
      const { ring } = reader.hpack;
      let size = 0;
      for (let index = 0; index < ring.count; index++) size += ring.nameLength(index) + ring.valueLength(index) + 32;
      expect(size).toBeLessThanOrEqual(4096);
      reader.read('be');
      expect(reader.headers).toEqual([`name: ${value}`]);
    }
    reader.hpack.clear();
    expect(reader.arena.usedBytes).toBe(0);
  });

  it('a header larger than the table empties it', () => {
    const reader = new Reader();
    reader.read(Uint8Array.from([...literal('a', 'b'), ...literal('c', 'x'.repeat(5000))]));
    expect([reader.headers.length, reader.hpack.ring.count]).toEqual([2, 0]);
  });

  it('the table grows and shrinks as it is told, and keeps the newest', () => {
    const reader = new Reader();
    const fields = Array.from({ length: 300 }, (_, index) => literal(`n${index}`, 'v')).flat();
    expect(reader.read(Uint8Array.from([...number(65_536, 5, 0x20), ...fields]))).toBe(HPACK.done);
    expect([reader.sizes, reader.hpack.ring.count]).toEqual([[65_536], 300]);
    reader.read(Uint8Array.from([...number(75, 5, 0x20), 0xbe, 0xbf]));
    expect(reader.headers).toEqual(['n299: v', 'n298: v']);
    reader.read(Uint8Array.from([0x20, ...number(8192, 5, 0x20), ...literal('a', 'b'), 0xbe]));
    expect([reader.headers, reader.hpack.ring.count]).toEqual([['a: b', 'a: b'], 1]);
  });
});
