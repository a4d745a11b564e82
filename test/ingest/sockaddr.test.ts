import { expect, it } from 'vitest';
import { WallClock } from '../../src/ingest/clock.js';
import { formatEndpoint, parseAddress, readSockaddr, writeSockaddr } from '../../src/ingest/sockaddr.js';

it('takes addresses, with or without brackets, and nothing else', () => {
  expect(parseAddress('127.0.0.1')).toEqual({ address: '127.0.0.1', family: 4 });
  expect(parseAddress('[::1]')).toEqual({ address: '::1', family: 6 });
  for (const text of ['', 'localhost', '1', '127.1', '256.0.0.1', '[]', ':::'])
    expect(parseAddress(text)).toBeUndefined();
});

it('lays out sockaddr_in and sockaddr_in6 as Linux does', () => {
  const bytes = new Uint8Array(32).fill(0xff);
  expect(writeSockaddr(bytes, { address: '10.1.2.3', family: 4, port: 4789 })).toBe(16);
  expect([...bytes.subarray(0, 16)]).toEqual([2, 0, 0x12, 0xb5, 10, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0]);
  expect(readSockaddr(bytes)).toEqual({ address: '10.1.2.3', family: 4, port: 4789 });
  expect(writeSockaddr(bytes, { address: '2001:db8::1', family: 6, port: 4789 })).toBe(28);
  expect([...bytes.subarray(0, 28)]).toEqual([
    10,
    0,
    0x12,
    0xb5,
    0,
    0,
    0,
    0,
    0x20,
    1,
    0x0d,
    0xb8,
    ...new Array(11).fill(0),
    1,
    0,
    0,
    0,
    0,
  ]);
  expect(readSockaddr(bytes)).toEqual({ address: '2001:db8::1', family: 6, port: 4789 });
  expect(formatEndpoint('::1', 1)).toBe('[::1]:1');
});

it('tells wall-clock time in whole microseconds', () => {
  const clock = new WallClock();
  const nowUs = clock.nowUs();
  expect(Math.abs(nowUs / 1000 - Date.now())).toBeLessThan(1000);
  expect(Number.isInteger(nowUs)).toBe(true);
  expect(clock.nowUs()).toBeGreaterThanOrEqual(nowUs);
});
