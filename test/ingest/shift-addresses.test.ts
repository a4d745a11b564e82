/** Moved addresses leave packets whole: checksums that were right are right. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verifyChecksums } from '../../src/decode/checksum.js';
import { FAULTS } from '../../src/decode/fault.js';
import { shiftAddresses } from '../../src/ingest/shift-addresses.js';
import { decode } from '../support/decoded.js';
import { ethernet, fragmentIpv4, icmp, icmpv6, ipv4, ipv6, tcp, udp, vlan } from '../support/packet-builder.js';

const PACKETS: readonly [string, Uint8Array][] = [
  ['TCP', ethernet({}, ipv4({ src: '10.1.255.255', dst: '192.168.0.1' }, tcp({}, 'data')))],
  ['UDP behind VLAN tags', ethernet({}, vlan({}, vlan({}, ipv4({ src: '10.1.2.3' }, udp({}, 'data')))))],
  ['ICMP', ethernet({}, ipv4({}, icmp({}, 'ping')))],
  ['TCP over IPv6', ethernet({}, ipv6({ src: 'fd00::ffff', dst: 'fd00::1' }, tcp({}, 'data')))],
  ['UDP behind extension headers', ethernet({}, ipv6({ extensions: [{ type: 135 }, { type: 140 }] }, udp({}, 'data')))],
  ['ICMPv6', ethernet({}, ipv6({}, icmpv6({}, 'ping')))],
];

function shifted(frame: Uint8Array, by: number): Uint8Array {
  const bytes = Uint8Array.from(frame);
  shiftAddresses(bytes, (bytes[12]! << 8) | bytes[13]!, 14, bytes.length, by);
  return bytes;
}

function faultsOf(frame: Uint8Array): string[] {
  const { bytes, frame: decoded, counts } = decode(frame);
  verifyChecksums(bytes, decoded, counts);
  return FAULTS.map(({ name }) => name).filter((_, code) => counts.faults[code]! > 0);
}

const addresses = (frame: Uint8Array): string[] => {
  const {
    bytes,
    layers: [layer],
  } = decode(frame);
  const [at, size] = layer!.ipVersion === 4 ? [layer!.ipOffset + 12, 4] : [layer!.ipOffset + 8, 16];
  return [0, 1].map((i) => Buffer.from(bytes.subarray(at + i * size, at + (i + 1) * size)).toString('hex'));
};

describe('moved addresses', () => {
  it.each(PACKETS)('of %s keep checksums right, hosts apart and networks the same', (_, frame) => {
    expect(faultsOf(frame)).toEqual([]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 65_535 }), (by) => {
        const moved = shifted(frame, by);
        expect(faultsOf(moved)).toEqual([]);
        for (const [i, address] of addresses(moved).entries()) {
          const before = addresses(frame)[i]!;
          expect(address.slice(0, -4)).toBe(before.slice(0, -4));
          expect(address).not.toBe(before);
        }
        expect(shifted(moved, 65_536 - by)).toEqual(frame);
      }),
      { numRuns: 100 },
    );
  });

  it('leave groups and broadcasts, and datagrams without a checksum, as they were', () => {
    const group = shifted(ethernet({}, ipv4({ src: '10.0.0.1', dst: '239.1.1.1' }, udp({ checksum: 0 }, 'x'))), 3);
    expect(addresses(group)).toEqual(['0a000004', 'ef010101']);
    expect(faultsOf(group)).toEqual([]);
    expect(addresses(shifted(ethernet({}, ipv6({ src: 'fd00::1', dst: 'ff02::1' }, udp({}, 'x'))), 3))[1]).toBe(
      `ff02${'0'.repeat(27)}1`,
    );
  });

  it('do not touch the data of later fragments, nor what is no IP', () => {
    const [first, second] = fragmentIpv4(ipv4({}, udp({}, 'x'.repeat(100))), 60).map((packet) => ethernet({}, packet));
    expect(shifted(second!, 9).subarray(34)).toEqual(second!.subarray(34));
    expect(shifted(first!, 9).subarray(42)).toEqual(first!.subarray(42));
    const other = ethernet({ type: 0x0806 }, new Uint8Array(28));
    expect(shifted(other, 9)).toEqual(other);
  });

  it('stay within any frame', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 90 }),
        fc.constantFrom(0x0800, 0x86dd, 0x8100),
        fc.nat(80),
        (bytes, type, cut) => {
          const end = Math.max(0, bytes.length - cut);
          const before = Uint8Array.from(bytes);
          shiftAddresses(bytes, type, 0, end, 1);
          expect(bytes.subarray(end)).toEqual(before.subarray(end));
        },
      ),
      { numRuns: 2000 },
    );
  });
});
