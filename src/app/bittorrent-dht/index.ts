/** The DHT of BitTorrent, as the application layer knows it. Stage: app. */
import type { Protocol } from '../protocol.js';
import { messageProtocol } from '../fields/message-connection.js';
import { PlainTransaction } from '../fields/plain-transaction.js';
import { DhtConnection, DHT_LAYOUT } from './parser.js';

export { DHT_EVENTS } from './events.js';

export const BITTORRENT_DHT: Protocol = messageProtocol(
  'bittorrent-dht',
  (arena) => new PlainTransaction(arena, DHT_LAYOUT),
  (share) => new DhtConnection(share),
);
