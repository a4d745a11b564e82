/** Whom a proxy speaks for: which address of the header counts, and which proxies are believed. */
import { describe, expect, it } from 'vitest';
import type { Packet } from '../../src/decode/packet.js';
import { DIRECTION, type Direction } from '../../src/flow/flow.js';
import { ForwardedFor, type ForwardedOptions } from '../../src/shard/forwarded-for.js';

const bytes = Uint8Array.of(10, 0, 0, 1, 192, 0, 2, 9);
const packet = { bytes, ipVersion: 4, srcIpOffset: 0, dstIpOffset: 4 } as Packet;

const client = (
  value: string,
  more: Partial<ForwardedOptions> = {},
  direction: Direction = DIRECTION.toServer,
): string =>
  new ForwardedFor({ overwrites: false, header: 'X-Forwarded-For', takes: 'last', proxies: [], ...more }).clientOf(
    value,
    packet,
    direction,
  );

describe('the client that a proxy names', () => {
  it.each([
    ['198.51.100.1', '198.51.100.1'],
    ['198.51.100.1, 203.0.113.5', '203.0.113.5'],
    ['198.51.100.1,203.0.113.5:4711 ', '203.0.113.5'],
    ['2001:db8::1', '2001:0db8:0000:0000:0000:0000:0000:0001'],
    ['x, [2001:db8::1]:80', '2001:0db8:0000:0000:0000:0000:0000:0001'],
    ['unknown', ''],
    ['198.51.100', ''],
    ['198.51.100.1,', ''],
    ['198.51.100.1" , "x', ''],
    ['', ''],
  ])('in %j is %j', (value, address) => {
    expect(client(value)).toBe(address);
  });

  it('may be the first', () => {
    expect(client('198.51.100.1, 203.0.113.5', { takes: 'first' })).toBe('198.51.100.1');
  });

  it('is that of a proxy that is believed: the client of the flow, whichever way the data goes', () => {
    for (const [proxies, toServer, toClient] of [
      [['10.0.0.0/8'], true, false],
      [['192.0.2.9'], false, true],
      [['2001:db8::/32', '10.0.0.1'], true, false],
    ] as const) {
      expect(client('198.51.100.1', { proxies })).toBe(toServer ? '198.51.100.1' : '');
      expect(client('198.51.100.1', { proxies }, DIRECTION.toClient)).toBe(toClient ? '198.51.100.1' : '');
    }
  });
});
