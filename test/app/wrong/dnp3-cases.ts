/** Frames of DNP3 that are wrong, each in its own way. */
import { DNP3, DNP3_EVENTS } from '../../../src/app/dnp3/index.js';
import type { Said } from '../../support/conversation.js';
import { concat, hex } from '../../support/packet-builder.js';
import { checked, frame } from '../support/dnp3-messages.js';
import type { EventCases } from './event-cases.js';

const READ = frame(0xc4, 1, 2, hex('c0 c1 01 3c 02 06'));
const damaged = (at: number): Uint8Array => READ.map((byte, index) => (index === at ? byte ^ 1 : byte));
const objects = (text: string): readonly Said[] => [['>', frame(0xc4, 1, 2, hex(`c0 c1 02 ${text}`))]];
/** A message in frames of 240 bytes. */
const long = (frames: number): readonly Said[] =>
  Array.from({ length: frames }, (_, index): Said => {
    const transport = (index === 0 ? 0x40 : 0) | (index === frames - 1 ? 0x80 : 0) | index;
    return ['>', frame(0xc4, 1, 2, concat([transport], index === 0 ? hex('c1 01') : [], new Uint8Array(240)))];
  });

export const DNP3_CASES: EventCases = {
  application: 'dnp3',
  protocol: DNP3,
  events: DNP3_EVENTS,
  port: 20_000,
  first: [
    ['>', READ],
    ['<', frame(0x44, 2, 1, hex('c0 c1 81 90 02'))],
  ],
  cases: {
    'a damaged address': [['>', damaged(4)]],
    'a damaged check sum': [['>', damaged(8)]],
    'damaged data, and a frame behind it': [
      ['>', damaged(11)],
      ['>', READ],
    ],
    'a length of four': [['>', checked(hex('05 64 04 c4 01 00 02 00'))]],
    'all points there can be': objects('01 01 01 00 00 ff ff'),
    'an object that nobody knows': objects('c8 01 07 01 01'),
    'a time that breaks off': objects('32 01 07 01 01'),
    'points that break off': objects('01 02 00 00 05 01 02'),
    'a prefix that nobody knows': objects('01 01 70 00 01'),
    'a header that breaks off': objects('01 01 00 05'),
    'a message of five kilobytes': long(21),
  },
  differs: {
    'a header that breaks off': 'there it is passed over',
    'a message of five kilobytes': 'a message has two at most; there it is not one that is too long',
  },
};
