/**
 * Frames that were made for warming threads up (scripts/make-samples.mjs): a capture beside the program, in memory.
 * Stage: dispatch, before the first frame.
 */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { LINK_TYPE } from '../decode/packet.js';
import { openCapture } from '../ingest/capture-reader.js';
import { MAX_FRAME_BYTES } from '../ingest/capture-format.js';
import { FileWindow } from '../ingest/file-window.js';
import { FrameBatch } from '../ingest/source.js';
import { programFile } from '../util/program-folder.js';

const CAPTURE = programFile('warm-up/traffic.pcap');
const BATCH_SIZE = 32;
/** VNI 1. */
const VXLAN_HEADER = Uint8Array.of(0x08, 0, 0, 0, 0, 0, 1, 0);
/** Between two rounds: no flow of the one before is open any more. */
const ROUND_US = 3_600_000_000;

export interface WarmUpBatch {
  readonly batch: FrameBatch;
  readonly count: number;
}

/** Throws where the capture is not there, or is none. */
export function warmUpBatches(): WarmUpBatch[] {
  const file = openSync(CAPTURE, 'r');
  try {
    // The whole lies in the window, so that the batches stay valid.
    const window = new FileWindow(fstatSync(file).size + 2 * MAX_FRAME_BYTES);
    window.reset(file);
    const reader = openCapture(window);
    if (typeof reader === 'string') throw new Error(reader);
    const batches: WarmUpBatch[] = [];
    for (;;) {
      const batch = new FrameBatch(window.bytes, BATCH_SIZE);
      const count = reader.read(batch);
      if (count === 0) return batches;
      batches.push({ batch, count });
    }
  } finally {
    closeSync(file);
  }
}

/** The same frames as a mirror sends them: the payload of a VXLAN datagram each. */
export function asDatagrams({ batch: frames, count }: WarmUpBatch): WarmUpBatch {
  const bytes = new Uint8Array(frames.length.reduce((sum, length) => sum + VXLAN_HEADER.length + length, 0));
  const batch = new FrameBatch(bytes, count);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const [from, length] = [frames.offset[i], frames.length[i]];
    bytes.set(VXLAN_HEADER, at);
    bytes.set(frames.bytes.subarray(from, from + length), at + VXLAN_HEADER.length);
    batch.offset[i] = at;
    batch.length[i] = batch.wireLength[i] = VXLAN_HEADER.length + length;
    at += batch.length[i];
  }
  batch.timeUs.set(frames.timeUs.subarray(0, count));
  batch.linkType.fill(LINK_TYPE.vxlan);
  batch.srcIpVersion.fill(4);
  return { batch, count };
}

/** The same traffic again, later. */
export function later({ batch, count }: WarmUpBatch): void {
  for (let i = 0; i < count; i++) batch.timeUs[i] += ROUND_US;
}
