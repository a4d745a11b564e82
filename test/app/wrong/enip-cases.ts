/** Messages of EtherNet/IP that are wrong, each in its own way. */
import { ENIP, ENIP_EVENTS } from '../../../src/app/enip/index.js';
import type { Said } from '../../support/conversation.js';
import { concat, hex } from '../../support/packet-builder.js';
import type { EventCases } from './event-cases.js';

const le16 = (value: number): number[] => [value & 255, value >>> 8];
const message = (command: number, session: number, ...parts: Parameters<typeof concat>): Uint8Array => {
  const body = concat(...parts);
  return concat(le16(command), le16(body.length), [session, 0, 0, 0], new Uint8Array(16), body);
};
const item = (type: number, body: Uint8Array): Uint8Array => concat(le16(type), le16(body.length), body);
const call = (text: string): readonly Said[] => [
  ['>', message(0x6f, 7, new Uint8Array(6), le16(2), item(0, new Uint8Array(0)), item(0xb2, hex(text)))],
];

export const ENIP_CASES: EventCases = {
  application: 'enip',
  protocol: ENIP,
  events: ENIP_EVENTS,
  port: 44_818,
  first: [
    ['>', message(0x65, 0, [1, 0, 0, 0])],
    ['<', message(0x65, 7, [1, 0, 0, 0])],
  ],
  cases: {
    'a call': call('0e 03 20 01 24 01 30 07'),
    'a path that is longer than its item': call('0e 05 20 01 24 01 30 07'),
    'a segment longer than its path': call('0e 02 20 6b 25 00 01 02'),
    'a segment that nobody knows': call('0e 01 ff 01'),
    'a list of attributes that breaks off': call('03 02 20 01 24 01 05 00 01 00'),
    'an answer that breaks off': [
      ['>', message(0x6f, 7, new Uint8Array(6), le16(1), item(0xb2, hex('01 01 20 01')))],
      ['<', message(0x6f, 7, new Uint8Array(6), le16(1), item(0xb2, hex('81')))],
    ],
    'fewer items than are said to be there': [['>', message(0x6f, 7, new Uint8Array(6), le16(3))]],
    'a session of no version': [['>', message(0x65, 0, [1])]],
  },
};
