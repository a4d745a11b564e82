/** A batch of frames as a source would deliver it. */
import { LINK_TYPE } from '../../src/decode/packet.js';
import { FrameBatch } from '../../src/ingest/source.js';

export interface BatchFrame {
  readonly bytes: Uint8Array;
  readonly linkType?: number;
  readonly timeUs?: number;
}

/** Frames at offsets that are no multiples of 4, as in capture files. */
export function batchOf(frames: readonly BatchFrame[], capture = 0): FrameBatch {
  const offsets: number[] = [];
  let end = 1;
  for (const { bytes } of frames) {
    offsets.push(end);
    end += bytes.length + 3;
  }
  const batch = new FrameBatch(new Uint8Array((end + 8) & ~3), Math.max(1, frames.length));
  batch.capture = capture;
  frames.forEach(({ bytes, linkType, timeUs }, i) => {
    batch.bytes.set(bytes, offsets[i]);
    batch.offset[i] = offsets[i];
    batch.length[i] = bytes.length;
    batch.wireLength[i] = bytes.length;
    batch.linkType[i] = linkType ?? LINK_TYPE.ethernet;
    batch.timeUs[i] = timeUs ?? 1_700_000_000_000_000 + i;
  });
  return batch;
}
