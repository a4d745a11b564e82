/** DNP3 as Suricata 8 has it, but for what docs/protocols/dnp3.md says. */
import { join } from 'node:path';
import { DNP3_BUFFERS } from '../../../src/app/dnp3/buffers.js';
import { DNP3, DNP3_EVENTS } from '../../../src/app/dnp3/index.js';
import { concat, hex } from '../../support/packet-builder.js';
import type { PeerCase } from '../support/peer-table.js';
import { askedNumbers, describeProtocol } from '../support/protocol-suite.js';

const frame = (control: number, to: number, from: number, data: Uint8Array): Uint8Array => {
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < data.length; at += 16) blocks.push(checked(data.slice(at, at + 16)));
  const head = concat([5, 0x64, data.length + 5, control, to & 255, to >>> 8, from & 255, from >>> 8]);
  return concat(checked(head), ...blocks);
};
/** The CRC of IEEE 1815. */
function checked(bytes: Uint8Array): Uint8Array {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) !== 0 ? (crc >>> 1) ^ 0xa6bc : crc >>> 1;
  }
  crc = ~crc & 0xffff;
  return concat(bytes, [crc & 255, crc >>> 8]);
}
const CASES: readonly PeerCase[] = [
  {
    name: 'a read and its answer',
    differs: 'members of the object',
    talk: {
      serverPort: 20000,
      said: [
        ['>', frame(0xc4, 1, 2, hex('c0 c1 01 3c 02 06 3c 03 06'))],
        ['<', frame(0x44, 2, 1, hex('c0 c1 81 90 02 1e 02 00 00 01 01 00 10 01 00 20'))],
      ],
    },
  },
];
const NUMBERS = DNP3_BUFFERS.filter(({ kind, keyword }) => kind === 'number' && keyword !== '').map(({ name }) => name);

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
