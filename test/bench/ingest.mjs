/**
 * Receiving and sending mirrored datagrams over loopback: the sources and senders of the sensor, each in a thread of
 * its own, with nothing behind the source. What is received per second is the figure; what the kernel dropped because
 * the sender was faster is told beside it, and both must add up to what was sent.
 */
import { Worker } from 'node:worker_threads';
import { openSource } from '../../build/ingest/open-source.js';
import { LINK_TYPE } from '../../build/decode/packet.js';
import { digits, expect, skip } from './harness.mjs';
import { schedulerSeconds } from './sensor.mjs';

const WARM_MS = 300;
const MEASURE_MS = 1500;
const SETTLE_MS = 300;
/** In a row to one source port: as fast as the sender can go, and as packets of mirrored flows follow one another. */
const FLOOD_RUN = 64;
const FLOW_RUN = 8;
/** For the sender to come up. */
const START_MS = 10_000;

/** The main thread, which receives. */
const OWN_THREAD = '/proc/self/schedstat';

/**
 * Starts a thread that sends VXLAN datagrams around `size` bytes as fast as it can, `run` of one source port in a row.
 */
function startSender(port, method, size, run) {
  const stop = new SharedArrayBuffer(4);
  const worker = new Worker(new URL('./flood.mjs', import.meta.url), { workerData: { port, method, size, run, stop } });
  return {
    stop: () => Atomics.store(new Int32Array(stop), 0, 1),
    counts: new Promise((done, fail) => worker.once('message', done).once('error', fail)),
  };
}

/** Counts what a source delivers, and tells the rate over a time that starts once it runs steadily. */
class Meter {
  received = 0;
  lastMs = performance.now();
  /** Of the measured time. */
  packets = 0;
  bytes = 0;
  seconds = 0;
  cpuSeconds = 0;
  #startedMs = 0;
  #cpuAtStart = 0;

  take(batch, count) {
    const now = performance.now();
    if (count > 0) {
      this.#startedMs ||= now;
      this.lastMs = now;
    }
    this.received += count;
    const runningMs = this.#startedMs === 0 ? 0 : now - this.#startedMs;
    if (this.isDone || runningMs < WARM_MS) return;
    // This thread's own: the sender and the kernel's work for it are elsewhere.
    this.#cpuAtStart ||= schedulerSeconds(OWN_THREAD).ran;
    this.packets += count;
    for (let i = 0; i < count; i++) this.bytes += batch.length[i];
    if (runningMs < WARM_MS + MEASURE_MS) return;
    this.seconds = (runningMs - WARM_MS) / 1000;
    this.cpuSeconds = schedulerSeconds(OWN_THREAD).ran - this.#cpuAtStart;
  }

  get isDone() {
    return this.seconds > 0;
  }

  get isSilent() {
    return performance.now() - this.lastMs > (this.isDone ? SETTLE_MS : START_MS);
  }
}

async function receive(method, size) {
  const { source, method: got } = await openSource({
    address: '127.0.0.1',
    port: 0,
    linkType: LINK_TYPE.vxlan,
    receiveBufferBytes: 16 << 20,
    method: method === 'dgram' ? 'dgram' : 'auto',
  });
  if (got !== method) throw skip(`${method} cannot be had here`);
  const sender = startSender(source.local.port, 'sendmmsg', size, FLOOD_RUN);
  const meter = new Meter();
  await source.run(
    (batch, count) => {
      meter.take(batch, count);
      if (meter.isDone) sender.stop();
    },
    () => meter.isSilent,
  );
  sender.stop();
  const { sent } = await sender.counts;
  const drops = source.kernelDrops();
  source.close();
  expect(meter.received + drops, sent, 'datagrams received and dropped by the kernel');
  expect(meter.isDone, true, 'datagrams came until the end');
  const { packets, bytes, seconds, cpuSeconds } = meter;
  return {
    value: packets / seconds,
    Gbps: digits((bytes * 8) / seconds / 1e9),
    droppedPercent: digits((100 * drops) / sent),
    perCpuSecond: Math.round(packets / cpuSeconds),
  };
}

/** Sending alone, to a socket that nobody empties. */
async function send(method, size) {
  const { source } = await openSource({
    address: '127.0.0.1',
    port: 0,
    linkType: LINK_TYPE.vxlan,
    receiveBufferBytes: 65_536,
    method: 'auto',
  });
  const sender = startSender(source.local.port, method, size, FLOW_RUN);
  setTimeout(sender.stop, WARM_MS + MEASURE_MS);
  const { sent, failed, seconds } = await sender.counts;
  source.close();
  expect(failed, 0, 'datagrams that could not be sent');
  return { value: sent / seconds, Gbps: digits((sent * (size + 8) * 8) / seconds / 1e9) };
}

export const ingestBenches = [
  ...[100, 1400].flatMap((size) =>
    ['recvmmsg', 'dgram'].map((method) => ({
      name: `ingest: ${method}, ${size}-byte frames`,
      unit: 'packets/s',
      run: () => receive(method, size),
    })),
  ),
  ...['sendmmsg', 'dgram'].map((method) => ({
    name: `ingest: sending with ${method}, 1400-byte frames`,
    unit: 'packets/s',
    run: () => send(method, 1400),
  })),
];
