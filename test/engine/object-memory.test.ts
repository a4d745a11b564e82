/**
 * A stranger opens connections, each with a request that nobody answers: what parsers keep of them does not fill the
 * heap of a shard, which would end with all that it knows.
 */
import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { SHARD_SLOTS } from '../../src/counters/names.js';
import { EngineBench } from '../support/engine-bench.js';
import { unansweredRequests, writeFrame } from '../support/hostile-streams.js';
import { pcapFile } from '../support/pcap-writer.js';
import { Folder } from '../support/sensor.js';

const MIB = 1024 * 1024;
/** Their objects would take more than the heap. */
const REQUESTS = 40_000;
const HEAP_BYTES = 128 * MIB;
const PACKET_NS = 20_000n;

it('of a small heap, open requests are given up, the longest unseen first, and the shard goes on', async () => {
  const folder = new Folder();
  const frame = new Uint8Array(2048);
  let time = 1_700_000_000_000_000_000n;
  const frames = [...unansweredRequests(REQUESTS)].map((segment) => {
    const bytes = frame.slice(0, writeFrame(segment, frame));
    time += PACKET_NS;
    return { bytes, timeNs: time };
  });
  writeFileSync(folder.at('requests.pcap'), pcapFile(frames));
  const bench = new EngineBench(
    folder,
    'alert http any any -> any any (http.uri; content:"/index"; sid:1;)',
    { workers: 1, 'stream.memory': '512MiB' },
    [folder.at('requests.pcap')],
    HEAP_BYTES,
  );
  await bench.start();
  await bench.ended;
  const { shard } = bench.engine.totals();
  expect(bench.losses).toEqual([]);
  expect(shard[SHARD_SLOTS.flowsCrowdedOut]).toBeGreaterThan(REQUESTS / 3);
  bench.expectBalance();
  const events = await bench.stop();
  // Those that gave way were inspected like all others.
  expect(events.filter(({ alert }) => alert !== undefined).length).toBe(REQUESTS);
  folder.remove();
});
