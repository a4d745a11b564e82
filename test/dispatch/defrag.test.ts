import { describe, expect, it } from 'vitest';
import { verifyChecksums } from '../../src/decode/checksum.js';
import { FAULT, FAULTS } from '../../src/decode/fault.js';
import { LAYER, LAYER_FLAG, LINK_TYPE } from '../../src/decode/packet.js';
import { hashWith } from '../../src/util/hash.js';
import type { HostPolicy } from '../../src/util/host-policy.js';
import { DefragmentationHarness } from '../support/defragmentation.js';
import {
  concat,
  fragmentIpv4,
  fragmentIpv6,
  gre,
  hex,
  ipv4,
  ipv6,
  ipv6FragmentBody,
  tcp,
  udp,
  vxlan,
  ethernet,
} from '../support/packet-builder.js';

const TEXT = Array.from({ length: 3000 }, (_, i) => String.fromCharCode(97 + (i % 26))).join('');
const PACKET4 = ipv4({ id: 77, flags: 0 }, udp({ srcPort: 5, dstPort: 6 }, TEXT));
const PACKET6 = ipv6({}, udp({ srcPort: 5, dstPort: 6 }, TEXT));
const S = 1_000_000;

/** An IPv4 fragment with `text` at `offset`. */
const part4 = (offset: number, text: string, more = true): Uint8Array =>
  ipv4({ id: 9, protocol: 200, fragmentOffset: offset, flags: more ? 1 : 0 }, text);
const part6 = (offset: number, text: string, more = true): Uint8Array =>
  ipv6({ protocol: 200, extensions: [{ type: 44, body: ipv6FragmentBody({ offset, more, id: 9 }) }] }, text);
const data4 = (packet: Uint8Array): string => Buffer.from(packet.subarray(20)).toString('latin1');

describe.each([
  ['IPv4', PACKET4, fragmentIpv4(PACKET4, 576)],
  ['IPv6', PACKET6, fragmentIpv6(PACKET6, 1280)],
])('%s fragments become the packet again', (_name, packet, fragments) => {
  it('in order', () => {
    const harness = new DefragmentationHarness();
    expect(harness.addAll(fragments)).toEqual([...fragments.slice(1).map(() => 'stored'), 'complete']);
    expect(harness.completed).toEqual([packet]);
    expect(harness.defragmenter).toMatchObject({
      datagramFrames: fragments.length,
      datagramFault: 0,
      pendingFrames: 0,
      datagrams: 0,
    });
    expect(harness.balance()).toBe(0);
  });

  it('in reverse', () => {
    const harness = new DefragmentationHarness();
    harness.addAll(fragments.slice().reverse());
    expect(harness.completed).toEqual([packet]);
  });

  it('with a repeated fragment, which is dropped alone', () => {
    const harness = new DefragmentationHarness();
    harness.add(fragments[0]);
    expect(harness.add(fragments[0])).toBe('duplicate_fragment');
    harness.addAll(fragments.slice(1));
    expect(harness.completed).toEqual([packet]);
    expect(harness.dropped()).toEqual({ duplicate_fragment: 1 });
    expect(harness.balance()).toBe(0);
  });

  it('and decode as a reassembled layer with ports and right checksums', () => {
    const harness = new DefragmentationHarness();
    harness.addAll(fragments);
    const { layers } = harness.datagram;
    expect(layers[LAYER.flags]).toBe(LAYER_FLAG.reassembled);
    expect([layers[LAYER.srcPort], layers[LAYER.dstPort], layers[LAYER.payloadLength]]).toEqual([5, 6, 3000]);
    verifyChecksums(harness.defragmenter.datagram, harness.datagram, harness.counts);
    expect(harness.datagram.fault).toBe(0);
    expect(harness.datagram.linkType).toBe(LINK_TYPE.raw);
  });

  it('interleaved with those of another VNI, of which none is mixed in', () => {
    const harness = new DefragmentationHarness();
    for (const fragment of fragments) for (const vni of [1, 2]) harness.add(fragment, 0, vni);
    expect(harness.completed).toEqual([packet, packet]);
    const half = new DefragmentationHarness();
    fragments.forEach((fragment, i) => half.add(fragment, 0, i % 2));
    expect(half.completed).toEqual([]);
    expect(half.defragmenter.pendingFrames).toBe(fragments.length);
  });

  it('and a cut fragment ends the datagram there, as truncated', () => {
    const harness = new DefragmentationHarness();
    const last = fragments.length - 1;
    expect(
      harness.addAll([...fragments.slice(0, last), fragments[last].subarray(0, fragments[last].length - 10)]),
    ).toContain('complete');
    expect(harness.completed).toEqual([packet.subarray(0, packet.length - 10)]);
    expect(harness.datagram.layers[LAYER.flags]).toBe(LAYER_FLAG.reassembled | LAYER_FLAG.truncated);
    expect(harness.datagram.layers[LAYER.claimedPayloadLength] - harness.datagram.layers[LAYER.payloadLength]).toBe(10);
  });
});

describe('the header of the datagram', () => {
  it('is that of the first fragment, options included', () => {
    const packet = ipv4({ id: 3, options: hex('94040000') }, udp({}, 'y'.repeat(100)));
    const harness = new DefragmentationHarness();
    harness.addAll(fragmentIpv4(packet, 64).reverse());
    expect(harness.completed).toEqual([packet]);
  });

  it('is rebuilt without the IPv6 fragment header, the extension headers before it kept', () => {
    const packet = ipv6({ extensions: [{ type: 0 }, { type: 60, body: new Uint8Array(14) }] }, udp({}, 'z'.repeat(24)));
    const cut = (offset: number, end: number, more: boolean) =>
      ipv6(
        {
          protocol: 17,
          extensions: [
            { type: 0 },
            { type: 60, body: new Uint8Array(14) },
            { type: 44, body: ipv6FragmentBody({ offset, more, id: 4 }) },
          ],
        },
        packet.slice(64 + offset, 64 + end),
      );
    const harness = new DefragmentationHarness();
    harness.addAll([cut(16, 32, false), cut(0, 16, true)]);
    expect(harness.completed).toEqual([packet]);
  });

  it('loses IPv6 extension headers for which there is no room', () => {
    const long = { type: 60, body: new Uint8Array(398) };
    const cut = (offset: number, text: string, more: boolean) =>
      ipv6({ protocol: 17, extensions: [long, { type: 44, body: ipv6FragmentBody({ offset, more }) }] }, text);
    const harness = new DefragmentationHarness();
    harness.addAll([cut(0, '\0\x05\0\x06\0\x18\0\0', true), cut(8, 'sixteen bytes it', false)]);
    expect(harness.completed).toEqual([ipv6({ protocol: 17 }, '\0\x05\0\x06\0\x18\0\0sixteen bytes it')]);
  });
});

describe('overlapping IPv4 fragments: BSD policy', () => {
  const A = 'A'.repeat(16);
  const B = 'B'.repeat(16);
  const END = part4(32, 'end.', false);
  it.each([
    [
      'the earlier fragment begins earlier: it stays',
      [part4(0, A), part4(8, B + 'CCCCCCCC'), END],
      A + 'BBBBBBBB' + 'CCCCCCCC' + 'end.',
    ],
    ['they begin together: the earlier stays', [part4(0, A), part4(0, B + B), END], A + B + 'end.'],
    [
      'the earlier begins later: the new one wins',
      [part4(8, A), part4(0, B), part4(24, 'CCCCCCCC'), END],
      B + 'AAAAAAAA' + 'CCCCCCCC' + 'end.',
    ],
    ['the new one covers a later one in full', [part4(8, 'AAAAAAAA'), part4(0, B + B), END], B + B + 'end.'],
  ])('%s', (_name, fragments, expected) => {
    const harness = new DefragmentationHarness({ policy: 'bsd' });
    harness.addAll(fragments);
    expect(harness.completed.map(data4)).toEqual([expected]);
    expect(FAULTS[harness.defragmenter.datagramFault].name).toBe('fragment_overlap');
    expect(harness.counts.faults[FAULT.fragment_overlap]).toBe(1);
    expect(harness.balance()).toBe(0);
  });

  it('drops a fragment of which nothing is left', () => {
    const harness = new DefragmentationHarness({ policy: 'bsd' });
    harness.add(part4(0, A + A));
    expect(harness.add(part4(8, B))).toBe('fragment_overlap');
    harness.add(END);
    expect(harness.completed.map(data4)).toEqual([A + A + 'end.']);
    expect(harness.dropped()).toEqual({ fragment_overlap: 1 });
    expect(harness.balance()).toBe(0);
  });
});

describe('overlapping fragments of which the earlier counts, or both do', () => {
  const A = 'A'.repeat(16);
  const B = 'B'.repeat(16);
  const C = 'C'.repeat(16);
  const END = part4(32, 'end.', false);
  it.each<[HostPolicy, string, readonly Uint8Array[], string]>([
    ['first', 'the older stays in the middle', [part4(8, 'A'.repeat(8)), part4(0, B + B)], 'BBBBBBBBAAAAAAAA' + B],
    ['windows', 'the newer wins around it', [part4(8, 'A'.repeat(8)), part4(0, B + B)], B + B],
    ['windows', 'the older stays where both end', [part4(16, A), part4(0, B + B)], B + A],
    ['solaris', 'the newer wins where both end', [part4(16, A), part4(0, B + B)], B + B],
    ['old-linux', 'the newer wins where both begin', [part4(0, A + A), part4(0, B)], B + A],
    ['bsd-right', 'the newer wins at the end', [part4(0, A + A), part4(16, B)], A + B],
    ['bsd-right', 'the older stays at the end', [part4(16, A), part4(0, B + B)], B + A],
    ['last', 'the newer wins in the middle', [part4(0, A + A), part4(8, B)], 'AAAAAAAA' + B + 'AAAAAAAA'],
    [
      'old-linux',
      'what is left behind the newer one begins there',
      [part4(0, A + A), part4(0, B), part4(16, C)],
      B + C,
    ],
  ])('%s: %s', (policy, _name, fragments, expected) => {
    const harness = new DefragmentationHarness({ policy });
    harness.addAll([...fragments, END]);
    expect(harness.completed.map(data4)).toEqual([expected + 'end.']);
    expect(FAULTS[harness.defragmenter.datagramFault].name).toBe('fragment_overlap');
    expect(harness.balance()).toBe(0);
  });

  it('have the header of that whose first byte counts', () => {
    const first = (ttl: number, text: string) => ipv4({ id: 9, protocol: 200, flags: 1, ttl }, text);
    for (const [policy, ttl] of [
      ['old-linux', 2],
      ['bsd', 1],
    ] as const) {
      const harness = new DefragmentationHarness({ policy });
      harness.addAll([first(1, A), first(2, B), part4(16, 'end', false)]);
      expect(harness.completed.map((packet) => packet[8])).toEqual([ttl]);
    }
  });
});

describe('the policy of a host', () => {
  const networks = { '10.0.0.0/8': 'last', '10.1.0.0/16': 'first', '10.1.2.3': 'last', 'fd00::/8': 'last' } as const;
  const fragments = (dst: string): Uint8Array[] => {
    const part = (at: number, text: string, more = true): Uint8Array =>
      dst.includes(':')
        ? ipv6(
            { dst, protocol: 200, extensions: [{ type: 44, body: ipv6FragmentBody({ offset: at, more, id: 9 }) }] },
            text,
          )
        : ipv4({ dst, id: 9, protocol: 200, fragmentOffset: at, flags: more ? 1 : 0 }, text);
    return [part(0, 'A'.repeat(8)), part(0, 'B'.repeat(8)), part(8, 'end', false)];
  };

  it.each([
    ['10.9.9.9', 'B'],
    ['10.1.9.9', 'A'],
    ['10.1.2.3', 'B'],
    ['11.1.2.3', 'A'],
    ['fd00::1', 'B'],
    ['fe80::1', 'A'],
  ])('that the datagram goes to counts, of its narrowest network: %s', (host, expected) => {
    const harness = new DefragmentationHarness({ hostPolicies: networks });
    harness.addAll(fragments(host));
    const header = host.includes(':') ? 40 : 20;
    expect(harness.completed.map((packet) => String.fromCharCode(packet[header]!))).toEqual([expected]);
  });
});

describe.each([
  ['IPv4', part4, 20],
  ['IPv6', part6, 40],
] as const)('overlapping %s fragments to Linux', (_version, part, header) => {
  const A = 'A'.repeat(16);
  const text = (packet: Uint8Array): string => Buffer.from(packet.subarray(header)).toString('latin1');

  it('that lie within one that is there are dropped alone, whatever they bring', () => {
    const harness = new DefragmentationHarness();
    const sent = [part(0, A + A), part(8, 'B'.repeat(16)), part(0, A), part(32, 'end', false)];
    expect(harness.addAll(sent)).toEqual(['stored', 'fragment_overlap', 'duplicate_fragment', 'complete']);
    expect(harness.completed.map(text)).toEqual([A + A + 'end']);
    expect(harness.dropped()).toEqual({ fragment_overlap: 1, duplicate_fragment: 1 });
    expect(harness.balance()).toBe(0);
  });

  it('that lie within what came in order, too, but not within what came otherwise', () => {
    const inOrder = new DefragmentationHarness();
    inOrder.addAll([part(0, A), part(16, A), part(8, 'B'.repeat(16)), part(32, 'end', false)]);
    expect(inOrder.completed.map(text)).toEqual([A + A + 'end']);
    const backwards = new DefragmentationHarness();
    backwards.addAll([part(16, A), part(0, A), part(8, 'B'.repeat(16)), part(32, 'end', false)]);
    expect(backwards.completed).toEqual([]);
    expect(backwards.dropped()).toEqual({ fragment_overlap: 3 });
  });

  it.each([
    ['that reach beyond it', part(8, 'B'.repeat(16)), 'fragment_overlap'],
    ['that end before it', part(8, 'end', false), 'fragment_bad_end'],
    ['that bring nothing', part(8, ''), 'fragment_bad_length'],
  ])('%s end the datagram, and the next of that id is seen', (_name, overlapping, fault) => {
    const harness = new DefragmentationHarness();
    harness.add(part(0, A));
    expect(harness.add(overlapping)).toBe(fault);
    expect(harness.defragmenter).toMatchObject({ pendingFrames: 0, datagrams: 0 });
    expect(harness.addAll([part(0, 'attack..'), part(8, 'end', false)])).toEqual(['stored', 'complete']);
    expect(harness.completed.map(text)).toEqual(['attack..end']);
    expect(harness.dropped()).toEqual({ [fault]: 2 });
    expect(harness.balance()).toBe(0);
  });
});

describe('overlapping IPv6 fragments: RFC 8200', () => {
  it.each([
    ['a part', part6(8, 'B'.repeat(16))],
    ['another content', part6(0, 'B'.repeat(16))],
    ['a part of the same content', part6(8, 'AAAAAAAA')],
  ])('discard the datagram: %s', (_name, overlapping) => {
    const harness = new DefragmentationHarness({ policy: 'bsd' });
    harness.add(part6(0, 'A'.repeat(16)));
    expect(harness.add(part6(0, 'A'.repeat(16)))).toBe('duplicate_fragment');
    expect(harness.add(overlapping)).toBe('fragment_overlap');
    expect(harness.defragmenter).toMatchObject({ pendingFrames: 0, datagrams: 0 });
    expect(harness.add(part6(16, 'end', false))).toBe('stored');
    expect(harness.dropped()).toEqual({ fragment_overlap: 2, duplicate_fragment: 1 });
    expect(harness.balance()).toBe(0);
  });
});

describe('malformed fragments', () => {
  it.each([
    ['fragment_bad_length', part4(0, 'seven..')],
    ['fragment_bad_length', part6(0, 'seven..')],
    ['fragment_bad_length', part4(0, '')],
    ['fragment_bad_length', part6(8, 'nine.....')],
    ['fragment_too_large', part4(65528, 'x'.repeat(8), false)],
    ['fragment_too_large', part6(65528, 'x'.repeat(8), false)],
  ])('%s', (name, fragment) => {
    const harness = new DefragmentationHarness();
    expect(harness.add(fragment)).toBe(name);
    expect(harness.dropped()).toEqual({ [name]: 1 });
    expect(harness.defragmenter.datagrams).toBe(0);
  });

  it('of IPv4 count to Linux as far as they fill units of 8 bytes', () => {
    const harness = new DefragmentationHarness();
    harness.addAll([part4(0, 'eight by, and five'), part4(16, 'end', false)]);
    expect(harness.completed.map(data4)).toEqual(['eight by, and fiend']);
    const other = new DefragmentationHarness({ policy: 'bsd' });
    expect(other.add(part4(0, 'eight by, and five'))).toBe('fragment_bad_length');
  });

  it('reach exactly 65535 bytes', () => {
    const harness = new DefragmentationHarness();
    expect(harness.add(part6(65528, 'x'.repeat(7), false))).toBe('stored');
    expect(harness.add(part4(65512, 'x'.repeat(3), false))).toBe('stored');
    expect(harness.add(part4(65512, 'x'.repeat(4), false))).toBe('fragment_too_large');
  });

  it('are a datagram too large where header and data only exceed it together', () => {
    const harness = new DefragmentationHarness({ maxFragments: 9 });
    harness.add(part4(65504, 'x'.repeat(11), false));
    for (let at = 8; at < 65504; at += 9360) harness.add(part4(at, 'x'.repeat(Math.min(9360, 65504 - at))));
    expect(harness.defragmenter.pendingFrames).toBe(8);
    expect(harness.add(ipv4({ id: 9, protocol: 200, flags: 1, options: new Uint8Array(8) }, 'first...'))).toBe(
      'fragment_too_large',
    );
    expect(harness.dropped()).toEqual({ fragment_too_large: 9 });
    expect(harness.balance()).toBe(0);
  });

  it.each([
    ['another end', [part4(8, 'end', false)], part4(8, 'ending', false)],
    ['an end before data that is there', [part4(16, 'AAAAAAAA')], part4(8, 'end', false)],
    ['data behind the end', [part4(8, 'end', false)], part4(16, 'AAAAAAAA')],
  ])('fragment_bad_end: %s', (_name, before, fragment) => {
    const harness = new DefragmentationHarness({ policy: 'bsd' });
    harness.addAll(before);
    expect(harness.add(fragment)).toBe('fragment_bad_end');
    expect(harness.defragmenter.pendingFrames).toBe(before.length);
  });

  it.each([
    ['a first fragment without the whole TCP header', ipv4({ protocol: 6, flags: 1 }, 'sixteen bytes of'), 1],
    ['TCP at offset 8', ipv4({ protocol: 6, fragmentOffset: 8 }, 'rest'), 1],
    ['a first fragment with a TCP header', ipv4({ flags: 1 }, tcp({}, 'data')), 0],
    ['a first fragment with a UDP header', ipv4({ flags: 1 }, udp()), 0],
  ])('fragment_tiny: %s', (_name, fragment, count) => {
    const harness = new DefragmentationHarness();
    expect(harness.add(fragment)).toBe('stored');
    expect(harness.counts.faults[FAULT.fragment_tiny]).toBe(count);
  });
});

describe('caps', () => {
  it('fragments of a datagram: given up, and further ones refused', () => {
    const harness = new DefragmentationHarness({ maxFragments: 3 });
    expect([0, 16, 32, 48, 64].map((at) => harness.add(part4(at, 'AAAAAAAA')))).toEqual([
      'stored',
      'stored',
      'stored',
      'fragment_too_many',
      'fragment_too_many',
    ]);
    expect(harness.dropped()).toEqual({ fragment_too_many: 5 });
    expect(harness.balance()).toBe(0);
  });

  const LONG = new Uint8Array(65_000).fill(97);
  it.each([
    ['1500 bytes', 1444],
    ['9000 bytes, as jumbo frames are', 8944],
    ['nearly 64 KiB', 65_000],
  ])('fragments of a datagram: a packet of %s in pieces of 8 fits', (_name, length) => {
    const data = udp({}, LONG.subarray(0, length));
    for (const fragments of [fragmentIpv4(ipv4({ id: 77 }, data), 28), fragmentIpv6(ipv6({}, data), 56)]) {
      for (const sent of [fragments, fragments.toReversed()]) {
        const harness = new DefragmentationHarness();
        harness.addAll(sent);
        expect(harness.completed).toHaveLength(1);
        expect(harness.dropped()).toEqual({});
      }
    }
  });

  it('fragments of a datagram: repetitions do not count', () => {
    const harness = new DefragmentationHarness({ maxFragments: 2 });
    const fragments = [part4(0, 'AAAAAAAA'), part4(0, 'AAAAAAAA'), part4(0, 'AAAAAAAA'), part4(8, 'end', false)];
    expect(harness.addAll(fragments)).toEqual(['stored', 'duplicate_fragment', 'duplicate_fragment', 'complete']);
  });

  it('datagrams: the oldest makes room', () => {
    const harness = new DefragmentationHarness({ maxDatagrams: 2 });
    const first = (id: number) => ipv4({ id, flags: 1, protocol: 200 }, 'AAAAAAAA');
    const last = (id: number) => ipv4({ id, fragmentOffset: 8, protocol: 200 }, 'end');
    for (const id of [1, 2, 3]) harness.add(first(id), id);
    expect(harness.dropped()).toEqual({ fragment_evicted: 1 });
    expect([harness.add(last(2)), harness.add(last(3))]).toEqual(['complete', 'complete']);
    expect(harness.add(last(1))).toBe('stored');
    expect(harness.balance()).toBe(0);
  });

  it('datagrams: the oldest of both IP versions', () => {
    const harness = new DefragmentationHarness({ maxDatagrams: 2 });
    harness.add(part6(0, 'AAAAAAAA'), 1);
    harness.add(part4(0, 'AAAAAAAA'), 2);
    harness.add(ipv4({ id: 10, flags: 1 }, 'AAAAAAAA'), 3);
    expect(harness.add(part4(8, 'end', false), 4)).toBe('complete');
  });

  it('bytes: each has a block for its maps, too, and there is room for the largest', () => {
    const harness = new DefragmentationHarness({ maxBytes: 65_536 });
    for (let id = 1; id <= 17; id++) harness.add(ipv4({ id, flags: 1, protocol: 200 }, 'A'.repeat(8)), id);
    expect(harness.defragmenter.datagrams).toBe(16);
    expect(harness.dropped()).toEqual({ fragment_evicted: 1 });
    const large = fragmentIpv4(ipv4({ id: 77 }, udp({}, new Uint8Array(65_000))), 1500);
    harness.addAll(large);
    expect(harness.completed).toHaveLength(1);
    expect(harness.balance()).toBe(0);
  });

  it('bytes: the oldest makes room, but not the datagram at hand', () => {
    const harness = new DefragmentationHarness({ maxBytes: 131_072, maxFragments: 100 });
    for (let id = 1; id <= 32; id++) harness.add(ipv4({ id, flags: 1, protocol: 200 }, 'A'.repeat(2048)), id);
    expect(harness.dropped()).toEqual({});
    for (let at = 2048; at < 63488; at += 2048)
      harness.add(ipv4({ id: 1, flags: 1, fragmentOffset: at, protocol: 200 }, 'A'.repeat(2048)), 100);
    expect(harness.dropped()).toEqual({ fragment_evicted: 15 });
    expect(harness.add(ipv4({ id: 1, fragmentOffset: 63488, protocol: 200 }, 'end'), 100)).toBe('complete');
    expect(harness.dropped()).toEqual({ fragment_evicted: 16 });
    expect(harness.balance()).toBe(0);
  });
});

describe('time', () => {
  it('is up for a datagram at its next fragment, whether swept or not', () => {
    const harness = new DefragmentationHarness();
    harness.add(part4(0, 'AAAAAAAA'), 0);
    expect(harness.add(part4(8, 'end', false), 30 * S + 1)).toBe('stored');
    expect(harness.dropped()).toEqual({ fragment_timeout: 1 });
    const inTime = new DefragmentationHarness();
    inTime.add(part4(0, 'AAAAAAAA'), 0);
    expect(inTime.add(part4(8, 'end', false), 30 * S)).toBe('complete');
  });

  it('is swept by `expire`, by IP version', () => {
    const harness = new DefragmentationHarness();
    harness.add(part4(0, 'AAAAAAAA'), 0);
    harness.add(part6(0, 'AAAAAAAA'), 0);
    harness.add(part4(16, 'AAAAAAAA'), 20 * S);
    expect(harness.defragmenter.expire(30 * S)).toBe(0);
    expect(harness.defragmenter.expire(31 * S)).toBe(2);
    expect(harness.defragmenter.expire(61 * S)).toBe(1);
    expect(harness.dropped()).toEqual({ fragment_timeout: 3 });
    expect(harness.defragmenter.datagrams).toBe(0);
    expect(harness.balance()).toBe(0);
  });

  it('ends with the capture', () => {
    const harness = new DefragmentationHarness();
    harness.add(part4(0, 'AAAAAAAA'), 0);
    harness.add(part6(0, 'AAAAAAAA'), 0);
    expect(harness.defragmenter.flush()).toBe(2);
    expect(harness.dropped()).toEqual({ fragment_incomplete: 2 });
    expect(harness.defragmenter).toMatchObject({ datagrams: 0, pendingFrames: 0 });
  });
});

describe('fragments in tunnels', () => {
  const inner = ipv4({ src: '192.168.0.1', id: 5 }, udp({ srcPort: 5, dstPort: 6 }, 'in a tunnel'.repeat(10)));
  const fragments = fragmentIpv4(inner, 68);

  it('are kept apart by the tunnel', () => {
    const harness = new DefragmentationHarness();
    fragments.forEach((fragment, i) =>
      harness.add(ipv4({ src: i % 2 === 0 ? '1.1.1.1' : '2.2.2.2' }, gre({}, fragment))),
    );
    expect(harness.completed).toEqual([]);
    const same = new DefragmentationHarness();
    fragments.forEach((fragment) => same.add(ipv4({ src: '1.1.1.1' }, gre({}, fragment))));
    expect(same.completed).toEqual([inner]);
  });

  it('may be fragments of fragments: the sums close, and nothing is overwritten while it is read', () => {
    const harness = new DefragmentationHarness();
    const { defragmenter, datagram } = harness;
    let result = '';
    for (const [i, fragment] of fragments.entries()) {
      const outer = ipv4({ id: 100 + i }, gre({}, fragment));
      for (const part of fragmentIpv4(outer, 44)) {
        if (harness.add(part) !== 'complete') continue;
        expect(datagram.fragmentLayer).toBe(1);
        harness.completedFrames -= defragmenter.datagramFrames;
        const outcome = defragmenter.add(defragmenter.datagram, datagram, 1, -1, 0, 0, defragmenter.datagramFrames);
        if (outcome !== 1) continue;
        result = Buffer.from(defragmenter.datagram.subarray(0, defragmenter.datagramLength)).toString('hex');
        harness.completedFrames += defragmenter.datagramFrames;
      }
    }
    expect(result).toBe(Buffer.from(inner).toString('hex'));
    expect(defragmenter.datagramFrames).toBe(harness.given);
    expect(harness.balance()).toBe(0);
  });

  it('may be those of the mirror header itself, in a capture', () => {
    const mirrored = ipv4(
      { id: 8, src: '10.9.9.9' },
      udp({ dstPort: 4789, checksum: 0 }, vxlan({ vni: 66 }, ethernet({}, inner))),
    );
    const harness = new DefragmentationHarness();
    harness.addAll(fragmentIpv4(mirrored, 100));
    expect(harness.datagram).toMatchObject({ vni: 66, tunnelDepth: 1, mirrorIpOffset: 0, start: 36 });
    expect(harness.datagram.layers[LAYER.srcPort]).toBe(5);
    expect(harness.datagram.layers[LAYER.flags]).toBe(0);
  });

  it('are not searched for a mirror header behind one that was taken off', () => {
    const packet = concat(
      ipv4({ id: 8 }, udp({ dstPort: 4789, checksum: 0 }, vxlan({ vni: 66 }, ethernet({}, inner)))),
    );
    const harness = new DefragmentationHarness();
    for (const part of fragmentIpv4(packet, 100))
      harness.add(ipv4({}, udp({ dstPort: 4789 }, vxlan({ vni: 1 }, ethernet({}, part)))), 0, 1);
    expect(harness.datagram).toMatchObject({ vni: 1, tunnelDepth: 1, mirrorIpOffset: -1, layerCount: 2 });
  });
});

describe('datagrams that share a bucket', () => {
  it('give way, the oldest first, beyond as many as one fragment looks through', () => {
    const options = { maxDatagrams: 4096 };
    const buckets = 8192;
    const aimed: Uint8Array[] = [];
    for (let host = 0; aimed.length < 80 && host < 40; host++) {
      for (let id = 0; aimed.length < 80 && id < 65_536; id++) {
        // The key's words, as fragment.ts has them.
        const key = [(4 << 8) | 200, -1, 0, id, 0x0a000000 + host, 0, 0, 0, 0x0a000101, 0, 0, 0];
        if ((key.reduce((hash, word) => hashWith(hash, word), 0) & (buckets - 1)) !== 77) continue;
        aimed.push(
          ipv4(
            { id, protocol: 200, src: `10.0.0.${host}`, dst: '10.0.1.1', fragmentOffset: 0, flags: 1 },
            'x'.repeat(8),
          ),
        );
      }
    }
    expect(aimed).toHaveLength(80);
    const harness = new DefragmentationHarness(options);
    harness.addAll(aimed);
    expect(harness.defragmenter.datagrams).toBe(64);
    expect(harness.dropped()).toEqual({ fragment_evicted: 16 });
    expect(harness.balance()).toBe(0);
    // The newest are there.
    expect(harness.add(aimed.at(-1)!)).toBe('duplicate_fragment');
    expect(harness.add(aimed[0])).toBe('stored');
  });
});
