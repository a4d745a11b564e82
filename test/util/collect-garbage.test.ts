import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { collectGarbage } from '../../src/util/collect-garbage.js';

it('collects what nothing refers to any more', async () => {
  const gone = new WeakRef({});
  const kept = {};
  const stays = new WeakRef(kept);
  await setImmediate();
  collectGarbage();
  await setImmediate();
  expect([gone.deref(), stays.deref()]).toEqual([undefined, kept]);
});
