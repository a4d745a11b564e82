/** DCE/RPC over connections and datagrams as Suricata 8 has it, but for what docs/protocols/dcerpc.md says. */
import { join } from 'node:path';
import { DCERPC_BUFFERS } from '../../../src/app/dcerpc/buffers.js';
import { DCERPC, DCERPC_EVENTS } from '../../../src/app/dcerpc/index.js';
import type { Said } from '../../support/conversation.js';
import { bind, bindAck, datagram, request, response, pdu, SAMR, SRVSVC } from '../support/dcerpc-messages.js';
import type { PeerCase } from '../support/peer-table.js';
import { asNumber, describeProtocol } from '../support/protocol-suite.js';

const tcp = (name: string, said: readonly Said[], differs = ''): PeerCase => ({
  name,
  differs,
  talk: { said, serverPort: 135 },
});
const udp = (name: string, said: readonly Said[], differs = ''): PeerCase => ({
  name,
  differs,
  talk: { said, serverPort: 1027, udp: true },
});
const bound: readonly Said[] = [
  ['>', bind([{ uuid: SRVSVC, version: 3 }])],
  ['<', bindAck([0])],
];
const boundBig: readonly Said[] = [
  ['>', bind([{ uuid: SRVSVC, version: 3 }], { little: false })],
  ['<', bindAck([0], { little: false })],
];

const asHex = (value: string): string =>
  Buffer.from(value, 'latin1')
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');

const ANSWER = "an answer's arguments begin behind its header";
const CASES: readonly PeerCase[] = [
  tcp('a bind', bound),
  tcp(
    'a call and its answer',
    [...bound, ['>', request('arguments', { callId: 2, opnum: 15 })], ['<', response('result', { callId: 2 })]],
    ANSWER,
  ),
  tcp(
    'a call in big endian',
    [
      ...boundBig,
      ['>', request('arguments', { callId: 2, opnum: 15, little: false })],
      ['<', response('result', { callId: 2, little: false })],
    ],
    'an answer to a bind in big endian is read',
  ),
  tcp(
    'a call of the second interface',
    [
      [
        '>',
        bind([
          { uuid: SRVSVC, version: 3 },
          { uuid: SAMR, id: 1 },
        ]),
      ],
      ['<', bindAck([0, 0])],
      ['>', request('one', { callId: 2, opnum: 1, context: 1 })],
      ['<', response('two', { callId: 2, context: 1 })],
    ],
    ANSWER,
  ),
  tcp(
    'a call of what was refused',
    [
      ['>', bind([{ uuid: SRVSVC, version: 3 }])],
      ['<', bindAck([2])],
      ['>', request('one', { callId: 2, opnum: 1 })],
      ['<', response('two', { callId: 2 })],
    ],
    ANSWER,
  ),
  tcp(
    'two calls',
    [
      ...bound,
      ['>', request('first', { callId: 2, opnum: 1 })],
      ['<', response('answer', { callId: 2 })],
      ['>', request('second', { callId: 3, opnum: 2 })],
      ['<', response('again', { callId: 3 })],
    ],
    ANSWER,
  ),
  tcp('a call that is not answered', [...bound, ['>', request('lost', { callId: 2, opnum: 7 })]]),
  tcp(
    'a context that is altered',
    [
      ...bound,
      ['>', bind([{ uuid: SAMR, id: 1 }], { type: 14, callId: 2 })],
      ['<', bindAck([0], { type: 15, callId: 2, address: '' })],
      ['>', request('one', { callId: 3, opnum: 1, context: 1 })],
      ['<', response('two', { callId: 3, context: 1 })],
    ],
    ANSWER,
  ),
  tcp(
    'a call in fragments',
    [
      ...bound,
      ['>', request('first ', { callId: 2, opnum: 15, flags: 1 })],
      ['>', request('second', { callId: 2, opnum: 15, flags: 2 })],
      ['<', response('one ', { callId: 2, flags: 1 })],
      ['<', response('two', { callId: 2, flags: 2 })],
    ],
    'fragments are counted',
  ),
  tcp(
    'a call with an object',
    [...bound, ['>', request('arguments', { callId: 2, opnum: 15, object: '0123456789abcdef' })]],
    'the object is none of the arguments',
  ),
  tcp(
    'a call that is authenticated',
    [...bound, ['>', request('arguments', { callId: 2, opnum: 15, authentication: 'signature 123456' })]],
    'what authenticates is none of the arguments',
  ),
  tcp(
    'a fault',
    [...bound, ['>', request('arguments', { callId: 2, opnum: 15 })], ['<', pdu(3, new Uint8Array(16), { callId: 2 })]],
    'a fault ends the call',
  ),
  udp(
    'a datagram',
    [
      ['>', datagram('arguments', { opnum: 4, sequence: 1 })],
      ['<', datagram('result', { type: 2, sequence: 1 })],
    ],
    'the interface of a datagram is known',
  ),
  udp(
    'a datagram in big endian',
    [['>', datagram('arguments', { opnum: 4, little: false, sequence: 9 })]],
    'the interface of a datagram is known',
  ),
];

describeProtocol({
  name: 'DCE/RPC',
  protocol: DCERPC,
  cases: CASES,
  events: DCERPC_EVENTS,
  table: join(import.meta.dirname, 'answers.json'),
  options: {
    application: 'dcerpc',
    specs: DCERPC_BUFFERS,
    events: [],
    keywords: new Set(['dcerpc.stub_data', 'dcerpc.iface', 'dcerpc.opnum']),
    asked: {
      'dcerpc.iface': (value) => (typeof value === 'string' ? `dcerpc.iface:${asHex(value)};` : undefined),
      'dcerpc.opnum': asNumber('dcerpc.opnum'),
    },
    object: 'dcerpc',
    settings: ['outputs.0.eve-log.types.10=dcerpc'],
  },
});
