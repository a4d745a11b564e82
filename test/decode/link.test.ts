import { describe, expect, it } from 'vitest';
import { LINK_TYPE } from '../../src/decode/packet.js';
import { decode, payloadText } from '../support/decoded.js';
import {
  arp,
  concat,
  ethernet,
  hex,
  ipv4,
  ipv6,
  mpls,
  pppoe,
  snap,
  tcp,
  toBytes,
  udp,
  vlan,
  wifi,
} from '../support/packet-builder.js';

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
    [
      'MPLS Ethernet pseudowire',
      LINK_TYPE.ethernet,
      ethernet({}, mpls({}, concat([0, 0, 0, 0], ethernet({}, PACKET)))),
      36,
    ],
    ['PPPoE', LINK_TYPE.ethernet, ethernet({}, pppoe({}, PACKET)), 22],
    ['PPPoE, IPv6', LINK_TYPE.ethernet, ethernet({}, pppoe({}, PACKET6)), 22],
    [
      'PPPoE, compressed protocol',
      LINK_TYPE.ethernet,
      ethernet({ type: 0x8864 }, concat(hex('1100 0001 0022 21'), PACKET)),
      21,
    ],
    ['PPP', LINK_TYPE.ppp, concat(hex('ff03 0021'), PACKET), 4],
    ['PPP without address and control', LINK_TYPE.ppp, concat(hex('0057'), PACKET6), 2],
    ['PPP, MPLS', LINK_TYPE.ppp, concat(hex('0281'), mpls({}, PACKET)), 6],
    ['PPP in HDLC framing', LINK_TYPE.pppHdlc, concat(hex('ff03 0021'), PACKET), 4],
    ['PPPoE alone', LINK_TYPE.pppoe, pppoe({}, PACKET), 8],
    ['Cisco HDLC under the link type of PPP', LINK_TYPE.ppp, concat(hex('0f00 0800'), PACKET), 4],
    ['Cisco HDLC under the link type of PPP in HDLC framing', LINK_TYPE.pppHdlc, concat(hex('8f00 86dd'), PACKET6), 4],
    ['LLC and SNAP', LINK_TYPE.ethernet, snap({}, PACKET), 22],
    ['LLC and SNAP of a bridge tunnel, IPv6', LINK_TYPE.ethernet, snap({ oui: 0xf8 }, PACKET6), 22],
    [
      'LLC and SNAP behind a VLAN tag',
      LINK_TYPE.ethernet,
      ethernet({}, vlan({ type: PACKET.length + 8 }, snap({}, PACKET).subarray(14))),
      26,
    ],
    [
      'LLC that is IP itself',
      LINK_TYPE.ethernet,
      ethernet({ type: PACKET.length + 3 }, concat(hex('060603'), PACKET)),
      17,
    ],
    ['LLC in Cisco HDLC', LINK_TYPE.ciscoHdlc, concat(hex('0f00'), snap({}, PACKET).subarray(12)), 12],
    [
      'LLC in Linux cooked',
      LINK_TYPE.linuxCooked,
      concat(hex('0000 0001 0006 020000000001 0000 0004 aaaa03 000000 0800'), PACKET),
      24,
    ],
    ['802.11', LINK_TYPE.wifi, wifi({}, PACKET), 32],
    ['802.11 between access points, IPv6', LINK_TYPE.wifi, wifi({ flags: 0x03 }, PACKET6), 38],
    ['802.11 with QoS', LINK_TYPE.wifi, wifi({ qos: 3 }, PACKET), 34],
    ['802.11 with QoS and HT control', LINK_TYPE.wifi, wifi({ qos: 3, flags: 0x81 }, PACKET), 38],
    ['radiotap', LINK_TYPE.radiotap, concat(hex('0000 0900 02000000 10'), wifi({}, PACKET)), 41],
    [
      'radiotap of a padded header',
      LINK_TYPE.radiotap,
      concat(hex('0000 1100 03000000 0000000000000000 20'), wifi({ qos: 0, padded: true }, PACKET)),
      53,
    ],
    [
      'radiotap with more words',
      LINK_TYPE.radiotap,
      concat(hex('0000 1900 030000a0 000000a0 00000000 0000000000000000 20'), wifi({ qos: 0, padded: true }, PACKET)),
      61,
    ],
    ['PPI around 802.11', LINK_TYPE.ppi, concat(hex('0000 0c00 69000000 02000000'), wifi({}, PACKET)), 44],
    ['PPI around Ethernet', LINK_TYPE.ppi, concat(hex('0000 0800 01000000'), ethernet({}, PACKET)), 22],
    [
      'PKTAP around Ethernet',
      LINK_TYPE.pktap,
      concat(hex('6c000000 01000000 01000000'), new Uint8Array(96), ethernet({}, PACKET6)),
      122,
    ],
    [
      'PKTAP around raw IP',
      LINK_TYPE.pktap,
      concat(hex('6c000000 01000000 0c000000'), new Uint8Array(96), PACKET),
      108,
    ],
    ['NFLOG', LINK_TYPE.nflog, concat(hex('02 00 0000 0500 0a00 61 000000 2500 0900'), PACKET), 16],
    [
      'NFLOG of a big-endian host, IPv6',
      LINK_TYPE.nflog,
      concat(hex('0a 00 0000 0008 0001 86dd0000 0035 0009'), PACKET6),
      16,
    ],
    ['IP over InfiniBand', LINK_TYPE.ipOverInfiniband, concat(new Uint8Array(40), hex('0800 0000'), PACKET), 44],
    ['IP over InfiniBand without a route', LINK_TYPE.ipOverInfiniband, concat(hex('86dd 0000'), PACKET6), 4],
    ['MPLS alone', LINK_TYPE.mpls, mpls({}, PACKET), 4],
    ['Cisco HDLC', LINK_TYPE.ciscoHdlc, concat(hex('0f00 0800'), PACKET), 4],
    ['Linux cooked', LINK_TYPE.linuxCooked, concat(hex('0000 0001 0006 020000000001 0000 86dd'), PACKET6), 16],
    [
      'Linux cooked v2',
      LINK_TYPE.linuxCooked2,
      concat(hex('0800 0000 00000002 0001 00 06 020000000001 0000'), PACKET),
      20,
    ],
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
    expect(decoded).toMatchObject({
      fault: 'none',
      frame: { unusable: false, start: 3, length: bytes.length, vni: -1, tunnelDepth: 0 },
    });
    expect(decoded.layers).toHaveLength(1);
    expect(decoded.layers[0]).toMatchObject({ ipOffset: 3 + ipOffset, protocol: 17, srcPort: 7, dstPort: 9, flags: 0 });
    expect(payloadText(decoded)).toBe('hello');
  });
});

describe('frames without IP are one layer without addresses', () => {
  const cases: [string, number, Uint8Array, number, string?][] = [
    ['ARP', LINK_TYPE.ethernet, ethernet({}, arp()), 14],
    ['ARP in a VLAN', LINK_TYPE.ethernet, ethernet({}, vlan({}, arp())), 18],
    ['spanning tree (LLC)', LINK_TYPE.ethernet, ethernet({ type: 6 }, hex('424203 000000')), 14, 'llc_unknown_payload'],
    [
      'a discovery protocol (SNAP)',
      LINK_TYPE.ethernet,
      ethernet({ type: 9 }, hex('aaaa03 00000c 2000 01')),
      14,
      'llc_unknown_payload',
    ],
    ['an 802.11 beacon', LINK_TYPE.wifi, wifi({ control: 0x80 }), 0, 'wifi_no_data'],
    ['802.11 without data', LINK_TYPE.wifi, wifi({ control: 0x48 }), 0, 'wifi_no_data'],
    ['ARP in NFLOG', LINK_TYPE.nflog, hex('03 00 0000 0800 0900 00010800'), 8, 'nflog_unknown_family'],
    ['a PKTAP record without a packet', LINK_TYPE.pktap, hex('0c000000 00000000 01000000'), 12],
    ['PPPoE discovery', LINK_TYPE.ethernet, ethernet({ type: 0x8863 }, hex('1109 0000 0000')), 14],
    ['PPP LCP', LINK_TYPE.ppp, hex('ff03 c021 0101 0004'), 4],
    ['PPP Apple Talk control', LINK_TYPE.ppp, hex('ff03 8029 0101 0004'), 4, 'ppp_unsupported_protocol'],
    ['HDLC keep-alive', LINK_TYPE.ciscoHdlc, hex('8f00 8035 00000002'), 4],
    ['AppleTalk in null', LINK_TYPE.null, hex('10000000 0102'), 4, 'loopback_unknown_family'],
  ];
  it.each(cases)('%s', (_name, linkType, bytes, headers, oddity = 'none') => {
    const { fault, frame, layers } = decode(bytes, linkType);
    expect({ fault, unusable: frame.unusable }).toEqual({ fault: oddity, unusable: false });
    expect(layers).toHaveLength(1);
    expect(layers[0]).toMatchObject({
      ipVersion: 0,
      protocol: -1,
      payloadOffset: headers,
      payloadLength: bytes.length - headers,
      flowHash: 0,
    });
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
    ['unsupported_link_type', LINK_TYPE.ppi, concat(hex('0000 0800 93000000'), PACKET)],
    ['unsupported_link_type', LINK_TYPE.pktap, concat(hex('0c000000 01000000 00000100'), PACKET)],
    ['llc_truncated_header', LINK_TYPE.ethernet, ethernet({ type: 2 }, hex('aaaa'))],
    ['llc_truncated_header', LINK_TYPE.ethernet, ethernet({ type: 7 }, hex('aaaa0300000008'))],
    ['wifi_truncated_header', LINK_TYPE.wifi, wifi({ qos: 1 }, PACKET).subarray(0, 25)],
    ['wifi_encrypted', LINK_TYPE.wifi, wifi({ flags: 0x42 }, PACKET)],
    ['wifi_fragment', LINK_TYPE.wifi, wifi({ fragment: 1 }, PACKET)],
    ['capture_header_truncated', LINK_TYPE.radiotap, hex('0000 0900 00000000')],
    ['capture_header_bad_version', LINK_TYPE.radiotap, hex('0100 0800 00000000')],
    ['capture_header_truncated', LINK_TYPE.ppi, hex('0000 0900 01000000')],
    ['capture_header_bad_version', LINK_TYPE.ppi, hex('0100 0800 01000000')],
    ['capture_header_truncated', LINK_TYPE.pktap, hex('ffffffff 01000000 01000000')],
    ['capture_header_truncated', LINK_TYPE.nflog, hex('02 00 0000 0900 0100 00000000')],
    ['capture_header_truncated', LINK_TYPE.nflog, hex('02 00 0000 0300 0900 00000000')],
    ['capture_header_bad_version', LINK_TYPE.nflog, hex('02 01 0000 0800 0900 00000000')],
    ['capture_header_truncated', LINK_TYPE.ipOverInfiniband, new Uint8Array(43)],
  ];
  it.each(cases)('%s (link type %i)', (name, linkType, bytes) => {
    const { fault, frame, layers, counts } = decode(bytes, linkType);
    expect({ fault, unusable: frame.unusable, layers: layers.length }).toEqual({
      fault: name,
      unusable: true,
      layers: 0,
    });
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

it('takes the first packet of an 802.11 frame that holds several', () => {
  const subframe = (packet: Uint8Array): Uint8Array => snap({}, packet);
  const frame = concat(wifi({ qos: 0x80 }, '').subarray(0, 26), subframe(PACKET), toBytes('xx'), subframe(PACKET6));
  const decoded = decode(frame, LINK_TYPE.wifi);
  expect(decoded).toMatchObject({ fault: 'wifi_aggregated', frame: { unusable: false } });
  expect(payloadText(decoded)).toBe('hello');
});

it('ignores what lies behind the length of an LLC frame', () => {
  const frame = ethernet(
    { type: 8 + 40 },
    concat(snap({}, ipv4({ totalLength: 0 }, tcp({}, ''))).subarray(14), 'padding'),
  );
  expect(payloadText(decode(frame))).toBe('');
});
