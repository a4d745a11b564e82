/** Real captures of mirrored traffic; what is expected of each is documented in ../shared/captures/README.md. */
import { describe, expect, it } from 'vitest';
import { verifyChecksums } from '../../src/decode/checksum.js';
import { FAULT } from '../../src/decode/fault.js';
import { decode, flagNames, layersOf, payloadText, type Decoded } from '../support/decoded.js';
import { readPcap, sharedCapturesPresent, sharedPath } from '../support/read-pcap.js';

const present = sharedCapturesPresent();
const decodeCapture = (name: string): Decoded[] =>
  readPcap(sharedPath(`captures/vxlan/${name}`)).map(({ bytes, linkType }) => decode(bytes, linkType, 7));
const count = <T>(items: readonly T[], accept: (item: T) => boolean): number => items.filter(accept).length;
const vnis = (frames: readonly Decoded[]): number[] =>
  [...new Set(frames.map(({ frame }) => frame.vni))].sort((a, b) => a - b);

describe.skipIf(!present)('captures of mirrored traffic', () => {
  it('aws-mirror-session: one VNI, 82 TCP and 18 UDP packets in 4 SSH flows, 8 DNS exchanges and 1 NTP', () => {
    const frames = decodeCapture('aws-mirror-session.pcap');
    expect(frames).toHaveLength(100);
    expect(vnis(frames)).toEqual([5569041]);
    expect(count(frames, ({ fault }) => fault !== 'none')).toBe(0);
    expect(count(frames, ({ layers }) => layers[0].protocol === 6)).toBe(82);
    expect(count(frames, ({ layers }) => layers[0].protocol === 17)).toBe(18);
    expect(
      new Set(frames.filter(({ layers }) => layers[0].protocol === 6).map(({ layers }) => layers[0].flowHash)).size,
    ).toBe(4);
    const replies = frames.filter(({ layers }) => layers[0].srcPort === 53);
    expect(replies).toHaveLength(8);
    expect(new Set(replies.map(({ frame }) => frame.mirrorSrcPort))).toEqual(new Set([65408]));
    for (const { bytes, frame, counts } of frames) verifyChecksums(bytes, frame, counts);
    expect(
      frames.map(({ frame }) => frame.fault).filter((fault) => fault !== 0 && fault !== FAULT.tcp_bad_checksum),
    ).toEqual([]);
  });

  it('vxlan-overlapping-http-get: one 5-tuple under two VNIs and without a tunnel', () => {
    const frames = decodeCapture('vxlan-overlapping-http-get.pcap');
    expect(vnis(frames)).toEqual([-1, 4242, 4711]);
    expect(new Set(frames.map(({ layers }) => layers[0].flowHash)).size).toBe(1);
  });

  it('vxlan-encapsulated-http: VNI 1, 12 packets', () => {
    const frames = decodeCapture('vxlan-encapsulated-http.pcap');
    expect(frames).toHaveLength(12);
    expect(vnis(frames)).toEqual([1]);
  });

  it('vxlan-triple-v2: the outermost VNI, and the two further in as layers', () => {
    const frames = decodeCapture('vxlan-triple-v2.pcap').filter(({ frame }) => frame.vni >= 0);
    expect(vnis(frames)).toEqual([1]);
    for (const { layers } of frames) {
      expect(layers.map(flagNames)).toEqual([['tunnel'], ['tunnel'], []]);
      expect([layers[2].srcPort, layers[2].dstPort]).toContain(53);
    }
  });

  it('geneve-vxlan-dns-truncated: the VXLAN within GENEVE', () => {
    const frames = decodeCapture('geneve-vxlan-dns-truncated.pcap');
    expect(vnis(frames)).toContain(4242);
    const mirrored = frames.filter(({ frame }) => frame.vni === 4242);
    for (const { frame, fault } of mirrored)
      expect({ depth: frame.tunnelDepth, truncated: frame.truncated, fault }).toEqual({
        depth: 2,
        truncated: true,
        fault: 'none',
      });
  });

  it('vxlan-inner-tcp-bad-checksum: found only when asked', () => {
    const frames = decodeCapture('vxlan-inner-tcp-bad-checksum.pcap');
    expect(vnis(frames)).toEqual([42]);
    expect(count(frames, ({ fault }) => fault !== 'none')).toBe(0);
    for (const { bytes, frame, counts } of frames) verifyChecksums(bytes, frame, counts);
    expect(count(frames, ({ frame }) => frame.fault === FAULT.tcp_bad_checksum)).toBeGreaterThan(0);
    expect(frames.some(({ frame }) => layersOf(frame).some((layer) => flagNames(layer).includes('malformed')))).toBe(
      true,
    );
  });

  it('vxlan-non-zero-reserved-fields: 8 bare TCP packets and 2 with HTTP are read, and counted', () => {
    const frames = decodeCapture('vxlan-non-zero-reserved-fields.pcap');
    expect(vnis(frames)).toEqual([11]);
    expect(count(frames, ({ layers }) => layers[0].protocol === 6)).toBe(10);
    expect(count(frames, (decoded) => /^(GET|HTTP)/.test(payloadText(decoded)))).toBe(2);
    expect(count(frames, ({ counts }) => counts.vxlanReservedBits > 0)).toBeGreaterThan(0);
  });
});
