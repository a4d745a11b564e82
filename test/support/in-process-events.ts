/** All events of a capture with these frames, as reading.ts has them, without a process: for small captures. */
import type { ReassemblyOptions } from '../../src/stream/reassembly-options.js';
import { InProcessSensor } from '../property/in-process-sensor.js';
import { batchOf } from './batch.js';
import type { CapturedFrame } from './pcap-writer.js';
import type { ReadEvent } from './reading.js';
import { Folder } from './sensor.js';

export interface InProcessOptions {
  readonly midstream: boolean;
  readonly streams?: Partial<ReassemblyOptions>;
}

const FLOW_CAP = 16_384;
const AT_A_TIME = 64;

export function eventsInProcess(
  frames: readonly CapturedFrame[],
  rules: readonly string[],
  { midstream, streams = {} }: InProcessOptions,
): ReadEvent[] {
  const folder = new Folder();
  try {
    const events: ReadEvent[] = [];
    const sensor = new InProcessSensor({
      rules: [folder.write('test.rules', `${rules.join('\n')}\n`)],
      shards: 1,
      flowCap: FLOW_CAP,
      midstream,
      verifyChecksums: false,
      streams,
      onEvent: (line) => events.push(JSON.parse(Buffer.from(line).toString()) as ReadEvent),
    });
    const timed = frames.map(({ bytes, timeNs = 0n }) => ({ bytes, timeUs: Number(timeNs / 1000n) }));
    for (let at = 0; at < timed.length; at += AT_A_TIME) {
      const some = timed.slice(at, at + AT_A_TIME);
      sensor.deliver(batchOf(some), some.length);
      sensor.drain();
    }
    sensor.end();
    return events;
  } finally {
    folder.remove();
  }
}
