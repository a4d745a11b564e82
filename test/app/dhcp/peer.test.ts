/** DHCP as Suricata 8 has it, but for what docs/protocols/dhcp.md says. */
import { join } from 'node:path';
import { DHCP_BUFFERS } from '../../../src/app/dhcp/buffers.js';
import { DHCP, DHCP_EVENTS } from '../../../src/app/dhcp/index.js';
import { concat, hex, u16, u32 } from '../../support/packet-builder.js';
import type { PeerCase } from '../support/peer-table.js';
import { askedNumbers, describeProtocol } from '../support/protocol-suite.js';

const message = (op: number, ...options: Parameters<typeof concat>): Uint8Array =>
  concat(
    [op, 1, 6, 0],
    u32(0x11223344),
    u16(0),
    u16(0),
    new Uint8Array(4),
    op === 2 ? [10, 0, 0, 5] : [0, 0, 0, 0],
    new Uint8Array(8),
    hex('020304050607'),
    new Uint8Array(10),
    new Uint8Array(192),
    hex('63825363'),
    ...options,
    [255],
  );
const CASES: readonly PeerCase[] = [
  {
    name: 'an offer',
    talk: {
      serverPort: 67,
      clientPort: 68,
      udp: true,
      said: [
        ['>', message(1, [53, 1, 1], [12, 4], 'host')],
        ['<', message(2, [53, 1, 2], [51, 4], u32(3600), [58, 4], u32(1800), [59, 4], u32(3150))],
      ],
    },
  },
  {
    name: 'what clients say and ask for',
    talk: {
      serverPort: 67,
      clientPort: 68,
      udp: true,
      said: [
        [
          '>',
          message(
            1,
            [53, 1, 3, 61, 7, 1, 2, 3, 4, 5, 6, 7, 50, 4, 10, 0, 0, 9, 60, 8],
            'MSFT 5.0',
            [55, 9, 1, 3, 6, 15, 35, 42, 66, 150, 121],
            [12, 3],
            hex('68ff6f'),
          ),
        ],
        [
          '<',
          message(
            2,
            [53, 1, 5, 1, 4, 255, 255, 255, 0, 3, 4, 10, 0, 0, 1, 6, 8, 10, 0, 0, 2, 10, 0, 0, 3],
            [51, 4],
            u32(60),
          ),
        ],
        ['>', message(3, [53, 1, 77])],
      ],
    },
  },
];
const NUMBERS = DHCP_BUFFERS.filter(({ kind, keyword }) => kind === 'number' && keyword !== '').map(({ name }) => name);

describeProtocol({
  name: 'DHCP',
  protocol: DHCP,
  cases: CASES,
  events: DHCP_EVENTS,
  table: join(import.meta.dirname, 'answers.json'),
  options: {
    application: 'dhcp',
    specs: DHCP_BUFFERS,
    events: [],
    keywords: new Set(
      DHCP_BUFFERS.filter(({ keyword, what }) => keyword !== '' && !what.includes('(Snort)')).map(({ name }) => name),
    ),
    asked: askedNumbers(NUMBERS)!,
    object: 'dhcp',
    settings: ['outputs.0.eve-log.types.10=dhcp', 'outputs.0.eve-log.types.10.dhcp.extended=yes'],
  },
});
