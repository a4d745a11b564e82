import { describe, expect, it } from 'vitest';
import { LINK_TYPE } from '../../src/decode/packet.js';
import { decode, flagNames, payloadText } from '../support/decoded.js';
import { concat, ethernet, hex, ipv4, ipv6, ipv6FragmentBody, tcp, udp } from '../support/packet-builder.js';

const decode4 = (bytes: Uint8Array) => decode(bytes, LINK_TYPE.ipv4);
const decode6 = (bytes: Uint8Array) => decode(bytes, LINK_TYPE.ipv6);

describe('IPv4', () => {
  it('locates header, transport and payload', () => {
    const decoded = decode(ethernet({}, ipv4({}, tcp({ srcPort: 1, dstPort: 2 }, 'data'))), LINK_TYPE.ethernet, 100);
    expect(decoded.layers[0]).toMatchObject({
      ipVersion: 4,
      ipOffset: 114,
      ipHeaderLength: 20,
      protocol: 6,
      l4Offset: 134,
      l4HeaderLength: 20,
      payloadOffset: 154,
      payloadLength: 4,
      claimedPayloadLength: 4,
      srcPort: 1,
      dstPort: 2,
      flags: 0,
      faults: 0,
    });
  });

  it('steps over options', () => {
    const decoded = decode4(ipv4({ options: hex('94040000 01') }, udp({}, 'x')));
    expect(decoded.layers[0]).toMatchObject({ ipHeaderLength: 28, l4Offset: 28, faults: 0 });
    expect(payloadText(decoded)).toBe('x');
  });

  it.each([
    ['length beyond the header', '83280000'],
    ['length 1', '83010000'],
    ['no length', '01010183', 'ipv4_options_without_end'],
  ])('goes on behind a broken option: %s', (_name, options, fault = 'ipv4_bad_option') => {
    const decoded = decode4(ipv4({ options: hex(options) }, udp({}, 'x')));
    expect(decoded.fault).toBe(fault);
    expect(flagNames(decoded.layers[0])).toEqual([]);
    expect(payloadText(decoded)).toBe('x');
  });

  it('does not take Ethernet padding for payload', () => {
    const decoded = decode(ethernet({ padTo: 60 }, ipv4({}, tcp({}, 'ab'))));
    expect(decoded.bytes.length).toBeGreaterThan(60);
    expect(payloadText(decoded)).toBe('ab');
  });

  it('takes what is present for a total length of 0', () => {
    const decoded = decode4(ipv4({ totalLength: 0 }, tcp({}, 'offloaded')));
    expect(flagNames(decoded.layers[0])).toEqual([]);
    expect(payloadText(decoded)).toBe('offloaded');
  });

  it('flags and counts a cut packet, without a fault', () => {
    const decoded = decode4(ipv4({}, tcp({}, 'x'.repeat(100))).subarray(0, 60));
    expect(decoded).toMatchObject({ fault: 'none', frame: { truncated: true }, counts: { truncatedFrames: 1 } });
    expect(flagNames(decoded.layers[0])).toEqual(['truncated']);
    expect(decoded.layers[0]).toMatchObject({ payloadLength: 20, claimedPayloadLength: 100 });
  });

  it.each([
    ['first fragment', { flags: 1 }],
    ['later fragment', { flags: 1, fragmentOffset: 800 }],
    ['last fragment', { fragmentOffset: 800 }],
  ])('stops at a %s', (_name, fields) => {
    const decoded = decode4(ipv4(fields, udp({}, 'fragment')));
    expect(decoded.frame.fragmentLayer).toBe(0);
    expect(flagNames(decoded.layers[0])).toEqual(['fragment']);
    expect(decoded.layers[0]).toMatchObject({
      srcPort: 0,
      dstPort: 0,
      l4HeaderLength: 0,
      payloadOffset: 20,
      payloadLength: 16,
    });
  });

  it('does not take "don\'t fragment" for a fragment', () => {
    expect(decode4(ipv4({ flags: 2 }, udp())).frame.fragmentLayer).toBe(-1);
  });

  it('ends at a protocol it does not know', () => {
    expect(decode4(ipv4({ protocol: 89 }, 'ospf')).layers[0]).toMatchObject({
      protocol: 89,
      l4Offset: 20,
      l4HeaderLength: 0,
      payloadOffset: 20,
      payloadLength: 4,
    });
  });

  const malformed: [string, Uint8Array][] = [
    ['ipv4_truncated_header', ipv4().subarray(0, 19)],
    ['ipv4_truncated_header', ipv4({ headerLength: 8, totalLength: 40 })],
    ['ipv4_bad_version', ipv4({ version: 5 }, udp())],
    ['ipv4_bad_header_length', ipv4({ headerLength: 4 }, udp())],
    ['ipv4_bad_total_length', ipv4({ totalLength: 19 }, udp())],
  ];
  it.each(malformed)('%s', (name, bytes) => {
    expect(decode4(bytes)).toMatchObject({ fault: name, frame: { unusable: true }, layers: [] });
  });
});

describe('IPv6', () => {
  it('locates header, transport and payload', () => {
    const decoded = decode6(ipv6({}, tcp({ srcPort: 1, dstPort: 2 }, 'data')));
    expect(decoded.layers[0]).toMatchObject({
      ipVersion: 6,
      ipHeaderLength: 40,
      protocol: 6,
      l4Offset: 40,
      payloadOffset: 60,
      payloadLength: 4,
      srcPort: 1,
      dstPort: 2,
    });
  });

  it('steps over extension headers of every kind', () => {
    const extensions = [
      { type: 0, body: hex('050200000000') },
      { type: 60, body: hex('0502000000000000000000000000') },
      { type: 43, body: hex('020000000000') },
      { type: 51, body: new Uint8Array(22) },
      { type: 44, body: ipv6FragmentBody({ id: 7 }) },
      { type: 135, body: new Uint8Array(6) },
    ];
    const decoded = decode6(ipv6({ extensions }, udp({ dstPort: 5 }, 'x')));
    expect(decoded).toMatchObject({ fault: 'ipv6_useless_fragment_header', frame: { fragmentLayer: -1 } });
    expect(decoded.layers[0]).toMatchObject({
      protocol: 17,
      ipHeaderLength: 40 + 8 + 16 + 8 + 24 + 8 + 8,
      dstPort: 5,
      fragmentHeaderOffset: 96,
    });
    expect(payloadText(decoded)).toBe('x');
  });

  it.each([
    ['first', { more: true }],
    ['last', { offset: 64 }],
  ])('stops at the %s fragment', (_name, fragment) => {
    const extensions = [{ type: 60 }, { type: 44, body: ipv6FragmentBody(fragment) }];
    const decoded = decode6(ipv6({ extensions, protocol: 17 }, 'fragment'));
    expect(decoded.frame.fragmentLayer).toBe(0);
    expect(flagNames(decoded.layers[0])).toEqual(['fragment']);
    expect(decoded.layers[0]).toMatchObject({
      protocol: 17,
      fragmentHeaderOffset: 48,
      payloadOffset: 56,
      payloadLength: 8,
    });
  });

  it.each([
    ['ESP', 50],
    ['no next header', 59],
  ])('ends at %s', (_name, protocol) => {
    expect(decode6(ipv6({ protocol }, 'the rest')).layers[0]).toMatchObject({
      protocol,
      payloadOffset: 40,
      payloadLength: 8,
    });
  });

  it('takes what is present for a payload length of 0', () => {
    expect(payloadText(decode6(ipv6({ payloadLength: 0 }, tcp({}, 'jumbo'))))).toBe('jumbo');
  });

  it('flags a packet cut within its extension headers as truncated', () => {
    const packet = ipv6({ extensions: [{ type: 135 }, { type: 60, body: new Uint8Array(30) }] }, udp({}, 'x'));
    const decoded = decode6(packet.subarray(0, 60));
    expect(decoded.fault).toBe('none');
    expect(flagNames(decoded.layers[0])).toEqual(['truncated']);
    expect(decoded.layers[0]).toMatchObject({ protocol: 60, ipHeaderLength: 48, srcPort: 0 });
  });

  it.each([17, 150, 1152])('follows %i extension headers, as hosts do', (count) => {
    const decoded = decode6(ipv6({ extensions: new Array(count).fill({ type: 60 }) }, udp({}, 'behind')));
    expect(decoded.layers[0]).toMatchObject({ protocol: 17, ipHeaderLength: 40 + 8 * count });
    expect(payloadText(decoded)).toBe('behind');
  });

  it.each([
    [
      'an extension header beyond the packet',
      ipv6({ extensions: [{ type: 60, length: 3 }] }, hex('0102')),
      'ipv6_truncated_extension_header',
    ],
    ['an extension header without a byte', ipv6({ protocol: 60 }), 'ipv6_truncated_extension_header'],
    [
      'more extension headers than a frame can have',
      ipv6({ extensions: new Array(1153).fill({ type: 135 }) }, udp()),
      'ipv6_too_many_extension_headers',
    ],
  ])('keeps the layer without a payload behind %s', (_name, bytes, name) => {
    const decoded = decode6(bytes);
    expect(decoded.fault).toBe(name);
    expect(flagNames(decoded.layers[0])).toEqual(['malformed']);
    expect(decoded.layers[0].payloadLength).toBe(0);
    expect(decoded.frame.unusable).toBe(false);
  });

  it.each([
    ['ipv6_truncated_header', ipv6().subarray(0, 39)],
    ['ipv6_bad_version', ipv6({ version: 4 }, udp())],
  ])('%s', (name, bytes) => {
    expect(decode6(bytes)).toMatchObject({ fault: name, frame: { unusable: true }, layers: [] });
  });

  it('ignores padding', () => {
    expect(payloadText(decode6(concat(ipv6({}, udp({}, 'x')), 'padding')))).toBe('x');
  });
});
