/** Scrapes and the alerts they wait for, on a clock of the test. */
import { expect, it } from 'vitest';
import { Scrapes } from '../../src/metrics/scrapes.js';

/** A thread's time: what is done takes as long as it says. */
function thread(alertsMs = 0, renderMs = 4): { scrapes: Scrapes; done: string[]; pass: (ms: number) => void } {
  let now = 1000;
  const done: string[] = [];
  const spend = (what: string, ms: number): Promise<void> => {
    now += ms;
    done.push(`${what} ${ms}`);
    return Promise.resolve();
  };
  const scrapes = new Scrapes({
    writeAlerts: () => spend('alerts', alertsMs),
    render: () => spend('render', renderMs).then(() => 'text'),
    pause: (ms) => spend('pause', ms),
    nowMs: () => now,
  });
  return { scrapes, done, pass: (ms) => void (now += ms) };
}

it('alerts that can be written are written before each scrape, behind the pause as well', async () => {
  const { scrapes, done } = thread(50);
  expect(await scrapes.take()).toBe('text');
  await scrapes.take();
  expect(done).toEqual(['alerts 50', 'render 4', 'pause 36', 'alerts 50', 'render 4']);
});

it('scrapes have a tenth of the time, and wait a second at most', async () => {
  const { scrapes, done, pass } = thread(0, 500);
  await scrapes.take();
  await scrapes.take();
  pass(4500);
  await scrapes.take();
  expect(done.filter((what) => !what.startsWith('alerts'))).toEqual([
    'render 500',
    'pause 1000',
    'render 500',
    'render 500',
  ]);
});

it('one that fails fails alone', async () => {
  let times = 0;
  const scrapes = new Scrapes({
    writeAlerts: () => Promise.resolve(),
    render: () => (times++ === 0 ? Promise.reject(new Error('no')) : Promise.resolve('text')),
    pause: () => Promise.resolve(),
  });
  await expect(scrapes.take()).rejects.toThrow('no');
  expect(await scrapes.take()).toBe('text');
});
