/**
 * A whole sensor in one thread as a target, with the rules that ship: the frames of an input are a capture of their
 * own. Everything is accounted for, every event is JSON, nothing is kept behind the end. The tag of a piece is the
 * frame's link type.
 */
import assert from 'node:assert/strict';
import { LINK_TYPE } from '../../src/decode/packet.js';
import { FrameBatch } from '../../src/ingest/source.js';
import { InProcessSensor } from '../property/in-process-sensor.js';
import { APPLICATION_SAMPLES } from '../support/application-samples.js';
import { framesOf } from '../support/conversation.js';
import { FRAME_TEMPLATES } from '../support/frame-templates.js';
import { inRoot } from '../support/root.js';
import type { FuzzInput } from './fuzz-input.js';
import type { FuzzTarget, Taker } from './fuzz-target.js';

const BATCH = 128;
const SLOT_BYTES = 9216;
const FLOW_CAP = 40;
const STEP_US = 1000;
const START_US = 1_800_000_000_000_000;

export function packetTarget(): FuzzTarget {
  const templates = FRAME_TEMPLATES.map(({ bytes, linkType }): FuzzInput => [[`${linkType}`, bytes]]);
  const conversations = APPLICATION_SAMPLES.map(({ said, port, udp = false }): FuzzInput =>
    framesOf({ said, serverPort: port, host: 1, udp }).map(({ bytes }) => [`${LINK_TYPE.ethernet}`, bytes]),
  );
  return { name: 'packets', seeds: [...templates, ...conversations], pieces: 'whole', open };
}

function open(): Taker {
  let told = new Set<string>();
  const sensor = new InProcessSensor({
    rules: [inRoot('rules')],
    shards: 2,
    flowCap: FLOW_CAP,
    midstream: true,
    verifyChecksums: false,
    onEvent: (line) => {
      const event = JSON.parse(Buffer.from(line).toString()) as {
        event_type: string;
        alert?: { signature_id: number };
      };
      told.add(`${event.event_type} ${event.alert?.signature_id ?? ''}`);
    },
  });
  const batch = new FrameBatch(new Uint8Array(BATCH * SLOT_BYTES), BATCH);
  batch.offset.forEach((_, i, offsets) => (offsets[i] = i * SLOT_BYTES));
  return (input) => {
    told = new Set();
    const count = fill(batch, input);
    if (count === 0) return told;
    sensor.deliver(batch, count);
    sensor.drain();
    const { received, inspected, dropped, pending } = sensor.balance();
    assert.equal(received, inspected + dropped + pending);
    for (const { stats } of sensor.flows) assert.ok(stats.active <= FLOW_CAP);
    return told;
  };
}

/** @returns how many frames there are. */
function fill(batch: FrameBatch, input: FuzzInput): number {
  let count = 0;
  batch.capture++;
  for (const [tag, bytes] of input) {
    if (typeof bytes === 'number' || count === BATCH) continue;
    const length = Math.min(bytes.length, SLOT_BYTES);
    batch.bytes.set(bytes.subarray(0, length), count * SLOT_BYTES);
    batch.length[count] = length;
    batch.wireLength[count] = bytes.length;
    batch.linkType[count] = Number(tag) | 0;
    batch.timeUs[count] = START_US + count * STEP_US;
    count++;
  }
  return count;
}
