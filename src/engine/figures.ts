/**
 * The counters of all threads: allocates their shared memory, hands it out, and adds it up. Main thread, but for the
 * memory.
 */
import { CounterRow, allocateCounters } from '../counters/counters.js';
import {
  DISPATCHER_LAYOUT,
  ENGINE_LAYOUT,
  SHARD_LAYOUT,
  frameBalance,
  sumRows,
  type CounterTotals,
  type FrameBalance,
} from '../counters/names.js';
import { VniTable, mergeVniCounts, type VniCount } from '../counters/vni-table.js';

export interface FigureOptions {
  readonly dispatchers: number;
  readonly shards: number;
  readonly vniCap: number;
  readonly vniForgetSeconds: number;
}

/** Dispatchers and shards have memories of their own; this is the one row of the engine's. */
const ENGINE_ROW = 0;

export class Figures {
  /** Rows of dispatchers, and of shards. */
  readonly dispatcherMemory: SharedArrayBuffer;
  readonly shardMemory: SharedArrayBuffer;
  /** One for each dispatcher. */
  readonly vniMemories: readonly SharedArrayBuffer[];
  /** One for each shard: holes in streams, and the bytes in them that were acknowledged and never mirrored. */
  readonly vniLossMemories: readonly SharedArrayBuffer[];
  /** Likewise: TCP connections of which a session shows one direction, and another one the other. */
  readonly vniHalfMemories: readonly SharedArrayBuffer[];
  /** Written by the main thread. */
  readonly engineRow: CounterRow;
  private readonly dispatcherRows: readonly CounterRow[];
  private readonly shardRows: readonly CounterRow[];
  private readonly vniTables: readonly VniTable[];
  private readonly vniLossTables: readonly VniTable[];
  private readonly vniHalfTables: readonly VniTable[];
  private readonly vniForgetSeconds: number;

  constructor({ dispatchers, shards, vniCap, vniForgetSeconds }: FigureOptions) {
    this.dispatcherMemory = allocateCounters(dispatchers, DISPATCHER_LAYOUT.size);
    this.shardMemory = allocateCounters(shards, SHARD_LAYOUT.size);
    this.dispatcherRows = rowsOf(this.dispatcherMemory, dispatchers, DISPATCHER_LAYOUT.size);
    this.shardRows = rowsOf(this.shardMemory, shards, SHARD_LAYOUT.size);
    this.engineRow = new CounterRow(allocateCounters(1, ENGINE_LAYOUT.size), ENGINE_ROW, ENGINE_LAYOUT.size);
    this.vniMemories = Array.from({ length: dispatchers }, () => VniTable.allocate(vniCap, vniForgetSeconds));
    this.vniTables = this.vniMemories.map((memory) => new VniTable(memory));
    this.vniLossMemories = Array.from({ length: shards }, () => VniTable.allocate(vniCap, vniForgetSeconds));
    this.vniLossTables = this.vniLossMemories.map((memory) => new VniTable(memory));
    this.vniHalfMemories = Array.from({ length: shards }, () => VniTable.allocate(vniCap, vniForgetSeconds));
    this.vniHalfTables = this.vniHalfMemories.map((memory) => new VniTable(memory));
    this.vniForgetSeconds = vniForgetSeconds;
  }

  /** All counters, added up: the shards' first, so that nothing is seen done before it is seen received. */
  totals(): CounterTotals {
    const shard = sumRows(
      SHARD_LAYOUT.size,
      this.shardRows.map((row) => row.snapshot()),
    );
    const engine = this.engineRow.snapshot();
    const dispatcher = sumRows(
      DISPATCHER_LAYOUT.size,
      this.dispatcherRows.map((row) => row.snapshot()),
    );
    return { dispatcher, shard, engine };
  }

  balance(): FrameBalance {
    return frameBalance(this.totals());
  }

  ofShard(shard: number): ArrayLike<number> {
    return this.shardRows[shard].values;
  }

  /** Without sessions that have brought nothing for long. */
  vniCounts(): VniCount[] {
    return mergeVniCounts(
      this.vniTables.map((table) => table.read()),
      Date.now() * 1000 - this.vniForgetSeconds * 1e6,
    );
  }

  /**
   * By mirror session: holes in its streams as `packets`, and the bytes in them. One that has lost nothing for long
   * keeps its sum, or the next loss would seem to be all of it.
   */
  vniLosses(): VniCount[] {
    return sumsOf(this.vniLossTables);
  }

  /** By mirror session, as `packets`: TCP connections of which it shows one direction, another session the other. */
  vniHalves(): VniCount[] {
    return sumsOf(this.vniHalfTables);
  }

  get vnisReplaced(): number {
    return this.vniTables.reduce((sum, { replaced }) => sum + replaced, 0);
  }
}

const rowsOf = (memory: SharedArrayBuffer, rows: number, size: number): CounterRow[] =>
  Array.from({ length: rows }, (_, row) => new CounterRow(memory, row, size));

/** Of all sessions, however long they have brought nothing. */
const sumsOf = (tables: readonly VniTable[]): VniCount[] =>
  mergeVniCounts(
    tables.map((table) => table.read()),
    0,
  );
