/** Rules that cost or say more than their author may know. */
import { describe, expect, it } from 'vitest';
import { lintText } from '../support/compile.js';

const findings = (options: string, header = 'alert tcp any any -> any any'): string[] =>
  lintText(`${header} (msg:"x"; ${options} sid:1;)`);

describe('what the prefilter looks for', () => {
  it.each([
    ['content:"ab";', 'hint weak-fast-pattern \'"ab"\''],
    ['content:"a"; content:!"abcdef";', 'hint weak-fast-pattern \'"a"\''],
    ['content:"GET "; startswith;', 'hint weak-fast-pattern \'"GET "\''],
    ['content:"user-agent|3a 20|"; nocase;', 'hint weak-fast-pattern \'"user-agent|3a 20|"\''],
    ['content:"|00 00 00 00 00 00|"; offset:4;', 'hint weak-fast-pattern \'"|00 00 00 00 00 00|"\''],
    ['content:"|0d 0a 0d 0a|"; pcre:"/^x+/R";', 'hint weak-fast-pattern \'"|0d 0a 0d 0a|"\''],
    ['tcp.hdr; content:"|02 04|"; offset:20;', 'hint weak-fast-pattern \'"|02 04|"\''],
  ])('is in much of all traffic: %s', (options, finding) => expect(findings(options)).toEqual([finding]));

  it.each([
    'content:"abc";',
    'content:"ab"; content:"abcdef";',
    'content:"ab"; flags:S;',
    'content:"ab"; flowbits:isset,x;',
    'content:"ab"; fast_pattern;',
    'content:"GET "; content:"abcdef"; fast_pattern;',
    'content:"GET /admin";',
    'http.method; content:"GET";',
    'content:"abcdef"; content:"GET "; fast_pattern;',
  ])('is good enough, or chosen: %s', (options) => expect(findings(options)).toEqual([]));

  it('does not matter where ports leave out most packets', () => {
    expect(findings('content:"ab";', 'alert tcp any any -> any 80')).toEqual([]);
    expect(findings('pcre:"/abc/";', 'alert tcp any 25 -> any any')).toEqual([]);
  });

  it.each([
    ['pcre:"/abc[0-9]/";', 'hint no-fast-pattern \'"/abc[0-9]/"\''],
    ['content:!"abc";', 'hint no-fast-pattern \'!"abc"\''],
    ['content:!"abc"; pcre:!"/x/";', 'hint no-fast-pattern \'!"/x/"\''],
    ['byte_test:4,>,1000,0;', "hint no-fast-pattern '4,>,1000,0'"],
  ])('is missing: %s', (options, finding) => expect(findings(options)).toEqual([finding]));

  it.each([
    'dsize:5; byte_test:4,>,1000,0;',
    'content:"abc"; pcre:"/abc[0-9]/";',
    'flowbits:isset,x; pcre:"/abc/";',
    'flow:to_server;',
    'tcp.hdr; byte_test:2,>,1000,14;',
  ])('is not needed: %s', (options) => expect(findings(options)).toEqual([]));
  it('is missed all the same where only bits that are not set are asked for', () =>
    expect(findings('flowbits:isnotset,x; pcre:"/abc/";')).toHaveLength(1));
});

describe('a rule without condition', () => {
  it.each(['ip', 'ipv4', 'ipv6', 'pkthdr'])('is told of: %s', (protocol) =>
    expect(findings('', `alert ${protocol} any any -> any any`)).toEqual([`warning matches-everything '${protocol}'`]),
  );

  it.each([
    ['', 'alert tcp any any -> any any'],
    ['', 'alert icmp any any -> any any'],
    ['', 'alert ip any any -> 10.0.0.0/8 any'],
    ['', 'alert ip 10.0.0.1 any -> any any'],
    ['', 'pass ip any any -> any any'],
    ['ttl:1;', 'alert ip any any -> any any'],
    ['flow:to_server;', 'alert ip any any -> any any'],
    ['ipv4.hdr; content:"abc";', 'alert ip any any -> any any'],
    ['flowbits:isnotset,a;', 'alert ip any any -> any any'],
    ['threshold:type limit, track by_src, count 1, seconds 60;', 'alert ip any any -> any any'],
    ['flowbits:set,seen; noalert;', 'alert ip any any -> any any'],
    ['', 'alert http any any -> any any'],
    ['http.uri; content:"abcd";', 'alert ip any any -> any any'],
  ])('is not %s after %s', (options, header) => expect(findings(options, header)).toEqual([]));
});

describe('a rule that is silent', () => {
  it('does nothing when it sets nothing either', () => {
    expect(findings('content:"abc"; noalert;')).toEqual(["warning without-effect 'noalert'"]);
    expect(findings('flowbits:isset,a; content:"abc"; flowbits:noalert;')).toEqual([
      "warning without-effect 'noalert'",
    ]);
  });

  it.each([
    'content:"abc"; flowbits:set,a; noalert;',
    'content:"abc"; noalert; tag:session,5,packets;',
    'content:"abc"; flowint:n,+,1; noalert;',
    'content:"abc"; xbits:unset,a,track ip_src; noalert;',
  ])('does something: %s', (options) => {
    expect(findings(options)).toEqual([]);
  });

  it('may be a pass rule', () =>
    expect(findings('content:"abc"; noalert;', 'pass tcp any any -> any any')).toEqual([]));
});

describe('other hints', () => {
  it('are of rules without msg', () => {
    expect(lintText('alert tcp any any -> any 80 (content:"abc"; sid:1;)')).toEqual(["hint missing-msg 'alert'"]);
  });

  it('are of both directions at once', () => {
    expect(findings('flow:to_server; content:"abc";', 'alert tcp any any <> any 80')).toEqual([
      "hint both-directions '<>'",
    ]);
    expect(findings('flow:established; content:"abc";', 'alert tcp any any <> any 80')).toEqual([]);
    expect(findings('flow:to_server; content:"abc";', 'alert tcp any any -> any 80')).toEqual([]);
  });

  it('are left out where the rule never matches', () => {
    expect(findings('dsize:1; content:"ab";')).toEqual(['warning never-matches \'"ab"\'']);
  });
});
