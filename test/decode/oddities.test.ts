/** Faults after which inspection goes on, each with a frame that has it and a frame like it that has not. */
import { describe, expect, it } from 'vitest';
import { FAULTS, type FaultName } from '../../src/decode/fault.js';
import { LINK_TYPE } from '../../src/decode/packet.js';
import { tcpOptionFaults, TCP_OPTION_FAULT } from '../../src/decode/tcp-options.js';
import { decode, faultNames, type Decoded } from '../support/decoded.js';
import {
  concat,
  ethernet,
  gre,
  hex,
  icmp,
  icmpv6,
  ipv4,
  ipv6,
  ipv6FragmentBody,
  mpls,
  nsh,
  snap,
  tcp,
  udp,
  vlan,
  wifi,
} from '../support/packet-builder.js';

const names = ({ counts }: Decoded): FaultName[] =>
  FAULTS.map(({ name }) => name).filter((_, code) => counts.faults[code]! > 0);
const layerNames = ({ layers }: Decoded, index = 0): FaultName[] => faultNames(layers[index]!.faults);

const RAW = LINK_TYPE.raw;
const PLAIN = ipv4({}, udp({}, 'x'));
const options4 = (text: string): Uint8Array => ipv4({ options: hex(text) }, udp({}, 'x'));
const optionsTcp = (text: string): Uint8Array => ipv4({}, tcp({ options: hex(text) }, 'x'));
const extended = (...extensions: { type: number; body?: Uint8Array; length?: number }[]): Uint8Array =>
  ipv6({ extensions }, udp({}, 'x'));
const hop = (text: string): Uint8Array => extended({ type: 0, body: hex(text) });
const destination = (text: string): Uint8Array => extended({ type: 60, body: hex(text) });
const quoting = (type: number, quoted: Uint8Array | string): Uint8Array => ipv4({}, icmp({ type }, quoted));
const quoting6 = (type: number, quoted: Uint8Array | string): Uint8Array => ipv6({}, icmpv6({ type }, quoted));
const greV1 = (flags: string, type = '880b'): Uint8Array =>
  ipv4({ protocol: 47 }, concat(hex(`${flags} ${type} 0000 0001`), hex('00000001')));
const labelled = (label: number): Uint8Array => ethernet({}, mpls({ label }, PLAIN));

describe('a fault and what is like it', () => {
  const cases: [fault: FaultName, linkType: number, frame: Uint8Array, like: Uint8Array][] = [
    [
      'ethernet_unknown_type',
      LINK_TYPE.ethernet,
      ethernet({ type: 0x88cc }, 'lldp'),
      ethernet({ type: 0x0806 }, 'arp'),
    ],
    [
      'vlan_unknown_type',
      LINK_TYPE.ethernet,
      ethernet({}, vlan({ type: 0x88cc }, 'lldp')),
      ethernet({}, vlan({ type: 0x0806 }, 'arp')),
    ],
    [
      'vlan_too_many_tags',
      LINK_TYPE.ethernet,
      ethernet({}, vlan({}, vlan({}, vlan({}, vlan({}, PLAIN))))),
      ethernet({}, vlan({}, vlan({}, vlan({}, PLAIN)))),
    ],
    [
      'vntag_unknown_type',
      LINK_TYPE.ethernet,
      ethernet({ type: 0x8926 }, hex('00000000 88cc 00')),
      ethernet({ type: 0x8926 }, concat(hex('00000000 0800'), PLAIN)),
    ],
    [
      'etag_unknown_type',
      LINK_TYPE.ethernet,
      ethernet({ type: 0x893f }, hex('000000000000 8035 00')),
      ethernet({ type: 0x893f }, concat(hex('000000000000 0800'), PLAIN)),
    ],
    ['mpls_router_alert_label', LINK_TYPE.ethernet, labelled(1), labelled(0)],
    ['mpls_implicit_null_label', LINK_TYPE.ethernet, labelled(3), labelled(2)],
    ['mpls_reserved_label', LINK_TYPE.ethernet, labelled(15), labelled(16)],
    ['ppp_unsupported_protocol', LINK_TYPE.ppp, hex('ff03 8029 01'), hex('ff03 c021 01')],
    ['ppp_unknown_protocol', LINK_TYPE.ppp, hex('ff03 0123 01'), concat(hex('ff03 0021'), PLAIN)],
    ['loopback_unknown_family', LINK_TYPE.null, hex('10000000 01'), concat(hex('02000000'), PLAIN)],
    ['hdlc_unknown_type', LINK_TYPE.ciscoHdlc, hex('0f00 1234 00'), hex('0f00 8035 00')],
    [
      'linux_cooked_unknown_type',
      LINK_TYPE.linuxCooked,
      hex('0000 0001 0006 020000000001 0000 1234 00'),
      hex('0000 0001 0006 020000000001 0000 0806 00'),
    ],
    [
      'linux_cooked_unknown_type',
      LINK_TYPE.linuxCooked2,
      hex('0001 0000 00000002 0001 00 06 020000000001 0000 00'),
      hex('0806 0000 00000002 0001 00 06 020000000001 0000 00'),
    ],
    [
      'nflog_unknown_family',
      LINK_TYPE.nflog,
      concat(hex('03 00 0000 2100 0900'), PLAIN),
      concat(hex('02 00 0000 2100 0900'), PLAIN),
    ],
    ['wifi_no_data', LINK_TYPE.wifi, wifi({ control: 0x80 }), wifi({}, PLAIN)],
    [
      'wifi_aggregated',
      LINK_TYPE.wifi,
      concat(wifi({ qos: 0x80 }).subarray(0, 26), snap({}, PLAIN)),
      wifi({ qos: 0 }, PLAIN),
    ],
    ['nsh_reserved_type', RAW, ipv4({}, gre({}, nsh({ type: 0 }, PLAIN))), ipv4({}, gre({}, nsh({ type: 15 }, PLAIN)))],
    ['nsh_unknown_type', RAW, ipv4({}, gre({}, nsh({ type: 3 }, PLAIN))), ipv4({}, gre({}, nsh({ type: 2 }, PLAIN)))],
    ['gre_unknown_protocol', RAW, ipv4({}, gre({ type: 0x1234 }, 'x')), ipv4({}, gre({ type: 0x0806 }, 'x'))],
    ['ipv4_bad_option', RAW, options4('94030000'), options4('94040000')],
    ['ipv4_bad_option', RAW, options4('8202ab00'), options4('8203ab00')],
    ['ipv4_bad_option', RAW, options4('8502ab00'), options4('820b0000 00000000 00000000')],
    ['ipv4_malformed_option', RAW, options4('07070500 000000'), options4('07070400 000000')],
    ['ipv4_malformed_option', RAW, options4('44080a00 00000000'), options4('44080500 00000000')],
    // CIPSO: a tag of a type that there is not, of a length beyond the option or too short, with a byte that aligns.
    ['ipv4_malformed_option', RAW, options4('860a00000001 00040000'), options4('860a00000001 01040000')],
    ['ipv4_malformed_option', RAW, options4('860a00000001 03040000'), options4('860a00000001 80040000')],
    ['ipv4_malformed_option', RAW, options4('860a00000001 02060000'), options4('860c00000001 020600000003')],
    [
      'ipv4_malformed_option',
      RAW,
      options4('860e00000001 01030000 01050000'),
      options4('860e00000001 01040000 05040000'),
    ],
    ['ipv4_malformed_option', RAW, options4('860a00000001 05040100'), options4('860a00000001 07040100')],
    ['ipv4_malformed_option', RAW, options4('860c00000001 01040000 0104'), options4('860a00000001 06040000')],
    ['ipv4_unknown_option', RAW, options4('9e040000'), options4('94040000')],
    ['ipv4_duplicate_option', RAW, options4('94040000 94040000'), options4('94040000 01010101')],
    ['ipv4_options_without_end', RAW, options4('01010194'), options4('01010101')],
    ['ipv4_icmpv6', RAW, ipv4({ protocol: 58 }, icmpv6({ type: 128 })), ipv4({}, icmp({ type: 8 }))],
    ['ipv4_unknown_protocol', RAW, ipv4({ protocol: 89 }, 'ospf'), PLAIN],
    [
      'ipv6_duplicate_fragment_header',
      RAW,
      extended({ type: 44, body: ipv6FragmentBody({ id: 1 }) }, { type: 44, body: ipv6FragmentBody({ id: 1 }) }),
      extended({ type: 44, body: ipv6FragmentBody({ id: 1 }) }),
    ],
    [
      'ipv6_duplicate_routing_header',
      RAW,
      extended({ type: 43, body: hex('020000000000') }, { type: 43, body: hex('020000000000') }),
      extended({ type: 43, body: hex('020000000000') }),
    ],
    [
      'ipv6_duplicate_hop_header',
      RAW,
      extended({ type: 0, body: hex('050200000100') }, { type: 0, body: hex('050200000100') }),
      hop('050200000100'),
    ],
    [
      'ipv6_duplicate_destination_header',
      RAW,
      extended(...new Array(3).fill({ type: 60, body: hex('050200000000') })),
      extended(...new Array(2).fill({ type: 60, body: hex('050200000000') })),
    ],
    [
      'ipv6_duplicate_authentication_header',
      RAW,
      extended(...new Array(2).fill({ type: 51, body: new Uint8Array(22) })),
      extended({ type: 51, body: new Uint8Array(22) }),
    ],
    [
      'ipv6_useless_fragment_header',
      RAW,
      extended({ type: 44, body: ipv6FragmentBody({ id: 1 }) }),
      extended({ type: 135 }),
    ],
    [
      'ipv6_fragment_reserved',
      RAW,
      extended({ type: 44, body: ipv6FragmentBody({ id: 1 }), length: 1 }),
      extended({ type: 44, body: ipv6FragmentBody({ id: 1 }) }),
    ],
    [
      'ipv6_routing_type_0',
      RAW,
      extended({ type: 43, body: hex('000000000000') }),
      extended({ type: 43, body: hex('020000000000') }),
    ],
    [
      'ipv6_authentication_reserved',
      RAW,
      extended({ type: 51, body: concat(hex('0001'), new Uint8Array(20)) }),
      extended({ type: 51, body: new Uint8Array(22) }),
    ],
    ['ipv6_bad_option', RAW, hop('050500000000'), hop('050200000000')],
    ['ipv6_bad_option', RAW, hop('050100000000'), hop('050200000000')],
    ['ipv6_unknown_hop_option', RAW, hop('1e0400000000'), hop('050200000000')],
    ['ipv6_unknown_destination_option', RAW, destination('1e0400000000'), destination('050200000000')],
    ['ipv6_only_padding_hop', RAW, hop('010400000000'), hop('050200000000')],
    ['ipv6_only_padding_destination', RAW, destination('010400000000'), destination('050200000000')],
    ['ipv6_empty_padding', RAW, hop('050200000100'), hop('050200000000')],
    ['ipv6_data_after_end', RAW, ipv6({ protocol: 59 }, 'data'), ipv6({ protocol: 59 })],
    ['ipv6_unknown_next_header', RAW, ipv6({ protocol: 89 }, 'ospf'), ipv6({}, udp())],
    ['ipv6_icmpv4', RAW, ipv6({ protocol: 1 }, icmp({ type: 8 })), ipv6({}, icmpv6({ type: 128 }))],
    ['tcp_bad_option', RAW, optionsTcp('02030000'), optionsTcp('020405b4')],
    ['tcp_bad_option', RAW, optionsTcp('0509000000000000 00000000'), optionsTcp('050a0000000000000000 0000')],
    ['tcp_duplicate_option', RAW, optionsTcp('020405b4 020405b4'), optionsTcp('020405b4 01030307')],
    ['icmp_unknown_type', RAW, ipv4({}, icmp({ type: 7 })), ipv4({}, icmp({ type: 13 }))],
    ['icmp_unknown_code', RAW, ipv4({}, icmp({ type: 8, code: 1 })), ipv4({}, icmp({ type: 5, code: 3 }))],
    ['icmp_truncated_packet', RAW, quoting(3, 'short'), quoting(3, PLAIN)],
    ['icmp_bad_version', RAW, quoting(11, 'x'.repeat(28)), quoting(11, '')],
    ['icmpv6_unknown_type', RAW, ipv6({}, icmpv6({ type: 127 })), ipv6({}, icmpv6({ type: 129 }))],
    ['icmpv6_unassigned_type', RAW, ipv6({}, icmpv6({ type: 99 })), ipv6({}, icmpv6({ type: 150 }))],
    ['icmpv6_experimental_type', RAW, ipv6({}, icmpv6({ type: 200 })), ipv6({}, icmpv6({ type: 161 }))],
    ['icmpv6_unknown_code', RAW, ipv6({}, icmpv6({ type: 128, code: 1 })), ipv6({}, icmpv6({ type: 3, code: 1 }))],
    ['icmpv6_unknown_code', RAW, ipv6({}, icmpv6({ type: 138, code: 2 })), ipv6({}, icmpv6({ type: 138, code: 255 }))],
    ['icmpv6_unknown_code', RAW, ipv6({}, icmpv6({ type: 139, code: 3 })), ipv6({}, icmpv6({ type: 140, code: 2 }))],
    ['icmpv6_unknown_code', RAW, ipv6({}, icmpv6({ type: 144, code: 1 })), ipv6({}, icmpv6({ type: 154, code: 1 }))],
    ['icmpv6_truncated_packet', RAW, quoting6(1, 'short'), quoting6(1, ipv6({}, udp()))],
    ['icmpv6_bad_version', RAW, quoting6(3, ipv4({}, udp({}, 'x'.repeat(30)))), quoting6(128, 'ping')],
    [
      'icmpv6_mld_hop_limit',
      RAW,
      ipv6({ hopLimit: 64 }, icmpv6({ type: 131 })),
      ipv6({ hopLimit: 1 }, icmpv6({ type: 131 })),
    ],
    ['gre_recursion', RAW, ipv4({}, gre({ flags: 0x0100 }, PLAIN)), ipv4({}, gre({}, PLAIN))],
    ['gre_reserved_flags', RAW, ipv4({}, gre({ flags: 0x0080 }, PLAIN)), ipv4({}, gre({}, PLAIN))],
    ['gre_v1_checksum', RAW, greV1('b001'), greV1('3001')],
    ['gre_v1_routing', RAW, greV1('7001'), greV1('3001')],
    ['gre_v1_strict_route', RAW, greV1('3801'), greV1('3001')],
    ['gre_v1_recursion', RAW, greV1('3101'), greV1('3001')],
    ['gre_v1_flags', RAW, greV1('3041'), greV1('3001')],
    ['gre_v1_no_key', RAW, greV1('1001'), greV1('3001')],
    ['gre_v1_protocol', RAW, greV1('3001', '0800'), greV1('3001')],
  ];
  it.each(cases)('%s', (fault, linkType, frame, like) => {
    const decoded = decode(frame, linkType);
    expect(names(decoded)).toContain(fault);
    expect(layerNames(decoded)).toContain(fault);
    expect(decoded.frame.unusable).toBe(false);
    expect(names(decode(like, linkType))).not.toContain(fault);
  });

  it('is there for every one of the kind', () => {
    const cut = FAULTS.filter(
      ({ stage, malformed, name }) =>
        stage === 'decode' &&
        !malformed &&
        name !== 'none' &&
        !/truncated|_empty$|bad_(version|header_length|total_length|code)|beyond|limit$|unsupported_link|unknown_payload|^wifi_(encrypted|fragment)/.test(
          name,
        ),
    );
    const tested = new Set<string>(cases.map(([fault]) => fault));
    expect(cut.map(({ name }) => name).filter((name) => !tested.has(name))).toEqual([]);
  });
});

describe('tags between EtherTypes', () => {
  it.each([
    ['VN-tag', 0x8926, '00000000 0800', 'vntag_truncated_header'],
    ['E-tag', 0x893f, '000000000000 0800', 'etag_truncated_header'],
    ['802.1ah', 0x88e7, '00000000 000000000000 000000000000 0800', 'backbone_truncated_header'],
    ['FabricPath', 0x8903, '0000 000000000000 000000000000 0800', 'fabric_path_truncated_header'],
  ])('%s', (_name, type, tag, fault) => {
    const decoded = decode(ethernet({ type }, concat(hex(tag), PLAIN)));
    expect(names(decoded)).toEqual([]);
    expect(decoded.layers[0]).toMatchObject({ ipVersion: 4, ipOffset: 14 + hex(tag).length });
    const cut = decode(ethernet({ type }, hex(tag).subarray(0, 1)));
    expect(names(cut)).toEqual([fault]);
    expect(cut.frame.unusable).toBe(true);
  });

  it('FabricPath stands before a whole Ethernet header', () => {
    const frame = ethernet({ type: 0x8903 }, new Uint8Array(15));
    expect(names(decode(frame))).toEqual(['fabric_path_truncated_header']);
  });
});

describe('the faults of a layer', () => {
  it('are the first four, each once', () => {
    const packet = ipv4(
      { options: hex('9e02 9e02 0703 94040000 94040000 01') },
      tcp({ options: hex('02030101 03020101') }),
    );
    expect(layerNames(decode(packet, RAW))).toEqual([
      'ipv4_unknown_option',
      'ipv4_malformed_option',
      'ipv4_bad_option',
      'tcp_bad_option',
    ]);
    const many = ipv6({
      extensions: [
        { type: 0, body: hex('1e0000000100') },
        { type: 43, body: hex('000000000000') },
        { type: 0 },
        { type: 43 },
        { type: 59 },
      ],
    });
    expect(layerNames(decode(many, RAW))).toHaveLength(4);
  });

  it('are those of the link layer in front of it, too, and of a tunnel header in the layer that carries it', () => {
    const decoded = decode(
      ethernet({}, mpls({ label: 15 }, ipv4({}, gre({ flags: 0x0100 }, ipv4({ protocol: 89 }, 'x'))))),
    );
    expect([layerNames(decoded, 0), layerNames(decoded, 1)]).toEqual([
      ['mpls_reserved_label', 'gre_recursion'],
      ['ipv4_unknown_protocol'],
    ]);
  });
});

describe('TCP options', () => {
  it.each([
    ['nothing', '', 0],
    ['a timestamp as it is sent', '0101080a0000000100000002', 0],
    ['a timestamp of another length', '01010809 00000001 000000', TCP_OPTION_FAULT.bad],
    ['all of a SYN', '020405b40402080a00000001000000000103030722020000', 0],
    ['what lies behind the end', '00020202', 0],
    ['an unknown kind, twice', '1e041e001e041e00', 0],
    ['a duplicate and a bad one', '020405b402030101', TCP_OPTION_FAULT.bad | TCP_OPTION_FAULT.duplicate],
    ['one that does not fit', '01010802', TCP_OPTION_FAULT.bad],
    ['half of one', '01010108', TCP_OPTION_FAULT.bad],
  ])('%s', (_name, text, expected) => {
    const bytes = hex(text);
    expect(tcpOptionFaults(bytes, 0, bytes.length)).toBe(expected);
  });
});
