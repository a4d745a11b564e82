/** What rules look at in MQTT. Stage: app; names and shapes alone. Reference: Suricata, MQTT keywords. */
import type { BufferSpec } from '../buffer-spec.js';
import { fieldSpecs, number, numbered } from '../fields/field-spec.js';

const { both, toServer } = fieldSpecs('mqtt');
const flags = (names: Readonly<Record<string, number>>): Partial<BufferSpec> => ({
  kind: 'number',
  values: { maximum: 255, names, bits: true },
});

export const MQTT_TYPES = numbered(
  'unassigned connect connack publish puback pubrec pubrel pubcomp subscribe suback unsubscribe unsuback pingreq pingresp disconnect auth',
);

export const MQTT_BUFFERS: readonly BufferSpec[] = [
  toServer('mqtt.connect.clientid', 'the name of the client'),
  toServer('mqtt.connect.username', 'the user'),
  toServer('mqtt.connect.password', 'the password'),
  toServer('mqtt.connect.protocol_string', 'the name of the protocol'),
  toServer('mqtt.connect.willtopic', 'the topic of the last message'),
  toServer('mqtt.connect.willmessage', 'the last message'),
  both('mqtt.publish.topic', 'the topic of what is published'),
  both('mqtt.publish.message', 'what is published'),
  toServer('mqtt.subscribe.topic', 'each topic subscribed to'),
  toServer('mqtt.unsubscribe.topic', 'each topic unsubscribed from'),
  both('mqtt.type', 'the type of each message', number(255, MQTT_TYPES, true)),
  both('mqtt.flags', 'the flags of each header', flags({ dup: 8, retain: 1 })),
  both('mqtt.qos', 'the quality of service', number(2)),
  both('mqtt.protocol_version', 'the version', number(255)),
  toServer(
    'mqtt.connect.flags',
    'the flags of the connection',
    flags({ username: 128, password: 64, will_retain: 32, will: 4, clean_session: 2 }),
  ),
  both('mqtt.connack.session_present', 'whether a session goes on', number(1, { yes: 1, true: 1, no: 0, false: 0 })),
  both('mqtt.reason_code', 'the reason', { ...number(255, undefined, true), aliases: ['mqtt.connack.return_code'] }),
];
