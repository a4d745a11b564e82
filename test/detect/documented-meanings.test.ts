/** What rules mean where Suricata's shortcuts contradict its documentation (docs/decisions/0014). */
import { describe, expect, it } from 'vitest';
import { sidsOn } from '../support/detecting.js';
import { ethernet, ipv4, tcp, TCP_FLAG, udp, type Payload } from '../support/packet-builder.js';
import { compileOptions, programOf } from '../support/rule-options.js';

const { syn, ack, fin, psh } = TCP_FLAG;
const matches = (options: string, inner: Uint8Array): boolean =>
  sidsOn([programOf(options)], ethernet({}, ipv4({}, inner))).length > 0;
const inUdp = (options: string, payload: Payload): boolean => matches(options, udp({}, payload));

describe('the documented meaning of', () => {
  it.each([
    ['content:!"1"; endswith;', '21b01', false],
    ['content:!"1"; endswith;', '21b0', true],
    ['content:!"end"; offset:3; endswith;', 'the end', false],
    ['content:!"end"; offset:5; endswith;', 'the end', true],
    ['content:"the"; content:!"end"; distance:0; endswith;', 'the end', false],
    ['content:"the"; content:!"end"; within:4; isdataat:!1,relative;', 'the end', false],
  ])('a negated endswith: %s on %s is %s', (options, payload, expected) =>
    expect(inUdp(options, payload)).toBe(expected),
  );

  it.each<[string, number, boolean]>([
    ['!S', ack, true],
    ['!S', psh | ack, true],
    ['!S', syn | ack, false],
    ['!SA', psh, true],
    ['!SA', ack, false],
    ['*SA', ack, true],
    ['*SA', psh, false],
    ['!FSR,12', ack, true],
    ['!F', fin | ack, false],
  ])('flags:%s on 0x%x', (flags, present, expected) =>
    expect(matches(`flags:${flags};`, tcp({ flags: present }))).toBe(expected),
  );

  it('fragbits with +', () => {
    const framed = (flags: number): Uint8Array => ethernet({}, ipv4({ flags }, udp({}, 'x')));
    expect([2, 0].map((flags) => sidsOn([programOf('fragbits:+D;')], framed(flags)).length)).toEqual([1, 0]);
  });

  it.each([
    ['dsize:!1;', '', true],
    ['dsize:!1;', 'a', false],
    ['dsize:!1; content:"b";', 'ab', true],
    ['dsize:!1; content:!"b";', 'ab', false],
  ])('%s on "%s" is %s', (options, payload, expected) => expect(inUdp(options, payload)).toBe(expected));

  it('a window before the buffer', () => {
    const { program, diagnostics } = compileOptions('content:"a"; distance:-4; within:1;');
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(sidsOn([program!], ethernet({}, ipv4({}, udp({}, 'aaaa'))))).toEqual([]);
  });

  it('what is behind a negated content', () => {
    expect(inUdp('content:"a"; content:!"x"; offset:2; content:"b"; distance:1; within:1;', 'a--a-b')).toBe(true);
  });

  it('a rule for both directions that fits both ways', () => {
    const program = programOf('content:"a";');
    expect(
      sidsOn(
        [{ ...program, header: { ...program.header, bidirectional: true } }],
        ethernet({}, ipv4({}, udp({}, 'a'))),
      ),
    ).toEqual([1]);
  });

  it('the payload of a protocol without a decoder', () => {
    const framed = ethernet({}, ipv4({ protocol: 103 }, 'abcdefgh'));
    expect([
      sidsOn([programOf('dsize:8;')], framed),
      sidsOn([programOf('content:"def"; offset:3; depth:3;')], framed),
    ]).toEqual([[1], [1]]);
  });
});
