/** base64, ASN.1, entropy, absent, transforms, and the keywords that are refused: what is read and what is reported. */
import { describe, expect, it } from 'vitest';
import { compileOptions, findings, programOf } from '../../support/rule-options.js';

const steps = (text: string) => programOf(text).buffers[0]!.matches;

describe('what is read', () => {
  it.each([
    ['base64_decode;', { kind: 'base64_decode', bytes: 0, offset: 0, relative: false }],
    ['base64_decode:bytes 60, offset 0;', { kind: 'base64_decode', bytes: 60, offset: 0, relative: false }],
    ['base64_decode:relative;', { kind: 'base64_decode', bytes: 0, offset: 0, relative: true }],
    [
      'asn1:double_overflow, bitstring_overflow, relative_offset 54, oversize_length 2048;',
      { kind: 'asn1', bitstringOverflow: true, doubleOverflow: true, oversizeLength: 2048, offset: 54, relative: true },
    ],
    [
      'asn1:oversize_length 0;',
      { kind: 'asn1', bitstringOverflow: false, doubleOverflow: false, oversizeLength: 0, offset: 0, relative: false },
    ],
    ['ber_data:0x30;', { kind: 'ber', move: 'data', type: 0x30, optional: false }],
    ['ber_skip:2,optional;', { kind: 'ber', move: 'skip', type: 2, optional: true }],
    ['entropy:value > 4.5;', { kind: 'entropy', bytes: 0, offset: 0, operator: '>', value: 4_500_000 }],
    [
      'entropy: value 4-5 ;',
      { kind: 'entropy', bytes: 0, offset: 0, operator: '<>', value: 4_000_000, high: 5_000_000 },
    ],
    [
      'entropy:value !2.5<>7;',
      { kind: 'entropy', bytes: 0, offset: 0, operator: '!<>', value: 2_500_000, high: 7_000_000 },
    ],
    [
      'entropy:bytes 10, offset 3, value !=2;',
      { kind: 'entropy', bytes: 10, offset: 3, operator: '!=', value: 2_000_000 },
    ],
  ])('%s', (text, step) => expect(steps(text)).toEqual([step]));

  it('has transforms in the order written, each list over its own copy of the buffer', () => {
    expect(
      programOf('tcp.hdr; to_md5; content:"a"; tcp.hdr; content:"b"; pkt_data; xor:"0A0b"; url_decode; content:"c";')
        .buffers,
    ).toMatchObject([
      { buffer: 'tcp.hdr', transforms: [{ kind: 'to_md5' }], matches: [{ kind: 'content' }] },
      { buffer: 'tcp.hdr', matches: [{ kind: 'content' }] },
      {
        buffer: 'payload',
        transforms: [{ kind: 'xor', key: Uint8Array.of(10, 11) }, { kind: 'url_decode' }],
        matches: [{ kind: 'content' }],
      },
    ]);
  });

  it('has a transform behind steps for what follows alone', () => {
    expect(programOf('tcp.hdr; content:"a"; dotprefix; content:"b";').buffers).toMatchObject([
      { buffer: 'tcp.hdr', matches: [{ bytes: Uint8Array.of(97) }] },
      { buffer: 'tcp.hdr', transforms: [{ kind: 'dotprefix' }], matches: [{ bytes: Uint8Array.of(98) }] },
    ]);
  });

  it('has no fast pattern in what the packet does not hold as it is', () => {
    expect(programOf('pkt_data; to_md5; content:"abcdef"; pkt_data; content:"x";').fastPattern).toMatchObject({
      transforms: [{ kind: 'to_md5' }],
    });
    expect(programOf('pkt_data; base64_decode; base64_data; content:"abcdef";').fastPattern).toBeUndefined();
    expect(programOf('udp.hdr; absent:or_else; content:"abcdef";').fastPattern).toBeUndefined();
  });

  it('has absent', () => {
    expect(programOf('udp.hdr; absent;').buffers).toEqual([{ buffer: 'udp.hdr', absent: 'only', matches: [] }]);
    expect(programOf('udp.hdr; absent:or_else; content:"a";').buffers).toMatchObject([
      { buffer: 'udp.hdr', absent: 'or_else', matches: [{ kind: 'content' }] },
    ]);
  });
});

describe('what is reported', () => {
  it.each([
    ['base64_decode:bytes;', "unknown-argument 'bytes'"],
    ['base64_decode:bytes 0;', "number-out-of-range '0'"],
    ['base64_decode:relative 1;', "unknown-argument 'relative 1'"],
    ['base64_decode:relative, relative;', "unknown-argument 'relative'"],
    ['asn1:relative_offset 1;', "missing-argument 'relative_offset 1'"],
    ['asn1:oversize_length -1;', "number-out-of-range '-1'"],
    [
      'asn1:double_overflow, relative_offset 1, absolute_offset 1;',
      "conflicting-arguments 'double_overflow, relative_offset 1, absolute_offset 1'",
    ],
    ['ber_data:0x30,optional;', "unknown-argument 'optional'"],
    ['ber_skip:256;', "number-out-of-range '256'"],
    ['entropy:bytes 4;', "missing-argument 'bytes 4'"],
    ['entropy:value 5-4;', "bad-range '5-4'"],
    ['entropy:value 5-9;', "number-out-of-range '9'"],
    ['entropy:value > 9;', "number-out-of-range '9'"],
    ['entropy:value > 1e3;', "number-out-of-range '1e3'"],
    ['absent:maybe;', "unknown-argument 'maybe'"],
    ['udp.hdr; absent; content:"a";', "absent-with-steps 'content'"],
    ['content:"a"; absent;', "no-sticky-buffer 'absent'"],
    ['to_md5; content:"a";', "no-sticky-buffer 'to_md5'"],
    ['tcp.hdr; to_sha1; content:"a"; to_md5; content:"b";', "no-sticky-buffer 'to_md5'"],
    ['tcp.hdr; content:"a"; absent;', "no-sticky-buffer 'absent'"],
    ['pkt_data; xor:"0a0"; content:"a";', 'bad-hex \'"0a0"\''],
    ['pkt_data; pcrexform:"a+"; content:"a";', 'missing-group \'"a+"\''],
    ['pkt_data; pcrexform:"(a"; content:"a";', "bad-pcre '('"],
    ['pkt_data; pcrexform:/(a)/; content:"a";', "bad-pcre-frame '/(a)/'"],
    ['pkt_data; from_base64:mode rfc1; content:"a";', "unknown-argument 'rfc1'"],
    ['decode-event:ipv6.rh_type_1;', "unknown-event 'ipv6.rh_type_1'"],
    ['stream-event:est_wrong_mood;', "unknown-event 'est_wrong_mood'"],
    ['engine-event:stream.est_wrong_mood;', "unknown-event 'stream.est_wrong_mood'"],
    ['stream-event:ipv4.pkt_too_small;', "unknown-event 'ipv4.pkt_too_small'"],
    ['vlan.id:4096;', "number-out-of-range '4096'"],
    ['vlan.id:1,3;', "unknown-argument '3'"],
    ['vlan.id:1,some;', "unknown-argument 'some'"],
    ['vlan.id:1,2,3;', "unknown-argument '3'"],
    ['vlan.layers:4;', "number-out-of-range '4'"],
    ['ipv4-csum:broken;', "unknown-argument 'broken'"],
    ['decode-event:none;', "unknown-event 'none'"],
    ['flowint:a,~,1;', "unknown-argument 'a,~,1'"],
    ['flowint:a,isset,1;', "unknown-argument 'a,isset,1'"],
    ['flowint:a,=;', "unknown-argument 'a,='"],
    ['flowint:a,=,-1;', "number-out-of-range '-1'"],
    ['requires:version 7;', "unknown-argument '7'"],
    ['lua:script.lua;', "refused-keyword 'lua'"],
  ])('%s', (text, finding) => expect(findings(text)).toEqual([finding]));
});

describe('what a rule does besides alerting', () => {
  it.each([
    'content:"abc"; replace:"xyz";',
    'content:"abc"; nfq_set_mark:0x1/0x2;',
    'content:"abc"; bypass;',
    'content:"abc"; resp:rst_all;',
    'content:"abc"; react:block;',
    'content:"abc"; session:printable;',
    'content:"abc"; logto:"file";',
    'tls.store;',
    'tls_store;',
  ])('is warned of, and the rule alerts: %s', (options) => {
    const { program, diagnostics } = compileOptions(options);
    expect(diagnostics.map(({ severity, code }) => `${severity} ${code}`)).toEqual(['warning without-effect']);
    expect(program).toBeDefined();
  });
});
