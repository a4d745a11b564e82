/** What the admin port refused, counted by its thread and shown by the exporter. Stage: metrics. */
import { CounterLayout, CounterRow, allocateCounters } from '../counters/counters.js';

const REFUSALS = [
  /** Closed to make room for a newer connection. */
  'connections',
  /** Asked again before the last answer was sent. */
  'pipelining',
  /** Took too long to send a request, or to take the answer. */
  'slow',
  /** No request in HTTP, one with a body, or with headers that are too long. */
  'malformed',
  /** Asked for what needs a token, without it. */
  'unauthorized',
] as const;

export type Refusal = (typeof REFUSALS)[number];

const LAYOUT = new CounterLayout(REFUSALS);

export class AdminRefusals {
  readonly memory: SharedArrayBuffer;
  private readonly row: CounterRow;

  /** Without `memory` all begin at 0. */
  constructor(memory: SharedArrayBuffer = allocateCounters(1, LAYOUT.size)) {
    this.memory = memory;
    this.row = new CounterRow(memory, 0, LAYOUT.size);
  }

  count(refusal: Refusal): void {
    this.row.values[LAYOUT.slots[refusal]]++;
  }

  get all(): readonly { readonly reason: Refusal; readonly count: number }[] {
    return REFUSALS.map((reason) => ({ reason, count: this.row.values[LAYOUT.slots[reason]] }));
  }
}
