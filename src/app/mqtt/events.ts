/**
 * What is told of messages that break the rules of MQTT. Stage: app; data only. Names as Suricata's rules have them.
 */
import { protocolEvent as event } from '../protocol-event.js';

export const MQTT_EVENTS = [
  event('malformed_traffic', 'A message is malformed, or breaks off.'),
  event('missing_connect', 'An answer to a connection that was not asked for.'),
  event('missing_publish', 'An answer to a message that was not sent.'),
  event('missing_subscribe', 'An answer to a subscription that was not asked for.'),
  event('missing_unsubscribe', 'An answer to an end of a subscription that was not asked for.'),
  event('unintroduced_message', 'A message before the connection was asked for.'),
  event('invalid_qos_level', 'A message of quality of service 3.'),
  event('unassigned_msg_type', 'A message of type 0.'),
  event('double_connect', 'A second request for a connection.'),
  event('too_many_fields', 'A message holds more than is kept of it.'),
  event('message_too_long', 'A message of over 64 KiB, of which the first are read.'),
  event('too_many_properties', 'A message of version 5 has a list of more than 256 properties.'),
  event('too_many_transactions', 'More transactions are open than a connection may have: the oldest is completed.'),
] as const;

export type MqttEventName = (typeof MQTT_EVENTS)[number]['name'];

/** Number of an event. */
export const mqttEvent = (name: MqttEventName): number => MQTT_EVENTS.findIndex((event) => event.name === name);
