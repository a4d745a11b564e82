/**
 * The application layer as a target: any bytes from either side of a flow, told, parsed, inspected, changed to another
 * protocol, ended. No parser throws, and nothing of a flow that is over is left.
 */
import assert from 'node:assert/strict';
import { APPLICATIONS, applicationId } from '../../src/app/applications.js';
import { PROTOCOLS } from '../../src/app/protocols.js';
import { DIRECTION } from '../../src/flow/flow.js';
import { APPLICATION_SAMPLES } from '../support/application-samples.js';
import { concat, ip, toBytes, u16 } from '../support/packet-builder.js';
import { Speaking } from '../support/speaking.js';
import type { FuzzInput } from './fuzz-input.js';
import type { FuzzTarget, Taker } from './fuzz-target.js';

const SIDE_BYTES = 60_000;
const { toServer, toClient } = DIRECTION;

/** The first piece of an input says the transport and the server's port; without one that is TCP, to port 80. */
const TRANSPORTS = ['tcp', 'udp'];

/** What a load balancer may write before the client's first byte (PROXY protocol). */
const PROXY_HEADERS = [
  'PROXY TCP4 198.51.100.7 192.0.2.1 56324 443\r\n',
  'PROXY TCP6 2001:db8::7 2001:db8::1 1 65535\r\n',
  'PROXY UNKNOWN\r\n',
  concat(
    '\r\n\r\n\0\r\nQUIT\n',
    [0x21, 0x11],
    u16(15),
    ip('198.51.100.7'),
    ip('192.0.2.1'),
    [0xdc, 4, 1, 0xbb, 4, 0, 0],
  ),
  concat('\r\n\r\n\0\r\nQUIT\n', [0x21, 0x21], u16(36), ip('2001:db8::7'), ip('2001:db8::1'), [1, 2, 3, 4]),
  concat('\r\n\r\n\0\r\nQUIT\n', [0x20, 0], u16(0)),
].map(toBytes);

export function layerTarget(): FuzzTarget {
  const seeds = APPLICATION_SAMPLES.map(({ port, udp = false, said }): FuzzInput => [
    [udp ? 'udp' : 'tcp', port],
    ...said.map(([side, bytes]) => [side, toBytes(bytes)] as const),
  ]);
  const request = APPLICATION_SAMPLES.find(({ name }) => name === 'http')!;
  for (const header of PROXY_HEADERS) {
    const said = request.said.map(([side, bytes]) => [side, toBytes(bytes)] as const);
    seeds.push([['tcp', request.port], ['>', header], ...said]);
  }
  return { name: 'applications', seeds, pieces: 'of a stream', open };
}

function open(): Taker {
  const speaking = new Speaking({ protocols: PROTOCOLS, sideBytes: SIDE_BYTES });
  return (input) => {
    const [first] = input;
    const isTold = first !== undefined && TRANSPORTS.includes(first[0]);
    const udp = isTold && first[0] === 'udp';
    speaking.begin(isTold && typeof first[1] === 'number' ? first[1] & 0xffff : 80, udp);
    for (const [side, bytes] of input) if (!TRANSPORTS.includes(side)) give(speaking, side, bytes, udp);
    if (!udp) speaking.close(toServer).close(toClient);
    inspect(speaking);
    const told = [`${speaking.told.join()} ${speaking.original} ${speaking.expected}`];
    speaking.layer.end(speaking.flow);
    expectNothing(speaking);
    return told;
  };
}

function give(speaking: Speaking, side: string, bytes: Uint8Array | number, udp: boolean): void {
  const direction = side === '>' ? toServer : toClient;
  const { source } = speaking;
  if (typeof bytes === 'number') {
    if (!udp) source.miss(direction, bytes);
    return;
  }
  const room = SIDE_BYTES - (udp ? 0 : source.sides[direction].end);
  if (room > 0 && bytes.length > 0) speaking.say(direction, bytes.subarray(0, room));
  inspect(speaking);
}

/** Looks at all, prints it, and settles, as a shard does. */
function inspect({ layer, flow, source }: Speaking): void {
  const connection = layer.connection(flow);
  for (let i = 0; i < (connection?.count ?? 0); i++) {
    const transaction = connection!.transactions[i]!;
    const eve = transaction.eve(true);
    if (eve !== '') JSON.parse(`{${eve}}`);
    transaction.dirty = 0;
  }
  if (!layer.settle(flow)) return;
  for (const direction of [toServer, toClient]) layer.stream(flow, direction, source);
}

function expectNothing({ layer, source, stats }: Speaking): void {
  for (const { name } of APPLICATIONS)
    assert.equal(stats.get('parserErrors', applicationId(name)), 0, `a parser has thrown: ${name}`);
  assert.deepEqual(layer.inUse, { connections: 0, transactions: 0 });
  assert.equal(source.arena.usedBytes, 0, 'bytes of the arena that are still in use');
}
