/**
 * Inflating: what Node's zlib packs comes out, cut and damaged texts do no harm, and nothing is written beyond the
 * limit.
 */
import { constants, deflateRawSync, deflateSync, gzipSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gunzip, INFLATED, inflateRaw, unzlib } from '../../src/util/inflate.js';

const LIMIT = 4096;

function unpack(inflate: typeof gunzip, packed: Uint8Array, limit = LIMIT): Buffer {
  const output = Buffer.alloc(limit + 16, 0xee);
  const { length: written } = inflate(packed, packed.length, output, limit);
  expect(output.subarray(limit)).toEqual(Buffer.alloc(16, 0xee));
  return output.subarray(0, written);
}

const text = fc
  .oneof(
    fc.uint8Array({ maxLength: 400 }),
    fc
      .array(fc.constantFrom('GET /', 'powershell', 'aaaaaaaaaaaa', '\0\0', 'x'), { maxLength: 120 })
      .map((parts) => Uint8Array.from(Buffer.from(parts.join('')))),
  )
  .map((bytes) => Buffer.from(bytes));
const packing = fc.record({
  level: fc.constantFrom(0, 1, 6, 9),
  strategy: fc.constantFrom(constants.Z_DEFAULT_STRATEGY, constants.Z_FIXED, constants.Z_HUFFMAN_ONLY, constants.Z_RLE),
});

it('work is what was read and written', () => {
  const output = Buffer.alloc(16);
  const bomb = gzipSync(Buffer.alloc(1_000_000));
  expect(gunzip(bomb, bomb.length, output, 16)).toMatchObject({ length: 16 });
  const { work } = gunzip(bomb, bomb.length, output, 16);
  expect(work).toBeGreaterThan(16);
  expect(work).toBeLessThan(100);
  expect(unzlib(bomb, bomb.length, output, 16).work).toBe(0);
});

describe('whole texts', () => {
  it('come out as they were, whatever their blocks', () => {
    fc.assert(
      fc.property(text, packing, (plain, options) => {
        expect(unpack(gunzip, gzipSync(plain, options))).toEqual(plain);
        expect(unpack(unzlib, deflateSync(plain, options))).toEqual(plain);
      }),
      { numRuns: 300, seed: 20_261_122 },
    );
  });

  it('come out up to the limit', () => {
    const plain = Buffer.from('abc'.repeat(10_000));
    for (const options of [{ level: 0 }, { level: 9 }, { strategy: constants.Z_HUFFMAN_ONLY }]) {
      for (const limit of [1, 2, 258, 259, 1024])
        expect(unpack(gunzip, gzipSync(plain, options), limit)).toEqual(plain.subarray(0, limit));
    }
  });

  it('are read no further than the limit needs', () => {
    const bomb = deflateRawSync(Buffer.alloc(50_000_000));
    const { length, taken, ending } = inflateRaw(bomb, 0, bomb.length, Buffer.alloc(1000), 0, 1000);
    expect([length, ending]).toEqual([1000, INFLATED.full]);
    expect(taken).toBeLessThan(100);
  });
});

describe('headers', () => {
  const body = deflateRawSync('content');
  const header = (flags: number, ...more: (string | number[])[]): Buffer =>
    Buffer.concat([
      Buffer.from([0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3]),
      ...more.map((part) => Buffer.from(part as string)),
      body,
    ]);

  it.each([
    ['a name', header(8, 'file.txt\0')],
    ['a comment', header(16, 'remark\0')],
    ['more fields', header(4, [3, 0, 1, 2, 3])],
    ['a checksum', header(2, [9, 9])],
    ['all of them', header(30, [2, 0, 7, 7], 'n\0', 'c\0', [1, 2])],
  ])('of gzip with %s are passed over', (_what, packed) => expect(unpack(gunzip, packed).toString()).toBe('content'));

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['another magic number', Buffer.concat([Buffer.from([0x1f, 0x8c, 8, 0, 0, 0, 0, 0, 0, 3]), body])],
    ['another method', Buffer.concat([Buffer.from([0x1f, 0x8b, 7, 0, 0, 0, 0, 0, 0, 3]), body])],
    ['a name without an end', Buffer.from([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3, 65])],
    ['fields beyond the end', Buffer.from([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 3, 0xff, 0xff])],
    ['fields that are cut', Buffer.from([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 3, 1])],
  ])('of gzip with %s yield nothing', (_what, packed) => expect(unpack(gunzip, packed)).toHaveLength(0));

  it.each([
    ['a wrong check', [0x78, 0x9d]],
    ['another method', [0x77, 0x85]],
    ['one byte', [0x78]],
  ])('of zlib with %s yield nothing', (_what, bytes) => {
    expect(
      unpack(unzlib, Buffer.concat([Buffer.from(bytes), bytes.length === 1 ? Buffer.alloc(0) : body])),
    ).toHaveLength(0);
  });
});

const GZIP_HEADER = 10;

describe('other texts', () => {
  it('that end early yield what zlib finds in them', () => {
    fc.assert(
      fc.property(
        text,
        packing.filter(({ level }) => level > 0),
        fc.nat(400),
        (plain, options, end) => {
          const packed = gzipSync(plain, options).subarray(0, GZIP_HEADER + end);
          const expected = inflateRawSync(packed.subarray(GZIP_HEADER), { finishFlush: constants.Z_SYNC_FLUSH });
          const found = unpack(gunzip, packed);
          // zlib stores what it cannot pack; a stored block that is cut yields nothing.
          if (found.length < expected.length) expect(expected.length - found.length).toBeLessThanOrEqual(end);
          expect(found).toEqual(expected.subarray(0, found.length));
        },
      ),
      { numRuns: 300, seed: 20_261_122 },
    );
    const packed = gzipSync('powershell '.repeat(50));
    expect(unpack(gunzip, packed.subarray(0, 20)).toString()).toBe(
      inflateRawSync(packed.subarray(GZIP_HEADER, 20), { finishFlush: constants.Z_SYNC_FLUSH }).toString(),
    );
  });

  it('that are damaged, or no such data, end within the limit', () => {
    fc.assert(
      fc.property(
        text,
        packing,
        fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { minLength: 1, maxLength: 3 }),
        (plain, options, changes) => {
          const packed = Buffer.from(gzipSync(plain, options));
          for (const [at, byte] of changes) if (at < packed.length) packed[at] = byte;
          expect(unpack(gunzip, packed).length).toBeLessThanOrEqual(LIMIT);
        },
      ),
      { numRuns: 1500, seed: 20_261_122 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (noise) => {
        expect(
          unpack(gunzip, Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]), noise])).length,
        ).toBeLessThanOrEqual(LIMIT);
      }),
      { numRuns: 3000, seed: 20_261_122 },
    );
  });
});

/** What zlib makes of the first bytes that it takes without a fault, and whether it takes all. */
function byZlib(packed: Uint8Array, dictionary?: Buffer): readonly [Buffer, boolean] {
  for (let count = packed.length; ; count--) {
    try {
      const options = { finishFlush: constants.Z_SYNC_FLUSH, ...(dictionary === undefined ? {} : { dictionary }) };
      return [inflateRawSync(packed.subarray(0, count), options), count === packed.length];
    } catch {
      continue;
    }
  }
}

describe('a text without a header', () => {
  const raw = (packed: Uint8Array, past = Buffer.alloc(0)): readonly [Buffer, number] => {
    const output = Buffer.concat([past, Buffer.alloc(1 << 16)]);
    const start = past.length;
    const { length, ending } = inflateRaw(packed, 0, packed.length, output, start, output.length, 0);
    return [output.subarray(start, start + length), ending];
  };

  it('that is cut anywhere gives what zlib gives, and so does what is no such text', () => {
    fc.assert(
      fc.property(
        text,
        packing,
        fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 3 }),
        (plain, options, changes) => {
          const packed = Buffer.from(deflateRawSync(plain, options));
          for (const [at, byte] of changes) if (at < packed.length) packed[at] = byte;
          for (let end = packed.length; end >= 0; end = Math.floor(end / 1.7) - 1) {
            const [expected, isSound] = byZlib(packed.subarray(0, end));
            const [found, ending] = raw(packed.subarray(0, end));
            expect(ending === INFLATED.damaged).toBe(!isSound);
            // Before damage zlib gives what it has when it comes to the byte with it.
            if (isSound) expect(found.equals(expected)).toBe(true);
            else expect(found.subarray(0, expected.length).equals(expected)).toBe(true);
          }
        },
      ),
      { numRuns: 400, seed: 20_261_127 },
    );
  });

  it('of noise ends as it does for zlib', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (noise) => {
        const [expected, isSound] = byZlib(noise);
        const [found, ending] = raw(noise);
        expect(ending === INFLATED.damaged).toBe(!isSound);
        expect(found.subarray(0, expected.length).equals(expected)).toBe(true);
      }),
      { numRuns: 5000, seed: 20_261_127 },
    );
  });

  it('may refer to what stands before its output', () => {
    const past = Buffer.from('a message that was said before ');
    const packed = deflateRawSync(Buffer.from('a message that was said again'), { dictionary: past });
    expect(raw(packed, past)[0].toString()).toBe('a message that was said again');
    expect(raw(packed)[1]).toBe(INFLATED.damaged);
  });
});
