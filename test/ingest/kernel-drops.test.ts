import { describe, expect, it } from 'vitest';
import { DropCounter, findDrops } from '../../src/ingest/kernel-drops.js';

const TABLE = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  123: 00000000:12B5 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 22222 2 0000000000000000 41
  124: 0100007F:12B5 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 11111 2 0000000000000000 4294967295
`;
const TABLE6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  321: 00000000000000000000000001000000:12B5 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 33333 2 0000000000000000 5
`;

describe('the drops column', () => {
  it('is found by local address and port', () => {
    expect(findDrops(TABLE, { address: '0.0.0.0', family: 4, port: 4789 })).toBe(41);
    expect(findDrops(TABLE, { address: '127.0.0.1', family: 4, port: 4789 })).toBe(4294967295);
    expect(findDrops(TABLE6, { address: '::1', family: 6, port: 4789 })).toBe(5);
  });

  it('is undefined for a socket that is not there, or a table that is not one', () => {
    expect(findDrops(TABLE, { address: '127.0.0.1', family: 4, port: 4790 })).toBeUndefined();
    expect(findDrops('', { address: '127.0.0.1', family: 4, port: 4789 })).toBeUndefined();
    expect(findDrops(' 1: 0100007F:12B5 x', { address: '127.0.0.1', family: 4, port: 4789 })).toBeUndefined();
  });
});

it('adds up a counter that wraps, and stands still while it cannot be read', () => {
  const counter = new DropCounter();
  expect(counter.update(10)).toBe(10);
  expect(counter.update(undefined)).toBe(10);
  expect(counter.update(0xffff_fff0)).toBe(0xffff_fff0);
  expect(counter.update(16)).toBe(0x1_0000_0010);
});
