/** Memories of shards, small ones, and detection in them. */
import { RuleSet } from '../../src/block/rule-set.js';
import { Detector } from '../../src/detect/detect.js';
import type { DetectorOptions } from '../../src/detect/detector-options.js';
import type { MemoryMatcher } from '../../src/match/literal/matcher.js';
import { shardLayout, type ShardSizes } from '../../src/memory/layout.js';
import { allocateShardMemory, ShardMemory } from '../../src/memory/shard-memory.js';

const KIB = 1024;

export function newShardMemory(sizes: Partial<ShardSizes> = {}): ShardMemory {
  const all = {
    rings: 0,
    ringBytes: 4 * KIB,
    tableBytes: 64 * KIB,
    keptBytes: 0,
    streamBytes: 256 * KIB,
    recordBytes: 64 * KIB,
    ...sizes,
  };
  return new ShardMemory(allocateShardMemory(shardLayout(all)));
}

/** With these tables in half 0; `gap` bytes before them are none of theirs. */
export function memoryWithTables(tables: Uint8Array, gap = 0): ShardMemory {
  const padded = new Uint8Array(gap + tables.length).fill(0xee, 0, gap);
  padded.set(tables, gap);
  const memory = newShardMemory({ tableBytes: Math.max(64 * KIB, padded.length) });
  memory.installTables(0, padded, new Uint8Array(0));
  return memory;
}

/** Installs a rule block's tables, and detects as a shard does. */
export function openDetector(
  block: ArrayBufferLike,
  matcher: MemoryMatcher,
  memory: ShardMemory,
  options: DetectorOptions = {},
): Detector {
  const rules = new RuleSet(block);
  const { outputs, decoded } = memory.layout.scratch;
  const workspace = { bytes: memory.bytes, outputs, decoded, operations: matcher };
  return new Detector(new RuleSet(block, 0, memory.installTables(0, rules.tables, rules.bytes)), matcher, {
    ...options,
    workspace,
  });
}
