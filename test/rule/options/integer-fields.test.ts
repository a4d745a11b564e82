import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparedHolds, holds, packCompared } from '../../../src/block/compared.js';
import type { Compared } from '../../../src/block/terms.js';
import { OPTIONS } from '../../../src/rule/options/registry.js';
import { compileOptions, findings, programOf, reparse } from '../../support/rule-options.js';

const FIELDS = [
  ['ttl', 'ttl', 255],
  ['tos', 'tos', 255],
  ['id', 'ip_id', 65_535],
  ['fragoffset', 'fragoffset', 8191],
  ['seq', 'tcp_seq', 4_294_967_295],
  ['tcp.seq', 'tcp_seq', 4_294_967_295],
  ['ack', 'tcp_ack', 4_294_967_295],
  ['tcp.ack', 'tcp_ack', 4_294_967_295],
  ['window', 'tcp_window', 65_535],
  ['tcp.window', 'tcp_window', 65_535],
  ['tcp.mss', 'tcp_mss', 65_535],
  ['tcp.wscale', 'tcp_wscale', 255],
  ['itype', 'icmp_type', 255],
  ['icode', 'icmp_code', 255],
  ['icmp_id', 'icmp_id', 65_535],
  ['icmp_seq', 'icmp_seq', 65_535],
  ['icmpv6.mtu', 'icmpv6_mtu', 4_294_967_295],
  ['dsize', 'dsize', 65_535],
  ['flow.age', 'flow_age', 4_294_967_295],
  ['flow.pkts_toserver', 'flow_pkts_toserver', 4_294_967_295],
  ['flow.pkts_toclient', 'flow_pkts_toclient', 4_294_967_295],
  ['flow.bytes_toserver', 'flow_bytes_toserver', Number.MAX_SAFE_INTEGER],
  ['flow.bytes_toclient', 'flow_bytes_toclient', Number.MAX_SAFE_INTEGER],
] as const;

describe('keywords that compare one number', () => {
  it.each(FIELDS)('%s looks at %s, up to %d', (name, field, maximum) => {
    const { packetTests, flowTests } = programOf(`${name}:>=7;`);
    expect([...packetTests, ...flowTests]).toEqual([{ kind: 'field', field, ranges: [[7, maximum]], negated: false }]);
    expect(findings(`${name}:${maximum};`)).toEqual([]);
    if (maximum < Number.MAX_SAFE_INTEGER)
      expect(findings(`${name}:${maximum + 1};`)).toEqual([`number-out-of-range '${maximum + 1}'`]);
  });

  it.each([
    ['ttl:10', [[10, 10]], '10'],
    ['ttl:=10', [[10, 10]], '10'],
    ['ttl: = 10', [[10, 10]], '10'],
    ['ttl:0x0a', [[10, 10]], '10'],
    [
      'ttl:!10',
      [
        [0, 9],
        [11, 255],
      ],
      '!10',
    ],
    [
      'ttl:!=10',
      [
        [0, 9],
        [11, 255],
      ],
      '!10',
    ],
    ['ttl:!0', [[1, 255]], '!0'],
    ['ttl:!255', [[0, 254]], '!255'],
    ['ttl:<10', [[0, 9]], '<10'],
    ['ttl:<=10', [[0, 10]], '<=10'],
    ['ttl:>10', [[11, 255]], '>10'],
    ['ttl:> 10', [[11, 255]], '>10'],
    ['ttl:>=10', [[10, 255]], '>=10'],
    ['ttl:7<>20', [[8, 19]], '7<>20'],
    ['ttl:7-20', [[8, 19]], '7<>20'],
    ['ttl:7 <> 20', [[8, 19]], '7<>20'],
    [
      'ttl:!7<>20',
      [
        [0, 7],
        [20, 255],
      ],
      '!7<>20',
    ],
    [
      'ttl:!7-20',
      [
        [0, 7],
        [20, 255],
      ],
      '!7<>20',
    ],
    ['ttl:7<=>20', [[7, 20]], '7<=>20'],
    ['ttl:7<=>7', [[7, 7]], '7<=>7'],
    ['window:1kb', [[1024, 1024]], '1024'],
    ['window:<2KiB', [[0, 2047]], '<2048'],
  ] as const)('%s passes %j and prints %s', (text, ranges, printed) => {
    const { packetTests, flowTests } = programOf(`${text};`);
    expect([...packetTests, ...flowTests]).toMatchObject([{ ranges }]);
    const { first, second, printed: written } = reparse(text);
    expect(written).toBe(`${text.slice(0, text.indexOf(':'))}:${printed}`);
    expect(second).toEqual(first);
  });

  it.each([
    ['ttl:abc;', "bad-number 'abc'"],
    ['ttl:-1;', "bad-number ''"],
    ['ttl:1.5;', "bad-number '1.5'"],
    ['ttl:10xb;', "bad-number '10xb'"],
    ['ttl:256;', "number-out-of-range '256'"],
    ['ttl:5<>300;', "number-out-of-range '300'"],
    ['ttl:20<>7;', "bad-range '20<>7'"],
    ['ttl:<7<>20;', "bad-range '<7<>20'"],
    ['ttl:!7<=>20;', "bad-range '!7<=>20'"],
    ['ttl:<0;', "never-matches '<0'"],
    ['ttl:>255;', "never-matches '>255'"],
    ['ttl:7<>8;', "never-matches '7<>8'"],
    ['ttl:&0=0;', "bad-range '&0=0'"],
    ['ttl:&0xf0;', "bad-range '&0xf0'"],
    ['ttl:&x=1;', "bad-number 'x'"],
    ['ttl:&1=x;', "bad-number 'x'"],
    ['ttl:&0xf0=2;', "never-matches '&0xf0=2'"],
    ['ttl:&0x1f0=0x40;', "number-out-of-range '0x1f0'"],
    ['ttl;', "missing-value 'ttl'"],
  ])('%s is reported as %s', (text, finding) => {
    expect(findings(text)).toEqual([finding]);
    expect(compileOptions(text).diagnostics[0]!.hint).toBeTruthy();
    expect(compileOptions(text).program).toBeUndefined();
  });

  it.each([
    ['ttl:&0xf0=0x40', 240, [[64, 64]], '&240=64'],
    ['ttl:&0xf0!=0', 240, [[1, 255]], '&240!=0'],
    ['ttl:!&0xc0=0', 192, [[1, 255]], '&192!=0'],
    ['ttl: & 0x90 = 0x10', 144, [[16, 16]], '&144=16'],
    ['seq:&1=1', 1, [[1, 1]], '&1=1'],
    ['flow.bytes_toserver:&0x1000000000=0x1000000000', 2 ** 36, [[2 ** 36, 2 ** 36]], '&68719476736=68719476736'],
  ] as const)('%s passes what the mask %i leaves %j of, and prints %s', (text, mask, ranges, printed) => {
    const { packetTests, flowTests } = programOf(`${text};`);
    expect([...packetTests, ...flowTests]).toMatchObject([{ mask, ranges }]);
    const { first, second, printed: written } = reparse(text);
    expect(written).toBe(`${text.slice(0, text.indexOf(':'))}:${printed}`);
    expect(second).toEqual(first);
  });

  it('passes through a mask what has these bits, packed and not', () => {
    const number = fc.oneof(fc.nat(255), fc.maxSafeNat());
    fc.assert(
      fc.property(number, number, number, fc.boolean(), (left, bits, value, negated) => {
        const mask = Math.max(1, left);
        const wanted = Number(BigInt(bits) & BigInt(mask));
        const { program } = compileOptions(`flow.bytes_toserver:&${mask}${negated ? '!=' : '='}${wanted};`);
        const [test] = program!.flowTests as unknown as [Compared];
        const passes = ((BigInt(value) & BigInt(mask)) === BigInt(wanted)) !== negated;
        const code = Int32Array.from(packCompared(test));
        expect([holds(test, value), comparedHolds(code, 0, code.length, value)]).toEqual([passes, passes]);
      }),
      { numRuns: 1000, seed: 20_261_122 },
    );
  });

  it('says what could be written instead', () => {
    expect(compileOptions('ttl:20<>7;').diagnostics[0]!.hint).toBe('write 7<>20');
    expect(compileOptions('ttl:300;').diagnostics[0]!.hint).toBe('ttl goes from 0 to 255');
  });

  it('takes several in one rule', () => {
    expect(programOf('tos:!0; tos:!8;').packetTests).toHaveLength(2);
    expect(OPTIONS.find(({ name }) => name === 'tos')!.repeatable).toBe(true);
  });
});
