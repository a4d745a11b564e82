/** Modbus as Suricata 8 has it, but for what docs/protocols/modbus.md says. */
import { join } from 'node:path';
import { MODBUS_BUFFERS } from '../../../src/app/modbus/buffers.js';
import { MODBUS, MODBUS_EVENTS } from '../../../src/app/modbus/index.js';
import { concat, u16, u32 } from '../../support/packet-builder.js';
import type { PeerCase } from '../support/peer-table.js';
import { askedNumbers, describeProtocol } from '../support/protocol-suite.js';

const message = (id: number, ...parts: Parameters<typeof concat>): Uint8Array => {
  const body = concat(...parts);
  return concat(u16(id), u16(0), u16(body.length), body);
};
const CASES: readonly PeerCase[] = [
  {
    name: 'a read',
    differs: 'members of the object',
    talk: {
      serverPort: 502,
      said: [
        ['>', message(1, [1, 3], u16(10), u16(2))],
        ['<', message(1, [1, 3, 4], u32(99))],
      ],
    },
  },
  {
    name: 'a write',
    differs: 'members of the object',
    talk: {
      serverPort: 502,
      said: [
        ['>', message(2, [17, 16], u16(1), u16(2), [4], u16(10), u16(258))],
        ['<', message(2, [17, 16], u16(1), u16(2))],
      ],
    },
  },
];
const NUMBERS = MODBUS_BUFFERS.filter(({ kind, keyword }) => kind === 'number' && keyword !== '').map(
  ({ name }) => name,
);

describeProtocol({
  name: 'Modbus',
  protocol: MODBUS,
  cases: CASES,
  events: MODBUS_EVENTS,
  table: join(import.meta.dirname, 'answers.json'),
  options: {
    application: 'modbus',
    specs: MODBUS_BUFFERS,
    events: [],
    keywords: new Set(
      MODBUS_BUFFERS.filter(({ keyword, what }) => keyword !== '' && !what.includes('(Snort)')).map(({ name }) => name),
    ),
    asked: askedNumbers(NUMBERS)!,
    object: 'modbus',
    settings: ['outputs.0.eve-log.types.10=modbus'],
  },
});
