/** A shard's memory with tables in it, and room for a text. */
import { shardLayout } from '../../build/memory/layout.js';
import { ShardMemory, allocateShardMemory } from '../../build/memory/shard-memory.js';

export function memoryWithTables(patterns, textBytes = 0) {
  const sizes = {
    rings: 0,
    ringBytes: 4096,
    tableBytes: Math.max(65_536, patterns.length),
    keptBytes: 0,
    streamBytes: textBytes,
    recordBytes: 0,
  };
  const memory = new ShardMemory(allocateShardMemory(shardLayout(sizes)));
  return { memory, tables: memory.installTables(0, patterns, new Uint8Array(0)) };
}
