/** What mirror sessions have brought and missed, as all threads have counted it. */
import { expect, it } from 'vitest';
import { VniTable } from '../../src/counters/vni-table.js';
import { Figures } from '../../src/engine/figures.js';

it('forgets sessions that bring nothing any more, not what those have missed that miss nothing now', () => {
  const figures = new Figures({ dispatchers: 1, shards: 2, vniCap: 4, vniForgetSeconds: 60 });
  const [received, missed, alsoMissed] = [figures.vniMemories[0]!, ...figures.vniLossMemories].map(
    (memory) => new VniTable(memory),
  );
  const nowUs = Date.now() * 1000;
  received!.count(5, 100, nowUs - 61e6);
  received!.count(6, 100, nowUs);
  missed!.count(6, 10, nowUs - 61e6);
  alsoMissed!.count(6, 20, nowUs - 70e6);
  expect(figures.vniCounts().map(({ vni, bytes }) => [vni, bytes])).toEqual([[6, 100]]);
  expect(figures.vniLosses().map(({ vni, bytes }) => [vni, bytes])).toEqual([[6, 30]]);
});
