/**
 * Which mirror sessions miss bytes: what streams find to be acknowledged and never seen, by the VNI of the packet that
 * shows it. Stage: shard. Costs a comparison per packet; the table is shared with the main thread and has a cap.
 */
import type { VniTable } from '../counters/vni-table.js';
import type { StreamStats } from '../stream/stream-stats.js';

export class StreamLosses {
  private readonly stats: StreamStats;
  private readonly table: VniTable;
  private seenBytes = 0;

  constructor(stats: StreamStats, table: VniTable) {
    this.stats = stats;
    this.table = table;
  }

  /** What is missing since the last time is missing in this session; -1, of captures without a mirror, is none. */
  note(vni: number, timeUs: number): void {
    const { gapBytes } = this.stats;
    if (gapBytes === this.seenBytes) return;
    if (vni >= 0) this.table.count(vni, gapBytes - this.seenBytes, timeUs);
    this.seenBytes = gapBytes;
  }
}
