import { describe, expect, it } from 'vitest';
import { LINK_TYPE } from '../../src/decode/packet.js';
import { decode, payloadText } from '../support/decoded.js';
import { arp, concat, ethernet, hex, ipv4, ipv6, mpls, pppoe, tcp, udp, vlan } from '../support/packet-builder.js';

const PACKET = ipv4({}, udp({ srcPort: 7, dstPort: 9 }, 'hello'));
const PACKET6 = ipv6({}, udp({ srcPort: 7, dstPort: 9 }, 'hello'));

describe('link layers around an IP packet', () => {
  const cases: [string, number, Uint8Array, number][] = [
    ['Ethernet', LINK_TYPE.ethernet, ethernet({}, PACKET), 14],
    ['Ethernet, IPv6', LINK_TYPE.ethernet, ethernet({}, PACKET6), 14],
    ['802.1Q', LINK_TYPE.ethernet, ethernet({}, vlan({ id: 5 }, PACKET)), 18],
    ['QinQ 0x88a8', LINK_TYPE.ethernet, ethernet({}, vlan({ tpid: 0x88a8 }, vlan({}, PACKET))), 22],
    ['QinQ 0x9100', LINK_TYPE.ethernet, ethernet({}, vlan({ tpid: 0x9100 }, vlan({}, PACKET6))), 22],
    ['MPLS', LINK_TYPE.ethernet, ethernet({}, mpls({}, PACKET)), 18],
    ['MPLS, two labels, IPv6', LINK_TYPE.ethernet, ethernet({}, mpls({}, mpls({}, PACKET6))), 22],
    ['MPLS Ethernet pseudowire', LINK_TYPE.ethernet, ethernet({}, mpls({}, concat([0, 0, 0, 0], ethernet({}, PACKET)))), 36],
    ['PPPoE', LINK_TYPE.ethernet, ethernet({}, pppoe({}, PACKET)), 22],
    ['PPPoE, IPv6', LINK_TYPE.ethernet, ethernet({}, pppoe({}, PACKET6)), 22],
    ['PPPoE, compressed protocol', LINK_TYPE.ethernet, ethernet({ type: 0x8864 }, concat(hex('1100 0001 0022 21'), PACKET)), 21],
    ['PPP', LINK_TYPE.ppp, concat(hex('ff03 0021'), PACKET), 4],
    ['PPP without address and control', LINK_TYPE.ppp, concat(hex('0057'), PACKET6), 2],
    ['PPP, MPLS', LINK_TYPE.ppp, concat(hex('0281'), mpls({}, PACKET)), 6],
    ['Cisco HDLC', LINK_TYPE.ciscoHdlc, concat(hex('0f00 0800'), PACKET), 4],
    ['Linux cooked', LINK_TYPE.linuxCooked, concat(hex('0000 0001 0006 020000000001 0000 86dd'), PACKET6), 16],
    ['Linux cooked v2', LINK_TYPE.linuxCooked2, concat(hex('0800 0000 00000002 0001 00 06 020000000001 0000'), PACKET), 20],
    ['null, little-endian', LINK_TYPE.null, concat(hex('02000000'), PACKET), 4],
    ['null, big-endian, IPv6', LINK_TYPE.null, concat(hex('0000001e'), PACKET6), 4],
    ['loop', LINK_TYPE.loop, concat(hex('00000018'), PACKET6), 4],
    ['raw IPv4', LINK_TYPE.raw, PACKET, 0],
    ['raw IPv6', LINK_TYPE.rawBsd, PACKET6, 0],
    ['IPv4', LINK_TYPE.ipv4, PACKET, 0],
    ['IPv6', LINK_TYPE.ipv6, PACKET6, 0],
  ];
  it.each(cases)('%s', (_name, linkType, bytes, ipOffset) => {
    const decoded = decode(bytes, linkType, 3);
    expect(decoded).toMatchObject({ fault: 'none', frame: { unusable: false, start: 3, length: bytes.length, vni: -1, tunnelDepth: 0 } });
    expect(decoded.layers).toHaveLength(1);
    expect(decoded.layers[0]).toMatchObject({ ipOffset: 3 + ipOffset, protocol: 17, srcPort: 7, dstPort: 9, flags: 0 });
    expect(payloadText(decoded)).toBe('hello');
  });
});

describe('frames without IP are one layer without addresses', () => {
  const cases: [string, number, Uint8Array, number, string?][] = [
    ['ARP', LINK_TYPE.ethernet, ethernet({}, arp()), 14],
    ['ARP in a VLAN', LINK_TYPE.ethernet, ethernet({}, vlan({}, arp())), 18],
    ['LLC (a length in place of the type)', LINK_TYPE.ethernet, ethernet({ type: 38 }, hex('424203 000000')), 14],
    ['PPPoE discovery', LINK_TYPE.ethernet, ethernet({ type: 0x8863 }, hex('1109 0000 0000')), 14],
    ['PPP LCP', LINK_TYPE.ppp, hex('ff03 c021 0101 0004'), 4, 'ppp_unsupported_protocol'],
    ['HDLC keep-alive', LINK_TYPE.ciscoHdlc, hex('8f00 8035 00000002'), 4],
    ['AppleTalk in null', LINK_TYPE.null, hex('10000000 0102'), 4, 'loopback_unknown_family'],
  ];
  it.each(cases)('%s', (_name, linkType, bytes, headers, oddity = 'none') => {
    const { fault, frame, layers } = decode(bytes, linkType);
    expect({ fault, unusable: frame.unusable }).toEqual({ fault: oddity, unusable: false });
    expect(layers).toHaveLength(1);
    expect(layers[0]).toMatchObject({ ipVersion: 0, protocol: -1, payloadOffset: headers, payloadLength: bytes.length - headers, flowHash: 0 });
  });
});

describe('malformed link layers leave nothing to inspect', () => {
  const cases: [string, number, Uint8Array][] = [
    ['ethernet_truncated_header', LINK_TYPE.ethernet, ethernet({}, PACKET).subarray(0, 13)],
    ['vlan_truncated_header', LINK_TYPE.ethernet, ethernet({}, vlan({}, PACKET)).subarray(0, 17)],
    ['mpls_truncated_header', LINK_TYPE.ethernet, ethernet({}, mpls({}, PACKET)).subarray(0, 17)],
    ['mpls_empty', LINK_TYPE.ethernet, ethernet({}, mpls({}, PACKET)).subarray(0, 18)],
    ['mpls_truncated_header', LINK_TYPE.ethernet, ethernet({}, mpls({}, hex('000000')))],
    ['mpls_unknown_payload', LINK_TYPE.ethernet, ethernet({}, mpls({}, hex('90000000')))],
    ['pppoe_truncated_header', LINK_TYPE.ethernet, ethernet({}, pppoe({}, PACKET)).subarray(0, 19)],
    ['pppoe_bad_code', LINK_TYPE.ethernet, ethernet({}, pppoe({ code: 9 }, PACKET))],
    ['pppoe_bad_code', LINK_TYPE.ethernet, ethernet({}, pppoe({ versionType: 0x21 }, PACKET))],
    ['ppp_truncated_header', LINK_TYPE.ethernet, ethernet({}, pppoe({}, PACKET)).subarray(0, 21)],
    ['ppp_truncated_header', LINK_TYPE.ppp, hex('ff03 00')],
    ['hdlc_truncated_header', LINK_TYPE.ciscoHdlc, hex('0f0008')],
    ['linux_cooked_truncated_header', LINK_TYPE.linuxCooked, new Uint8Array(15)],
    ['linux_cooked_truncated_header', LINK_TYPE.linuxCooked2, new Uint8Array(19)],
    ['loopback_truncated_header', LINK_TYPE.null, hex('020000')],
    ['raw_bad_version', LINK_TYPE.raw, hex('55')],
    ['raw_bad_version', LINK_TYPE.raw, hex('')],
    ['unsupported_link_type', 147, PACKET],
  ];
  it.each(cases)('%s (link type %i)', (name, linkType, bytes) => {
    const { fault, frame, layers, counts } = decode(bytes, linkType);
    expect({ fault, unusable: frame.unusable, layers: layers.length }).toEqual({ fault: name, unusable: true, layers: 0 });
    expect(counts.faults[frame.fault]).toBe(1);
  });
});

it('ignores what lies behind a PPPoE length', () => {
  const frame = ethernet({ type: 0x8864 }, concat(pppoe({}, ipv4({ totalLength: 0 }, tcp({}, 'abc'))), 'padding'));
  expect(payloadText(decode(frame))).toBe('abc');
});

it('follows a limited number of VLAN tags', () => {
  let frame: Uint8Array = PACKET;
  for (let i = 0; i < 100; i++) frame = vlan({}, frame);
  expect(decode(ethernet({}, frame))).toMatchObject({ fault: 'nesting_limit', frame: { unusable: true } });
});
