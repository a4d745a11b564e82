/** LDAP, as the application layer knows it. Stage: app. */
import type { Protocol } from '../protocol.js';
import { messageProtocol } from '../fields/message-connection.js';
import { PlainTransaction } from '../fields/plain-transaction.js';
import { ldapEvent } from './events.js';
import { LdapConnection, LDAP_LAYOUT } from './parser.js';

export { LDAP_EVENTS } from './events.js';

export const LDAP: Protocol = messageProtocol(
  'ldap',
  (arena) => new PlainTransaction(arena, LDAP_LAYOUT),
  (share) => new LdapConnection(share),
  ldapEvent('too_many_transactions'),
);
