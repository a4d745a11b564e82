import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Diagnostics } from '../../../src/rule/diagnostics/diagnostic.js';
import { OPTIONS } from '../../../src/rule/options/registry.js';
import { ProgramBuilder } from '../../../src/rule/compile/rule-builder.js';
import { keyword, optionNode, parseOption, reparse } from '../../support/rule-options.js';

/** Alternatives joined to one text, with blanks where blanks may be. */
const text = (...parts: readonly (string | fc.Arbitrary<string | number>)[]): fc.Arbitrary<string> =>
  fc
    .tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)))
    .map((pieces) => pieces.join(''));
const one = (...choices: string[]): fc.Arbitrary<string> => fc.constantFrom(...choices);
const maybe = (part: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.option(part, { nil: '' });
const list = (part: fc.Arbitrary<string>, maxLength: number, separator = ','): fc.Arbitrary<string> =>
  fc.array(part, { minLength: 1, maxLength }).map((parts) => parts.join(separator));
const number = (low: number, high: number): fc.Arbitrary<string> =>
  fc
    .tuple(fc.integer({ min: low, max: high }), fc.boolean())
    .map(([value, hex]) => (hex && value >= 0 ? `0x${value.toString(16)}` : String(value)));

const comma = one(',', ', ', ' , ');
const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.]{0,8}$/);
const operand = fc.oneof(number(0, 200), name);
const comparison = (maximum: number): fc.Arbitrary<string> =>
  fc.oneof(
    text(one('', '=', '!', '!=', '<', '<=', '>', '>='), one('', ' '), number(1, maximum - 1)),
    ...(maximum === 255 ? [text(one('', '!'), one('&0xc0', '& 0xc0 '), one('=', '!='), one('64', ' 0x40'))] : []),
    fc.tuple(number(0, 100), number(102, maximum)).map(([low, high]) => `${low}<>${high}`),
  );
const common = (base: string): fc.Arbitrary<string> =>
  fc
    .tuple(
      maybe(one(',relative', ', relative')),
      fc.oneof(one('', ',little', ',big', ',endian little'), one(',string,hex', `,string${base}dec`, ', string')),
      maybe(text(',bitmask ', number(1, 0xffff))),
    )
    .map((parts) => parts.join(''));
const hexSection = fc
  .uint8Array({ minLength: 1, maxLength: 6 })
  .map((bytes) => `|${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')}|`);
const plain = fc.stringMatching(/^[ -!#-9<-[\]-{}~]{1,12}$/).filter((each) => !each.includes('|'));
const escape = one('\\"', '\\;', '\\:', '\\\\');
const quoted = list(fc.oneof(hexSection, plain, escape), 6, '').map((inside) => `"${inside}"`);

const datasetLimits = text(
  maybe(text(comma, 'type ', one('string', 'md5', 'sha256', 'ipv4', 'ip', 'ipv6'))),
  maybe(text(comma, 'memcap ', one('1000', '10mb', '1 GB', '5kb'))),
  maybe(text(comma, 'hashsize ', one('1024', '1kb'))),
  maybe(one(',format csv')),
);

/** Texts that each keyword must read. */
const GOOD: Readonly<Record<string, fc.Arbitrary<string>>> = {
  content: text(
    one('', '!', '! '),
    quoted,
    fc
      .uniqueArray(one(',nocase', ', offset 3', ',depth 400', ',endswith'), { maxLength: 3 })
      .map((parts) => parts.join('')),
  ),
  offset: operand,
  depth: operand,
  distance: fc.oneof(number(-500, 500), name),
  within: operand,
  fast_pattern: fc.oneof(one('only'), text(number(0, 9), comma, number(1, 9))),
  isdataat: text(one('', '!', '! '), operand, maybe(one(',relative', ' , relative')), maybe(one(',rawbytes'))),
  'stream-event': one(
    'est_invalid_ack',
    'stream.fin_syn',
    'REASSEMBLY_SEQ_GAP',
    '3whs_synack_resend_with_different_ack',
  ),
  'engine-event': one('stream.est_invalid_ack', 'decoder.tcp.hlen_too_small', 'ipv4.trunc_pkt'),
  'vlan.id': text(comparison(4095), maybe(text(comma, one('0', '2', '-1', '-3', 'any', 'ALL')))),
  'vlan.layers': one('0', '>1', '!2', '<3', '>= 2', '0<>3'),
  'tcp.sack': comparison(255),
  ...Object.fromEntries(
    ['ipv4', 'tcpv4', 'tcpv6', 'udpv4', 'udpv6', 'icmpv4', 'icmpv6'].map((each) => [
      `${each}-csum`,
      one('valid', 'INVALID', '"valid"'),
    ]),
  ),
  'decode-event': one('tcp.hlen_too_small', 'TCP_bad_header_length', 'ipv6_bad_version', 'decoder.gre.wrong_version'),
  bsize: text(comparison(2000), maybe(one(',relative', ' , relative'))),
  base64_decode: fc
    .uniqueArray(fc.oneof(text('bytes ', number(1, 300)), text('offset ', number(0, 300)), one('relative')), {
      minLength: 1,
      maxLength: 3,
      selector: (part) => part.slice(0, 3),
    })
    .map((parts) => parts.join(', ')),
  asn1: text(
    one('bitstring_overflow', 'double_overflow', 'bitstring_overflow, double_overflow'),
    maybe(text(', oversize_length ', number(0, 5000))),
    maybe(fc.oneof(text(',relative_offset ', number(-90, 90)), text(',absolute_offset ', number(0, 90)))),
  ),
  ber_data: number(0, 255),
  ber_skip: text(number(0, 255), maybe(one(',optional', ', optional'))),
  entropy: text(
    maybe(text('bytes ', number(0, 400), ',')),
    maybe(text(' offset ', number(0, 400), ', ')),
    'value ',
    one('', '>', '>= ', '<', '<=', '=', '!=', '!', '=='),
    one(' '),
    one('0', '7', '4.5', '3.141592', '8'),
  ).map((each) => each.replace(/value (!?) 7$/, 'value $1 6.5-7')),
  absent: one('or_else', ''),
  dataset: text(
    one('isset', 'isnotset', 'set', 'unset', 'SET'),
    comma,
    name,
    fc.oneof(
      datasetLimits,
      text(maybe(one(',load a.lst', ', load b/c d.lst')), maybe(one(',save seen.lst')), datasetLimits),
      text(one(',state seen.lst'), datasetLimits),
    ),
  ),
  datarep: text(
    name,
    comma,
    one('<', '>', '==', '='),
    comma,
    number(0, 65_535),
    maybe(one(',load a.rep', ', load a.rep')),
    datasetLimits,
  ),
  geoip: text(
    maybe(one('src,', 'dst, ', 'both,', 'any,', 'SRC,')),
    one('', '!'),
    fc.uniqueArray(one('DE', 'us', 'FR', 'GB'), { minLength: 1 }).map((codes) => codes.join(',')),
    maybe(one(',!AT', ', CH')),
  ),
  iprep: text(
    one('any', 'src', 'dst', 'both'),
    comma,
    one('CnC', 'bad-hosts_1'),
    comma,
    fc.oneof(one('isset', 'isnotset'), text(one('<', '<=', '>', '>=', '=', '==', '!='), comma, number(0, 127))),
  ),
  xor: text(
    maybe(text('offset ', fc.nat(900), one(',', ', '))),
    fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 9 }).map((key) => `"${Buffer.from(key).toString('hex')}"`),
      text(one('extract ', 'var '), fc.integer({ min: 1, max: 255 }), ' ', fc.nat(65_535)),
    ),
  ),
  subslice: text(
    fc.integer({ min: -90, max: 90 }),
    maybe(text(comma, fc.integer({ min: 1, max: 90 }))),
    maybe(one(',truncate', ', TRUNCATE')),
  ),
  gunzip: fc.oneof(
    text(one('max-size=', 'max-size '), fc.integer({ min: 1, max: 99_999 })),
    one('max-size=1MiB', 'max-size=64kb'),
  ),
  zlib_deflate: text('max-size=', fc.integer({ min: 1, max: 99_999 })),
  l3_proto: one('ipv4', 'ip6', 'IPv6'),
  'app-layer-protocol': text(
    one('', '!'),
    one('http', 'tls|dns', 'failed', 'smb'),
    maybe(one(',exact', ',final', ',either', ',to_server')),
  ),
  pcrexform: one('"^(a+)"', '"x=(\\d+);"', '"(?i)GET ([^ ]+)"'),
  from_base64: text(
    text('bytes ', number(0, 300)),
    maybe(text(', offset ', number(0, 90))),
    maybe(one(', mode rfc2045', ',mode rfc4648', ', mode strict')),
  ),
  dsize: comparison(2000),
  ttl: comparison(255),
  seq: comparison(100_000),
  itype: comparison(255),
  flow: fc
    .tuple(
      one('to_server', 'from_server'),
      maybe(one(',established', ', stateless')),
      maybe(one(',no_stream')),
      maybe(one(',only_frag')),
    )
    .map((parts) => parts.join('')),
  flowbits: fc.oneof(
    one('noalert', 'reset', 'reset,g', 'isset,any,g', 'isnotset, all, g', 'unset,all,g'),
    text(one('set', 'setx'), comma, list(name, 3, '&'), comma, name),
    text(one('isset', 'isnotset'), comma, list(name, 3, '|')),
    text(one('set', 'unset', 'toggle', 'isset'), comma, list(name, 3, '&')),
  ),
  flowint: fc.oneof(
    text(name, comma, one('isset', 'isnotset', 'notset')),
    text(name, comma, one('=', '+', '-', '<', '<=', '==', '!=', '>=', '>'), comma, fc.oneof(number(0, 90_000), name)),
  ),
  flowvar: text(name, comma, one('x', '"a b"', '"|00 ff|c\\;"')),
  pktvar: text(name, comma, one('x', '"a b"', '"|00 ff|c\\;"')),
  hostbits: text(
    one('set', 'unset', 'isset'),
    comma,
    name,
    maybe(text(comma, one('src', 'dst', 'both'), maybe(text(comma, number(1, 9999))))),
  ),
  xbits: text(
    one('set', 'toggle', 'isnotset'),
    comma,
    name,
    comma,
    'track ',
    one('ip_src', 'ip_dst', 'ip_pair'),
    maybe(text(comma, 'expire ', number(1, 9999))),
  ),
  flags: text(
    one('', '+', '*', '!'),
    fc.uniqueArray(one(...'FSRPAU'), { minLength: 1 }).map((letters) => letters.join('')),
    one('', ',12', ',CE', ', E'),
  ),
  fragbits: text(
    one('', '+', '*', '!'),
    fc.uniqueArray(one(...'MDR'), { minLength: 1 }).map((letters) => letters.join('')),
  ),
  'tcp.session': fc
    .uniqueArray(one('setup', 'Established', 'closing'), { minLength: 1 })
    .map((phases) => phases.join(', ')),
  ipopts: text(one('', '!'), one('rr', 'eol', 'any', 'LSRR')),
  ip_proto: text(
    one('', '!'),
    fc.oneof(
      one('tcp', 'ICMP', 'ipv6-icmp'),
      number(0, 255),
      list(number(0, 255), 4).map((items) => `[${items}]`),
    ),
  ),
  vni: fc.oneof(
    text(one('', '!', '<=', '>='), number(1, 0xffffff)),
    text(
      one('', '!'),
      list(
        fc.oneof(
          number(0, 5000),
          fc.tuple(number(0, 50), number(50, 90)).map((ends) => ends.join('-')),
        ),
        5,
      ).map((items) => `[${items}]`),
    ),
  ),
  'flow.pkts': text(one('toserver', 'toclient', 'either', 'both'), comma, comparison(5000)),
  'flow.bytes': text(one('toserver', 'toclient', 'either', 'both'), comma, comparison(5000)),
  stream_size: text(
    one('client', 'server', 'both', 'either'),
    comma,
    one('<', '>', '=', '!=', '<=', '>='),
    comma,
    number(1, 90_000),
  ),
  tag: text(one('session', 'host'), maybe(text(comma, number(1, 500), comma, one('packets', 'bytes', 'seconds')))),
  byte_test: text(
    fc.oneof(number(1, 8), name),
    comma,
    one('', '!'),
    one('<', '>', '=', '<=', '>=', '&', '^'),
    comma,
    operand,
    comma,
    fc.oneof(number(-90, 90), name),
    common(','),
  ),
  byte_jump: text(
    fc.oneof(number(0, 8), name),
    comma,
    operand,
    common(','),
    maybe(text(',multiplier ', number(1, 9))),
    maybe(one(',align')),
    one('', ',from_end', ',from_beginning'),
    maybe(text(',post_offset ', number(-9, 9))),
  ),
  byte_extract: text(
    number(1, 8),
    comma,
    operand,
    comma,
    name,
    common(','),
    maybe(text(',multiplier ', number(1, 9))),
    maybe(one(',align 2', ',align 4')),
  ),
  byte_math: text(
    'bytes ',
    operand.filter((each) => !/^(?:0x)?[0-9]/.test(each)),
    comma,
    'offset ',
    operand,
    comma,
    'oper ',
    one('+', '-', '*', '<<', '>>'),
    comma,
    'rvalue ',
    operand,
    comma,
    'result ',
    name,
    common(' '),
  ),
  regex: text(
    one('', '!'),
    '"/',
    fc.stringMatching(/^[a-z0-9]{1,6}(?:\[[a-c]\]|\.\*)?[a-z]{0,4}$/),
    '/',
    fc.uniqueArray(one(...'ismR'), { maxLength: 3 }).map((flags) => flags.join('')),
    '"',
    one('', ',fast_pattern', ',nocase', ', nocase, fast_pattern'),
  ),
  pcre: text(
    one('', '!'),
    '"/',
    fc.stringMatching(/^[a-z0-9]{1,6}(?:\\\/|\[[a-c]\]|\.\*)?[a-z]{0,4}$/),
    '/',
    fc.uniqueArray(one(...'ismRBU'), { maxLength: 4 }).map((flags) => flags.join('')),
    '"',
  ),
  frame: fc.constantFrom('tls.hdr', 'http1.request', 'dns.pdu'),
  http_param: fc.constantFrom('user', '"user"', '"user",nocase'),
  http_header_test: fc.constantFrom('field host', 'field x-a,absent', 'field x-a,check >5,with_body'),
  http_version_match: fc.constantFrom('"1.0 2.0"', '"malformed other"'),
};

/** What keywords that look at traffic apply to. */
const LOOKING = ['packet', 'flow', 'buffer', 'content modifier'];
const matching = Object.keys(GOOD).filter(
  (each) => each !== 'pcre' || OPTIONS.some((option) => option.name === 'pcre'),
);

describe('parse → print → parse', () => {
  it.each(matching)('%s is the identity on what it reads', (keywordName) => {
    fc.assert(
      fc.property(GOOD[keywordName]!, (value) => {
        const option = `${keywordName}:${value}`;
        const { value: parsed, diagnostics } = parseOption(option);
        expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
        expect(parsed).toBeDefined();
        const { first, second, printed, again } = reparse(option);
        expect(second).toEqual(first);
        expect(again).toBe(printed);
      }),
      { numRuns: 150, seed: 20_261_122 },
    );
  });

  it('has texts for every keyword that looks at traffic and takes a value', () => {
    const structured = OPTIONS.filter(({ value, doc }) => value === 'required' && LOOKING.includes(doc.appliesTo)).map(
      (option) => option.name,
    );
    const alike = new Set([
      'tos',
      'id',
      'fragoffset',
      'ack',
      'window',
      'tcp.mss',
      'tcp.wscale',
      'icode',
      'icmp_id',
      'icmp_seq',
      'icmpv6.mtu',
      'flow.age',
      'flow.pkts_toserver',
      'flow.pkts_toclient',
      'flow.bytes_toserver',
      'flow.bytes_toclient',
    ]);
    expect(structured.filter((each) => !matching.includes(each) && !alike.has(each))).toEqual([]);
  });
});

describe('whatever is written', () => {
  const SEEDS = [
    '!',
    '"',
    '/',
    '|',
    ',',
    '[',
    ']',
    '<>',
    '-',
    '0x',
    '&',
    '\\',
    ' ',
    'relative',
    'track ip_src',
    '1',
    '99999999999999999999',
    'string',
    '\0',
    '\xff',
    'only',
    'set',
    'noalert',
  ];
  const noise = fc
    .array(fc.oneof(fc.constantFrom(...SEEDS), fc.string({ unit: 'binary-ascii', maxLength: 4 })), { maxLength: 8 })
    .map((parts) => parts.join('').trim());

  it.each(
    OPTIONS.filter(({ doc }) => LOOKING.includes(doc.appliesTo))
      .map(({ name: each }) => [each])
      .concat([['tag'], ['prefilter']]),
  )('%s yields a value that prints back, or an error inside the text', (optionName) => {
    const option = keyword(optionName);
    fc.assert(
      fc.property(noise, (value) => {
        const written = option.value === 'none' ? optionName : `${optionName}:${value}`;
        const node = optionNode(written);
        const { value: parsed, diagnostics } = parseOption(written);
        for (const { span } of diagnostics) {
          expect(span.start).toBeLessThanOrEqual(span.end);
          expect(span.end).toBeLessThanOrEqual(written.length);
        }
        if (parsed === undefined) {
          expect(diagnostics.some(({ severity }) => severity === 'error')).toBe(true);
          return;
        }
        const printed = option.print(parsed);
        const again = parseOption(printed === undefined ? optionName : `${optionName}:${printed}`).value;
        expect(again).toBeDefined();
        expect(option.print(again)).toBe(printed);
        const builder = new ProgramBuilder(
          { classification: () => undefined, reference: () => undefined },
          new Diagnostics(),
        );
        expect(() => option.compile(parsed, builder, node)).not.toThrow();
      }),
      { numRuns: 200, seed: 20_261_122 },
    );
  });
});
