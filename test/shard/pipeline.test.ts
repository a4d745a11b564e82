import { describe, expect, it } from 'vitest';
import { FrameRingReader, FrameRingWriter, MIN_RING_BYTES, RECORD_KIND } from '../../src/dispatch/ring.js';
import { FlowTable } from '../../src/flow/table.js';
import { SHARD_LAYOUT } from '../../src/metrics/names.js';
import { Pipeline } from '../../src/shard/pipeline.js';
import { CONTROL_BYTES } from '../../src/shard/task.js';
import { newTcpStats } from '../../src/stream/tcp-state.js';
import { allocateRing } from '../../src/util/record-ring.js';

function pipeline(): Pipeline {
  return new Pipeline({
    flows: new FlowTable({ cap: 8, vniInKey: true, midstream: true }),
    sink: { emit: () => true },
    tcp: { midstream: true, stats: newTcpStats() },
    counts: new Float64Array(SHARD_LAYOUT.size),
    control: new Int32Array(CONTROL_BYTES / 4),
  });
}

describe('the end of a ring', () => {
  it('is told once everything before it is taken', () => {
    const memory = allocateRing(MIN_RING_BYTES);
    const writer = new FrameRingWriter(memory);
    writer.writeMark(RECORD_KIND.tick, 1, 0, 0);
    writer.writeMark(RECORD_KIND.end, 2, 0, 0);
    writer.publish();
    const reader = new FrameRingReader(memory);
    expect(pipeline().drain(reader, 0, 1)).toBe(1);
    expect(pipeline().drain(reader, 0, 10)).toBe(-1);
  });

  it('is there for a successor, too', () => {
    const memory = allocateRing(MIN_RING_BYTES);
    const writer = new FrameRingWriter(memory);
    writer.writeMark(RECORD_KIND.end, 1, 0, 0);
    writer.publish();
    expect(pipeline().drain(new FrameRingReader(memory), 0, 10)).toBe(-1);
    expect(pipeline().drain(new FrameRingReader(memory), 0, 10)).toBe(-1);
  });
});
