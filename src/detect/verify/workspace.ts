/**
 * Where verification writes: ranges of the shard's memory for what rules transform and decode. Stage: detect (verify).
 */
import { DECODED_BYTES, OUTPUT_BYTES, TEXT_MARGIN } from '../../memory/layout.js';
import type { MemoryOperations } from '../../match/literal/matcher.js';

export interface Workspace {
  /** The memory; offsets below are from its start. */
  readonly bytes: Uint8Array;
  /** Of OUTPUT_BYTES each: transforms read one and write the other. */
  readonly outputs: readonly [number, number];
  /** Of DECODED_BYTES. */
  readonly decoded: number;
  /** Searches and copies in that memory; where left out, they are done byte by byte. */
  readonly operations?: MemoryOperations | undefined;
}

/** Memory of its own, where what is inspected does not lie in a shard's. */
export function ownWorkspace(): Workspace {
  const second = TEXT_MARGIN + OUTPUT_BYTES + TEXT_MARGIN;
  const decoded = second + OUTPUT_BYTES + TEXT_MARGIN;
  return { bytes: new Uint8Array(decoded + DECODED_BYTES), outputs: [TEXT_MARGIN, second], decoded };
}
