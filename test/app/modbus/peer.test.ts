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
    differs: 'registers in an answer are no wrong value',
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
    talk: {
      serverPort: 502,
      said: [
        ['>', message(2, [17, 16], u16(1), u16(2), [4], u16(10), u16(258))],
        ['<', message(2, [17, 16], u16(1), u16(2))],
      ],
    },
  },
  {
    name: 'coils, masks, files and what is refused',
    talk: {
      serverPort: 502,
      said: [
        ['>', message(3, [1, 1], u16(1), u16(9))],
        ['<', message(3, [1, 1, 2, 1, 1])],
        ['>', message(4, [1, 5], u16(7), u16(0xff00))],
        ['<', message(4, [1, 5], u16(7), u16(0xff00))],
        ['>', message(5, [1, 15], u16(1), u16(10), [2, 3, 1])],
        ['<', message(5, [1, 15], u16(1), u16(10))],
        ['>', message(6, [1, 22], u16(1), u16(2), u16(3))],
        ['<', message(6, [1, 22], u16(1), u16(2), u16(3))],
        ['>', message(7, [1, 20, 7, 6], u16(1), u16(2), u16(3))],
        ['<', message(7, [1, 0x94, 2])],
        ['>', message(8, [1, 43, 14, 1, 0])],
        ['<', message(8, [1, 43, 14, 1, 1, 0, 0, 1, 0, 1], 'x')],
        ['>', message(9, [1, 8], u16(0), u16(0x4142))],
        ['<', message(9, [1, 8], u16(0), u16(0x4142))],
        ['>', message(10, [1, 7])],
        ['<', message(10, [1, 7, 9])],
        ['>', message(11, [1, 6], u16(7))],
        ['<', message(11, [1, 0x86, 99])],
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
