/** The `mqtt` object of events. Stage: app; called for events alone, so it allocates. Bound: 8 KiB. */
import { eventObject, type EventMembers } from '../fields/event-object.js';
import type { FieldTable } from '../fields/field-table.js';
import type { PlainTransaction } from '../fields/plain-transaction.js';
import { MQTT_TYPES } from './buffers.js';

const NAMES = Object.keys(MQTT_TYPES);

export function mqttObject(tx: PlainTransaction, fields: FieldTable): string {
  const all = (name: string): (string | number)[] => tx.allOf(fields.of(name));
  const flags = all('mqtt.flags').map(Number);
  const messages = all('mqtt.type').map((type, index): [string, EventMembers] => {
    const name = NAMES[Number(type)]!;
    const bits = flags[index]!;
    const head = { qos: (bits >>> 1) & 3, retain: (bits & 1) !== 0, dup: (bits & 8) !== 0 };
    return [name, { ...head, ...membersOf(name, tx, fields) }];
  });
  return messages.length === 0 ? '' : eventObject('mqtt', Object.fromEntries(messages));
}

function membersOf(name: string, tx: PlainTransaction, fields: FieldTable): EventMembers {
  const text = (field: string): string | undefined => tx.textOf(fields.of(field));
  const number = (field: string): number | undefined => tx.numberOf(fields.of(field));
  const id = number('message_id');
  switch (name) {
    case 'connect': {
      const flags = number('mqtt.connect.flags') ?? 0;
      const topic = text('mqtt.connect.willtopic');
      return {
        protocol_string: text('mqtt.connect.protocol_string'),
        protocol_version: number('mqtt.protocol_version'),
        flags: {
          username: (flags & 128) !== 0,
          password: (flags & 64) !== 0,
          will_retain: (flags & 32) !== 0,
          will: (flags & 4) !== 0,
          clean_session: (flags & 2) !== 0,
        },
        client_id: text('mqtt.connect.clientid'),
        username: text('mqtt.connect.username'),
        password: text('mqtt.connect.password'),
        will: topic === undefined ? undefined : { topic, message: text('mqtt.connect.willmessage') },
      };
    }
    case 'connack':
      return { session_present: number('mqtt.connack.session_present') === 1, return_code: number('mqtt.reason_code') };
    case 'publish':
      return { topic: text('mqtt.publish.topic'), message_id: id, message: text('mqtt.publish.message') };
    case 'subscribe':
      return { message_id: id, topics: tx.allOf(fields.of('mqtt.subscribe.topic')).map((topic) => ({ topic })) };
    case 'unsubscribe':
      return { message_id: id, topics: tx.allOf(fields.of('mqtt.unsubscribe.topic')) };
    case 'suback':
      return { message_id: id, qos_granted: tx.allOf(fields.of('granted')) };
    default:
      return { message_id: id };
  }
}
