/** Proposals of IKE that are weak or wrong, each in its own way. */
import { IKE, IKE_EVENTS } from '../../../src/app/ike/index.js';
import type { Said } from '../../support/conversation.js';
import { concat } from '../../support/packet-builder.js';
import { association1, association2, attribute, message, payload, type Transform } from '../support/ike-messages.js';
import type { EventCases } from './event-cases.js';

const ENCRYPTION: Transform = [1, 12];
const PRF: Transform = [2, 5];
const INTEGRITY: Transform = [3, 12];
const GROUP: Transform = [4, 14];
const GOOD = [ENCRYPTION, PRF, INTEGRITY, GROUP];

const asked = (proposals: readonly (readonly Transform[])[], protocol?: number): Said => [
  '>',
  message(33, 0x20, 34, 8, '0000000000000000', payload(0, association2(proposals, protocol))),
];
const answered = (...proposals: readonly (readonly Transform[])[]): Said => [
  '<',
  message(33, 0x20, 34, 0x20, '1112131415161718', payload(0, association2(proposals))),
];
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const each = (what: string, count: number, make: (id: number) => readonly Transform[]): [string, Said[]][] =>
  upTo(count).map((id) => [`${what} ${id}`, [asked([make(id)])]]);
const SINGLE_DES = [attribute(1, 1), attribute(2, 1), attribute(4, 1), attribute(3, 1)];

export const IKE_CASES: EventCases = {
  application: 'ike',
  protocol: IKE,
  events: IKE_EVENTS,
  port: 500,
  udp: true,
  first: [],
  cases: {
    'a good proposal and its answer': [asked([GOOD]), answered(GOOD)],
    ...Object.fromEntries([
      ...each('encryption', 30, (id) => [[1, id], PRF, INTEGRITY, GROUP]),
      ...each('function to make keys', 10, (id) => [ENCRYPTION, [2, id], INTEGRITY, GROUP]),
      ...each('integrity', 16, (id) => [ENCRYPTION, PRF, [3, id], GROUP]),
      ...each('group', 33, (id) => [ENCRYPTION, PRF, INTEGRITY, [4, id]]),
      ...each('encryption without integrity', 30, (id) => [[1, id], PRF, GROUP]),
      ...each('sequence numbers', 3, (id) => [...GOOD, [5, id]]),
    ]),
    'a transform of an unknown type': [asked([[...GOOD, [9, 1]]])],
    'no encryption': [asked([[PRF, INTEGRITY, GROUP]])],
    'no function to make keys': [asked([[ENCRYPTION, INTEGRITY, GROUP]])],
    'no group': [asked([[ENCRYPTION, PRF, INTEGRITY]])],
    'no transforms': [asked([[]])],
    'a choice of encryption, one of which is weak': [asked([[ENCRYPTION, [1, 3], PRF, INTEGRITY, GROUP]])],
    'two proposals, the second of which is weak': [asked([GOOD, [[1, 3], PRF, INTEGRITY, GROUP]])],
    'an answer of two proposals': [asked([GOOD]), answered(GOOD, GOOD)],
    'a weak answer': [
      asked([GOOD]),
      answered([
        [1, 2],
        [2, 1],
        [3, 1],
        [4, 1],
      ]),
    ],
    'a proposal for ESP without a group': [asked([[ENCRYPTION, INTEGRITY, [5, 0]]], 3)],
    'a payload that breaks off': [['>', message(33, 0x20, 34, 8, '0000000000000000', concat([0, 0, 0, 99, 1, 1]))]],
    'a weak proposal of version 1': [
      ['>', message(1, 0x10, 2, 0, '0000000000000000', payload(0, association1(SINGLE_DES)))],
    ],
    'what is encrypted': [
      ['>', message(46, 0x20, 35, 8, '1112131415161718', payload(35, 'abcdefgh'))],
      ['<', message(46, 0x20, 35, 0x20, '1112131415161718', payload(36, 'abcdefgh'))],
    ],
  },
  differs: {
    'no encryption': 'there no_encryption is never raised',
    'no transforms': 'the same',
    'an answer of two proposals': 'there multiple_server_proposal is never raised',
    'a proposal for ESP without a group': 'ESP may go without one (RFC 7296, 3.3.3)',
    'a payload that breaks off': 'there malformed_data is raised where the header cannot be read, which is no IKE here',
  },
};
