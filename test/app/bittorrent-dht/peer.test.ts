/** The DHT of BitTorrent as Suricata 8 has it, but for what docs/protocols/bittorrent-dht.md says. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BITTORRENT_DHT, DHT_EVENTS } from '../../../src/app/bittorrent-dht/index.js';
import { clientAddress, type Said } from '../../support/conversation.js';
import { damaged } from '../../support/damage.js';
import { concat, toBytes, type Payload } from '../../support/packet-builder.js';
import { eventsOfTalks } from '../../support/reading.js';
import { eventsOfEach, hasSuricata } from '../../support/suricata.js';
import { Random } from '../../property/mutator.js';
import type { PeerCase } from '../support/peer-table.js';
import { describeProtocol } from '../support/protocol-suite.js';
import { answer, bencoded, CLIENT, Encoded, fault, NODE, NODE6, query, SERVER } from './messages.js';

const talk = (...said: readonly Said[]): PeerCase['talk'] => ({ serverPort: 6881, udp: true, said });
const asked = (...answers: readonly Payload[]): PeerCase['talk'] =>
  talk(['>', query('ping')], ...answers.map((bytes): Said => ['<', bytes]));
const more = (a: Payload): PeerCase['talk'] => talk(['>', query('ping')], ['>', a]);

const CASES: readonly PeerCase[] = [
  { name: 'a ping', talk: asked(answer()) },
  {
    name: 'nodes near another one',
    talk: talk(
      ['>', query('find_node', { target: SERVER }, { v: 'LT\x01\x02' })],
      ['<', answer({ nodes: concat(NODE, NODE, NODE) })],
    ),
  },
  {
    name: 'peers of a torrent',
    talk: talk(
      ['>', query('get_peers', { info_hash: SERVER, want: ['n4', 'n6'], noseed: 1 })],
      ['<', answer({ token: 'aoeusnth', values: ['axje.u', 'idhtnm', NODE6.subarray(20)] })],
      ['<', answer({ token: 'aoeusnth', nodes: concat(NODE, 'xx'), nodes6: concat(NODE6, NODE6) })],
    ),
  },
  {
    name: 'a peer says where it is',
    talk: talk(
      ['>', query('announce_peer', { info_hash: SERVER, implied_port: 1, port: 6881, token: 'aoeusnth' })],
      ['<', answer()],
    ),
  },
  { name: 'errors', talk: asked(fault(201, 'A Generic Error Ocurred'), fault('x', 7), fault(1, 2, 'a', 'b', [3])) },
  {
    name: 'the address of who has asked',
    talk: asked(bencoded({ ip: '\x01\x02\x03\x04\x00P', r: { id: CLIENT, p: 5 }, t: 'x', y: 'r' })),
  },
  { name: 'bytes behind the message', talk: asked(concat(answer(), 'trailing')) },
  { name: 'names that are not ASCII', talk: talk(['>', query('pi\xc3\xa9"')]) },
  { name: 'lists without peers', talk: asked(answer({ values: [] }), answer({ values: 'xx' }), answer({ nodes: '' })) },
  { name: 'a short id', talk: more(bencoded({ t: '', y: 'q', q: 'ping', a: { id: 'short' } })) },
  {
    name: 'several kinds at once',
    talk: more(bencoded({ t: 'a', y: 'r', q: 'x', a: { id: CLIENT }, r: { id: SERVER }, e: [1, 'a'] })),
  },
  { name: 'it breaks off', talk: asked('d1:rd2:id20:abc') },
  { name: 'a key twice', talk: asked(`d1:rd2:id20:${CLIENT}2:id20:${SERVER}e1:t1:a1:y1:re`) },
  { name: 'keys out of order', talk: asked(`d1:rd2:id20:${CLIENT}e1:y1:r1:t1:ae`) },
  { name: 'a port that is none', talk: more(query('announce_peer', { port: 65_536 })) },
  { name: 'a port below 0', talk: more(query('announce_peer', { port: -1 })) },
  { name: 'a port with zeros', talk: more(query('announce_peer', { port: new Encoded('i007e') })) },
  { name: 'a port of minus 0', talk: more(query('announce_peer', { port: new Encoded('i-0e') })) },
  { name: 'a large flag', talk: more(query('announce_peer', { implied_port: 300 })) },
  { name: 'a length with zeros', talk: more(`d1:ad2:id020:${CLIENT}e1:q4:ping1:t1:a1:y1:qe`) },
  { name: 'lists in a list', talk: more(query('ping', { zdeep: [1, 'a', []] })) },
  { name: 'lists too deep', talk: more(query('ping', { zdeep: [[]] })) },
  { name: 'lists too deep in what is not known', talk: more(query('ping', {}, { z: [[[]]] })) },
  { name: 'a short peer', talk: asked(answer({ values: ['abc'] })) },
  { name: 'a peer that is a number', talk: asked(answer({ values: [1] })) },
  { name: 'nodes that are a number', talk: asked(answer({ nodes: 5 })) },
  { name: 'a name that is no UTF-8', talk: more(query('pi\xff')) },
  { name: 'an error without a text', talk: asked(fault(201)) },
  { name: 'an error whose text is no UTF-8', talk: asked(fault(201, '\xff')) },
  { name: 'an error of too large a number', talk: asked(fault(70_000, 'a')) },
  { name: 'no name of a query', talk: more(bencoded({ t: 'a', y: 'q', a: { id: CLIENT } })) },
  { name: 'no number of the message', talk: more(bencoded({ y: 'q', q: 'ping', a: { id: CLIENT } })) },
  { name: 'no kind', talk: more(bencoded({ t: 'a', q: 'ping', a: { id: CLIENT } })) },
  { name: 'an unknown kind', talk: more(bencoded({ t: 'a', y: 'x', q: 'ping', a: { id: CLIENT } })) },
  { name: 'a query of nothing', talk: asked(bencoded({ y: 'q', t: 'a', q: 'ping', r: { id: SERVER } })) },
  { name: 'no id', talk: more(bencoded({ t: 'a', y: 'q', q: 'ping', a: { ix: CLIENT } })) },
  { name: 'an id that is a number', talk: asked(bencoded({ t: 'a', y: 'r', r: { id: 5 } })) },
  { name: 'a name that is a number', talk: more(bencoded({ t: 'a', y: 'q', q: 1, a: { id: CLIENT } })) },
  { name: 'a version that is a number', talk: more(query('ping', {}, { v: 5 })) },
  { name: 'something else', talk: asked('garbage here', answer()) },
  { name: 'another dictionary', talk: asked('d1:y1:xe', answer()) },
];

describeProtocol({
  name: "BitTorrent's DHT",
  protocol: BITTORRENT_DHT,
  cases: CASES,
  events: DHT_EVENTS,
  table: join(import.meta.dirname, 'answers.json'),
  options: {
    application: 'bittorrent-dht',
    specs: [],
    events: [],
    keywords: new Set(),
    object: 'bittorrent_dht',
    settings: ['outputs.0.eve-log.types.10=bittorrent-dht'],
  },
});

const SEED = Number(process.env['PEER_SEED'] ?? 1);
const TALKS = Number(process.env['PEER_CASES'] ?? 200);

interface Told {
  readonly event_type: string;
  readonly src_ip: string;
  readonly bittorrent_dht?: object;
  readonly anomaly?: { readonly event: string };
}

/** Objects and what is wrong, with the side that it comes from. */
const told = (events: readonly object[], client: string): string[] =>
  (events as readonly Told[])
    .filter(({ event_type }) => event_type === 'bittorrent_dht' || event_type === 'anomaly')
    .map(({ src_ip, bittorrent_dht, anomaly }) =>
      [src_ip === client ? '>' : '<', anomaly?.event, JSON.stringify(bittorrent_dht)].join(' '),
    )
    .sort();

describe.skipIf(!hasSuricata)('messages of the DHT beside Suricata', () => {
  it('have the same objects and events, damaged or not', () => {
    const random = new Random(SEED);
    const messages = CASES.flatMap(({ talk: { said } }) => said.map(([, bytes]) => toBytes(bytes)));
    const talks = Array.from({ length: TALKS }, (_, index) =>
      asked(index < messages.length ? messages[index]! : damaged(random.pick(messages), random)),
    );
    const types = 'eve.types=bittorrent_dht,anomaly';
    const ours = eventsOfTalks(talks, [], [types]).map((events, index) => told(events, clientAddress(index + 1)));
    const conversations = talks.map((one, index) => ({ ...one, host: index + 1 }));
    const peers = eventsOfEach(conversations, [], ['outputs.0.eve-log.types.10=bittorrent-dht']);
    const different = peers.flatMap(({ client, events }, index) => {
      const peer = told(events, client);
      if (JSON.stringify(peer) === JSON.stringify(ours[index])) return [];
      return [{ said: Buffer.from(toBytes(talks[index]!.said[1]![1])).toString('latin1'), ours: ours[index], peer }];
    });
    expect(ours.filter(({ length }) => length > 1).length).toBeGreaterThan(TALKS / 2);
    expect(different).toEqual([]);
  });
});
