/** All parsers behind the application layer: told, fed, inspected, settled, and changed to others. */
import { describe, expect, it } from 'vitest';
import { applicationId, type ApplicationName } from '../../src/app/applications.js';
import { PROTOCOLS } from '../../src/app/protocols.js';
import { DIRECTION } from '../../src/flow/flow.js';
import { APPLICATION_SAMPLES } from '../support/application-samples.js';
import { concat, u16 } from '../support/packet-builder.js';
import { describeFuzz } from '../fuzz/fuzz-target.js';
import { layerTarget } from '../fuzz/layer-target.js';
import { Speaking, type SpeakingOptions } from '../support/speaking.js';

const { toServer, toClient } = DIRECTION;
const REQUEST = 'GET /a HTTP/1.1\r\nHost: a\r\n\r\n';
const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const HELLO = concat([0x16, 3, 1], u16(60), [1], new Uint8Array(59));

const speak = (options: SpeakingOptions = {}): Speaking => new Speaking({ protocols: PROTOCOLS, ...options });

/** Looks at all, and settles, as a shard does. @returns whether the protocol has changed. */
function inspect({ layer, flow }: Speaking): boolean {
  const connection = layer.connection(flow);
  for (let i = 0; i < (connection?.count ?? 0); i++) connection!.transactions[i].dirty = 0;
  return layer.settle(flow);
}

const counts = ({ stats }: Speaking, name: ApplicationName): readonly number[] =>
  (['transactions', 'brokenFlows', 'parserErrors'] as const).map((count) => stats.get(count, applicationId(name)));

describe('HTTP', () => {
  it('is parsed in segments of any size, and nothing of it is left', () => {
    for (const cut of [1, 3, Infinity]) {
      const speaking = speak().sayAll(
        [
          ['>', REQUEST + REQUEST],
          ['<', ANSWER + ANSWER],
        ],
        cut,
      );
      expect(inspect(speaking)).toBe(false);
      expect([counts(speaking, 'http'), speaking.layer.inUse.transactions]).toEqual([[2, 0, 0], 0]);
    }
  });

  it('of which one side is heard leaves nothing either', () => {
    const speaking = speak();
    speaking.flow.packetsToClient = 0;
    speaking.say(toServer, REQUEST);
    inspect(speaking);
    expect(speaking.layer.inUse.transactions).toBe(1);
    // More than clients say before they wait for an answer.
    speaking.flow.packetsToServer = 20;
    speaking.say(toServer, REQUEST);
    inspect(speaking);
    expect([counts(speaking, 'http'), speaking.layer.inUse.transactions]).toEqual([[2, 0, 0], 0]);
  });

  it('may begin with a gap: what that opens is counted as what bytes open', () => {
    const speaking = speak({ port: 80 });
    speaking.source.miss(toServer, 45);
    speaking.sayAll([
      ['>', 'POST /a HTTP/1.0\r\nContent-Length: 0\r\n\r\n'],
      ['<', 'HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n'],
    ]);
    inspect(speaking);
    speaking.layer.end(speaking.flow);
    expect(speaking.layer.inUse).toEqual({ connections: 0, transactions: 0 });
  });

  it('leads to TLS behind CONNECT', () => {
    const speaking = speak()
      .say(toServer, 'CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n')
      .say(toClient, 'HTTP/1.1 200 OK\r\n\r\n');
    expect(inspect(speaking)).toBe(true);
    expect([speaking.say(toServer, HELLO).told, speaking.original]).toEqual([['tls', 'tls', ''], 'http']);
  });

  it('becomes WebSocket', () => {
    const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';
    const speaking = speak().say(
      toServer,
      `GET / HTTP/1.1\r\nHost: a\r\n${upgrade}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    );
    speaking.say(
      toClient,
      `HTTP/1.1 101 Switching\r\n${upgrade}Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n\x81\x01a`,
    );
    expect(inspect(speaking)).toBe(true);
    expect([speaking.told, speaking.original]).toEqual([['websocket', 'websocket', 'websocket'], 'http']);
    speaking.layer.stream(speaking.flow, toClient, speaking.source);
    expect(speaking.source.sides[toClient].consumed).toBe(speaking.source.sides[toClient].end);
  });
});

describe('DNS', () => {
  it.each(['dns', 'dns over tcp', 'mdns', 'llmnr'])('%s is parsed', (name) => {
    const { application, port, udp = false, said } = APPLICATION_SAMPLES.find((sample) => sample.name === name)!;
    const speaking = speak({ port, udp }).sayAll(said, name === 'dns over tcp' ? 1 : Infinity);
    inspect(speaking);
    expect([counts(speaking, application), speaking.layer.inUse.transactions]).toEqual([[said.length, 0, 0], 0]);
  });
});

describeFuzz(layerTarget());
