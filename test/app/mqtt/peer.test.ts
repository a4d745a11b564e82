/** MQTT as Suricata 8 has it, but for what docs/protocols/mqtt.md says. */
import { join } from 'node:path';
import { MQTT_BUFFERS } from '../../../src/app/mqtt/buffers.js';
import { MQTT, MQTT_EVENTS } from '../../../src/app/mqtt/index.js';
import { u16 } from '../../support/packet-builder.js';
import { message, text } from '../support/mqtt-messages.js';
import type { PeerCase } from '../support/peer-table.js';
import { askedNumbers, describeProtocol } from '../support/protocol-suite.js';

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
const ANSWERS = 'what servers say is found by rules of their direction';
const CASES: readonly PeerCase[] = [
  {
    name: 'a connection',
    differs: ANSWERS,
    hasSameObjects: true,
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
    differs: ANSWERS,
    hasSameObjects: true,
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
  {
    name: 'version 5',
    differs: ANSWERS,
    hasSameObjects: true,
    talk: {
      serverPort: 1883,
      said: [
        [
          '>',
          message(
            0x10,
            text('MQTT'),
            [5, 0x06],
            u16(60),
            [13, 17, 0, 0, 0, 9, 33, 0, 20, 34, 0, 5, 23, 1],
            text('five'),
            [5, 24, 0, 0, 0, 3],
            text('w'),
            text('m'),
          ),
        ],
        ['<', message(0x20, [1, 0, 9], [18], text('auto'), [36, 1])],
        ['>', message(0x82, u16(1), [2, 11, 5], text('a/b'), [2])],
        ['<', message(0x90, u16(1), [0, 2])],
        ['>', message(0x32, text('c'), u16(2), [19, 1, 1, 38], text('key'), text('value'), [3], text('t'), 'body')],
        ['<', message(0x40, u16(2), [16])],
        ['>', message(0xa2, u16(3), [0], text('a/b'))],
        ['<', message(0xb0, u16(3), [0, 17])],
        ['<', message(0xe0, [4, 8, 31], text('moved'))],
      ],
    },
  },
  {
    name: 'a will, refused, and a ping',
    differs: ANSWERS,
    hasSameObjects: true,
    talk: {
      serverPort: 1883,
      said: [
        ['>', connect],
        ['<', message(0x20, [1, 5])],
        ['>', message(0xa2, u16(3), text('a/b'), text('c'))],
        ['<', message(0xb0, u16(3))],
        ['>', message(0xc0)],
        ['<', message(0xd0)],
      ],
    },
  },
  {
    name: 'exactly once',
    differs: 'the second exchange is a transaction of its own',
    talk: {
      serverPort: 1883,
      said: [
        ['>', connect],
        ['<', connected],
        ['>', message(0x3d, text('c/d'), u16(9), 'world')],
        ['<', message(0x50, u16(9))],
        ['>', message(0x62, u16(9))],
        ['<', message(0x70, u16(9))],
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
  // Where a message may begin behind what is none is told by what is there of the one behind it.
  anyCut: (seen) => !seen.some(({ events }) => events.includes('malformed_traffic')),
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
