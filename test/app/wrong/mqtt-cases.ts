/** Messages of MQTT that are wrong, each in its own way. */
import { MQTT, MQTT_EVENTS } from '../../../src/app/mqtt/index.js';
import type { Said } from '../../support/conversation.js';
import { concat, u16 } from '../../support/packet-builder.js';
import { message, text } from '../support/mqtt-messages.js';
import type { EventCases } from './event-cases.js';

const client = (bytes: Uint8Array): readonly Said[] => [['>', bytes]];
const server = (bytes: Uint8Array): readonly Said[] => [['<', bytes]];
const connect = (version: number, ...more: Parameters<typeof concat>): Uint8Array =>
  message(0x10, text('MQTT'), [version, 2], u16(60), ...more, text('me'));
const CONNACK = message(0x20, [0, 0]);
const TALK: readonly Said[] = [
  ['>', connect(4)],
  ['<', CONNACK],
];
/** So many properties, each a pair, with their length in front. */
const properties = (count: number): Uint8Array => {
  const length = 7 * count;
  const pair = concat([38], text('k'), text('v'));
  return concat([0x80 | (length & 0x7f), length >>> 7], ...Array.from({ length: count }, () => pair));
};
/** As `connect`, of any length. */
function connectWith(count: number): Uint8Array {
  const body = concat(text('MQTT'), [5, 2], u16(60), properties(count), text('me'));
  return concat([0x10, 0x80 | (body.length & 0x7f), body.length >>> 7], body);
}
const id = u16(9);
const topic = text('t');

const INTRODUCED: Readonly<Record<string, readonly Said[]>> = {
  'a second connect': client(connect(4)),
  'a second answer to connect': server(CONNACK),
  'an acknowledgement of nothing': server(message(0x40, id)),
  'a receipt of nothing': server(message(0x50, id)),
  'a release of nothing': client(message(0x62, id)),
  'a completion of nothing': server(message(0x70, id)),
  'an answer to no subscription': server(message(0x90, id, [1])),
  'an answer to no end of a subscription': server(message(0xb0, id)),
  'an unassigned type': client(message(0x00)),
  'a message of quality three': client(message(0x36, topic, id, 'x')),
  'a subscription of quality none': client(message(0x80, id, topic, [1])),
  'a subscription of quality two': client(message(0x84, id, topic, [1])),
  'an end of a subscription of quality none': client(message(0xa0, id, topic)),
  'a topic that breaks off': client(message(0x30, u16(9), 'abc')),
  'a subscription that breaks off': client(message(0x82, id, u16(9), 'abc')),
  'a subscription to nothing': client(message(0x82, id)),
  'an acknowledgement that breaks off': server(message(0x40, [9])),
  'an answer to a ping of nobody': server(message(0xd0)),
  'an end with more behind it': client(message(0xe0, [1, 2])),
  'an authentication in version 4': client(message(0xf0, [0])),
};

export const MQTT_CASES: EventCases = {
  application: 'mqtt',
  protocol: MQTT,
  events: MQTT_EVENTS,
  port: 1883,
  first: [],
  cases: {
    ...Object.fromEntries(Object.entries(INTRODUCED).map(([title, said]) => [title, [...TALK, ...said]])),
    'a message of over 64 KiB': [...TALK, ...client(concat([0x30, 0x82, 0x80, 4], topic, new Uint8Array(65_535)))],
    'as many properties as there may be': client(connectWith(256)),
    'one property more than there may be': client(connectWith(257)),
    'a publication before connect': client(message(0x30, topic, 'x')),
    'a publication that is acknowledged, before connect': [
      ['>', message(0x32, topic, id, 'x')],
      ['<', message(0x40, id)],
    ],
    'a subscription before connect': client(message(0x82, id, topic, [1])),
    'an end of a subscription before connect': client(message(0xa2, id, topic)),
    'a ping before connect': client(message(0xc0)),
    'an end before connect': client(message(0xe0)),
    'an acknowledgement before connect': server(message(0x40, id)),
    'an answer to connect before it': server(CONNACK),
  },
  differs: {
    'a message of over 64 KiB': 'the first are read; there one MiB is',
    'a release of nothing': 'a release and its completion are a transaction of their own',
  },
};
