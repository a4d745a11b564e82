/**
 * A stranger opens connections, and nobody answers: what parsers keep of them does not fill the heap of a shard, which
 * would end with all that it knows.
 */
import { writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { SHARD_SLOTS } from '../../src/counters/names.js';
import { EngineBench } from '../support/engine-bench.js';
import { unansweredReads, unansweredRequests, writeFrame, type Segment } from '../support/hostile-streams.js';
import { pcapFile } from '../support/pcap-writer.js';
import { Folder, type EveEvent } from '../support/sensor.js';

const HEAP_BYTES = 128 * 1024 * 1024;
const PACKET_NS = 20_000n;
const RULE = 'alert http any any -> any any (http.uri; content:"/index"; sid:1;)';

const folder = new Folder();
afterAll(() => folder.remove());

/** What a shard with a small heap makes of it, which is not lost for it. */
async function read(
  segments: Iterable<Segment>,
): Promise<{ readonly crowdedOut: number; readonly events: EveEvent[] }> {
  const frame = new Uint8Array(2048);
  let time = 1_700_000_000_000_000_000n;
  const frames = [...segments].map((segment) => {
    time += PACKET_NS;
    return { bytes: frame.slice(0, writeFrame(segment, frame)), timeNs: time };
  });
  const capture = folder.at('requests.pcap');
  writeFileSync(capture, pcapFile(frames));
  // Streams have room for all, so that it is objects alone that there is too little room for.
  const settings = { workers: 1, 'stream.memory': '1GiB' };
  const bench = await new EngineBench(folder, RULE, settings, [capture], HEAP_BYTES).start();
  await bench.ended;
  expect(bench.losses).toEqual([]);
  bench.expectBalance();
  const crowdedOut = bench.engine.totals().shard[SHARD_SLOTS.flowsCrowdedOut];
  return { crowdedOut, events: await bench.stop() };
}

describe('of a small heap', () => {
  it('open requests are given up, the longest unseen first, after they were inspected like all others', async () => {
    const count = 40_000;
    const { crowdedOut, events } = await read(unansweredRequests(count));
    expect(crowdedOut).toBeGreaterThan(count / 2);
    expect(events.filter(({ alert }) => alert !== undefined).length).toBe(count);
  });

  it('connections are, whatever their objects come to hold', async () => {
    const { crowdedOut } = await read(unansweredReads(6000));
    expect(crowdedOut).toBeGreaterThan(0);
  });
});
