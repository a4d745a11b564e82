/** PostgreSQL, as the application layer knows it. Stage: app. */
import { PerArena } from '../per-arena.js';
import { Pool } from '../pool.js';
import type { Protocol } from '../protocol.js';
import { PGSQL_STATE } from './buffers.js';
import { pgsqlEvent } from './events.js';
import { PgsqlConnection } from './parser.js';
import { PgsqlTransaction } from './transaction.js';

export { PGSQL_EVENTS } from './events.js';

const TRANSACTION_LIMIT = 65_536;
/** Of the heap, for each. */
const TRANSACTION_BYTES = 1024;
const pools = new PerArena(
  (arena) => new Pool(arena, TRANSACTION_LIMIT, TRANSACTION_BYTES, () => new PgsqlTransaction(arena)),
);

export const PGSQL: Protocol = {
  name: 'pgsql',
  complete: [PGSQL_STATE.complete, PGSQL_STATE.complete],
  endsRange: 'nothing',
  crowded: pgsqlEvent('too_many_transactions'),
  open: (arena) => new PgsqlConnection(pools.of(arena)),
};
