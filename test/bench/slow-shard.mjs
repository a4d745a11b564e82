/** Preloaded into the sensor of overload.mjs (`--import`): its shards rest for a millisecond every few packets. */
import { isMainThread } from 'node:worker_threads';

const PACKETS_A_MILLISECOND = 4;

if (!isMainThread) {
  const { FlowTable } = await import('../../build/flow/table.js');
  const { nap } = await import('../../build/util/doorbell.js');
  const { lookup } = FlowTable.prototype;
  let packets = 0;
  FlowTable.prototype.lookup = function (packet) {
    if (++packets % PACKETS_A_MILLISECOND === 0) nap(1);
    return lookup.call(this, packet);
  };
}
