import { describe, expect, it } from 'vitest';
import { compileOptions, findings, programOf, reparse } from '../../support/rule-options.js';

describe('flow', () => {
  it.each([
    ['flow:to_server', { direction: 'to_server' }], ['flow:from_client', { direction: 'to_server' }], ['flow:to_client', { direction: 'to_client' }], ['flow:from_server', { direction: 'to_client' }],
    ['flow:established', { established: true }], ['flow:not_established', { established: false }], ['flow:stateless', { stateless: true }],
    ['flow:only_stream', { source: 'only_stream' }], ['flow:no_stream', { source: 'no_stream' }], ['flow:only_frag', { frag: 'only_frag' }], ['flow:no_frag', { frag: 'no_frag' }],
    ['flow:established,to_server,only_stream', { established: true, direction: 'to_server', source: 'only_stream' }],
    ['flow: to_server , not_established , no_frag', { direction: 'to_server', established: false, frag: 'no_frag' }],
  ])('%s', (text, test) => {
    expect(programOf(`${text};`).flow).toEqual(test);
    const { first, second, printed } = reparse(text);
    expect(printed).toBe(text.replace(/\s/g, ''));
    expect(second).toEqual(first);
  });

  it.each([
    ['flow:sideways;', "unknown-flow-word 'sideways'"], ['flow:to_server,;', "unknown-flow-word ''"], ['flow:to_server,from_server;', "conflicting-flow-words 'from_server'"],
    ['flow:established,stateless;', "conflicting-flow-words 'stateless'"], ['flow:established,not_established;', "conflicting-flow-words 'not_established'"],
    ['flow:only_stream,no_stream;', "conflicting-flow-words 'no_stream'"], ['flow:only_frag,no_frag;', "conflicting-flow-words 'no_frag'"], ['flow;', "missing-value 'flow'"],
  ])('%s is reported as %s', (text, finding) => {
    expect(findings(text)).toEqual([finding]);
    expect(compileOptions(text).program).toBeUndefined();
    expect(compileOptions(text).diagnostics[0]!.hint).toBeTruthy();
  });

  it('passes over what is said twice', () => {
    const { program, diagnostics } = compileOptions('flow:to_server,from_client,established,established;');
    expect(diagnostics.map(({ code, severity }) => `${severity} ${code}`)).toEqual(['warning duplicate-flow-word', 'warning duplicate-flow-word']);
    expect(program!.flow).toEqual({ direction: 'to_server', established: true });
  });
});

describe('flowbits', () => {
  it('sets, unsets and toggles', () => {
    expect(programOf('flowbits:set,a; flowbits: unset , b; flowbits:toggle,c&d;').effects).toEqual([
      { scope: 'flow', operation: 'set', names: ['a'] }, { scope: 'flow', operation: 'unset', names: ['b'] }, { scope: 'flow', operation: 'toggle', names: ['c', 'd'] },
    ]);
  });

  it('asks for one of several, or all', () => {
    expect(programOf('flowbits:isset,a|b; flowbits:isnotset, c | d; flowbits:isset,e&f;').bitTests).toEqual([
      { scope: 'flow', operation: 'isset', names: ['a', 'b'] }, { scope: 'flow', operation: 'isnotset', names: ['c', 'd'] },
      { scope: 'flow', operation: 'isset', names: ['e'] }, { scope: 'flow', operation: 'isset', names: ['f'] },
    ]);
  });

  it('keeps quiet', () => {
    expect(programOf('flowbits:noalert;')).toMatchObject({ noalert: true, effects: [], bitTests: [] });
    expect(programOf('flowbits:set,a;').noalert).toBe(false);
  });

  it.each([
    ['flowbits:frobnicate,a;', "unknown-bit-operation 'frobnicate'"], ['flowbits:reset;', "unsupported-bit-operation 'reset'"], ['flowbits:setx,a,g;', "unsupported-bit-operation 'setx'"],
    ['flowbits:set;', "missing-bit-name 'set'"], ['flowbits:set,;', "bad-bit-name ''"], ['flowbits:set,a b;', "bad-bit-name 'a b'"], ['flowbits:isset,a|;', "bad-bit-name ''"],
    ['flowbits:set,a|b;', "alternative-bits 'a|b'"], ['flowbits:isset,a|b&c;', "bad-bit-names 'a|b&c'"], ['flowbits:set,a,group;', "unknown-argument 'group'"], ['flowbits:noalert,a;', "unknown-argument 'a'"],
  ])('%s is reported as %s', (text, finding) => {
    expect(findings(text)).toEqual([finding]);
    expect(compileOptions(text).diagnostics[0]!.hint).toBeTruthy();
  });

  it.each(['flowbits:set,a', 'flowbits:isset,a|b', 'flowbits:unset,a&b', 'flowbits:noalert'])('%s prints as it was read', (text) => {
    expect(reparse(text).printed).toBe(text);
    expect(reparse(text).second).toEqual(reparse(text).first);
  });
});

describe('hostbits and xbits', () => {
  it.each([
    ['hostbits:set,abc', { scope: 'host_src', operation: 'set', names: ['abc'], expireSeconds: 300 }, 'hostbits:set,abc'],
    ['hostbits:toggle, abc, dst', { scope: 'host_dst', operation: 'toggle', names: ['abc'], expireSeconds: 300 }, 'hostbits:toggle,abc,dst'],
    ['hostbits:set,abc,both,60', { scope: 'host_both', operation: 'set', names: ['abc'], expireSeconds: 60 }, 'hostbits:set,abc,both,60'],
    ['hostbits:unset,abc,src', { scope: 'host_src', operation: 'unset', names: ['abc'] }, 'hostbits:unset,abc,src'],
    ['xbits:set, bad, track ip_src, expire 3600', { scope: 'host_src', operation: 'set', names: ['bad'], expireSeconds: 3600 }, 'xbits:set,bad,track ip_src,expire 3600'],
    ['xbits:toggle,bad,track ip_dst', { scope: 'host_dst', operation: 'toggle', names: ['bad'], expireSeconds: 30 }, 'xbits:toggle,bad,track ip_dst'],
    ['xbits:unset,bad,track ip_pair', { scope: 'ip_pair', operation: 'unset', names: ['bad'] }, 'xbits:unset,bad,track ip_pair'],
  ])('%s', (text, effect, printed) => {
    expect(programOf(`${text};`).effects).toEqual([effect]);
    const { first, second, printed: written } = reparse(text);
    expect(written).toBe(printed);
    expect(second).toEqual(first);
  });

  it('asks', () => {
    expect(programOf('hostbits:isset,abc; hostbits:isnotset,abc,dst; xbits:isset,x,track ip_pair; xbits:isnotset,x,track ip_dst;').bitTests).toEqual([
      { scope: 'host_src', operation: 'isset', names: ['abc'] }, { scope: 'host_dst', operation: 'isnotset', names: ['abc'] },
      { scope: 'ip_pair', operation: 'isset', names: ['x'] }, { scope: 'host_dst', operation: 'isnotset', names: ['x'] },
    ]);
    expect(programOf('hostbits:noalert;').noalert).toBe(true);
    expect(programOf('xbits:noalert;').noalert).toBe(true);
    expect(programOf('xbits:isset,x,track tx;')).toMatchObject({ waitingFor: ['transactions'], bitTests: [{ scope: 'tx' }] });
  });

  it('tells that expire has no effect where nothing is set', () => {
    expect(compileOptions('xbits:isset,x,track ip_src,expire 10;').diagnostics).toMatchObject([{ code: 'expire-without-effect', severity: 'hint' }]);
  });

  it.each([
    ['hostbits:set;', "missing-bit-name 'set'"], ['hostbits:set,a|b;', "bad-bit-names 'a|b'"], ['hostbits:set,a,everyone;', "bad-host 'everyone'"], ['hostbits:set,a,src,0;', "number-out-of-range '0'"],
    ['hostbits:set,a,src,5,x;', "unknown-argument 'x'"], ['hostbits:noalert,a;', "unknown-argument 'a'"], ['hostbits:what,a;', "unknown-bit-operation 'what'"],
    ['xbits:set,a;', "missing-track 'set,a'"], ['xbits:set,a,track nobody;', "unknown-argument 'track nobody'"], ['xbits:set,a,track ip_src,expire 0;', "number-out-of-range '0'"],
    ['xbits:set,a,track ip_src,track ip_dst;', "unknown-argument 'track ip_dst'"], ['xbits:noalert,a;', "unknown-argument 'a'"], ['xbits:set;', "missing-bit-name 'set'"], ['xbits:set,a b,track ip_src;', "bad-bit-name 'a b'"],
  ])('%s is reported as %s', (text, finding) => {
    expect(findings(text)).toEqual([finding]);
    expect(compileOptions(text).diagnostics[0]!.hint).toBeTruthy();
  });
});

describe('tag and prefilter', () => {
  it.each([
    ['tag:session', 'session'], ['tag:session,5,packets', 'session,5,packets'], ['tag: session, 20, packets', 'session,20,packets'], ['tag:host,100,packets,src', 'host,100,packets,src'],
    ['tag:host,3600,seconds,dst', 'host,3600,seconds,dst'], ['tag:session,packets 5', 'session,5,packets'], ['tag:host_src,seconds 60,bytes 9', 'host,60,seconds,9,bytes,src'],
  ])('%s is read, and reported as not honoured', (text, printed) => {
    const { program, diagnostics } = compileOptions(`${text};`);
    expect(diagnostics).toMatchObject([{ code: 'tag-not-honoured', severity: 'warning' }]);
    expect(program).toBeDefined();
    expect(reparse(text).printed).toBe(`tag:${printed}`);
    expect(reparse(text).second).toEqual(reparse(text).first);
  });

  it.each([
    ['tag:flow;', "bad-tag 'flow'"], ['tag:session,5;', "bad-tag '5'"], ['tag:session,5,meters;', "bad-tag 'meters'"], ['tag:session,0,packets;', "number-out-of-range '0'"],
    ['tag:session,5,packets,src;', "bad-tag 'src'"], ['tag:host,src,dst;', "bad-tag 'dst'"], ['tag:toString;', "bad-tag 'toString'"],
  ])('%s is reported as %s', (text, finding) => {
    expect(findings(text)).toEqual([finding]);
  });

  it('tells that prefilter is a hint', () => {
    const { program, diagnostics } = compileOptions('ttl:123; prefilter;');
    expect(diagnostics).toMatchObject([{ code: 'prefilter-not-used', severity: 'hint' }]);
    expect(program!.packetTests).toHaveLength(1);
  });
});
