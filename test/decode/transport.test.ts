import { describe, expect, it } from 'vitest';
import { LINK_TYPE } from '../../src/decode/packet.js';
import { decode, flagNames, payloadText } from '../support/decoded.js';
import { concat, hex, icmp, icmpv6, ipv4, ipv6, sctp, tcp, udp } from '../support/packet-builder.js';

const decodeRaw = (bytes: Uint8Array) => decode(bytes, LINK_TYPE.raw);

describe('headers that are present', () => {
  it.each([
    ['TCP', ipv4({}, tcp({ srcPort: 5, dstPort: 6 }, 'data')), 20, 5, 6],
    [
      'TCP with options',
      ipv4({}, tcp({ srcPort: 5, dstPort: 6, options: hex('020405b4 0402 080a 0000000100000002 0101') }, 'data')),
      40,
      5,
      6,
    ],
    [
      'TCP with options ended early',
      ipv4({}, tcp({ srcPort: 5, dstPort: 6, options: hex('00ffffff') }, 'data')),
      24,
      5,
      6,
    ],
    ['UDP', ipv6({}, udp({ srcPort: 5, dstPort: 6 }, 'data')), 8, 5, 6],
    ['SCTP', ipv4({ protocol: 132 }, concat(sctp({ srcPort: 5, dstPort: 6 }), 'data')), 12, 5, 6],
    ['ICMP', ipv4({}, icmp({}, 'data')), 8, 0, 0],
    ['ICMPv6', ipv6({}, icmpv6({}, 'data')), 8, 0, 0],
  ])('%s', (_name, bytes, headerLength, srcPort, dstPort) => {
    const decoded = decodeRaw(bytes);
    expect(decoded.layers[0]).toMatchObject({ l4HeaderLength: headerLength, flags: 0, faults: 0, srcPort, dstPort });
    expect(payloadText(decoded)).toBe('data');
  });
});

describe('headers too short for a complete packet are malformed', () => {
  it.each([
    ['tcp_truncated_header', ipv4({ protocol: 6 }, tcp().subarray(0, 19))],
    ['tcp_truncated_header', ipv6({ protocol: 6 })],
    ['tcp_bad_header_length', ipv4({}, tcp({ headerLength: 4 }, 'data'))],
    ['tcp_header_beyond_packet', ipv4({}, tcp({ headerLength: 15 }, 'data'))],
    ['udp_truncated_header', ipv4({ protocol: 17 }, udp().subarray(0, 7))],
    ['udp_bad_length', ipv4({}, udp({ length: 7 }, 'data'))],
    ['udp_length_beyond_packet', ipv4({}, udp({ length: 13 }, 'data'))],
    ['sctp_truncated_header', ipv4({ protocol: 132 }, sctp().subarray(0, 11))],
    ['icmp_truncated_header', ipv4({ protocol: 1 }, icmp().subarray(0, 7))],
    ['icmpv6_truncated_header', ipv6({ protocol: 58 }, icmpv6().subarray(0, 7))],
  ])('%s', (name, bytes) => {
    const decoded = decodeRaw(bytes);
    expect(decoded).toMatchObject({ fault: name, frame: { unusable: false } });
    expect(flagNames(decoded.layers[0])).toEqual(['malformed']);
    expect(decoded.layers[0]).toMatchObject({ payloadLength: 0, faults: decoded.frame.fault });
  });
});

describe('headers that the mirror cut are truncated, and keep their ports', () => {
  it.each([
    ['TCP', ipv4({}, tcp({ srcPort: 5, dstPort: 6 }, 'data')).subarray(0, 39), 0],
    [
      'TCP within its options',
      ipv4({}, tcp({ srcPort: 5, dstPort: 6, options: new Uint8Array(20) }, 'data')).subarray(0, 50),
      30,
    ],
    ['UDP', ipv4({}, udp({ srcPort: 5, dstPort: 6 }, 'data')).subarray(0, 27), 0],
    ['SCTP', ipv4({}, sctp({ srcPort: 5, dstPort: 6 }, 'data')).subarray(0, 24), 0],
  ])('%s', (_name, bytes, headerLength) => {
    const decoded = decodeRaw(bytes);
    expect(decoded.fault).toBe('none');
    expect(flagNames(decoded.layers[0])).toEqual(['truncated']);
    expect(decoded.layers[0]).toMatchObject({ srcPort: 5, dstPort: 6, l4HeaderLength: headerLength, payloadLength: 0 });
  });

  it('has no ports where not even they are present', () => {
    expect(decodeRaw(ipv4({}, tcp({ srcPort: 5 }, 'data')).subarray(0, 23)).layers[0]).toMatchObject({
      srcPort: 0,
      dstPort: 0,
      faults: 0,
    });
  });
});

describe('TCP options', () => {
  it.each([
    ['length 0', '0300'],
    ['length beyond the header', '08ff'],
    ['no room for the length', '010101' + '08'],
  ])('that are broken are a fault, but receivers take the segment: %s', (_name, options) => {
    const decoded = decodeRaw(ipv4({}, tcp({ options: hex(options) }, 'attack')));
    expect(decoded.fault).toBe('tcp_bad_option');
    expect(flagNames(decoded.layers[0])).toEqual([]);
    expect(payloadText(decoded)).toBe('attack');
  });
});

describe('UDP length', () => {
  it('of 0 leaves it to the IP packet', () => {
    expect(payloadText(decodeRaw(ipv4({}, udp({ length: 0 }, 'data'))))).toBe('data');
  });
  it('shorter than the IP packet ends the payload', () => {
    const decoded = decodeRaw(ipv4({}, udp({ length: 10 }, 'data')));
    expect(decoded.layers[0]).toMatchObject({ payloadLength: 2, claimedPayloadLength: 2, flags: 0, faults: 0 });
  });
  it('is compared with what a cut packet claims', () => {
    const decoded = decodeRaw(ipv4({}, udp({}, 'x'.repeat(100))).subarray(0, 48));
    expect(decoded.fault).toBe('none');
    expect(decoded.layers[0]).toMatchObject({ payloadLength: 20, claimedPayloadLength: 100 });
  });
});
