import { describe, expect, it } from 'vitest';
import { verifyChecksums } from '../../src/decode/checksum.js';
import { LINK_TYPE } from '../../src/decode/packet.js';
import { FAULTS } from '../../src/decode/fault.js';
import { decode, flagNames, layersOf } from '../support/decoded.js';
import { gre, hex, icmp, icmpv6, ipv4, ipv6, tcp, udp } from '../support/packet-builder.js';

function verify(packet: Uint8Array): { fault: string; flags: string[][]; count: number } {
  const { bytes, frame, counts } = decode(packet, LINK_TYPE.raw);
  verifyChecksums(bytes, frame, counts);
  return { fault: FAULTS[frame.fault].name, flags: layersOf(frame).map(flagNames), count: counts.faults[frame.fault] };
}

describe('verifyChecksums', () => {
  it.each([
    ['TCP', ipv4({}, tcp({}, 'odd'))],
    ['TCP over IPv6', ipv6({}, tcp({}, 'even'))],
    ['UDP', ipv4({}, udp({}, 'odd'))],
    ['UDP without a checksum', ipv4({}, udp({ checksum: 0 }, 'x'))],
    ['UDP with bytes behind it', ipv4({ protocol: 17 }, [...ipv4({}, udp({}, 'abc')).subarray(20), 1, 2])],
    ['ICMP', ipv4({}, icmp({}, 'ping'))],
    ['ICMPv6', ipv6({}, icmpv6({}, 'ping'))],
    ['IPv4 options', ipv4({ options: hex('94040000') }, tcp())],
    ['extension headers', ipv6({ extensions: [{ type: 0 }] }, tcp({}, 'x'))],
    [
      'a routing header with segments left: the destination is not the final one',
      ipv6({ extensions: [{ type: 43, body: hex('0401') }] }, tcp({ checksum: 1 })),
    ],
    ['a truncated packet', ipv4({}, tcp({ checksum: 1 }, 'cut away')).subarray(0, 44)],
    ['a packet without a total length', ipv4({ totalLength: 0 }, tcp({ checksum: 1 }))],
    ['a fragment', ipv4({ flags: 1 }, udp({ checksum: 1 }))],
    ['a protocol without one', ipv4({ protocol: 89 }, 'ospf')],
  ])('finds nothing wrong with %s', (_name, packet) => {
    const { fault, flags } = verify(packet);
    expect(fault).not.toMatch(/checksum/);
    expect(flags.flat()).not.toContain('malformed');
  });

  it.each([
    ['ipv4_bad_checksum', ipv4({ checksum: 0x1234 }, tcp())],
    ['ipv4_bad_checksum', ipv4({ checksum: 0x1234, flags: 1 }, 'fragment')],
    ['tcp_bad_checksum', ipv4({}, tcp({ checksum: 0x1234 }, 'x'))],
    ['tcp_bad_checksum', ipv6({}, tcp({ checksum: 0x1234 }, 'x'))],
    ['udp_bad_checksum', ipv4({}, udp({ checksum: 0x1234 }, 'x'))],
    ['icmp_bad_checksum', ipv4({}, icmp({ checksum: 0x1234 }, 'x'))],
    ['icmpv6_bad_checksum', ipv6({}, icmpv6({ checksum: 0x1234 }, 'x'))],
  ])('%s makes the layer malformed', (name, packet) => {
    const { fault, flags, count } = verify(packet);
    expect({ fault, count }).toEqual({ fault: name, count: 1 });
    expect(flags[0]).toContain('malformed');
  });

  it('looks at each layer', () => {
    expect(verify(ipv4({}, gre({}, ipv4({}, tcp({ checksum: 1 })))))).toMatchObject({
      fault: 'tcp_bad_checksum',
      flags: [['tunnel'], ['malformed']],
    });
  });
});
