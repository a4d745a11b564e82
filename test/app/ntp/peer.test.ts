/** NTP as Suricata 8 has it, but for what docs/protocols/ntp.md says. */
import { join } from 'node:path';
import { NTP_BUFFERS } from '../../../src/app/ntp/buffers.js';
import { NTP, NTP_EVENTS } from '../../../src/app/ntp/index.js';
import { concat, hex } from '../../support/packet-builder.js';
import type { PeerCase } from '../support/peer-table.js';
import { askedNumbers, describeProtocol } from '../support/protocol-suite.js';

const message = (head: number, stratum: number): Uint8Array =>
  concat([head, stratum, 6, 0xec], new Uint8Array(8), [10, 1, 2, 3], new Uint8Array(24), hex('e800000012345678'));
const CASES: readonly PeerCase[] = [
  {
    name: 'a question and its answer',
    differs: '',
    talk: {
      serverPort: 123,
      udp: true,
      said: [
        ['>', message(0x23, 0)],
        ['<', message(0x24, 2)],
      ],
    },
  },
];
const NUMBERS = NTP_BUFFERS.filter(({ kind, keyword }) => kind === 'number' && keyword !== '').map(({ name }) => name);

describeProtocol({
  name: 'NTP',
  protocol: NTP,
  cases: CASES,
  events: NTP_EVENTS,
  table: join(import.meta.dirname, 'answers.json'),
  options: {
    application: 'ntp',
    specs: NTP_BUFFERS,
    events: [],
    keywords: new Set(
      NTP_BUFFERS.filter(({ keyword, what }) => keyword !== '' && !what.includes('(Snort)')).map(({ name }) => name),
    ),
    asked: askedNumbers(NUMBERS)!,
    object: 'ntp',
    settings: ['outputs.0.eve-log.types.10=ntp'],
  },
});
