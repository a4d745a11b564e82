/**
 * Base64, BER, entropy, transforms and absent buffers: tables from the documentation, and the packed code against the
 * oracle.
 */
import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRules } from '../../../src/compile/compile-rules.js';
import { RuleSet } from '../../../src/block/rule-set.js';
import { Verifier } from '../../../src/detect/verify/verify.js';
import type { BufferProgram, RuleProgram } from '../../../src/rule/program.js';
import type { Transform } from '../../../src/rule/buffer-match.js';
import { placeBlock } from '../../support/detecting.js';
import { naiveTables } from '../../support/naive-scanner.js';
import { naiveVerify } from '../../support/naive-verify.js';
import { beginPacket, payloadPacket } from '../../support/payload-packet.js';
import { programOf } from '../../support/rule-options.js';
import { content, program } from '../../support/rule-programs.js';

/** Verifies one rule on one payload, with the packed code and with the oracle. */
function passes(rule: RuleProgram, payload: string | Uint8Array): boolean {
  const bytes = typeof payload === 'string' ? Uint8Array.from(Buffer.from(payload, 'latin1')) : payload;
  const rules = new RuleSet(placeBlock(compileRules([rule], { compilePatterns: naiveTables }).block));
  const verifier = new Verifier(rules);
  beginPacket(verifier, payloadPacket(bytes));
  const result = verifier.verify(0);
  expect(
    naiveVerify(rule, (buffer) => (buffer === 'payload' && bytes.length > 0 ? bytes : undefined)),
    'the oracle agrees',
  ).toBe(result);
  return result;
}

describe('options over a payload', () => {
  it.each<[string, string, boolean]>([
    ['content:"a="; base64_decode:relative; base64_data; content:"root:"; startswith;', 'a=cm9vdDp4', true],
    ['content:"a="; base64_decode:relative; base64_data; content:"root:"; startswith;', 'a= cm9vdDp4', false],
    ['content:"a="; base64_decode:offset 1,relative; base64_data; content:"root:x"; bsize:6;', 'a= cm9vdDp4', true],
    ['base64_decode:bytes 4; base64_data; content:"roo"; bsize:3;', 'cm9vdDp4', true],
    ['base64_decode:bytes 6; base64_data; bsize:4;', 'cm9vdDp4', true],
    ['base64_decode; base64_data; content:"roo"; bsize:3;', 'cm9v dDp4', true],
    ['base64_decode; base64_data; content:!"x";', '####', false],
    ['base64_data; content:!"x";', 'cm9v', false],
    ['content:"1"; base64_decode:relative; base64_data; content:"root"; content:"1"; distance:0;', '1cm9vdDE=', true],
    ['pkt_data; dotprefix; content:".example.com"; endswith;', 'example.com', true],
    ['pkt_data; dotprefix; content:".example.com"; endswith;', 'anexample.com', false],
    ['pkt_data; to_lowercase; content:"abc[@"; bsize:5;', 'aBC[@', true],
    ['pkt_data; to_uppercase; content:"ABC{`"; bsize:5;', 'aBc{`', true],
    ['pkt_data; strip_whitespace; content:"a(b)"; bsize:4;', ' a ( \t b\r\n)', true],
    ['pkt_data; compress_whitespace; content:"a b|09|c"; bsize:5;', 'a  b\t c', true],
    ['pkt_data; url_decode; content:"a b/%zz%4"; bsize:9;', 'a+b%2F%zz%4', true],
    ['pkt_data; to_md5; content:"|900150983cd24fb0d6963f7d28e17f72|"; bsize:16;', 'abc', true],
    ['pkt_data; to_sha1; content:"|a9993e364706816aba3e25717850c26c9cd0d89d|"; bsize:20;', 'abc', true],
    ['pkt_data; to_sha256; content:"|ba7816bf8f01cfea|"; startswith; bsize:32;', 'abc', true],
    ['pkt_data; xor:"0a0b"; content:"kii"; bsize:3;', 'abc', true],
    ['pkt_data; pcrexform:"^GET ([^ ]+)"; content:"/x"; bsize:2;', 'GET /x HTTP', true],
    ['pkt_data; pcrexform:"^GET ([^ ]+)"; content:"PUT /x HTTP"; bsize:11;', 'PUT /x HTTP', true],
    [
      'pkt_data; header_lowercase; content:"user-agent: Wget|0d 0a|host"; startswith;',
      'User-Agent: Wget\r\nHost: X',
      true,
    ],
    ['pkt_data; strip_pseudo_headers; content:"a: b|0a|"; bsize:5;', ':path: /\na: b\n:x', true],
    ['pkt_data; from_base64; content:"root"; bsize:4;', 'cm9vdA==', true],
    ['pkt_data; from_base64; content:"####"; bsize:4;', '####', true],
    ['pkt_data; from_base64:mode rfc2045; content:"root"; bsize:4;', 'c#m9 vdA', true],
    ['pkt_data; from_base64:mode strict; content:"c#m9"; startswith;', 'c#m9', true],
    ['pkt_data; from_base64:mode strict; content:"root"; bsize:4;', 'cm9vdA==', true],
    ['pkt_data; from_base64:mode strict; content:"cm9vdA"; bsize:6;', 'cm9vdA', true],
    ['pkt_data; from_base64:mode strict; content:"cm9vdA==cm9v"; bsize:12;', 'cm9vdA==cm9v', true],
    ['pkt_data; from_base64; content:"rootroot"; bsize:8;', 'cm9vdA==cm9vdA', true],
    ['pkt_data; from_base64:offset 2; to_uppercase; content:"ROOT"; bsize:4;', '##cm9vdA', true],
    ['pkt_data; xor:offset 2,"0a0b"; content:"abkii"; bsize:5;', 'ababc', true],
    ['pkt_data; xor:offset 9,0a; content:"abc"; bsize:3;', 'abc', true],
    [
      'pkt_data; xor:offset 1,extract 1 0; content:"Khello"; bsize:6;',
      `K${[...'hello'].map((letter) => String.fromCharCode(letter.charCodeAt(0) ^ 0x4b)).join('')}`,
      true,
    ],
    ['pkt_data; xor:var 2 3; content:"abcd"; bsize:4;', 'abcd', true],
    ['pkt_data; subslice:1; content:"his"; bsize:3;', 'this', true],
    ['pkt_data; subslice:1,2; content:"hi"; bsize:2;', 'this', true],
    ['pkt_data; subslice:-3,1; content:"h"; bsize:1;', 'this', true],
    ['pkt_data; subslice:13,-12; content:" is suric"; bsize:9;', 'this is suricata', true],
    ['pkt_data; subslice:2,30; bsize:0;', 'this', true],
    ['pkt_data; subslice:2,30,truncate; content:"is"; bsize:2;', 'this', true],
    ['pkt_data; subslice:9; bsize:0;', 'this', true],
    ['pkt_data; subslice:-9,truncate; content:"this"; bsize:4;', 'this', true],
    ['pkt_data; gunzip; content:"powershell"; bsize:10;', gzipSync('powershell').toString('latin1'), true],
    ['pkt_data; gunzip:max-size=5; content:"power"; bsize:5;', gzipSync('powershell').toString('latin1'), true],
    ['pkt_data; gunzip; bsize:1024;', gzipSync('x'.repeat(5000)).toString('latin1'), true],
    ['pkt_data; gunzip:max-size=1MB; bsize:65600;', gzipSync('x'.repeat(99_000)).toString('latin1'), true],
    [
      'pkt_data; gunzip; content:"powers"; startswith;',
      gzipSync('powershell').subarray(0, 18).toString('latin1'),
      true,
    ],
    ['pkt_data; domain; content:"Example.co.uk"; bsize:13;', 'www.Example.co.uk', true],
    ['pkt_data; domain; content:"me.github.io"; bsize:12;', 'a.b.me.github.io.', true],
    ['pkt_data; domain; bsize:0;', 'CO.UK', true],
    ['pkt_data; domain; content:"b.unlisted"; bsize:10;', 'a.b.unlisted', true],
    ['pkt_data; tld; content:"CO.UK"; bsize:5;', 'www.Example.CO.UK', true],
    ['pkt_data; tld; content:"com"; bsize:3;', 'example.com.', true],
    ['pkt_data; tld; bsize:0;', '.', true],
    ['pkt_data; tld; bsize:0;', 'localhost', true],
    ['pkt_data; tld; bsize:0;', 'co.uk', true],
    ['pkt_data; tld; content:"unlisted"; bsize:8;', 'a.unlisted', true],
    ['pkt_data; gunzip; bsize:0;', 'powershell', true],
    ['pkt_data; zlib_deflate; content:"powershell"; bsize:10;', deflateSync('powershell').toString('latin1'), true],
    ['pkt_data; zlib_deflate; bsize:0;', gzipSync('powershell').toString('latin1'), true],
    [
      'pkt_data; from_base64; gunzip; to_uppercase; content:"POWERSHELL";',
      gzipSync('powershell').toString('base64'),
      true,
    ],
    ['pkt_data; json_decode; content:"{|22|a|22|:|22|b c|0a 22|}"; bsize:12;', ' { "\\u0061" :\r\n"b c\\n" }', true],
    ['pkt_data; json_decode; content:"|22|a|22 5c|b|22|"; startswith;', '"a\\"\\\\b"', true],
    ['pkt_data; json_decode; content:"|22 f0 9f 9a 80 22|"; bsize:6;', '"\\ud83d\\ude80"', true],
    ['pkt_data; json_decode; content:"|22 ed a0 bd|x|22|"; bsize:6;', '"\\ud83dx"', true],
    ['pkt_data; json_decode; content:"|22 5c|q|5c|u12|22|} |22|"; bsize:11;', '"\\q\\u12"} "', true],
    ['pkt_data; to_uppercase; content:"ABC"; pkt_data; content:"abc";', 'abc', true],
    ['pkt_data; to_uppercase; pcre:"/^ABC$/"; pkt_data; pcre:"/^abc$/";', 'abc', true],
    ['udp.hdr; absent;', 'x', true],
    ['pkt_data; absent;', 'x', false],
    ['udp.hdr; absent:or_else; content:"x";', 'x', true],
    ['pkt_data; absent:or_else; content:"x";', 'y', false],
    ['content:"a"; bsize:2,relative;', 'xabc', true],
    ['content:"a"; bsize:3,relative;', 'xabc', false],
    ['entropy:value 0;', 'aaaa', true],
    ['entropy:value 2;', 'abcd', true],
    ['entropy:value 1-3;', 'abcd', true],
    ['entropy:value 2-3;', 'abcd', false],
    ['entropy:value !1-3;', 'abcd', false],
    ['entropy:value !2-3;', 'abcd', true],
    ['entropy:bytes 2,offset 1,value = 1;', 'aabb', true],
    ['entropy:offset 9,value >= 0;', 'aabb', false],
    ['entropy:bytes 4,value = 1;', 'aabb', true],
    ['entropy:bytes 5,value >= 0;', 'aabb', false],
    ['entropy:bytes 2,offset 3,value >= 0;', 'aabb', false],
    ['asn1:oversize_length 5;', '\x04\x06aa', true],
    ['asn1:oversize_length 6;', '\x04\x06aa', false],
    ['asn1:oversize_length 300;', '\x30\x08\x04\x82\x01\x90xx', true],
    ['asn1:bitstring_overflow;', '\x03\x02\x09\x00', true],
    ['asn1:bitstring_overflow;', '\x03\x02\x07\x00', false],
    ['asn1:double_overflow;', `\x09\x82\x01\x01\x03${'1'.repeat(256)}`, true],
    ['asn1:double_overflow;', `\x09\x82\x01\x00\x03${'1'.repeat(255)}`, false],
    ['asn1:double_overflow;', `\x09\x82\x01\x01\x80${'1'.repeat(256)}`, false],
    ['content:"ab"; asn1:oversize_length 5,relative_offset 1;', 'ab-\x04\x06aa', true],
    ['ber_data:0x30; ber_skip:0x02; ber_data:0x04; content:"x"; within:1;', '\x30\x06\x02\x01\x05\x04\x01x', true],
    ['ber_data:0x30; ber_skip:0x03,optional; ber_skip:0x02; isdataat:!1,relative;', '\x30\x03\x02\x01\x05', true],
    ['ber_data:0x31; content:"x";', '\x30\x01x', false],
    ['ber_skip:0x30; isdataat:0,relative;', '\x30\x05x', false],
  ])('%s on %j is %s', (options, payload, expected) => expect(passes(programOf(options), payload)).toBe(expected));
});

const KINDS = [
  'domain',
  'tld',
  'json_decode',
  'dotprefix',
  'to_lowercase',
  'to_uppercase',
  'strip_whitespace',
  'compress_whitespace',
  'url_decode',
  'to_md5',
  'to_sha1',
  'to_sha256',
  'header_lowercase',
  'strip_pseudo_headers',
] as const;
const transform: fc.Arbitrary<Transform> = fc.oneof(
  fc.constantFrom(...KINDS).map((kind): Transform => ({ kind })),
  fc
    .tuple(
      fc.oneof(
        fc.uint8Array({ minLength: 1, maxLength: 3 }),
        fc.record({ bytes: fc.integer({ min: 1, max: 3 }), offset: fc.nat(9) }),
      ),
      fc.nat(9),
    )
    .map(([key, offset]): Transform => ({ kind: 'xor', key, offset })),
  fc
    .tuple(
      fc.integer({ min: -12, max: 12 }),
      fc.option(
        fc.integer({ min: -9, max: 9 }).filter((length) => length !== 0),
        { nil: undefined },
      ),
      fc.boolean(),
    )
    .map(([offset, length, clip]): Transform => ({ kind: 'subslice', offset, length, clip })),
  fc
    .tuple(fc.constantFrom('gunzip' as const, 'zlib_deflate' as const), fc.integer({ min: 1, max: 40 }))
    .map(([kind, maximum]): Transform => ({ kind, maximum })),
  fc
    .tuple(fc.constantFrom('pcrexform' as const, 'group' as const), fc.constantFrom('a(.*)', '(b*)c'))
    .map(([kind, pattern]): Transform => ({ kind, pattern })),
  fc
    .record({
      bytes: fc.nat(9),
      offset: fc.nat(5),
      mode: fc.constantFrom('rfc4648' as const, 'rfc2045' as const, 'strict' as const),
    })
    .map((fields): Transform => ({ kind: 'from_base64', ...fields })),
);
const bytes = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .array(fc.constantFrom(...Buffer.from('aAbBzZ09+/= %\r\n:\t4\0\xff', 'latin1')), { minLength: 1, maxLength: 40 })
      .map((list) => Uint8Array.from(list)),
  },
  {
    weight: 3,
    arbitrary: fc
      .array(fc.constantFrom('"', '\\', '\\u', '\\ud83d', '\\ude80', '\\u00e9', '12', 'n', ' ', '{'), {
        minLength: 1,
        maxLength: 12,
      })
      .map((list) => Uint8Array.from(Buffer.from(list.join('')))),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(gzipSync, deflateSync), fc.string({ maxLength: 60 }), fc.nat(9))
      .map(([pack, plain, cut]) => Uint8Array.from(pack(plain)).subarray(0, cut === 0 ? 15 : undefined)),
  },
);

describe('random chains', () => {
  it('come out as the oracle has them', () => {
    fc.assert(
      fc.property(bytes, fc.array(transform, { minLength: 1, maxLength: 4 }), bytes, (payload, transforms, wanted) => {
        const probe = (matches: BufferProgram['matches']): RuleProgram =>
          program({ buffers: [{ buffer: 'payload', transforms, matches }] });
        passes(probe([content(wanted.subarray(0, 2))]), payload);
        for (let length = 0; length < 48; length += 3)
          passes(probe([{ kind: 'bsize', ranges: [[length, length + 2]] }]), payload);
      }),
      { numRuns: 120, seed: 20_261_122 },
    );
  });
});

describe('random elements', () => {
  const noise = fc
    .array(
      fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom(0x30, 0x02, 0x03, 0x04, 0x09, 0x1f, 0x80, 0x81, 0x82, 1, 2, 3, 5, 9) },
        fc.nat(255),
      ),
      { minLength: 1, maxLength: 24 },
    )
    .map((list) => Uint8Array.from(list));
  it('are read as the oracle reads them', () => {
    const type = fc.constantFrom(0x30, 2, 3, 4);
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('ber' as const),
        move: fc.constantFrom('data' as const, 'skip' as const),
        type,
        optional: fc.boolean(),
      }),
      fc.record({
        kind: fc.constant('asn1' as const),
        bitstringOverflow: fc.boolean(),
        doubleOverflow: fc.boolean(),
        oversizeLength: fc.option(fc.nat(20), { nil: undefined }),
        offset: fc.integer({ min: -2, max: 4 }),
        relative: fc.boolean(),
      }),
    );
    fc.assert(
      fc.property(noise, fc.array(step, { minLength: 1, maxLength: 4 }), (payload, matches) => {
        passes(program({ buffers: [{ buffer: 'payload', matches }] }), payload);
      }),
      { numRuns: 400, seed: 20_261_122 },
    );
  });
});
