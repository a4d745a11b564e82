/** MQTT as Suricata 8 has it, but for what docs/protocols/mqtt.md says. */
import { join } from 'node:path';
import { MQTT_BUFFERS } from '../../../src/app/mqtt/buffers.js';
import { MQTT, MQTT_EVENTS } from '../../../src/app/mqtt/index.js';
import { concat, u16 } from '../../support/packet-builder.js';
import type { PeerCase } from '../support/peer-table.js';
import { askedNumbers, describeProtocol } from '../support/protocol-suite.js';

const text = (value: string): Uint8Array => concat(u16(value.length), value);
const message = (head: number, ...parts: Parameters<typeof concat>): Uint8Array => {
  const body = concat(...parts);
  return concat([head, body.length], body);
};
const connect = message(
  0x10,
  text('MQTT'),
  [4, 0xc6],
  u16(60),
  text('device'),
  text('last/topic'),
  text('gone'),
  text('user'),
  text('pass'),
);
const connected = message(0x20, [0, 0]);
const CASES: readonly PeerCase[] = [
  {
    name: 'a connection',
    differs: 'members of the object',
    talk: {
      serverPort: 1883,
      said: [
        ['>', connect],
        ['<', connected],
      ],
    },
  },
  {
    name: 'a subscription and a message',
    differs: 'members of the object',
    talk: {
      serverPort: 1883,
      said: [
        ['>', connect],
        ['<', connected],
        ['>', message(0x82, u16(7), text('a/b'), [1], text('c/#'), [0])],
        ['<', message(0x90, u16(7), [1, 0])],
        ['<', message(0x31, text('a/b'), 'hello')],
        ['>', message(0x32, text('c/d'), u16(9), 'world')],
        ['<', message(0x40, u16(9))],
        ['>', message(0xe0)],
      ],
    },
  },
];
const NUMBERS = MQTT_BUFFERS.filter(({ kind, keyword }) => kind === 'number' && keyword !== '').map(({ name }) => name);

describeProtocol({
  name: 'MQTT',
  protocol: MQTT,
  cases: CASES,
  events: MQTT_EVENTS,
  table: join(import.meta.dirname, 'answers.json'),
  options: {
    application: 'mqtt',
    specs: MQTT_BUFFERS,
    events: [],
    keywords: new Set(
      MQTT_BUFFERS.filter(({ keyword, what }) => keyword !== '' && !what.includes('(Snort)')).map(({ name }) => name),
    ),
    asked: askedNumbers(NUMBERS)!,
    object: 'mqtt',
    settings: ['outputs.0.eve-log.types.10=mqtt'],
  },
});
