/**
 * Loaded before a sensor, in all of its threads: packets to certain ports end the shard that looks at them: by an
 * exception (6666), by the end of its thread (6667), by its heap (6668), of which it has little. The parser of DNS
 * throws, which a shard survives.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { isMainThread } from 'node:worker_threads';

/** A small heap is exhausted soon. */
const HEAP_MIB = 64;

const fail = () => {
  throw new Error('a fault for a test');
};
const exhaustHeap = () => {
  const kept = [];
  for (;;) kept.push(Array.from({ length: 100_000 }, (_, i) => ({ i })));
};
const WAYS = { 6666: fail, 6667: () => process.exit(3), 6668: exhaustHeap };

function boundHeaps() {
  const threads = createRequire(import.meta.url)('node:worker_threads');
  threads.Worker = class extends threads.Worker {
    constructor(script, options) {
      const isShard = String(script).includes('piscina');
      super(script, isShard ? { ...options, resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB } } : options);
    }
  };
  syncBuiltinESMExports();
}

async function breakShards() {
  const { FlowTable } = await import('../../build/flow/table.js');
  const { DnsConnection } = await import('../../build/app/dns/parser.js');
  const { lookup } = FlowTable.prototype;
  FlowTable.prototype.lookup = function (packet) {
    WAYS[packet.dstPort]?.();
    return lookup.call(this, packet);
  };
  DnsConnection.prototype.parse = fail;
}

if (isMainThread) boundHeaps();
else await breakShards();
