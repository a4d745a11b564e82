/** Which flow an ICMP error tells of: protocol, ports and hash of what it quotes, or none. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LAYER_FLAG, LINK_TYPE } from '../../src/decode/packet.js';
import { decode, type LayerFields } from '../support/decoded.js';
import {
  ethernet,
  icmp,
  icmpv6,
  ipv4,
  ipv6,
  sctp,
  tcp,
  udp,
  vxlan,
  type Ipv4Fields,
} from '../support/packet-builder.js';

const [CLIENT, SERVER, ROUTER] = ['10.0.0.1', '10.0.0.2', '172.16.0.1'];
const [CLIENT6, SERVER6] = ['fd00::1', 'fd00::2'];
const PORTS = { srcPort: 40_000, dstPort: 53 };
const BOTH = 40_000 * 0x1_0000 + 53;
const NONE = { quotedProtocol: 0, quotedPorts: 0 };

const layerOf = (packet: Uint8Array): LayerFields => decode(packet, LINK_TYPE.raw, 3).layers.at(-1)!;
const quoted = (packet: Uint8Array): Pick<LayerFields, 'quotedProtocol' | 'quotedPorts'> => {
  const { quotedProtocol, quotedPorts } = layerOf(packet);
  return { quotedProtocol, quotedPorts: quotedPorts >>> 0 };
};
const asked = (fields: Ipv4Fields = {}, segment = udp(PORTS, 'ask')): Uint8Array =>
  ipv4({ src: CLIENT, dst: SERVER, ...fields }, segment);
const asked6 = ipv6({ src: CLIENT6, dst: SERVER6 }, udp(PORTS, 'ask'));
const error = (quote: Uint8Array, fields = { type: 3, code: 3 }, dst = CLIENT): Uint8Array =>
  ipv4({ src: ROUTER, dst }, icmp(fields, quote));
const error6 = (quote: Uint8Array, fields: { type: number; code?: number } = { type: 1 }): Uint8Array =>
  ipv6({ src: SERVER6, dst: CLIENT6 }, icmpv6(fields, quote));

describe('an ICMP error that says that a packet did not arrive', () => {
  it.each([
    ['UDP', error(asked()), asked(), 17],
    ['TCP', error(asked({}, tcp(PORTS))), asked({}, tcp(PORTS)), 6],
    ['SCTP', error(asked({}, sctp(PORTS))), asked({}, sctp(PORTS)), 132],
    ['the least that is quoted', error(asked().subarray(0, 28)), asked(), 17],
    ['ports of TCP alone', error(asked({}, tcp(PORTS)).subarray(0, 24)), asked({}, tcp(PORTS)), 6],
    ['too big', error(asked(), { type: 3, code: 4 }), asked(), 17],
    ['IP options', error(asked({ options: [7, 7, 4, 1, 2, 3, 4] })), asked(), 17],
    ['a first fragment', error(asked({ flags: 1 })), asked(), 17],
    ['IPv6', error6(asked6), asked6, 17],
    ['the least of IPv6', error6(asked6.subarray(0, 48)), asked6, 17],
    ['IPv6, too big', error6(asked6, { type: 2 }), asked6, 17],
  ])('tells of the flow of what it quotes: %s', (_, packet, original, protocol) => {
    expect(quoted(packet)).toEqual({ quotedProtocol: protocol, quotedPorts: BOTH });
    const { flags, flowHash, addressHash, srcPort, dstPort } = layerOf(packet);
    expect(flags & LAYER_FLAG.icmpError).toBe(LAYER_FLAG.icmpError);
    expect({ flowHash, addressHash }).toEqual({
      flowHash: layerOf(original).flowHash,
      addressHash: layerOf(original).addressHash,
    });
    expect({ srcPort, dstPort }).toEqual({ srcPort: 0, dstPort: 0 });
  });

  it('does so in the VXLAN of a mirror', () => {
    const { layers } = decode(vxlan({}, ethernet({}, error(asked()))), LINK_TYPE.vxlan);
    expect(layers).toMatchObject([{ protocol: 1, quotedProtocol: 17, flowHash: layerOf(asked()).flowHash }]);
  });

  it.each([
    ['a quote that is cut', error(asked().subarray(0, 27))],
    ['ports of TCP that are cut', error(asked({}, tcp(PORTS)).subarray(0, 23))],
    ['a quote that ends in the IP header', error(asked().subarray(0, 19))],
    ['a quote whose options are cut', error(asked({ options: new Uint8Array(40) }).subarray(0, 60))],
    ['no quote', error(new Uint8Array(0))],
    ['a fragment behind the first', error(asked({ fragmentOffset: 8 }))],
    ['a header shorter than one', error(asked({ headerLength: 4 }))],
    ['another IP version', error(asked({ version: 6 }))],
    ['a protocol without ports', error(asked({}, icmp({})))],
    ['one that goes to somebody else', error(asked(), { type: 3, code: 3 }, SERVER)],
    ['a code that is not known', error(asked(), { type: 3, code: 77 })],
    ['time exceeded', error(asked(), { type: 11, code: 0 })],
    ['a quote of IPv6 that is cut', error6(asked6.subarray(0, 47))],
    ['IPv6 extension headers', error6(ipv6({ src: CLIENT6, dst: SERVER6, extensions: [{ type: 0 }] }, udp(PORTS)))],
    ['IPv6, time exceeded', error6(asked6, { type: 3 })],
    ['IPv6 with a code that is not known', error6(asked6, { type: 1, code: 99 })],
  ])('tells of none: %s', (_, packet) => {
    expect(quoted(packet)).toEqual(NONE);
    expect(layerOf(packet).flags & LAYER_FLAG.icmpError).toBe(LAYER_FLAG.icmpError);
  });

  it('tells of none where the mirror has cut the quote, whatever lies behind', () => {
    const whole = error(asked());
    for (let length = 28; length < whole.length; length++)
      expect(quoted(whole.subarray(0, length)).quotedProtocol).toBe(length < 56 ? 0 : 17);
  });

  it('reads nothing beyond what is there, whatever is quoted', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(255), fc.nat(20), (quote, type, code) => {
        const packet = error(quote, { type, code });
        expect(quoted(packet)).toEqual(quoted(packet));
        if (quote.length < 24) expect(quoted(packet)).toEqual(NONE);
      }),
      { seed: 39, numRuns: 300 },
    );
  });

  it('is none: an echo', () => {
    expect(layerOf(ipv4({}, icmp({ type: 8 }, asked()))).flags & LAYER_FLAG.icmpError).toBe(0);
    expect(layerOf(ipv6({}, icmpv6({ type: 128 }, asked6))).flags & LAYER_FLAG.icmpError).toBe(0);
  });
});
