/** PostgreSQL and MySQL, as the application layer knows them. Stage: app. */
import type { Protocol } from '../protocol.js';
import { MysqlConnection, PgsqlConnection } from './parser.js';

export const PGSQL: Protocol = { name: 'pgsql', complete: [0, 0], open: () => new PgsqlConnection() };
export const MYSQL: Protocol = { name: 'mysql', complete: [0, 0], open: () => new MysqlConnection() };
