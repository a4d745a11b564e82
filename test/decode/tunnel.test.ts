import { describe, expect, it } from 'vitest';
import { LINK_TYPE, MAX_LAYERS } from '../../src/decode/packet.js';
import { TunnelPorts } from '../../src/decode/tunnel-ports.js';
import { decode, faultNames, flagNames, payloadText } from '../support/decoded.js';
import {
  arp,
  authentication,
  concat,
  erspan3,
  etherIp,
  ethernet,
  geneve,
  geneveOption,
  gre,
  hex,
  icmpv6,
  ipv4,
  ipv6,
  ipv6FragmentBody,
  mpls,
  nsh,
  tcp,
  toBytes,
  udp,
  vxlan,
  vxlanGpe,
  vlan,
  type Payload,
} from '../support/packet-builder.js';

const INNER = ipv4({ src: '192.168.1.1', dst: '192.168.1.2' }, tcp({ srcPort: 11, dstPort: 22 }, 'inner'));
const INNER_FRAME = ethernet({}, INNER);
const mirrored = (vni: number, inner: Payload): Uint8Array =>
  ipv4({}, udp({ srcPort: 65408, dstPort: 4789, checksum: 0 }, vxlan({ vni }, inner)));
/** Of packets that are cut and so have no hint of their own. */
const cutProtocol = (fault: string): number => (fault.startsWith('ah_') ? 51 : fault.startsWith('etherip') ? 97 : 47);
const inGeneve = (inner: Payload, fields = {}): Uint8Array =>
  ipv4({}, udp({ dstPort: 6081 }, geneve({ vni: 9, ...fields }, inner)));

describe('GRE, IP-in-IP, 6in4: the carrying layer stays and is a tunnel', () => {
  it.each([
    ['GRE', ipv4({}, gre({}, INNER))],
    ['GRE with checksum, key and sequence number', ipv4({}, gre({ checksum: true, key: 7, sequence: 1 }, INNER))],
    [
      'GRE with source routes',
      ipv4({}, gre({ flags: 0x4000 }, concat(hex('00000000 0800 04 04 0a000001 0000 00 00'), INNER))),
    ],
    ['GRE with Ethernet in it', ipv4({}, gre({}, INNER_FRAME))],
    ['GRE with MPLS in it', ipv4({}, gre({}, mpls({}, INNER)))],
    ['GRE version 1 (PPTP)', ipv4({}, gre({ version: 1, sequence: 1, ack: 2 }, concat(hex('ff030021'), INNER)))],
    ['ERSPAN type I', ipv4({}, gre({ type: 0x88be }, INNER_FRAME))],
    ['ERSPAN type II', ipv4({}, gre({ type: 0x88be, sequence: 1 }, concat(hex('1001000a 00000000'), INNER_FRAME)))],
    ['ERSPAN type III', ipv4({}, gre({ sequence: 1 }, erspan3({}, INNER_FRAME)))],
    [
      'ERSPAN type III with a subheader',
      ipv4({}, gre({ sequence: 1, key: 2 }, erspan3({ subheader: true }, INNER_FRAME))),
    ],
    ['ERSPAN type III with IP in it', ipv4({}, gre({}, erspan3({ type: 2 }, INNER)))],
    ['NSH in GRE', ipv4({}, gre({}, nsh({}, INNER)))],
    [
      'NSH in NSH, MPLS',
      ipv4({}, gre({}, nsh({ type: 2, metadata: '' }, nsh({ type: 2, metadata: new Uint8Array(4) }, mpls({}, INNER))))),
    ],
    ['EtherIP', ipv4({}, etherIp({}, INNER_FRAME))],
    ['EtherIP in IPv6', ipv6({}, etherIp({}, INNER_FRAME))],
    ['Ethernet in IPv6', ipv6({}, INNER_FRAME)],
    ['MPLS in IP', ipv4({}, mpls({}, INNER))],
    ['IP-in-IP behind an authentication header', ipv4({}, authentication({}, INNER))],
    ['VXLAN-GPE with Ethernet', ipv4({}, udp({ dstPort: 4790 }, vxlanGpe({}, INNER_FRAME)))],
    ['VXLAN-GPE with IP', ipv4({}, udp({ dstPort: 4790 }, vxlanGpe({}, INNER)))],
    ['VXLAN-GPE with NSH', ipv4({}, udp({ dstPort: 4790 }, vxlanGpe({}, nsh({}, INNER_FRAME))))],
    ['VXLAN on the port of VXLAN-GPE', ipv4({}, udp({ dstPort: 4790 }, vxlan({}, INNER_FRAME)))],
    ['Teredo', ipv4({}, udp({ dstPort: 3544 }, ipv6({}, tcp({ srcPort: 11, dstPort: 22 }, 'inner'))))],
    [
      'Teredo from its port, behind authentication and origin',
      ipv4(
        {},
        udp(
          { srcPort: 3544, dstPort: 5000 },
          concat(
            hex('0001 02 01 0101 02 0000000000000000 00 0000 1234 01020304'),
            ipv6({}, tcp({ srcPort: 11, dstPort: 22 }, 'inner')),
          ),
        ),
      ),
    ],
    ['IP-in-IP', ipv4({}, INNER)],
    ['4in6', ipv6({}, INNER)],
    ['6in4', ipv4({}, ipv6({}, tcp({ srcPort: 11, dstPort: 22 }, 'inner')))],
  ])('%s', (_name, packet) => {
    const decoded = decode(ethernet({}, packet));
    expect(decoded).toMatchObject({ fault: 'none', frame: { vni: -1, tunnelDepth: 0, start: 0 } });
    expect(decoded.layers).toHaveLength(2);
    expect(decoded.layers.map(flagNames)).toEqual([['tunnel'], []]);
    expect(decoded.layers[0].payloadOffset + decoded.layers[0].payloadLength).toBe(14 + packet.length);
    expect(decoded.layers[1]).toMatchObject({ srcPort: 11, dstPort: 22 });
    expect(payloadText(decoded)).toBe('inner');
  });

  it.each([
    ['gre_header_beyond_packet', ipv4({}, gre({ key: 1 }).subarray(0, 7)), ['malformed']],
    ['gre_truncated_header', ipv4({}, gre({}).subarray(0, 3)), ['malformed']],
    ['gre_bad_source_route', ipv4({}, gre({ flags: 0x4000 }, hex('00000000 0800 04 80'))), ['malformed']],
    ['gre_bad_version', ipv4({}, gre({ version: 2 }, INNER)), []],
    ['gre_v1_protocol', ipv4({}, gre({ version: 1, type: 0x0800, sequence: 1 }, INNER)), []],
    ['gre_v1_checksum', ipv4({}, gre({ version: 1, checksum: true, sequence: 1 }, INNER)), []],
    ['erspan_truncated_header', ipv4({}, gre({ type: 0x88be, sequence: 1 }, hex('1001'))), []],
    [
      'erspan_bad_version',
      ipv4({}, gre({ type: 0x88be, sequence: 1 }, concat(hex('2001000a 00000000'), INNER_FRAME))),
      [],
    ],
    ['erspan_truncated_header', ipv4({}, gre({ type: 0x22eb }, erspan3({}).subarray(0, 11))), []],
    ['erspan_truncated_header', ipv4({}, gre({ type: 0x22eb }, erspan3({ subheader: true }).subarray(0, 19))), []],
    ['erspan_bad_version', ipv4({}, gre({}, erspan3({ version: 1 }, INNER_FRAME))), []],
    ['erspan_unknown_payload', ipv4({}, gre({}, erspan3({ type: 5 }, INNER_FRAME))), []],
    ['nsh_truncated_header', ipv4({}, gre({ type: 0x894f }, nsh({}).subarray(0, 7))), []],
    ['nsh_bad_version', ipv4({}, gre({}, nsh({ version: 1 }, INNER))), []],
    ['nsh_bad_header_length', ipv4({}, gre({}, nsh({ length: 5 }, INNER))), []],
    ['nsh_bad_header_length', ipv4({}, gre({}, nsh({ type: 2, length: 1 }, INNER))), []],
    ['nsh_bad_header_length', ipv4({}, gre({}, nsh({ type: 2, length: 63 }, INNER))), []],
    ['nsh_unknown_payload', ipv4({}, gre({}, nsh({ next: 9 }, INNER))), []],
    ['vxlan_gpe_unknown_payload', ipv4({}, udp({ dstPort: 4790 }, vxlanGpe({ next: 9 }, INNER))), []],
    ['vxlan_truncated_header', ipv4({}, udp({ dstPort: 4790 }, 'short')), []],
    ['ah_truncated_header', ipv4({}, authentication({}).subarray(0, 11)), ['malformed']],
    ['ah_truncated_header', ipv4({}, authentication({ length: 9 }, 'x')), ['malformed']],
    ['ah_truncated_header', ipv4({}, authentication({ length: 0 }, INNER)), ['malformed']],
    ['etherip_truncated_header', ipv4({}, etherIp().subarray(0, 1)), ['malformed']],
    ['etherip_bad_version', ipv4({}, etherIp({ version: 4 }, INNER_FRAME)), []],
    ['ipv4_truncated_header', ipv4({}, gre({ type: 0x0800 }, INNER.subarray(0, 12))), []],
    ['ipv4_bad_version', ipv4({ protocol: 4 }, ipv6()), []],
    ['ethernet_truncated_header', ipv4({}, gre({ type: 0x6558 }, 'short')), []],
  ])('%s leaves the carrying layer', (name, packet, flags) => {
    // A plain copy of a cut array has no hint, so the protocol is given here.
    const decoded = decode(
      packet[9] === 255 ? ipv4({ protocol: cutProtocol(name) }, packet.subarray(20)) : packet,
      LINK_TYPE.ipv4,
    );
    expect(decoded).toMatchObject({ fault: name, frame: { unusable: false } });
    expect(decoded.layers).toHaveLength(1);
    expect(flagNames(decoded.layers[0])).toEqual(flags);
    expect(decoded.layers[0].faults).toBe(decoded.frame.fault);
  });

  it('has what is wrong with its flags beside source routes that do not fit', () => {
    const packet = ipv4({}, gre({ flags: 0x4408 }, hex('00000000 0800 04 80')));
    const { layers } = decode(packet, LINK_TYPE.ipv4);
    expect(faultNames(layers[0]!.faults)).toEqual(['gre_recursion', 'gre_reserved_flags', 'gre_bad_source_route']);
  });

  it('is no tunnel with something else than IP in it', () => {
    expect(decode(ipv4({}, gre({}, ethernet({}, arp()))), LINK_TYPE.ipv4).layers.map(flagNames)).toEqual([[]]);
  });

  it('limits the layers', () => {
    let packet = INNER;
    for (let i = 0; i < MAX_LAYERS; i++) packet = ipv4({}, packet);
    const decoded = decode(packet, LINK_TYPE.ipv4);
    expect(decoded).toMatchObject({ fault: 'nesting_limit', frame: { unusable: false } });
    expect(decoded.layers).toHaveLength(MAX_LAYERS);
  });
});

describe('a datagram from a VXLAN socket', () => {
  it('is the frame behind its header', () => {
    const decoded = decode(vxlan({ vni: 0xabcdef }, INNER_FRAME), LINK_TYPE.vxlan, 10);
    expect(decoded).toMatchObject({
      fault: 'none',
      frame: {
        vni: 0xabcdef,
        tunnelDepth: 1,
        start: 18,
        length: INNER_FRAME.length,
        mirrorIpOffset: -1,
        unusable: false,
      },
      counts: { vxlanReservedBits: 0 },
    });
    expect(decoded.layers[0]).toMatchObject({ ipOffset: 32, srcPort: 11 });
    expect(payloadText(decoded)).toBe('inner');
  });

  it.each([
    ['flags', { flags: 0x88 }],
    ['the bytes behind the flags', { reserved1: 1 }],
    ['the last byte', { reserved2: 1 }],
  ])('counts and ignores reserved bits in %s', (_name, fields) => {
    const decoded = decode(vxlan({ vni: 5, ...fields }, INNER_FRAME), LINK_TYPE.vxlan);
    expect(decoded).toMatchObject({ fault: 'none', frame: { vni: 5 }, counts: { vxlanReservedBits: 1 } });
  });

  it.each([
    ['vxlan_no_i_flag', vxlan({ flags: 0x80 }, INNER_FRAME)],
    ['vxlan_truncated_header', vxlan().subarray(0, 7)],
    ['vxlan_truncated_header', toBytes('')],
    ['ethernet_truncated_header', vxlan({}, INNER_FRAME.subarray(0, 13))],
    ['ipv4_truncated_header', vxlan({}, INNER_FRAME.subarray(0, 33))],
  ])('%s makes it unusable', (name, bytes) => {
    expect(decode(bytes, LINK_TYPE.vxlan)).toMatchObject({ fault: name, frame: { unusable: true }, layers: [] });
  });

  it('may carry a frame without IP', () => {
    expect(decode(vxlan({}, ethernet({}, arp())), LINK_TYPE.vxlan)).toMatchObject({
      fault: 'none',
      layers: [{ ipVersion: 0, payloadOffset: 22 }],
    });
  });

  it('keeps every VXLAN further in as a layer', () => {
    const decoded = decode(
      vxlan({ vni: 1 }, ethernet({}, mirrored(2, ethernet({}, mirrored(3, INNER_FRAME))))),
      LINK_TYPE.vxlan,
    );
    expect(decoded.frame).toMatchObject({ vni: 1, tunnelDepth: 1, mirrorIpOffset: -1 });
    expect(decoded.layers.map((layer) => layer.dstPort)).toEqual([4789, 4789, 22]);
    expect(decoded.layers.map(flagNames)).toEqual([['tunnel'], ['tunnel'], []]);
  });

  it('leaves an inner UDP packet that is not VXLAN without a tunnel', () => {
    const inner = ethernet({}, ipv4({}, udp({ dstPort: 4789 }, 'plain UDP, no VXLAN')));
    const decoded = decode(vxlan({}, inner), LINK_TYPE.vxlan);
    expect(decoded).toMatchObject({ fault: 'vxlan_no_i_flag', frame: { unusable: false } });
    expect(decoded.layers.map(flagNames)).toEqual([[]]);
    expect(payloadText(decoded)).toBe('plain UDP, no VXLAN');
  });
});

describe('a datagram from a GENEVE socket', () => {
  it.each([
    ['Ethernet', geneve({ vni: 9 }, INNER_FRAME)],
    ['IP', geneve({ vni: 9, options: geneveOption(0x0108, 1, 'endpoint') }, INNER)],
  ])('carries %s', (_name, bytes) => {
    const decoded = decode(bytes, LINK_TYPE.geneve);
    expect(decoded).toMatchObject({ fault: 'none', frame: { vni: 9, tunnelDepth: 1, mirrorIpOffset: -1 } });
    expect(payloadText(decoded)).toBe('inner');
  });

  it('carries what a Gateway Load Balancer delivers: a VXLAN whose VNI and addresses count', () => {
    const outer = mirrored(77, INNER_FRAME);
    const decoded = decode(geneve({ vni: 9 }, outer), LINK_TYPE.geneve);
    expect(decoded.frame).toMatchObject({
      vni: 77,
      tunnelDepth: 2,
      mirrorIpOffset: 8,
      mirrorIpVersion: 4,
      mirrorSrcPort: 65408,
      mirrorDstPort: 4789,
      start: 8 + 36,
    });
    expect(decoded.layers).toHaveLength(1);
    expect(payloadText(decoded)).toBe('inner');
  });

  it.each([
    ['geneve_truncated_header', geneve().subarray(0, 7)],
    ['geneve_truncated_header', geneve({ optionLength: 1 })],
    ['geneve_bad_version', geneve({ version: 1 }, INNER_FRAME)],
    ['geneve_unknown_payload', geneve({ type: 0x1234 }, INNER_FRAME)],
  ])('%s makes it unusable', (name, bytes) => {
    expect(decode(bytes, LINK_TYPE.geneve)).toMatchObject({ fault: name, frame: { unusable: true }, layers: [] });
  });
});

describe('the link type of the inspected frame', () => {
  it.each<[string, Uint8Array, number, number]>([
    ['is that of the capture', INNER_FRAME, LINK_TYPE.ethernet, LINK_TYPE.ethernet],
    ['is that of the capture, whatever it is', INNER, LINK_TYPE.ipv4, LINK_TYPE.ipv4],
    ['is Ethernet behind VXLAN', vxlan({ vni: 1 }, INNER_FRAME), LINK_TYPE.vxlan, LINK_TYPE.ethernet],
    ['is Ethernet behind VXLAN in a capture without', mirrored(1, INNER_FRAME), LINK_TYPE.raw, LINK_TYPE.ethernet],
    ['is raw IP behind GENEVE around IP', geneve({}, INNER), LINK_TYPE.geneve, LINK_TYPE.raw],
    [
      'is Ethernet behind VXLAN behind GENEVE',
      geneve({}, mirrored(1, INNER_FRAME)),
      LINK_TYPE.geneve,
      LINK_TYPE.ethernet,
    ],
    [
      'is that of the capture where a tunnel stays',
      ethernet({}, ipv4({}, gre({}, INNER))),
      LINK_TYPE.ethernet,
      LINK_TYPE.ethernet,
    ],
  ])('%s', (_, bytes, linkType, expected) => {
    expect(decode(bytes, linkType).frame.linkType).toBe(expected);
  });
});

describe('a mirror header in a capture', () => {
  it('is taken off with the layer that carries it', () => {
    const decoded = decode(ethernet({}, vlan({}, mirrored(5, INNER_FRAME))));
    expect(decoded.frame).toMatchObject({
      vni: 5,
      tunnelDepth: 1,
      start: 18 + 36,
      mirrorIpOffset: 18,
      mirrorIpVersion: 4,
      mirrorSrcPort: 65408,
      mirrorDstPort: 4789,
    });
    expect(decoded.frame.length).toBe(INNER_FRAME.length);
    expect(decoded.layers).toHaveLength(1);
    expect(decoded.layers[0].srcPort).toBe(11);
  });

  it('is GENEVE as well, alone or around a VXLAN', () => {
    expect(decode(inGeneve(INNER_FRAME), LINK_TYPE.ipv4).frame).toMatchObject({
      vni: 9,
      tunnelDepth: 1,
      mirrorDstPort: 6081,
    });
    expect(decode(inGeneve(mirrored(5, INNER_FRAME)), LINK_TYPE.ipv4).frame).toMatchObject({
      vni: 5,
      tunnelDepth: 2,
      mirrorDstPort: 4789,
    });
  });

  it('is not a GENEVE within VXLAN, nor a second VXLAN', () => {
    const geneveWithin = decode(mirrored(5, ethernet({}, inGeneve(INNER))), LINK_TYPE.ipv4);
    expect(geneveWithin.frame).toMatchObject({ vni: 5, tunnelDepth: 1 });
    expect(geneveWithin.layers.map(flagNames)).toEqual([['tunnel'], []]);
    const second = decode(inGeneve(mirrored(5, ethernet({}, mirrored(6, INNER_FRAME)))), LINK_TYPE.ipv4);
    expect(second.frame).toMatchObject({ vni: 5, tunnelDepth: 2 });
    expect(second.layers).toHaveLength(2);
  });

  it('is not a VXLAN that lies in another tunnel', () => {
    const decoded = decode(ipv4({}, gre({}, mirrored(5, INNER_FRAME))), LINK_TYPE.ipv4);
    expect(decoded.frame).toMatchObject({ vni: -1, tunnelDepth: 0, start: 0 });
    expect(decoded.layers.map(flagNames)).toEqual([['tunnel'], ['tunnel'], []]);
  });

  it('that is not valid stays an ordinary UDP packet', () => {
    const decoded = decode(ipv4({}, udp({ dstPort: 4789 }, vxlan({ flags: 0 }, INNER_FRAME))), LINK_TYPE.ipv4);
    expect(decoded).toMatchObject({
      fault: 'vxlan_no_i_flag',
      frame: { vni: -1, tunnelDepth: 0, start: 0, unusable: false },
    });
    expect(flagNames(decoded.layers[0])).toEqual([]);
    expect(decoded.layers[0]).toMatchObject({ dstPort: 4789, payloadLength: 8 + INNER_FRAME.length });
  });

  it.each([
    ['nothing', vxlan()],
    ['less than a link header', vxlan({}, 'ten bytes.')],
    ['a frame of an unknown type', vxlan({}, concat(INNER_FRAME.subarray(0, 12), hex('9999'), 'not known'))],
    [
      'a frame of a length, with an unknown service',
      vxlan({}, concat(INNER_FRAME.subarray(0, 12), hex('0010'), 'abcdef')),
    ],
    ['a link header alone', vxlan({}, INNER_FRAME.subarray(0, 14))],
    ['less than an IP header', vxlan({}, INNER_FRAME.subarray(0, 20))],
    ['IP of another version', vxlan({}, concat(INNER_FRAME.subarray(0, 14), hex('75'), INNER.subarray(1)))],
    ['an answer of DNS whose number has the bit', concat(hex('0834 8180 0001 0001 0000 0000'), 'www.example.com')],
  ])('with %s behind it was none, in the frame or further in', (_name, payload) => {
    const packet = ipv4({}, udp({ srcPort: 53, dstPort: 4789 }, payload));
    const first = decode(packet, LINK_TYPE.ipv4);
    const inner = decode(vxlan({ vni: 7 }, ethernet({}, packet)), LINK_TYPE.vxlan);
    expect(first.frame).toMatchObject({ vni: -1, tunnelDepth: 0, start: 0, mirrorIpOffset: -1, unusable: false });
    expect(inner.frame).toMatchObject({ vni: 7, tunnelDepth: 1, mirrorIpOffset: -1, unusable: false });
    for (const { layers } of [first, inner]) {
      expect(layers).toHaveLength(1);
      expect(flagNames(layers[0])).toEqual([]);
      expect(layers[0]).toMatchObject({ srcPort: 53, dstPort: 4789, payloadLength: payload.length });
    }
  });

  it('with a frame without IP behind it is one', () => {
    expect(decode(mirrored(5, ethernet({ type: 0x0806 }, arp())), LINK_TYPE.ipv4)).toMatchObject({
      fault: 'none',
      frame: { vni: 5, tunnelDepth: 1, mirrorIpOffset: 0 },
    });
  });

  it('within a GENEVE that is none was none, and the GENEVE was one', () => {
    const decoded = decode(inGeneve(mirrored(5, 'no frame')), LINK_TYPE.ipv4);
    expect(decoded.frame).toMatchObject({ vni: 9, tunnelDepth: 1, mirrorIpOffset: 0, mirrorDstPort: 6081 });
    expect(decoded.layers).toHaveLength(1);
    expect(decoded.layers[0]).toMatchObject({ dstPort: 4789, payloadLength: 16 });
  });

  it('counts a cut packet once, as truncated', () => {
    const decoded = decode(mirrored(5, INNER_FRAME).subarray(0, 36 + 14 + 42), LINK_TYPE.ipv4);
    expect(decoded).toMatchObject({ fault: 'none', frame: { vni: 5 }, counts: { truncatedFrames: 1 } });
    expect(flagNames(decoded.layers[0])).toEqual(['truncated']);
    expect(payloadText(decoded)).toBe('in');
  });

  it('leaves a cut frame without IP unusable only when its link header is cut', () => {
    expect(decode(mirrored(5, INNER_FRAME).subarray(0, 36 + 13), LINK_TYPE.ipv4)).toMatchObject({
      fault: 'ethernet_truncated_header',
      frame: { unusable: true },
    });
  });

  it('stops at a fragment of the packet inside', () => {
    const fragment = ipv6(
      { extensions: [{ type: 44, body: ipv6FragmentBody({ offset: 8 }) }], protocol: 6 },
      'fragment',
    );
    const decoded = decode(ethernet({}, mirrored(5, ethernet({}, ipv4({}, fragment)))));
    expect(decoded.frame.fragmentLayer).toBe(1);
    expect(decoded.layers.map(flagNames)).toEqual([['tunnel'], ['fragment']]);
  });
});

describe('an authentication header in IPv4', () => {
  it('belongs to the layer, whose protocol is the one behind it', () => {
    const decoded = decode(
      ipv4({}, authentication({}, authentication({}, udp({ srcPort: 7, dstPort: 9 }, 'hello')))),
      LINK_TYPE.ipv4,
    );
    expect(decoded).toMatchObject({
      fault: 'none',
      layers: [{ protocol: 17, ipHeaderLength: 20, l4Offset: 68, srcPort: 7, dstPort: 9, flags: 0 }],
    });
    expect(payloadText(decoded)).toBe('hello');
  });

  it.each([
    ['ipv4_unknown_protocol', authentication({ next: 89 }, 'ospf')],
    ['ipv4_icmpv6', authentication({}, icmpv6())],
  ])('%s', (fault, packet) => {
    expect(decode(ipv4({}, packet), LINK_TYPE.ipv4)).toMatchObject({ fault, frame: { unusable: false } });
  });
});

describe('a datagram on the port of Teredo', () => {
  it.each([
    ['something else', toBytes('\x60 no IPv6')],
    ['nothing', toBytes('')],
    ['an origin alone', hex('0000 1234 01020304')],
    ['an authentication that ends behind it', hex('0001 ffff 60')],
    ['IPv6 longer than the datagram', ipv6({ payloadLength: 100 }, udp())],
  ])('with %s is an ordinary one', (_name, payload) => {
    const decoded = decode(ipv4({}, udp({ dstPort: 3544 }, payload)), LINK_TYPE.ipv4);
    expect(decoded).toMatchObject({
      fault: 'none',
      layers: [{ dstPort: 3544, payloadLength: payload.length, flags: 0 }],
    });
  });
});

describe('the ports of tunnels', () => {
  const overlay = (port: number): Uint8Array =>
    ipv4({ src: '10.1.0.1' }, udp({ dstPort: port }, vxlan({ vni: 7 }, INNER_FRAME)));
  const depths = (inner: Uint8Array, ports?: TunnelPorts): number =>
    decode(vxlan({}, ethernet({}, inner)), LINK_TYPE.vxlan, 0, ports).layers.length;

  it.each([
    [4789, 2],
    [8472, 2],
    [4788, 1],
    [8473, 1],
    [6081, 1],
  ])('by default: VXLAN on %i', (port, layers) => {
    expect(depths(overlay(port))).toBe(layers);
  });

  it('are those that are set, and no others', () => {
    const ports = new TunnelPorts({ vxlanPorts: [12345, 4789 + 32], genevePorts: [7000] });
    expect([12345, 4821, 4789, 8472, 7000].map((port) => depths(overlay(port), ports))).toEqual([2, 2, 1, 1, 1]);
    const geneveOn = (port: number): Uint8Array => ipv4({}, udp({ dstPort: port }, geneve({}, INNER_FRAME)));
    expect([7000, 6081].map((port) => depths(geneveOn(port), ports))).toEqual([2, 1]);
    expect(depths(geneveOn(6081))).toBe(2);
  });

  it('take the mirror header off a captured frame, whichever port it came to', () => {
    expect(decode(ethernet({}, overlay(8472))).frame).toMatchObject({
      vni: 7,
      tunnelDepth: 1,
      mirrorDstPort: 8472,
      layerCount: 1,
    });
  });
});
