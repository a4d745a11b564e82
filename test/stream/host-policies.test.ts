/** Overlaps settled as the receiving host does it: by network, the narrowest first, in both directions. */
import { describe, expect, it } from 'vitest';
import { DIRECTION } from '../../src/flow/flow.js';
import type { PolicyNetworks } from '../../src/util/host-policy.js';
import { FLUSH } from '../../src/stream/reassembler.js';
import { StreamSpan } from '../../src/stream/stream-span.js';
import { packetOf } from '../flow/packet-of.js';
import { ipv4, ipv6, tcp, TCP_FLAG } from '../support/packet-builder.js';
import { Streams } from '../support/streams.js';

/** What `to` is seen to receive of two segments of the same bytes behind a hole, the first one filled last. */
function received(to: string, from: string, hostPolicies: PolicyNetworks, way: '>' | '<' = '>'): string {
  const streams = new Streams({ depthBytes: 0, hostPolicies });
  const [client, server] = way === '>' ? [from, to] : [to, from];
  const send = (toServer: boolean, flags: number, seq: number, ack: number, text = ''): void => {
    const ports = toServer ? { srcPort: 40_000, dstPort: 80 } : { srcPort: 80, dstPort: 40_000 };
    const ends = toServer ? { src: client, dst: server } : { src: server, dst: client };
    const segment = tcp({ ...ports, flags, seq, ack }, text);
    streams.take(packetOf(to.includes(':') ? ipv6(ends, segment) : ipv4(ends, segment)));
  };
  send(true, TCP_FLAG.syn, 1000, 0);
  send(false, TCP_FLAG.syn | TCP_FLAG.ack, 1000, 1001);
  send(true, TCP_FLAG.ack, 1001, 1001);
  for (const [seq, text] of [
    [1002, 'old'],
    [1002, 'new'],
    [1001, '-'],
  ] as const)
    send(way === '>', TCP_FLAG.ack, seq, 1001, text);
  const { flow, reassembler } = streams;
  const span = new StreamSpan();
  reassembler.flush(flow, FLUSH.end);
  reassembler.usable(flow, way === '>' ? DIRECTION.toServer : DIRECTION.toClient, span);
  return Buffer.from(flow.arena.bytes.slice(span.start, span.start + span.length)).toString('latin1');
}

describe('the policy of a host', () => {
  const networks = { '10.0.0.0/8': 'last', '10.1.0.0/16': 'first', '10.1.2.3': 'last', 'fd00::/8': 'last' } as const;

  it.each([
    ['10.9.9.9', '-new'],
    ['10.1.9.9', '-old'],
    ['10.1.2.3', '-new'],
    ['11.1.2.3', '-old'],
  ])('of %s is that of its narrowest network', (host, expected) => {
    expect(received(host, '192.0.2.1', networks)).toBe(expected);
    expect(received(host, '1.1.1.1', networks)).toBe(expected);
    expect(received(host, '192.0.2.1', networks, '<')).toBe(expected);
    expect(received(host, '1.1.1.1', networks, '<')).toBe(expected);
  });

  it('is told by addresses of IPv6, too', () => {
    expect(received('fd00::1', '2001:db8::1', networks)).toBe('-new');
    expect(received('fe80::1', 'fd00::1', networks)).toBe('-old');
  });

  it('says nothing of what the host sends', () => {
    expect(received('192.0.2.1', '10.9.9.9', networks)).toBe('-old');
  });
});
