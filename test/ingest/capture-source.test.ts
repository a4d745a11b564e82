/** Captures of every variant, written here and read back; then the same files damaged. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CaptureSource } from '../../src/ingest/capture-source.js';
import { PcapngWriter, pcapFile, type CapturedFrame } from '../support/pcap-writer.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'periscope-capture-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function save(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

interface ReadFrame {
  bytes: Buffer;
  wireLength: number;
  timeUs: number;
  linkType: number;
  capture: number;
}

async function readFrames(source: CaptureSource): Promise<ReadFrame[]> {
  const frames: ReadFrame[] = [];
  await source.run(
    (batch, count) => {
      for (let i = 0; i < count; i++) {
        frames.push({
          bytes: Buffer.from(batch.bytes.subarray(batch.offset[i], batch.offset[i] + batch.length[i])),
          wireLength: batch.wireLength[i],
          timeUs: batch.timeUs[i],
          linkType: batch.linkType[i],
          capture: batch.capture,
        });
      }
    },
    () => false,
  );
  return frames;
}

async function readBytes(
  bytes: Uint8Array,
): Promise<{ frames: ReadFrame[]; result: CaptureSource['captures'][number] }> {
  const source = new CaptureSource([save('capture', bytes)]);
  const frames = await readFrames(source);
  return { frames, result: source.captures[0] };
}

const FRAMES: CapturedFrame[] = [
  { timeNs: 1_700_000_000_123_456_789n, bytes: Buffer.from('first frame') },
  { timeNs: 1_700_000_000_999_999_999n, bytes: Buffer.from('second'), wireLength: 1500 },
  { timeNs: 1_700_000_001_000_000_000n, bytes: Buffer.alloc(0) },
];
const TIMES_US = [1_700_000_000_123_456, 1_700_000_000_999_999, 1_700_000_001_000_000];

function expectFrames(frames: ReadFrame[], linkType: number): void {
  expect(frames.map((frame) => frame.bytes.toString())).toEqual(['first frame', 'second', '']);
  expect(frames.map((frame) => frame.wireLength)).toEqual([11, 1500, 0]);
  expect(frames.map((frame) => frame.timeUs)).toEqual(TIMES_US);
  expect(frames.map((frame) => frame.linkType)).toEqual([linkType, linkType, linkType]);
}

describe('pcap', () => {
  for (const bigEndian of [false, true]) {
    for (const variant of [{}, { nanoseconds: true }, { kuznetzov: true }]) {
      it(`reads ${bigEndian ? 'big' : 'little'}-endian ${JSON.stringify(variant)}`, async () => {
        const { frames, result } = await readBytes(pcapFile(FRAMES, { bigEndian, linkType: 276, ...variant }));
        expectFrames(frames, 276);
        expect(result).toMatchObject({ packets: 3, bytes: 17, opened: true });
        expect(result.error).toBeUndefined();
      });
    }
  }

  it.each([0, 1, 9, 12, 101, 104, 108, 113, 228, 229, 276, 147])('delivers link type %i as it is', async (linkType) => {
    const { frames } = await readBytes(pcapFile(FRAMES, { linkType }));
    expect(frames.map((frame) => frame.linkType)).toEqual([linkType, linkType, linkType]);
  });

  it('takes OpenBSD raw IP for raw IP, and leaves frame-check bits out of the link type', async () => {
    expect((await readBytes(pcapFile(FRAMES, { linkType: 14 }))).frames[0].linkType).toBe(101);
    expect((await readBytes(pcapFile(FRAMES, { linkType: 0x2400_0001 }))).frames[0].linkType).toBe(1);
  });

  it('reads up to the cut at every length', async () => {
    const whole = pcapFile(FRAMES);
    const ends = [24 + 16 + 11, 24 + 16 + 11 + 16 + 6, whole.length];
    for (let length = 0; length <= whole.length; length++) {
      const { frames, result } = await readBytes(whole.subarray(0, length));
      expect(frames.length).toBe(ends.filter((end) => end <= length).length);
      expect(result.opened).toBe(length >= 24);
      expect(result.error === undefined).toBe(length === 24 || ends.includes(length));
    }
  });

  it('takes an insane length for damage, and says where it is', async () => {
    const damaged = pcapFile(FRAMES);
    new DataView(damaged.buffer).setUint32(24 + 16 + 11 + 8, 262_145, true);
    const { frames, result } = await readBytes(damaged);
    expect(frames.length).toBe(1);
    expect(result).toMatchObject({ opened: true, packets: 1, error: expect.stringContaining('262145 captured bytes') });
    expect(result.error).toContain('at byte 51');
  });

  it('reads a frame of the longest length', async () => {
    const { frames, result } = await readBytes(
      pcapFile([{ bytes: Buffer.alloc(262_144, 7) }, { bytes: Buffer.from('x') }]),
    );
    expect(frames.map((frame) => frame.bytes.length)).toEqual([262_144, 1]);
    expect(result.error).toBeUndefined();
  });
});

describe('pcapng', () => {
  for (const bigEndian of [false, true]) {
    it(`reads enhanced, obsolete and simple packets, ${bigEndian ? 'big' : 'little'}-endian`, async () => {
      const writer = new PcapngWriter({ bigEndian })
        .interface({ linkType: 113 })
        .enhanced(FRAMES[0])
        .block(5, [1, 2, 3, 4])
        .obsolete(FRAMES[1])
        .enhanced(FRAMES[2], 0, 'a comment')
        .simple({ bytes: Buffer.from('s') });
      const { frames, result } = await readBytes(writer.finish());
      expectFrames(frames.slice(0, 3), 113);
      expect(frames[3]).toMatchObject({ wireLength: 1, timeUs: TIMES_US[2], linkType: 113 });
      expect(result).toMatchObject({ packets: 4, opened: true });
      expect(result.error).toBeUndefined();
    });
  }

  it.each([
    ['seconds', 0, 1_700_000_000_000_000],
    ['milliseconds', 3, 1_700_000_000_123_000],
    ['microseconds', 6, TIMES_US[0]],
    ['nanoseconds', 9, TIMES_US[0]],
    ['picoseconds / 1000', 10, TIMES_US[0]],
    ['2^-20 seconds', 0x94, 1_700_000_000_123_456],
    ['2^-32 seconds', 0xa0, 1_700_000_000_123_456],
    ['2^-33 seconds', 0xa1, 1_700_000_000_123_456],
  ])('reads times in %s', async (_, resolution, timeUs) => {
    const writer = new PcapngWriter().interface({ resolution }).enhanced(FRAMES[0]);
    // A binary unit seldom ends on a microsecond, so the last one may be lost.
    expect(Math.abs((await readBytes(writer.finish())).frames[0].timeUs - timeUs)).toBeLessThanOrEqual(
      resolution < 0x80 ? 0 : 1,
    );
  });

  it('adds the time offset of an interface', async () => {
    for (const offsetSeconds of [1_600_000_000n, -3600n]) {
      const writer = new PcapngWriter().interface({ resolution: 9, offsetSeconds }).enhanced(FRAMES[0]);
      expect((await readBytes(writer.finish())).frames[0].timeUs).toBe(TIMES_US[0]);
    }
  });

  it('keeps interfaces apart, and forgets them at a new section of the other byte order', async () => {
    const writer = new PcapngWriter()
      .interface({ linkType: 1 })
      .interface({ linkType: 101, resolution: 9 })
      .enhanced(FRAMES[0], 1)
      .enhanced(FRAMES[0], 0)
      .section({ bigEndian: true })
      .interface({ linkType: 9 })
      .enhanced(FRAMES[1], 0)
      .enhanced(FRAMES[1], 1);
    const { frames, result } = await readBytes(writer.finish());
    expect(frames.map(({ linkType, timeUs }) => [linkType, timeUs])).toEqual([
      [101, TIMES_US[0]],
      [1, TIMES_US[0]],
      [9, TIMES_US[1]],
    ]);
    expect(result.error).toContain('interface 1, which is not described');
  });

  it('cuts simple packets at the snap length', async () => {
    const writer = new PcapngWriter()
      .interface({ snapLength: 5 })
      .simple({ bytes: Buffer.from('12345'), wireLength: 900 });
    const { frames } = await readBytes(writer.finish());
    expect(frames[0]).toMatchObject({ bytes: Buffer.from('12345'), wireLength: 900 });
  });

  it('reads packets, interfaces and sections whose options make their blocks long, up to 16 MiB', async () => {
    const u32 = (...values: number[]): number[] =>
      values.flatMap((value) => [value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24]);
    const long = (head: readonly number[], bytes: number): Uint8Array =>
      Buffer.concat([Uint8Array.from(head), new Uint8Array(bytes - 12 - head.length)]);
    const packet = [...u32(0, 0, 1_000_000, 4, 4), 1, 2, 3, 4];
    const writer = new PcapngWriter()
      .block(0x0a0d0d0a, long(u32(0x1a2b3c4d, 1, -1, -1), 1 << 20))
      .block(1, long(u32(1, 0), 600_000))
      .block(6, long(packet, 524_292))
      .block(3, long([...u32(4), 5, 6, 7, 8], 700_000))
      .block(6, long(packet, 16 << 20));
    const whole = writer.finish();
    const { frames, result } = await readBytes(whole);
    expect(frames.map(({ bytes }) => [...bytes])).toEqual([
      [1, 2, 3, 4],
      [5, 6, 7, 8],
      [1, 2, 3, 4],
    ]);
    expect(result).toMatchObject({ packets: 3 });
    expect(result.error).toBeUndefined();
    const torn = await readBytes(whole.subarray(0, whole.length - 5));
    expect([torn.frames.length, torn.result.error]).toEqual([3, expect.stringContaining('cut within a block')]);
    const damaged = Uint8Array.from(whole);
    damaged[whole.length - 1] = 2;
    expect((await readBytes(damaged)).result.error).toContain('ends with the length');
    expect(
      (
        await readBytes(
          new PcapngWriter()
            .interface()
            .block(6, long(packet, (16 << 20) + 4))
            .finish(),
        )
      ).result.error,
    ).toContain('claims a length of 16777220');
  });

  it('passes over unknown blocks of any size', async () => {
    const writer = new PcapngWriter()
      .interface()
      .block(0x0bad, new Uint8Array(3 << 20))
      .enhanced(FRAMES[0])
      .block(0x0bad, []);
    const { frames, result } = await readBytes(writer.finish());
    expect(frames.length).toBe(1);
    expect(result.error).toBeUndefined();
  });

  it('reads up to the cut at every length', async () => {
    const parts = [
      new PcapngWriter(),
      new PcapngWriter().interface(),
      new PcapngWriter().interface().enhanced(FRAMES[0]),
      new PcapngWriter().interface().enhanced(FRAMES[0]).block(77, [1]),
    ].map((writer) => writer.finish().length);
    const whole = new PcapngWriter().interface().enhanced(FRAMES[0]).block(77, [1]).finish();
    for (let length = 0; length <= whole.length; length++) {
      const { frames, result } = await readBytes(whole.subarray(0, length));
      expect(frames.length).toBe(length >= parts[2] ? 1 : 0);
      expect(result.opened).toBe(length >= parts[0]);
      expect(result.error === undefined).toBe(parts.includes(length));
    }
  });

  it.each([
    ['a length that is no multiple of 4', 4, 61, 'claims a length of 61'],
    ['a length shorter than the block', 4, 8, 'claims a length of 8'],
    ['an insane length', 4, 0x7ffffff0, 'claims a length of 2147483632'],
    ['more captured bytes than the block has', 20, 13, 'claims 13 captured bytes'],
    ['two lengths that differ', 40, 64, 'ends with the length 64'],
  ])('takes %s for damage', async (_, at, value, message) => {
    const before = new PcapngWriter().interface().enhanced(FRAMES[0]).finish();
    const damaged = new PcapngWriter().interface().enhanced(FRAMES[0]).enhanced(FRAMES[0]).finish();
    new DataView(damaged.buffer).setUint32(before.length + at, value, true);
    const { frames, result } = await readBytes(damaged);
    expect(frames.length).toBe(1);
    expect(result.error).toContain(message);
    expect(result.error).toContain(`at byte ${before.length}`);
  });
});

describe('a list of captures', () => {
  it('goes on after one that cannot be read, and says what is wrong with it', async () => {
    const paths = [
      save('a.pcap', pcapFile(FRAMES)),
      join(folder, 'missing'),
      folder,
      save('empty', new Uint8Array()),
      save('text', Buffer.from('this is no capture')),
      save('b.pcap.gz', Buffer.from([0x1f, 0x8b, 8, 0])),
      save(
        'old.pcap',
        pcapFile([]).map((byte, i) => (i === 4 ? 1 : byte)),
      ),
      save('c.pcapng', new PcapngWriter().interface().enhanced(FRAMES[0]).finish()),
    ];
    const source = new CaptureSource(paths);
    const frames = await readFrames(source);
    expect(frames.map((frame) => frame.capture)).toEqual([0, 0, 0, 7]);
    expect(source.captures.map((capture) => capture.opened)).toEqual([
      true,
      false,
      false,
      false,
      false,
      false,
      false,
      true,
    ]);
    const errors = source.captures.map((capture) => capture.error ?? '');
    expect(errors).toEqual([
      '',
      'there is no such file',
      'it is a directory; name the captures in it, as in DIRECTORY/*.pcap',
      'the file is empty',
      'not a pcap or pcapng file',
      'compressed with gzip: decompress it first',
      'pcap version 1.4 is not supported (at byte 0)',
      '',
    ]);
  });

  it('plays again after rewind, and stops when asked to', async () => {
    const source = new CaptureSource([save('a.pcap', pcapFile(FRAMES)), save('b.pcap', pcapFile(FRAMES))]);
    expect((await readFrames(source)).length).toBe(6);
    source.rewind();
    expect((await readFrames(source)).length).toBe(6);
    source.rewind();
    let batches = 0;
    await source.run(
      () => batches++,
      () => batches > 0,
    );
    expect(batches).toBe(1);
    expect(source.captures.map((capture) => capture.packets)).toEqual([3, 0]);
  });
});

it('reads a file larger than its memory, in one window that is re-used', async () => {
  const frames = Array.from({ length: 3000 }, (_, i) => ({
    timeNs: BigInt(i) * 1000n,
    bytes: Buffer.alloc(1000 + (i % 500), i),
  }));
  for (const [name, file] of [
    ['pcap', pcapFile(frames)],
    ['pcapng', frames.reduce((writer, frame) => writer.enhanced(frame), new PcapngWriter().interface()).finish()],
  ] as const) {
    const source = new CaptureSource([save(name, file)], 0);
    const memory = source.batch.bytes;
    expect(memory.length).toBeLessThan(file.length / 3);
    let next = 0;
    await source.run(
      (batch, count) => {
        expect(batch.bytes).toBe(memory);
        for (let i = 0; i < count; i++, next++) {
          const bytes = batch.bytes.subarray(batch.offset[i], batch.offset[i] + batch.length[i]);
          if (Buffer.compare(bytes, frames[next].bytes) !== 0 || batch.timeUs[i] !== next)
            expect.fail(`frame ${next} differs`);
        }
      },
      () => false,
    );
    expect(next).toBe(3000);
    expect(source.captures[0].error).toBeUndefined();
  }
});

it('survives any bytes behind a good header', async () => {
  const headers = [pcapFile([]), new PcapngWriter().interface().finish()];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...headers), fc.uint8Array({ maxLength: 400 }), async (header, bytes) => {
      const { frames, result } = await readBytes(Buffer.concat([header, bytes]));
      expect(frames.length).toBe(result.packets);
      expect(frames.reduce((sum, frame) => sum + frame.bytes.length, 0)).toBe(result.bytes);
    }),
    { seed: 7, numRuns: 300 },
  );
});

it('survives any byte of a good file changed, and never delivers more than the file holds', async () => {
  const files = [
    pcapFile(FRAMES),
    new PcapngWriter().interface({ resolution: 9 }).enhanced(FRAMES[0]).simple(FRAMES[1]).obsolete(FRAMES[1]).finish(),
  ];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...files), fc.nat(), fc.nat(255), async (file, at, value) => {
      const changed = Uint8Array.from(file);
      changed[at % file.length] = value;
      const { result } = await readBytes(changed);
      expect(result.bytes).toBeLessThanOrEqual(file.length);
    }),
    { seed: 8, numRuns: 300 },
  );
});

const SHARED = '../shared/captures/vxlan';
const shared = existsSync(SHARED) ? readdirSync(SHARED) : [];
if (shared.length === 0) console.warn(`skipped: ${SHARED} is absent`);
it.skipIf(shared.length === 0)('reads real captures to their end', async () => {
  const source = new CaptureSource(shared.map((name) => join(SHARED, name)));
  const frames = await readFrames(source);
  expect(source.captures.filter((capture) => capture.error !== undefined || !capture.opened)).toEqual([]);
  const session = source.captures.find((capture) => capture.path.endsWith('aws-mirror-session.pcap'))!;
  expect(session).toMatchObject({ packets: 100, bytes: readFileSync(session.path).length - 24 - 100 * 16 });
  expect(frames.every((frame) => frame.linkType === 1)).toBe(true);
});
