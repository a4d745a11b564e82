/** RDP as Suricata 8 has it, but for what docs/protocols/rdp.md says. */
import { join } from 'node:path';
import { RDP_BUFFERS } from '../../../src/app/rdp/buffers.js';
import { RDP, RDP_EVENTS } from '../../../src/app/rdp/index.js';
import { concat } from '../../support/packet-builder.js';
import type { PeerCase } from '../support/peer-table.js';
import { channels, connect, connected, connection, core, negotiation } from '../support/rdp-messages.js';
import { describeProtocol } from '../support/protocol-suite.js';

const talk = (...said: PeerCase['talk']['said']): PeerCase['talk'] => ({ serverPort: 3389, said });
const COOKIE = Buffer.from('Cookie: mstshash=alice\r\n');

const CASES: readonly PeerCase[] = [
  {
    name: 'a cookie, and security of its own',
    talk: talk(
      ['>', connection(0xe0, concat(COOKIE, negotiation(1, 0, 0)))],
      ['<', connection(0xd0, negotiation(2, 0x1f, 0))],
      ['>', connect(concat(core(), channels('rdpdr', 'cliprdr')))],
      ['<', connected],
      ['>', 'what is encrypted'],
    ),
  },
  {
    name: 'a request that asks for more',
    talk: talk(['>', connection(0xe0, negotiation(1, 1, 3))], ['<', connection(0xd0, negotiation(3, 0, 5))]),
  },
  {
    name: 'a load balancer, and an answer without negotiation',
    talk: talk(
      ['>', connection(0xe0, concat(Buffer.from('Cookie: msts=3640205228.15629.0000\r\n'), negotiation(1, 0, 0)))],
      ['<', connection(0xd0, new Uint8Array(0))],
    ),
  },
  {
    name: 'TLS is agreed on',
    talk: talk(
      ['>', connection(0xe0, concat(COOKIE, negotiation(1, 0, 3)))],
      ['<', connection(0xd0, negotiation(2, 0, 2))],
    ),
  },
];

describeProtocol({
  name: 'RDP',
  protocol: RDP,
  cases: CASES,
  events: RDP_EVENTS,
  table: join(import.meta.dirname, 'answers.json'),
  options: {
    application: 'rdp',
    specs: RDP_BUFFERS,
    events: [],
    keywords: new Set(),
    object: 'rdp',
    settings: ['outputs.0.eve-log.types.10=rdp'],
  },
});
