/** Where TLS begins in connections to PostgreSQL, however they are cut, and where it does not. */
import { describe, expect, it } from 'vitest';
import { PROTOCOLS } from '../../../src/app/protocols.js';
import { DIRECTION } from '../../../src/flow/flow.js';
import { applicationOf } from '../../../src/flow/flow-application.js';
import type { Said } from '../../support/conversation.js';
import { concat, u32 } from '../../support/packet-builder.js';
import { nameOf, Speaking } from '../../support/speaking.js';
import * as tls from '../support/tls-messages.js';

const { toServer, toClient } = DIRECTION;
const PORT = 5432;
const HELLO = tls.handshake(1, tls.clientHello({ extensions: [tls.serverName('db.example')] }));
const PG_TLS = concat(u32(8), u32(80877103));
const PG_GSS = concat(u32(8), u32(80877104));
const PG_STARTUP = concat(u32(16), u32(0x00030000), 'user\0ab\0');

/** What the flow speaks in the end, of what a shard would look at behind each segment. */
function spoken(said: readonly Said[], cut: number): string {
  const speaking = new Speaking({ protocols: PROTOCOLS, port: PORT });
  const { layer, flow, source } = speaking;
  for (const [side, text] of said) {
    const bytes = concat(text);
    for (let at = 0; at < bytes.length; at += cut) {
      speaking.say(side === '>' ? toServer : toClient, bytes.slice(at, at + cut));
      if (!layer.settle(flow)) continue;
      for (const direction of [toServer, toClient]) layer.stream(flow, direction, source);
    }
  }
  const [transaction] = layer.connection(flow)?.transactions ?? [];
  return `${nameOf(applicationOf(flow))} ${transaction?.eve(false).includes('db.example') ?? false}`;
}

describe('PostgreSQL', () => {
  const cases: readonly (readonly [name: string, told: string, said: readonly Said[]])[] = [
    [
      'TLS that the server takes',
      'tls true',
      [
        ['>', PG_TLS],
        ['<', 'S'],
        ['>', HELLO],
      ],
    ],
    [
      'GSS that it refuses, then TLS',
      'tls true',
      [
        ['>', PG_GSS],
        ['<', 'N'],
        ['>', PG_TLS],
        ['<', 'S'],
        ['>', HELLO],
      ],
    ],
    [
      'TLS that it refuses',
      'pgsql false',
      [
        ['>', PG_TLS],
        ['<', 'N'],
        ['>', PG_STARTUP],
        ['<', 'R'],
      ],
    ],
    [
      'TLS that it does not know',
      'pgsql false',
      [
        ['>', PG_TLS],
        ['<', 'E'],
        ['>', HELLO],
      ],
    ],
    [
      'GSS that it takes',
      'pgsql false',
      [
        ['>', PG_GSS],
        ['<', 'S'],
        ['>', HELLO],
      ],
    ],
    [
      'a plain startup',
      'pgsql false',
      [
        ['>', PG_STARTUP],
        ['<', concat('R', u32(8), u32(0))],
        ['<', 'S'],
        ['>', HELLO],
      ],
    ],
  ];
  it.each(cases)('%s', (_name, told, said) => {
    for (const cut of [1, 5, 1000]) expect(spoken(said, cut)).toBe(told);
  });
});

it('is not looked for behind a gap', () => {
  const speaking = new Speaking({ protocols: PROTOCOLS, port: PORT }).say(toServer, PG_TLS);
  expect(speaking.layer.connection(speaking.flow)!.gap(toClient, 1)).toBe(true);
  speaking.say(toClient, 'S');
  expect(speaking.layer.settle(speaking.flow)).toBe(false);
});
