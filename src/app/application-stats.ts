/**
 * What is counted by application protocol: a table of doubles, a row per kind, a column per number of an application.
 * Stage: app; names for counters and metrics. A shard hands in its place in the shared counters.
 */
import { APPLICATIONS } from './applications.js';

export const APPLICATION_COUNTS = [
  /** Flows that were told, `failed` ones among them; a change of protocol is one more. */
  'flows',
  /** Flows whose sides speak different protocols. */
  'mismatches',
  'gaps',
  'gapBytes',
  'inspectedBytes',
  /** Passed over by the parser's wish, or encrypted. */
  'bypassedBytes',
  /** Given up by a parser that could make nothing of it. */
  'brokenFlows',
  /** Ended by an exception in a parser. */
  'parserErrors',
  'transactions',
  /** Completed as they were, because their connection or the shard had too many. */
  'transactionsCut',
  /** Events of transactions, and those lost because the ring was full. */
  'events',
  'eventsDropped',
  /** Not written, as a rule wants none of the transaction. */
  'eventsSilenced',
  /** Flows without a parser because there were too many connections. */
  'connectionsRefused',
  /** Connections that were agreed on, and forgotten because there were too many. */
  'expectationsDropped',
] as const;
export type ApplicationCount = (typeof APPLICATION_COUNTS)[number];

/** Columns: 0 is "not known". */
const COLUMNS = APPLICATIONS.length + 1;
const APPLICATION_COUNT_SIZE = APPLICATION_COUNTS.length * COLUMNS;

/** Where a count lies in the table. */
export const applicationCountAt = (count: ApplicationCount, id: number): number =>
  APPLICATION_COUNTS.indexOf(count) * COLUMNS + id;

/** The first place of each: a number where it is used, as a name would be looked up for each packet. */
export const COUNTED = Object.fromEntries(
  APPLICATION_COUNTS.map((count) => [count, applicationCountAt(count, 0)]),
) as Readonly<Record<ApplicationCount, number>>;

export class ApplicationStats {
  readonly values: Float64Array<ArrayBufferLike>;

  constructor(values: Float64Array<ArrayBufferLike> = new Float64Array(APPLICATION_COUNT_SIZE)) {
    this.values = values;
  }

  /** `counted`: of COUNTED; `id`: number of the application. */
  add(counted: number, id: number, amount = 1): void {
    this.values[counted + id] += amount;
  }

  get(count: ApplicationCount, id: number): number {
    return this.values[COUNTED[count] + id];
  }
}
