/**
 * Loaded before a sensor, in all of its threads: packets to port 6666 end the shard that looks at them, in the way that
 * the environment variable LETHAL says: `throw`, `exit` of the thread, or `heap`, which it exhausts.
 */
import { isMainThread } from 'node:worker_threads';

const PORT = 6666;
const WAYS = {
  throw: () => {
    throw new Error('a fault for a test');
  },
  exit: () => process.exit(3),
  heap: () => {
    const kept = [];
    for (;;) kept.push(Array.from({ length: 100_000 }, (_, i) => ({ i })));
  },
};

if (!isMainThread) {
  const { FlowTable } = await import('../../dist/flow/table.js');
  const { lookup } = FlowTable.prototype;
  FlowTable.prototype.lookup = function (packet) {
    if (packet.dstPort === PORT) WAYS[process.env.LETHAL]();
    return lookup.call(this, packet);
  };
}
