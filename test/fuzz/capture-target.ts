/** The readers of captures as a target: frames lie within what was read, and a reading comes to an end. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { CaptureSource } from '../../src/ingest/capture-source.js';
import { PcapngWriter, pcapFile, type CapturedFrame } from '../support/pcap-writer.js';
import { sizeOf } from './fuzz-input.js';
import type { FuzzTarget, Taker } from './fuzz-target.js';
import { scratchFile } from './scratch.js';

const FRAMES: readonly CapturedFrame[] = [
  { timeNs: 1_700_000_000_123_456_789n, bytes: Buffer.from('first frame') },
  { timeNs: 1_700_000_000_999_999_999n, bytes: Buffer.from('second'), wireLength: 1500 },
  { timeNs: 1_700_000_001_000_000_000n, bytes: Buffer.alloc(0) },
];
const [FIRST, SECOND] = FRAMES as [CapturedFrame, CapturedFrame];
/** No frame takes less of a file: a block of pcapng with nothing in it. */
const LEAST_BYTES = 12;

export function captureTarget(): FuzzTarget {
  const files = [false, true].flatMap((bigEndian) => [
    pcapFile(FRAMES, { bigEndian }),
    pcapFile(FRAMES, { bigEndian, nanoseconds: true }),
    new PcapngWriter({ bigEndian }).interface().enhanced(FIRST).enhanced(SECOND, 0, 'a remark').simple(SECOND).finish(),
    new PcapngWriter({ bigEndian })
      .interface({ linkType: 101 })
      .obsolete(FIRST)
      .section({ bigEndian: !bigEndian })
      .interface()
      .block(0x0bad, [1, 2, 3, 4])
      .enhanced(FIRST)
      .finish(),
  ]);
  return { name: 'captures', seeds: files.map((bytes) => [['file', bytes]]), pieces: 'one', open };
}

function open(): Taker {
  const path = scratchFile('capture');
  const source = new CaptureSource([path]);
  return (input) => {
    writeFileSync(path, Buffer.concat(input.map(([, bytes]) => (typeof bytes === 'number' ? Buffer.of() : bytes))));
    source.rewind();
    const { batch } = source;
    const most = sizeOf(input) / LEAST_BYTES;
    let frames = 0;
    for (let count = source.next(); count > 0; count = source.next()) {
      frames += count;
      assert.ok(frames <= most, 'more frames than fit into the file');
      for (let i = 0; i < count; i++) {
        assert.ok(batch.offset[i]! >= 0 && batch.length[i]! >= 0 && batch.timeUs[i]! >= 0);
        assert.ok(batch.offset[i]! + batch.length[i]! <= batch.bytes.length, 'a frame beyond what was read');
      }
    }
    const error = source.captures[0]?.error ?? '';
    return [`${error.replace(/\d+/g, '#')} ${Math.min(frames, 4)}`];
  };
}
