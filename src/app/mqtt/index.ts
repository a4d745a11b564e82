/** MQTT, as the application layer knows it. Stage: app. */
import type { Protocol } from '../protocol.js';
import { messageProtocol } from '../fields/message-connection.js';
import { PlainTransaction } from '../fields/plain-transaction.js';
import { mqttEvent } from './events.js';
import { MqttConnection, MQTT_LAYOUT } from './parser.js';

export { MQTT_EVENTS } from './events.js';

export const MQTT: Protocol = messageProtocol(
  'mqtt',
  (arena) => new PlainTransaction(arena, MQTT_LAYOUT),
  (share) => new MqttConnection(share),
  mqttEvent('too_many_transactions'),
);
