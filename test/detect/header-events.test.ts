/** Rules on events and on what lies in headers: stream-event, decode-event, vlan.*, checksums, tcp.sack. */
import { describe, expect, it } from 'vitest';
import { FAULTS } from '../../src/decode/fault.js';
import { LINK_TYPE } from '../../src/decode/packet.js';
import { TCP_EVENTS } from '../../src/stream/tcp-event.js';
import { findOption } from '../../src/rule/options/registry.js';
import type { RuleProgram } from '../../src/rule/program.js';
import { Sensor, sidsOn } from '../support/detecting.js';
import { compileOptions, programOf } from '../support/rule-options.js';
import { ethernet, gre, hex, icmp, icmpv6, ipv4, ipv6, tcp, TCP_FLAG, udp, vlan } from '../support/packet-builder.js';

const rule = (options: string, sid = 1): RuleProgram => ({ ...programOf(options), sid });
const pkthdr = (options: string): RuleProgram => {
  const program = rule(options);
  return { ...program, header: { ...program.header, protocol: 'pkthdr' } };
};
const fires = (options: string, bytes: Uint8Array): boolean => sidsOn([rule(options)], bytes).length > 0;

const syn = ethernet(
  {},
  ipv4(
    { src: '10.0.0.1', dst: '10.0.0.2' },
    tcp({ srcPort: 40000, dstPort: 80, seq: 1000, ack: 0, flags: TCP_FLAG.syn }),
  ),
);
const synAck = (ack: number): Uint8Array =>
  ethernet(
    {},
    ipv4(
      { src: '10.0.0.2', dst: '10.0.0.1' },
      tcp({ srcPort: 80, dstPort: 40000, seq: 5000, ack, flags: TCP_FLAG.syn | TCP_FLAG.ack }),
    ),
  );

describe('stream-event', () => {
  it('matches the packet that has the event, and no other', () => {
    const sensor = new Sensor([
      rule('stream-event:3whs_synack_with_wrong_ack;'),
      rule('stream-event:est_invalid_ack;', 2),
      rule('engine-event:stream.3whs_synack_with_wrong_ack;', 3),
    ]);
    expect([sensor.sids(syn), sensor.sids(synAck(7)), sensor.sids(synAck(1001))]).toEqual([[], [1, 3], []]);
  });

  it('asks for all of several events, beside other conditions', () => {
    const sensor = new Sensor([
      rule('stream-event:est_invalid_ack; stream-event:pkt_invalid_ack; ack:9000000;'),
      rule('stream-event:est_invalid_ack; ack:1;', 2),
      rule('content:"abc"; stream-event:pkt_invalid_ack;', 3),
    ]);
    const segment = (ack: number): Uint8Array =>
      ethernet(
        {},
        ipv4(
          { src: '10.0.0.1', dst: '10.0.0.2' },
          tcp({ srcPort: 40000, dstPort: 80, seq: 1001, ack, flags: TCP_FLAG.ack }, 'abc'),
        ),
      );
    for (const bytes of [syn, synAck(1001), segment(5001)]) expect(sensor.sids(bytes)).toEqual([]);
    expect(sensor.sids(segment(9_000_000))).toEqual([1, 3]);
  });

  it('costs nothing where no rule asks for it', () => {
    expect(new Sensor([rule('content:"abc";')]).detector.wantsTcpEvents).toBe(false);
    expect(new Sensor([rule('stream-event:fin_syn;')]).detector.wantsTcpEvents).toBe(true);
    expect(new Sensor([{ ...programOf('stream-event:wrong_thread;') }]).detector.wantsTcpEvents).toBe(false);
  });

  it.each([
    'stream-event:wrong_thread;',
    'stream-event:3whs_ack_in_wrong_dir;',
    'decode-event:afpacket.trunc_pkt;',
    'engine-event:afpacket.trunc_pkt;',
    'decode-event:fragment_timeout;',
  ])('warns of what is never raised: %s', (options) => {
    const { program, diagnostics } = compileOptions(options);
    expect(diagnostics.map(({ severity, code }) => `${severity} ${code}`)).toEqual(['warning event-never-raised']);
    expect(new Sensor([program!]).sids(syn)).toEqual([]);
  });

  it('documents every event', () => {
    const { doc } = findOption('stream-event')!;
    expect(TCP_EVENTS.filter(({ name }) => !doc.summary.includes(name))).toEqual([]);
    const decode = findOption('decode-event')!.doc;
    expect(FAULTS.slice(1).filter(({ name }) => !`${decode.summary} ${decode.differences}`.includes(name))).toEqual([]);
  });
});

describe('decode-event', () => {
  it('sees several malformations of one layer', () => {
    const bytes = ethernet({}, ipv4({ options: hex('83280000') }, tcp({ options: hex('02030101') }, 'x')));
    expect(
      sidsOn(
        [
          rule('decode-event:ipv4.opt_invalid_len;'),
          rule('decode-event:tcp.opt_invalid_len;', 2),
          rule('decode-event:udp.pkt_too_small;', 3),
        ],
        bytes,
      ),
    ).toEqual([1, 2]);
  });

  it('tells what is missing by IP version', () => {
    const cut4 = ethernet({}, ipv4({}, udp({}, 'x'.repeat(90)))).subarray(0, 60);
    const cut6 = ethernet({}, ipv6({}, udp({}, 'x'.repeat(90)))).subarray(0, 80);
    expect([
      fires('decode-event:ipv4.trunc_pkt;', cut4),
      fires('decode-event:ipv6.trunc_pkt;', cut4),
      fires('decode-event:ipv6.trunc_pkt;', cut6),
      fires('decode-event:ipv4.trunc_pkt;', syn),
    ]).toEqual([true, false, true, false]);
  });

  it('sees fragments that defragmentation will refuse', () => {
    const fragment = (fields: object, length: number): Uint8Array =>
      ethernet({}, ipv4({ protocol: 17, ...fields }, 'x'.repeat(length)));
    const large = fragment({ fragmentOffset: 65_528 }, 40);
    expect([
      fires('decode-event:ipv4.frag_pkt_too_large;', large),
      fires('decode-event:ipv6.frag_pkt_too_large;', large),
      fires('decode-event:fragment_bad_length;', fragment({ flags: 1 }, 13)),
    ]).toEqual([true, false, true]);
    expect(fires('decode-event:fragment_bad_length;', fragment({ flags: 1 }, 16))).toBe(false);
  });

  it('says of the carrying layer what cannot be read within', () => {
    const inner = ethernet({}, ipv6({ protocol: 4 }, ipv4({ version: 5 }, udp())));
    expect([
      fires('decode-event:ipv6.ipv4_in_ipv6_wrong_version;', inner),
      fires('decode-event:ipv6.ipv6_in_ipv6_wrong_version;', inner),
    ]).toEqual([true, false]);
    const tunnelled = ethernet({}, ipv4({}, gre({}, ipv4({}, tcp({ headerLength: 4 }, 'x')))));
    expect(sidsOn([pkthdr('decode-event:tcp.hlen_too_small;')], tunnelled)).toEqual([1]);
  });

  it('sees what is wrong in front of the IP layer', () => {
    const deep = [1, 2, 3, 4].reduce((inner, id) => vlan({ id }, inner), ipv4({}, udp()) as Uint8Array);
    expect(sidsOn([pkthdr('decode-event:vlan.too_many_layers;')], ethernet({}, deep))).toEqual([1]);
    expect(
      sidsOn([pkthdr('decode-event:ethernet.unknown_ethertype;')], ethernet({ type: 0x88cc }, hex('0207'))),
    ).toEqual([1]);
    expect(
      sidsOn([pkthdr('decode-event:ltnull.unsupported_type;')], hex('10000000 0102'), { linkType: LINK_TYPE.null }),
    ).toEqual([1]);
  });
});

describe('vlan.id and vlan.layers', () => {
  const plain = ipv4({}, udp({}, 'x'));
  const tagged = ethernet({}, vlan({ id: 666 }, vlan({ id: 123 }, plain)));
  const untagged = ethernet({}, plain);
  it.each([
    ['666', true],
    ['123', true],
    ['124', false],
    ['666,0', true],
    ['666,-2', true],
    ['666,1', false],
    ['123,1', true],
    ['123,-1', true],
    ['123,2', false],
    ['666,-3', false],
    ['>100,all', true],
    ['>200,all', false],
    ['!666', true],
    ['!666,0', false],
    ['<200,any', true],
    ['0', false],
  ])('vlan.id:%s is %s', (value, expected) => expect(fires(`vlan.id:${value};`, tagged)).toBe(expected));

  it('never matches without a tag', () => {
    for (const value of ['0', '<4095', '!1', '>=0,all', '!1,0'])
      expect(fires(`vlan.id:${value};`, untagged)).toBe(false);
  });

  it('counts tags', () => {
    const three = ethernet({}, vlan({ id: 1 }, vlan({ id: 2 }, vlan({ id: 3 }, plain))));
    const four = ethernet({}, vlan({ id: 1 }, vlan({ id: 2 }, vlan({ id: 3 }, vlan({ id: 4 }, plain)))));
    expect([
      fires('vlan.layers:0;', untagged),
      fires('vlan.layers:2;', tagged),
      fires('vlan.layers:>2;', three),
      fires('vlan.layers:3;', four),
      fires('vlan.layers:0;', tagged),
    ]).toEqual([true, true, true, true, false]);
    expect([fires('vlan.id:3,2;', three), fires('vlan.id:4;', four)]).toEqual([true, false]);
  });

  it('are those of the layer that they stand before', () => {
    const inner = ethernet({}, vlan({ id: 5 }, ipv4({}, gre({ type: 0x6558 }, ethernet({}, vlan({ id: 6 }, plain))))));
    const alerts = new Sensor([rule('vlan.id:6; vlan.layers:1;'), rule('vlan.id:5;', 2)]).send(inner);
    expect(alerts.map(({ sid }) => sid)).toEqual([2, 1]);
  });
});

describe('checksums', () => {
  it.each([
    ['ipv4-csum', ethernet({}, ipv4({}, udp())), ethernet({}, ipv4({ checksum: 1 }, udp()))],
    ['tcpv4-csum', ethernet({}, ipv4({}, tcp({}, 'abc'))), ethernet({}, ipv4({}, tcp({ checksum: 1 }, 'abc')))],
    ['tcpv6-csum', ethernet({}, ipv6({}, tcp({}, 'abc'))), ethernet({}, ipv6({}, tcp({ checksum: 1 }, 'abc')))],
    ['udpv4-csum', ethernet({}, ipv4({}, udp({}, 'abc'))), ethernet({}, ipv4({}, udp({ checksum: 1 }, 'abc')))],
    ['udpv6-csum', ethernet({}, ipv6({}, udp({}, 'abc'))), ethernet({}, ipv6({}, udp({ checksum: 1 }, 'abc')))],
    ['icmpv4-csum', ethernet({}, ipv4({}, icmp({}, 'abc'))), ethernet({}, ipv4({}, icmp({ checksum: 1 }, 'abc')))],
    ['icmpv6-csum', ethernet({}, ipv6({}, icmpv6({}, 'abc'))), ethernet({}, ipv6({}, icmpv6({ checksum: 1 }, 'abc')))],
  ])('%s', (name, right, wrong) => {
    expect([
      fires(`${name}:valid;`, right),
      fires(`${name}:invalid;`, right),
      fires(`${name}:valid;`, wrong),
      fires(`${name}:invalid;`, wrong),
    ]).toEqual([true, false, false, true]);
  });

  it('match neither where they cannot be computed, nor for another protocol', () => {
    const cut = ethernet({}, ipv4({}, tcp({ checksum: 1 }, 'x'.repeat(90)))).subarray(0, 80);
    for (const state of ['valid', 'invalid']) {
      expect(fires(`tcpv4-csum:${state};`, cut)).toBe(false);
      expect(fires(`tcpv4-csum:${state};`, ethernet({}, ipv4({}, udp())))).toBe(false);
      expect(fires(`tcpv4-csum:${state};`, ethernet({}, ipv6({}, tcp())))).toBe(false);
      expect(fires(`ipv4-csum:${state};`, ethernet({}, ipv6({}, tcp())))).toBe(false);
    }
    expect(fires('udpv4-csum:valid;', ethernet({}, ipv4({}, udp({ checksum: 0 }, 'x'))))).toBe(true);
  });
});

describe('fields of the TCP header', () => {
  it('tcp.sack counts blocks', () => {
    const two = ethernet({}, ipv4({}, tcp({ options: hex('0101 0512 00000001 00000002 00000003 00000004') })));
    expect([fires('tcp.sack:2;', two), fires('tcp.sack:>2;', two), fires('tcp.sack:>=0;', syn)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('tos takes x88 for 0x88', () => {
    expect([
      fires('tos:x88;', ethernet({}, ipv4({ tos: 0x88 }, udp()))),
      fires('tos:!x88;', ethernet({}, ipv4({ tos: 0x88 }, udp()))),
    ]).toEqual([true, false]);
  });
});
