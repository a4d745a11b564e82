/** What rules look at in PostgreSQL: names and shapes alone. Stage: app. Reference: Suricata, PGSQL keywords. */
import type { BufferSpec } from '../buffer-spec.js';

/** A query is there whole, or as far as it is kept; it is complete with its answer. */
export const PGSQL_STATE = { query: 1, complete: 2 } as const;

export const PGSQL_BUFFERS: readonly BufferSpec[] = [
  {
    name: 'pgsql.query',
    what: 'the text of a query, without the zero behind it',
    applications: ['pgsql'],
    scope: 'tx',
    kind: 'single',
    toServer: PGSQL_STATE.query,
    differences: 'It has statements that are prepared (Parse), too; in Suricata 8.0 simple queries alone.',
  },
];
