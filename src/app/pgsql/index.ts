/** PostgreSQL, as the application layer knows it. Stage: app. */
import type { Protocol } from '../protocol.js';
import { PgsqlConnection } from './parser.js';

export const PGSQL: Protocol = { name: 'pgsql', complete: [0, 0], open: () => new PgsqlConnection() };
