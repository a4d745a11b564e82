/** DNP3 as Suricata 8 has it, but for what docs/protocols/dnp3.md says. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DNP3_BUFFERS } from '../../../src/app/dnp3/buffers.js';
import { dnp3Object } from '../../../src/app/dnp3/eve.js';
import { DNP3, DNP3_EVENTS } from '../../../src/app/dnp3/index.js';
import { concat, hex } from '../../support/packet-builder.js';
import { frame } from '../support/dnp3-messages.js';
import type { PeerCase } from '../support/peer-table.js';
import { askedNumbers, describeProtocol } from '../support/protocol-suite.js';

const CASES: readonly PeerCase[] = [
  {
    name: 'a read and its answer',
    talk: {
      serverPort: 20000,
      said: [
        ['>', frame(0xc4, 1, 2, hex('c0 c1 01 3c 02 06 3c 03 06'))],
        ['<', frame(0x44, 2, 1, hex('c0 c1 81 90 02 1e 02 00 00 01 01 00 10 01 00 20'))],
      ],
    },
  },
  {
    name: 'events of every kind',
    talk: {
      serverPort: 20000,
      said: [
        [
          '<',
          frame(
            0x44,
            2,
            1,
            concat(
              hex('c0 f3 82 12 34'),
              hex('33 01 07 01 010203040506 02 03 28 0200 0100 81 1000 0200 01 2000'),
              hex('01 01 00 00 0a ff 05 0a 02 00 00 01 01 81 20 01 17 01 07 21 01020304'),
              hex('1e 05 00 03 03 01 0000c03f 20 03 28 0100 0500 01 64000000 060504030201'),
              hex('34 02 07 01 8813'),
            ),
          ),
        ],
        ['>', frame(0xc4, 1, 2, hex('c0 c1 05 0c 01 28 0100 0300 03 01 64000000 c8000000 00'))],
        ['>', frame(0xc4, 1, 2, hex('c1 c2 02 50 01 00 07 07 00'))],
        ['<', frame(0x44, 2, 1, hex('c1 c2 81 10 00 78 01 5b 01 0500 0102030405'))],
      ],
    },
  },
  {
    name: 'a read of points by their indexes',
    differs: 'Suricata takes the next indexes and objects for values of the points',
    talk: {
      serverPort: 20000,
      said: [['>', frame(0xc4, 1, 2, hex('c0 c1 01 1e 02 17 02 05 06 3c 02 06'))]],
    },
  },
];
const NUMBERS = DNP3_BUFFERS.filter(({ kind, keyword }) => kind === 'number' && keyword !== '').map(({ name }) => name);

it('the object of a read by indexes has the objects behind these', () => {
  const read = hex('c0 01 1e 02 17 02 05 06 3c 02 06');
  const object = JSON.parse(`{${dnp3Object({ control: 0xc4, source: 1, destination: 2 }, read)}}`) as unknown;
  expect(object).toMatchObject({
    dnp3: {
      application: {
        objects: [
          { group: 30, count: 2 },
          { group: 60, count: 0 },
        ],
        complete: true,
      },
    },
  });
});

describeProtocol({
  name: 'DNP3',
  protocol: DNP3,
  cases: CASES,
  events: DNP3_EVENTS,
  table: join(import.meta.dirname, 'answers.json'),
  options: {
    application: 'dnp3',
    specs: DNP3_BUFFERS,
    events: [],
    keywords: new Set(
      DNP3_BUFFERS.filter(({ keyword, what }) => keyword !== '' && !what.includes('(Snort)')).map(({ name }) => name),
    ),
    asked: askedNumbers(NUMBERS)!,
    object: 'dnp3',
    settings: ['outputs.0.eve-log.types.10=dnp3'],
  },
});
