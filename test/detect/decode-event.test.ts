/** decode-event: rules on malformations that decoding names, under our names and Suricata's. */
import { describe, expect, it } from 'vitest';
import { programOf } from '../support/rule-options.js';
import { Sensor } from '../support/detecting.js';
import { ethernet, ipv4, tcp, udp } from '../support/packet-builder.js';

const rule = (name: string) => programOf(`decode-event:${name};`);
const frame = (transport: Uint8Array, protocol: number) => ethernet({}, ipv4({ protocol }, transport));

describe('decode-event', () => {
  it.each([
    ['tcp.hlen_too_small', frame(tcp({ headerLength: 4 }, 'x'), 6), true],
    ['tcp_bad_header_length', frame(tcp({ headerLength: 4 }, 'x'), 6), true],
    ['tcp.hlen_too_small', frame(tcp({}, 'x'), 6), false],
    // As Suricata has these names.
    ['tcp.invalid_optlen', frame(tcp({ headerLength: 4 }, 'x'), 6), true],
    ['tcp.hlen_too_small', frame(tcp({ headerLength: 15 }, 'x'), 6), true],
    ['tcp.invalid_optlen', frame(tcp({ headerLength: 15 }, 'x'), 6), false],
    ['udp.pkt_too_small', frame(udp({ length: 100 }, 'x'), 17), true],
    ['udp.hlen_too_small', frame(udp({ length: 100 }, 'x'), 17), false],
    ['udp.hlen_too_small', frame(udp({}, 'x').subarray(0, 5), 17), true],
    ['udp.pkt_too_small', frame(udp({}, 'x').subarray(0, 5), 17), false],
    ['udp.hlen_invalid', frame(udp({ length: 3 }, 'x'), 17), true],
    ['tcp.hlen_too_small', frame(udp({ length: 3 }, 'x'), 17), false],
  ] as const)('%s', (name, bytes, fires) => expect(new Sensor([rule(name)]).sids(bytes)).toEqual(fires ? [1] : []));
});
