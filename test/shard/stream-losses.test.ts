/** Which mirror session misses what streams miss: the one whose flow it is, whenever that is found out. */
import { expect, it } from 'vitest';
import { RuleSet } from '../../src/block/rule-set.js';
import { compileRules } from '../../src/compile/compile-rules.js';
import { SHARD_LAYOUT } from '../../src/counters/names.js';
import { VniTable } from '../../src/counters/vni-table.js';
import { decodeFrame, DecodeCounts } from '../../src/decode/decode.js';
import { DecodedFrame, LINK_TYPE } from '../../src/decode/packet.js';
import { Detector } from '../../src/detect/detect.js';
import { FlowOrigins } from '../../src/flow/flow-origins.js';
import { FlowTable } from '../../src/flow/table.js';
import {
  FrameRingReader,
  FrameRingWriter,
  MIN_RING_BYTES,
  FrameStamp,
  RECORD_KIND,
} from '../../src/ring/frame-ring.js';
import { allocateRing } from '../../src/ring/record-ring.js';
import { Pipeline } from '../../src/shard/pipeline.js';
import { StreamLosses } from '../../src/shard/stream-losses.js';
import { CONTROL_BYTES } from '../../src/shard/task.js';
import { newStreamStats } from '../../src/stream/stream-stats.js';
import { placeBlock } from '../support/detecting.js';
import { naiveTables, NaiveScanner } from '../support/naive-scanner.js';
import { vxlan } from '../support/packet-builder.js';
import { Recording } from '../support/recording.js';
import { programOf } from '../support/rule-options.js';
import { reassemblerOf } from '../support/streams.js';

const [BROKEN, WHOLE] = [5, 6];

/** A shard in which each flow that begins ends the one before. */
function shardOf(table: VniTable): { writer: FrameRingWriter; drain: () => void } {
  const flows: FlowTable = new FlowTable({
    cap: 1,
    vniInKey: true,
    midstream: true,
    onEnd: (flow, reason) => pipeline.flowEnded(flow, reason),
  });
  const stats = newStreamStats();
  const pipeline = new Pipeline({
    flows,
    sink: { emit: () => true },
    reassembler: reassemblerOf(flows, {}, stats),
    origins: new FlowOrigins(1, true),
    midstream: true,
    counts: new Float64Array(SHARD_LAYOUT.size),
    control: new Int32Array(CONTROL_BYTES / 4),
    losses: new StreamLosses(stats, table),
  });
  const block = placeBlock(compileRules([programOf('ttl:>0;')], { compilePatterns: naiveTables }).block);
  pipeline.detector = new Detector(new RuleSet(block), new NaiveScanner(block));
  const ring = allocateRing(MIN_RING_BYTES);
  const reader = new FrameRingReader(ring);
  return { writer: new FrameRingWriter(ring), drain: () => void pipeline.drain(reader, 0, 1000) };
}

function mirror(writer: FrameRingWriter, vni: number, { frames }: Recording): void {
  const frame = new DecodedFrame();
  for (const { bytes, timeUs } of frames) {
    const datagram = vxlan({ vni }, bytes);
    const aligned = new Uint8Array((datagram.length + 7) & ~3);
    aligned.set(datagram);
    decodeFrame(aligned, 0, datagram.length, LINK_TYPE.vxlan, frame, new DecodeCounts());
    writer.writePacket(aligned, frame, datagram.length, 1, Object.assign(new FrameStamp(), { timeUs }));
  }
}

/** A connection that is cut short; the answer's first segment is missing where it says so. */
function connection(client: string, misses: boolean): Recording {
  const recording = new Recording();
  const talk = recording.tcp(client, '10.0.0.2:9999').open().client('ask');
  const first = recording.frames.length;
  talk.server('0123456789').server('abc');
  if (misses) recording.frames.splice(first, 1);
  return recording;
}

it.each(['by the flow behind it', 'by the end of the capture'])('is noted where the flow is ended %s', (end) => {
  const table = new VniTable(VniTable.allocate(4, 60));
  const { writer, drain } = shardOf(table);
  mirror(writer, BROKEN, connection('10.0.0.1:4000', true));
  if (end === 'by the flow behind it') mirror(writer, WHOLE, connection('10.0.0.3:4000', false));
  else writer.writeMark(RECORD_KIND.capture, 1, 0, 0);
  writer.publish();
  drain();
  expect(table.read().map(({ vni, bytes }) => [vni, bytes])).toEqual([[BROKEN, 10]]);
});
