import { describe, expect, it } from 'vitest';
import * as build from './packet-builder.js';

describe('packet builder', () => {
  it('reads addresses', () => {
    expect(build.ip('192.168.0.1')).toEqual([192, 168, 0, 1]);
    expect(build.ip('2001:db8::1')).toEqual([...build.hex('20010db8000000000000000000000001')]);
    expect(build.ip('::')).toEqual(new Array(16).fill(0));
    expect(build.ip('1:2:3:4:5:6:7:8')).toEqual([...build.hex('00010002000300040005000600070008')]);
  });

  it('computes the IPv4 header checksum of a known header', () => {
    const header = build.ipv4({
      src: '192.168.0.1',
      dst: '192.168.0.199',
      id: 0,
      flags: 2,
      protocol: 17,
      totalLength: 115,
    });
    expect(Buffer.from(header).toString('hex')).toBe('4500007300004000' + '4011b861' + 'c0a80001c0a800c7');
  });

  it('fills in lengths, protocols and checksums that sum up to ffff', () => {
    const packet = build.ipv4({ src: '10.1.2.3', dst: '10.4.5.6' }, build.udp({ srcPort: 1000, dstPort: 2000 }, 'abc'));
    expect(packet[9]).toBe(17);
    expect([packet[2], packet[3]]).toEqual([0, 31]);
    expect(build.internetChecksum(packet.subarray(0, 20))).toBe(0);
    expect(build.internetChecksum(packet.subarray(12, 20), [0, 17, 0, 11], packet.subarray(20))).toBe(0);
    const frame = build.ethernet({}, build.vlan({ id: 5 }, build.ipv6({}, build.icmpv6())));
    expect(Buffer.from(frame.subarray(12, 18)).toString('hex')).toBe('8100000586dd');
    expect(frame[18 + 6]).toBe(58);
    expect(
      build.internetChecksum(frame.subarray(18 + 8, 18 + 40), [0, 0, 0, 8, 0, 0, 0, 58], frame.subarray(18 + 40)),
    ).toBe(0);
  });

  it('leaves given checksums and lengths as they are', () => {
    const packet = build.ipv4({ checksum: 0x1111, totalLength: 9 }, build.tcp({ checksum: 0x2222 }));
    expect([packet[10], packet[11], packet[3]]).toEqual([0x11, 0x11, 9]);
    expect([packet[36], packet[37]]).toEqual([0x22, 0x22]);
  });

  it('links extension headers', () => {
    const packet = build.ipv6(
      { extensions: [{ type: 0 }, { type: 51, body: new Uint8Array(14) }, { type: 60, body: new Uint8Array(10) }] },
      build.tcp(),
    );
    expect([packet[6], packet[40], packet[41], packet[48], packet[49], packet[64], packet[65]]).toEqual([
      0, 51, 0, 60, 2, 6, 1,
    ]);
  });

  it('cuts packets into fragments that cover it', () => {
    const packet = build.ipv4({ id: 7 }, build.udp({}, 'x'.repeat(3000)));
    const fragments = build.fragmentIpv4(packet, 1500);
    expect(fragments.map((fragment) => fragment.length)).toEqual([1500, 1500, 68]);
    expect(build.concat(packet.subarray(0, 20), ...fragments.map((fragment) => fragment.subarray(20)))).toHaveLength(
      packet.length,
    );
    expect(fragments.map((fragment) => (fragment[6] << 8) | fragment[7])).toEqual([0x2000, 0x2000 | 185, 370]);
    const fragments6 = build.fragmentIpv6(build.ipv6({}, build.udp({}, 'y'.repeat(2000))), 1280, 9);
    expect(fragments6.map((fragment) => fragment.length)).toEqual([1280, 40 + 8 + 2008 - 1232]);
    expect([...fragments6[1].subarray(40, 48)]).toEqual([17, 0, 1232 >> 8, 1232 & 255, 0, 0, 0, 9]);
  });
});
