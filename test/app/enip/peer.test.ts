/** EtherNet/IP as Suricata 8 has it, but for what docs/protocols/enip.md says. */
import { join } from 'node:path';
import { ENIP_BUFFERS } from '../../../src/app/enip/buffers.js';
import { ENIP, ENIP_EVENTS } from '../../../src/app/enip/index.js';
import { concat, hex } from '../../support/packet-builder.js';
import type { PeerCase } from '../support/peer-table.js';
import { askedNumbers, describeProtocol } from '../support/protocol-suite.js';

const little = (value: number, bytes: number): number[] =>
  Array.from({ length: bytes }, (_, index) => (value >>> (8 * index)) & 255);
const message = (command: number, body: Uint8Array, status = 0): Uint8Array =>
  concat(
    little(command, 2),
    little(body.length, 2),
    little(7, 4),
    little(status, 4),
    new Uint8Array(8),
    little(0, 4),
    body,
  );
const item = (type: number, body: Uint8Array): Uint8Array => concat(little(type, 2), little(body.length, 2), body);
const items = (...all: Uint8Array[]): Uint8Array => concat(little(all.length, 2), ...all);
const identity = item(
  12,
  concat(
    little(1, 2),
    new Uint8Array(16),
    little(77, 2),
    little(14, 2),
    little(55, 2),
    [2, 11],
    little(0x30, 2),
    little(0x1234, 4),
    [4],
    'PLC9',
    [3],
  ),
);
const call = concat(
  little(0, 4),
  little(5, 2),
  items(item(0, new Uint8Array(0)), item(0xb2, hex('0e 03 20 01 24 01 30 07'))),
);
const answer = concat(
  little(0, 4),
  little(5, 2),
  items(item(0, new Uint8Array(0)), item(0xb2, hex('8e 00 00 00 04 50 4c 43'))),
);
const CASES: readonly PeerCase[] = [
  {
    name: 'a session and a call',
    talk: {
      serverPort: 44818,
      said: [
        ['>', message(0x65, hex('01 00 00 00'))],
        ['<', message(0x65, hex('01 00 00 00'))],
        ['>', message(0x6f, call)],
        ['<', message(0x6f, answer)],
      ],
    },
  },
  {
    name: 'an identity',
    differs: 'names of vendors are not known',
    talk: {
      serverPort: 44818,
      udp: true,
      said: [
        ['>', message(0x63, new Uint8Array(0))],
        ['<', message(0x63, items(identity))],
      ],
    },
  },
];
const NUMBERS = ENIP_BUFFERS.filter(({ kind, keyword }) => kind === 'number' && keyword !== '').map(({ name }) => name);

describeProtocol({
  name: 'EtherNet/IP',
  protocol: ENIP,
  cases: CASES,
  events: ENIP_EVENTS,
  table: join(import.meta.dirname, 'answers.json'),
  options: {
    application: 'enip',
    specs: ENIP_BUFFERS,
    events: [],
    keywords: new Set(
      ENIP_BUFFERS.filter(({ keyword, what }) => keyword !== '' && !what.includes('(Snort)')).map(({ name }) => name),
    ),
    asked: askedNumbers(NUMBERS)!,
    object: 'enip',
    settings: ['outputs.0.eve-log.types.10=enip'],
  },
});
