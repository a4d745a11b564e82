/** IKE as Suricata 8 has it, but for what docs/protocols/ike.md says. */
import { join } from 'node:path';
import { IKE_BUFFERS } from '../../../src/app/ike/buffers.js';
import { IKE, IKE_EVENTS } from '../../../src/app/ike/index.js';
import { concat, hex, u16, u32 } from '../../support/packet-builder.js';
import { message, payload } from '../support/ike-messages.js';
import type { PeerCase } from '../support/peer-table.js';
import { askedNumbers, describeProtocol } from '../support/protocol-suite.js';

const NONE = '0000000000000000';
const proposal1 = concat(
  u32(1),
  u32(1),
  [0, 0],
  u16(24),
  [1, 1, 0, 1],
  [0, 0],
  u16(16),
  [1, 1, 0, 0],
  u16(0x8001),
  u16(7),
  u16(0x8002),
  u16(2),
);
const association2 = concat(
  [0, 0],
  u16(24),
  [1, 1, 0, 2],
  [3, 0],
  u16(8),
  [1, 0],
  u16(12),
  [0, 0],
  u16(8),
  [4, 0],
  u16(14),
);
const CASES: readonly PeerCase[] = [
  {
    name: 'version 1',
    differs: 'members of the object',
    talk: {
      serverPort: 500,
      udp: true,
      said: [
        [
          '>',
          message(1, 0x10, 2, 0, NONE, payload(13, proposal1), payload(0, hex('4a131c81070358455c5728f20e95452f'))),
        ],
        ['<', message(1, 0x10, 2, 0, '1112131415161718', payload(0, proposal1))],
        [
          '>',
          message(
            4,
            0x10,
            2,
            0,
            '1112131415161718',
            payload(10, new Uint8Array(64).fill(3)),
            payload(0, new Uint8Array(20).fill(9)),
          ),
        ],
      ],
    },
  },
  {
    name: 'version 2',
    differs: 'members of the object',
    talk: {
      serverPort: 500,
      udp: true,
      said: [
        [
          '>',
          message(
            33,
            0x20,
            34,
            8,
            NONE,
            payload(34, association2),
            payload(40, u16(14), u16(0), new Uint8Array(64).fill(3)),
            payload(0, new Uint8Array(20).fill(9)),
          ),
        ],
      ],
    },
  },
];
const NUMBERS = IKE_BUFFERS.filter(({ kind, keyword }) => kind === 'number' && keyword !== '').map(({ name }) => name);

describeProtocol({
  name: 'IKE',
  protocol: IKE,
  cases: CASES,
  events: IKE_EVENTS,
  table: join(import.meta.dirname, 'answers.json'),
  options: {
    application: 'ike',
    specs: IKE_BUFFERS,
    events: [],
    keywords: new Set(
      IKE_BUFFERS.filter(({ keyword, what }) => keyword !== '' && !what.includes('(Snort)')).map(({ name }) => name),
    ),
    asked: askedNumbers(NUMBERS)!,
    // The order of some of its members changes from run to run.
    object: 'none',
    settings: ['outputs.0.eve-log.types.10=ike'],
  },
});
