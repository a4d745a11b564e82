/** The rings in a shard's memory, as each side opens them. Stage: shard. */
import { ringBytesFor } from '../memory/layout.js';
import type { ShardMemoryHandle } from '../memory/shard-memory.js';
import type { RingPlace } from '../ring/record-ring.js';

/** One ring per dispatcher, in their order. */
export function placesOf({ memory, layout }: ShardMemoryHandle): RingPlace[] {
  const bytes = ringBytesFor(layout.sizes.ringBytes);
  return layout.rings.map((offset) => ({ memory: memory.buffer, offset, bytes }));
}
