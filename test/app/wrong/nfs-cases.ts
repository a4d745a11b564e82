/** Messages of NFS that are wrong, each in its own way. */
import { NFS, NFS_EVENTS } from '../../../src/app/nfs/index.js';
import type { Said } from '../../support/conversation.js';
import { concat, u32, type Payload } from '../../support/packet-builder.js';
import type { EventCases } from './event-cases.js';

const record = (...parts: Payload[]): Uint8Array => {
  const body = concat(...parts);
  return concat(u32((0x8000_0000 | body.length) >>> 0), body);
};
const numbers = (...values: number[]): Uint8Array => concat(...values.map((value) => u32(value)));
const PROGRAM = 100_003;
const call = (id: number, version: number): Uint8Array =>
  record(numbers(id, 0, 2, PROGRAM, version, 0), new Uint8Array(16));
const answer = (id: number): Uint8Array => record(numbers(id, 1, 0, 0, 0, 0));
const talk = (version: number): Said[] => [
  ['>', call(6, version)],
  ['<', answer(6)],
  ['>', call(7, 3)],
  ['<', answer(7)],
];

export const NFS_CASES: EventCases = {
  application: 'nfs',
  protocol: NFS,
  events: NFS_EVENTS,
  port: 2049,
  first: [
    ['>', call(5, 3)],
    ['<', answer(5)],
  ],
  cases: {
    ...Object.fromEntries([2, 3, 4, 5, 1, 0].map((version) => [`version ${version}`, talk(version)])),
    'a call that breaks off': [['>', record(numbers(6, 0, 2, PROGRAM))], ...talk(3)],
    'an answer to nothing': [['<', answer(8)], ...talk(3)],
  },
  // test/app/nfs/files.test.ts
  elsewhere: ['too_many_files', 'too_many_calls'],
  differs: Object.fromEntries(
    [5, 1, 0].map((version) => [`version ${version}`, 'there non_existing_version is never raised']),
  ),
};
