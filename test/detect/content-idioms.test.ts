/**
 * Writings of contents from before there was a keyword for it: fast_pattern:only before relative steps, isdataat for
 * the end.
 */
import { describe, expect, it } from 'vitest';
import { findings, programOf } from '../support/rule-options.js';
import { sidsOn } from '../support/detecting.js';
import { ethernet, ipv4, udp } from '../support/packet-builder.js';

const PAYLOADS = ['bravo con', 'con bravo', 'bravo  con xx', 'xcon bravo con', 'xbravo\u0002ab', 'bravobravo con'];
const NAMES = ['host evil.test', 'host a.good.test', 'a.good.test host', '.good.test', 'no'];

/** Numbers of the payloads that the options match. */
function matched(options: string, payloads: readonly string[]): number[] {
  const program = programOf(options);
  return payloads.flatMap((payload, index) =>
    sidsOn([program], ethernet({}, ipv4({}, udp({}, payload)))).length > 0 ? [index] : [],
  );
}

describe('what is relative to a content with fast_pattern:only', () => {
  it.each<[string, number[]]>([
    ['content:"con"; distance:0;', [0, 2, 3, 5]],
    ['content:"con"; distance:2;', [2, 5]],
    ['content:"con"; within:4;', [0, 3, 5]],
    ['content:!"con"; distance:0;', [1, 4]],
    ['isdataat:5,relative;', [2, 5]],
    ['isdataat:!1,relative;', [1]],
    ['pcre:"/\\s+c/R";', [0, 2, 3, 5]],
    ['pcre:"/^\\s+c/R";', [0, 2, 3, 5]],
    ['byte_test:1,=,2,0,relative;', [4]],
    ['byte_jump:1,0,relative; isdataat:!1,relative;', [4]],
    ['byte_extract:1,0,n,relative; byte_test:1,=,97,0,relative;', [4]],
    ['content:"con";', [0, 1, 2, 3, 5]],
  ])('%s', (step, expected) => {
    expect(matched(`content:"bravo"; fast_pattern:only; ${step}`, PAYLOADS)).toEqual(expected);
    expect(matched(`content:"bravo"; ${step}`, PAYLOADS)).toEqual(expected);
  });

  it('is not relative to a content before it', () => {
    expect(matched('content:"con"; content:"bravo"; fast_pattern:only; content:"con"; distance:0;', PAYLOADS)).toEqual([
      0, 2, 3, 5,
    ]);
    expect(matched('content:"con"; content:"bravo"; fast_pattern:only; content:"xx"; distance:0;', PAYLOADS)).toEqual([
      2,
    ]);
  });
});

describe('isdataat:!1,relative right behind a content', () => {
  it.each<[string, number[]]>([
    ['content:!".good.test"; isdataat:!1,relative;', [0, 2, 4]],
    ['content:!".GOOD.test"; nocase; isdataat:!1,relative;', [0, 2, 4]],
    ['content:!".GOOD.test"; isdataat:!1,relative; nocase;', [0, 2, 4]],
    ['content:!".good.test"; isdataat:!1,relative,rawbytes;', [0, 2, 4]],
    ['content:!".good.test"; isdataat:!1,relative; isdataat:!1,relative;', [0, 2, 4]],
    ['content:!".good.test"; isdataat:!1,relative; isdataat:5;', [0, 2]],
    ['content:"host"; content:!".good.test"; isdataat:!1,relative;', [0, 2]],
    ['content:"host"; content:!".good.test"; distance:0; isdataat:!1,relative;', [0, 2]],
    ['content:!".good.test"; depth:10; isdataat:!1,relative;', [0, 1, 2, 4]],
    ['content:!"zz"; content:!".good.test"; isdataat:!1,relative;', [0, 2, 4]],
    ['pkt_data; content:!".good.test"; isdataat:!1,relative;', [0, 2, 4]],
    ['content:"host"; isdataat:!1,relative;', [2]],
    ['content:".good.test"; isdataat:!1,relative;', [1, 3]],
  ])('%s is endswith', (options, expected) => expect(matched(options, NAMES)).toEqual(expected));

  it.each<[string, number[]]>([
    ['content:!".good.test"; isdataat:1,relative;', [0, 4]],
    ['content:!".good.test"; isdataat:!2,relative;', []],
    ['content:!".good.test"; isdataat:!1;', []],
    ['content:"host"; content:!".good.test"; isdataat:!11,relative;', [0]],
    ['content:"host"; pcre:!"/good/"; isdataat:!1,relative;', []],
  ])('%s is something else', (options, expected) => expect(matched(options, NAMES)).toEqual(expected));

  it('is no mistake', () =>
    expect(findings('content:!".good.test"; isdataat:!1,relative; content:"host";')).toEqual([]));
});
