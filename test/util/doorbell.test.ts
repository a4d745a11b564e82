import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { DOORBELL_BYTES, Doorbell } from '../../src/util/doorbell.js';

describe('a doorbell', () => {
  it('does not ring while the consumer is awake', () => {
    const memory = new SharedArrayBuffer(DOORBELL_BYTES);
    const bell = new Doorbell(memory);
    bell.ring();
    expect(new Int32Array(memory)[0]).toBe(0);
  });

  it('makes a sleep that began before the ring return at once', () => {
    const bell = new Doorbell(new SharedArrayBuffer(DOORBELL_BYTES));
    const token = bell.prepare();
    bell.ring();
    // Would block for an hour if the ring were lost.
    bell.sleep(token, 3_600_000);
    bell.ring();
    expect(bell.prepare()).toBe(1);
  });

  it('wakes a thread that sleeps', async () => {
    const memory = new SharedArrayBuffer(DOORBELL_BYTES);
    const worker = new Worker(
      `const { workerData, parentPort } = require('node:worker_threads');
       const words = new Int32Array(workerData);
       Atomics.store(words, 1, 1);
       parentPort.postMessage('asleep');
       parentPort.postMessage(Atomics.wait(words, 0, 0, 50000));`,
      { eval: true, workerData: memory },
    );
    const messages: unknown[] = [];
    await new Promise<void>((done) =>
      worker.on('message', (message) => {
        messages.push(message);
        if (message === 'asleep') new Doorbell(memory).ring();
        else done();
      }),
    );
    expect(['ok', 'not-equal']).toContain(messages[1]);
    await worker.terminate();
  });

  it('tells of progress only a consumer that asked for it, and rings once for a sleep', () => {
    const memory = new SharedArrayBuffer(DOORBELL_BYTES);
    const sequence = new Int32Array(memory);
    const bell = new Doorbell(memory);
    bell.prepare();
    bell.ringForProgress();
    expect(sequence[0]).toBe(0);
    bell.prepare(true);
    bell.ringForProgress();
    bell.ringForProgress();
    bell.ring();
    expect(sequence[0]).toBe(1);
  });

  it('lets the event loop turn while the consumer sleeps, and wakes it from another thread', async () => {
    const memory = new SharedArrayBuffer(DOORBELL_BYTES);
    const bell = new Doorbell(memory);
    const worker = new Worker(
      `const { workerData, parentPort } = require('node:worker_threads');
       const words = new Int32Array(workerData);
       parentPort.once('message', () => { Atomics.add(words, 0, 1); Atomics.notify(words, 0); });`,
      { eval: true, workerData: memory },
    );
    const sleep = bell.sleepAsync(bell.prepare(), 3_600_000);
    // The event loop turns: the message goes out, and the bell rings only then.
    worker.postMessage('ring');
    await sleep;
    expect([...new Int32Array(memory)]).toEqual([1, 0]);
    await worker.terminate();
  });

  it('makes a sleep without a thread return at once where the bell rang before, and at its end where it does not ring', async () => {
    const bell = new Doorbell(new SharedArrayBuffer(DOORBELL_BYTES));
    const token = bell.prepare();
    bell.ring();
    await bell.sleepAsync(token, 3_600_000);
    await bell.sleepAsync(bell.prepare(), 1);
    expect(bell.prepare()).toBe(1);
  });
});
