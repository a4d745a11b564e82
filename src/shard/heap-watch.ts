/**
 * Whether a shard's heap is nearly full. Stage: shard. What applications keep is counted where it is made
 * (app/object-budget.ts); what objects come to hold as they are used, as lists of calls that wait for their answers, is
 * not. A heap that is full ends the thread, and all that it knows of flows.
 */
import { getHeapStatistics } from 'node:v8';

/** Asking takes some microseconds. */
const RECORDS_BETWEEN = 1024;
/** Of what the heap may grow to. Garbage counts as well, of which V8 leaves little that near to the limit. */
const NEARLY = 0.9;

export class HeapWatch {
  private readonly limitBytes: number;
  private records = 0;

  /** `heapBytes`: what the thread's heap may grow to; Infinity where nobody says. */
  constructor(heapBytes: number) {
    this.limitBytes = NEARLY * heapBytes;
  }

  /** So many records were taken. @returns whether it is time to ask `isNearlyFull`. */
  isDue(records: number): boolean {
    this.records += records;
    if (this.records < RECORDS_BETWEEN) return false;
    this.records = 0;
    return true;
  }

  get isNearlyFull(): boolean {
    const { used_heap_size: used, external_memory: beside } = getHeapStatistics();
    return used + beside > this.limitBytes;
  }
}
