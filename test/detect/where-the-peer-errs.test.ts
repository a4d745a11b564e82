/** What stays otherwise than in Suricata 8.0.7 because that is wrong: docs/decisions/0042. */
import { describe, expect, it } from 'vitest';
import { inspect } from '../support/inspect.js';
import { ethernet, icmp, icmpv6, ip, ipv4, ipv6, udp, vlan } from '../support/packet-builder.js';

/** Sids that alert on one frame. */
function sidsOn(frame: Uint8Array, ...rules: readonly string[]): number[] {
  const text = rules.map((rule, i) => rule.replace(/\)$/, ` sid:${i + 1};)`)).join('\n');
  return inspect(text, [{ timeUs: 1_700_000_000_000_000, bytes: frame }]).map(({ sid }) => sid);
}
const ping = ipv4({}, icmp({}, 'ping'));

describe('otherwise than in Suricata', () => {
  it('the payload of ICMPv6 begins behind its header, whatever the type', () => {
    const target = ip('fd00::7');
    const solicitation = icmpv6({ type: 135, id: 0, seq: 0 }, target);
    expect(
      sidsOn(
        ethernet({}, ipv6({}, solicitation)),
        'alert icmp any any -> any any (dsize:16;)',
        'alert icmp any any -> any any (dsize:12;)',
        'alert icmp any any -> any any (content:"|fd 00|"; depth:2;)',
      ),
    ).toEqual([1, 3]);
  });

  it('numbers are read behind transforms, and masks are laid over what is read', () => {
    expect(
      sidsOn(
        ethernet({}, ipv4({}, udp({}, 'HTTP/1.1'))),
        'alert udp any any -> any any (pkt_data; to_lowercase; byte_extract:1,0,h; byte_test:1,=,h,0;)',
        'alert udp any any -> any any (byte_math:bytes 1,offset 0,oper -,rvalue 2,result n,bitmask 0xf0; content:"T"; offset:n;)',
        'alert udp any any -> any any (byte_math:bytes 1,offset 0,oper -,rvalue 2,result n,bitmask 0xf0; content:"/"; depth:n;)',
      ),
    ).toEqual([1, 2]);
  });

  it('a VLAN tag that is not there is not another one', () => {
    const rules = ['alert ip any any -> any any (vlan.id:!200,1;)', 'alert ip any any -> any any (vlan.id:!200,0;)'];
    const tagged = (...ids: readonly number[]): Uint8Array =>
      ethernet(
        {},
        ids.reduceRight((inner, id) => vlan({ id }, inner), ping),
      );
    expect(sidsOn(tagged(100), ...rules)).toEqual([2]);
    expect(sidsOn(tagged(100, 300), ...rules)).toEqual([1, 2]);
    expect(sidsOn(tagged(100, 200), ...rules)).toEqual([2]);
    expect(sidsOn(ethernet({}, ping), ...rules)).toEqual([]);
  });

  it.each(['flowbits:OP,a;', 'hostbits:OP,a,src;', 'xbits:OP,a,track ip_src;', 'xbits:OP,a,track ip_pair;'])(
    'a mark holds from where it is set on, at the same packet: %s',
    (mark) => {
      const asking = (operation: string): string => mark.replace('OP', operation);
      expect(
        sidsOn(
          ethernet({}, ipv4({}, udp({}, 'hello'))),
          `alert udp any any -> any any (content:"hello"; ${asking('set')})`,
          `alert udp any any -> any any (content:"ll"; ${asking('isset')})`,
          `alert udp any any -> any any (content:"ll"; ${asking('isnotset')})`,
        ),
      ).toEqual([1, 2]);
    },
  );

  it('whether the application is known can be asked', () => {
    const packet = ethernet({}, ipv4({}, udp({ dstPort: 9999 }, 'hello')));
    expect(
      sidsOn(
        packet,
        'alert udp any any -> any any (app-layer-protocol:!unknown; content:"hello";)',
        'alert udp any any -> any any (content:"hello";)',
      ),
    ).toEqual([2]);
  });
});
