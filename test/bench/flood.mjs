/**
 * A thread that sends VXLAN datagrams as fast as it can until it is told to stop, `run` of one source port in a row;
 * for the ingest benchmarks.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { DgramSender } from '../../build/ingest/dgram-sender.js';
import { openSender } from '../../build/ingest/open-sender.js';

const { port, method, size, run, stop } = workerData;
const LANES = 16;
const target = { address: '127.0.0.1', family: 4, port };
const sender = method === 'dgram' ? new DgramSender(target) : (await openSender(target.address, port)).sender;
if (sender.method !== method) throw new Error(`${method} cannot be had here`);

const stopped = new Int32Array(stop);
const header = Uint8Array.of(8, 0, 0, 0, 0, 0, 7, 0);
const frame = new Uint8Array(size).fill(0x61);
const started = performance.now();
for (let n = 0; Atomics.load(stopped, 0) === 0;) {
  for (let i = 0; i < run * LANES; i++) {
    if (sender.push(Math.floor(n++ / run) % LANES, header, header.length, frame, 0, size)) await sender.flush();
  }
  await sender.flush();
}
const seconds = (performance.now() - started) / 1000;
const { sent, failed } = sender.counts;
await sender.close();
parentPort.postMessage({ sent, failed, seconds });
