/**
 * A rule that is said never to match never does: not on any payload of few letters, as the naive verifier sees it, and
 * not on packets of every kind, as the detector sees them.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RuleProgram } from '../../../src/rule/program.js';
import { Sensor } from '../../support/detecting.js';
import { naiveVerify } from '../../support/naive-verify.js';
import { ethernet, icmp, icmpv6, ipv4, ipv6, sctp, tcp, udp } from '../../support/packet-builder.js';
import { compileText, lintText } from '../support/compile.js';

const number = (last: number): fc.Arbitrary<number> => fc.nat(last);
const text = fc.stringMatching(/^[abA]{1,3}$/);

/** Any content whose modifiers load; shrinks to a plain one. */
const content = fc
  .record({
    text,
    negated: fc.boolean(),
    nocase: fc.boolean(),
    endswith: fc.boolean(),
    place: fc.oneof(
      fc.constant(''),
      fc.constant('startswith;'),
      fc
        .tuple(number(4), number(3))
        .map(([offset, more]) => (more === 0 ? `offset:${offset};` : `offset:${offset}; depth:${more + 3};`)),
      number(2).map((more) => `depth:${3 + more};`),
      fc
        .tuple(fc.integer({ min: -4, max: 3 }), number(3))
        .map(([distance, more]) =>
          more === 0 ? `distance:${distance};` : `distance:${distance}; within:${more + 2};`,
        ),
    ),
  })
  .map(
    ({ text: bytes, negated, nocase, endswith, place }) =>
      `content:${negated ? '!' : ''}"${bytes}"; ${nocase ? 'nocase; ' : ''}${endswith ? 'endswith; ' : ''}${place}`,
  );

const comparison = fc
  .tuple(fc.constantFrom('', '!', '<', '>'), fc.integer({ min: 1, max: 8 }))
  .map(([sign, value]) => `${sign}${value}`);
const step = fc.oneof(
  { weight: 4, arbitrary: content },
  comparison.map((size) => `bsize:${size};`),
  comparison.map((size) => `dsize:${size};`),
  fc
    .tuple(fc.constantFrom('', '!'), number(8), fc.constantFrom('', ',relative'))
    .map(([not, at, relative]) => `isdataat:${not}${at}${relative};`),
  fc.tuple(number(3), fc.constantFrom('', ',relative')).map(([at, relative]) => `byte_test:2,>,10,${at}${relative};`),
  fc
    .tuple(number(3), fc.constantFrom('', ',relative'))
    .map(([at, relative]) => `byte_jump:1,${at}${relative},bitmask 0x03;`),
  number(3).map((at) => `byte_jump:1,${at},from_beginning,bitmask 0x01;`),
  number(3).map((at) => `byte_extract:1,${at},n,relative;`),
  fc.constantFrom(
    'pcre:"/b./R";',
    'pcre:"/^a/";',
    'pcre:!"/aa/";',
    'pkt_data; to_lowercase;',
    'pkt_data; dotprefix;',
    'pkt_data;',
  ),
);

/** Of `a`, `b` and now and then `A`, up to this length. */
const LONGEST = 9;
const PAYLOADS: readonly Uint8Array[] = Array.from({ length: LONGEST }, (_, length) => length + 1)
  .flatMap((length) =>
    Array.from({ length: 2 ** length }, (_, bits) =>
      Uint8Array.from({ length }, (_byte, i) => (((bits >> i) & 1) === 1 ? 0x61 : i % 3 === 2 ? 0x41 : 0x62)),
    ),
  )
  .concat(
    Array.from({ length: 2 ** 7 }, (_, bits) =>
      Uint8Array.from({ length: 7 }, (_byte, i) => (((bits >> i) & 1) === 1 ? 0x61 : 0x62)),
    ),
  );

function matches(program: RuleProgram, payload: Uint8Array): boolean {
  const fits = program.packetTests.every(
    (test) =>
      test.kind === 'field' && test.ranges.some(([low, high]) => payload.length >= low && payload.length <= high),
  );
  return fits && naiveVerify(program, (buffer) => (buffer === 'payload' && payload.length > 0 ? payload : undefined));
}

const isNever = (findings: readonly string[]): boolean => findings.some((finding) => finding.includes('never-matches'));

describe('a rule that is said never to match', () => {
  it('matches no payload', () => {
    let told = 0;
    let silent = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 4 }), (steps) => {
        const rule = `alert tcp any any -> any any (msg:"x"; ${steps.join(' ')} sid:1;)`;
        const { program } = compileText(rule);
        if (program === undefined) return;
        if (isNever(lintText(rule))) {
          told++;
          expect(
            PAYLOADS.some((payload) => matches(program, payload)),
            rule,
          ).toBe(false);
        } else {
          silent++;
        }
      }),
      { numRuns: 1000 },
    );
    expect(told).toBeGreaterThan(100);
    expect(silent).toBeGreaterThan(100);
  });

  it('alerts on no packet', () => {
    const condition = fc.oneof(
      fc
        .tuple(fc.constantFrom('flags', 'flags'), fc.constantFrom('S', 'SA', '+A', '!S', '*SF', '0'))
        .map(([name, value]) => `${name}:${value};`),
      fc.constantFrom(
        'ttl:<5;',
        'ttl:64;',
        'ttl:>100;',
        'tos:0;',
        'tos:>3;',
        'id:0;',
        'id:>0;',
        'dsize:0;',
        'dsize:4;',
        'dsize:>4;',
        'window:<500;',
        'seq:0;',
        'ack:>0;',
      ),
      fc.constantFrom(
        'itype:8;',
        'itype:<4;',
        'itype:128;',
        'icode:0;',
        'icode:>0;',
        'icmp_id:0;',
        'icmp_id:7;',
        'icmp_seq:0;',
        'icmpv6.mtu:<9999;',
      ),
      fc.constantFrom(
        'ip_proto:6;',
        'ip_proto:!6;',
        'ip_proto:17;',
        'ip_proto:<10;',
        'ip_proto:47;',
        'fragbits:D;',
        'fragbits:!D;',
        'fragbits:+M;',
        'fragoffset:0;',
        'sameip;',
        'ipopts:rr;',
      ),
      fc.constantFrom('flow:only_stream;', 'stream_size:client,<,10;', 'stream_size:client,>,20;'),
      fc.constantFrom(
        'tcp.hdr; content:"|00|";',
        'udp.hdr; content:"|00|";',
        'ipv4.hdr; content:"|00|";',
        'ipv6.hdr; content:"|00|";',
        'icmpv4.hdr; content:"|00|";',
        'icmpv6.hdr; content:"|00|"; offset:1;',
        'pkt_data; content:"data";',
        'pkt_data; content:!"x";',
      ),
    );
    const header = fc
      .tuple(
        fc.constantFrom(
          'ip',
          'ipv4',
          'ipv6',
          'tcp',
          'tcp-pkt',
          'tcp-stream',
          'udp',
          'icmp',
          'icmpv4',
          'icmpv6',
          'sctp',
          'pkthdr',
        ),
        fc.constantFrom('any', 'any', '10.0.0.0/8', '2001:db8::/32'),
        fc.constantFrom('any', 'any', '10.0.0.0/8', '2001:db8::/32'),
      )
      .map(([protocol, from, to]) => `alert ${protocol} ${from} any -> ${to} any`);
    let told = 0;
    let fired = 0;
    fc.assert(
      fc.property(header, fc.uniqueArray(condition, { minLength: 1, maxLength: 3 }), (start, conditions) => {
        const rule = `${start} (msg:"x"; ${conditions.join(' ')} sid:1;)`;
        const { program } = compileText(rule);
        if (program === undefined) return;
        const sensor = new Sensor([program]);
        const found = FRAMES.some((frame) => sensor.sids(frame).length > 0);
        if (found) fired++;
        if (!isNever(lintText(rule))) return;
        told++;
        expect(found, rule).toBe(false);
      }),
      { numRuns: 300 },
    );
    expect(told).toBeGreaterThan(50);
    expect(fired).toBeGreaterThan(15);
  });
});

const transports = [
  ...[0, 2, 16, 18, 24, 4, 1].map((flags, i) =>
    tcp({ flags, seq: i === 0 ? 0 : 1000 + i, ack: 77, window: i % 2 === 0 ? 100 : 4000 }, i % 2 === 0 ? '' : 'data'),
  ),
  udp({ srcPort: 53, dstPort: 5000 }, 'data'),
  udp({ srcPort: 53, dstPort: 5000 }, 'more data'),
  ...[0, 3, 8, 11, 13].map((type) => icmp({ type, code: type % 2, id: type === 8 ? 7 : 0, seq: 0 }, 'data')),
  sctp({}, 'data'),
];
const FRAMES: readonly Uint8Array[] = [
  ...transports.flatMap((body, i) => [
    ethernet(
      {},
      ipv4(
        { src: '10.0.0.1', dst: '10.0.0.2', ttl: i % 2 === 0 ? 64 : 3, id: i % 3, flags: i % 2 === 0 ? 2 : 0, tos: i },
        body,
      ),
    ),
    ethernet({}, ipv4({ src: '10.0.0.2', dst: '10.0.0.1', ttl: 200, options: [7, 3, 4, 0] }, body)),
  ]),
  ...[
    tcp({ flags: 24 }, 'data'),
    udp({}, 'data'),
    ...[2, 128, 129, 3].map((type) => icmpv6({ type, code: 0, id: 0, seq: 1280 }, 'data')),
  ].map((body) => ethernet({}, ipv6({ src: '2001:db8::1', dst: '2001:db8::2' }, body))),
  ethernet({}, ipv4({ protocol: 47 }, 'data')),
  ethernet({}, ipv4({ src: '10.0.0.1', dst: '10.0.0.1', flags: 1 }, udp({}, 'data'))),
];
