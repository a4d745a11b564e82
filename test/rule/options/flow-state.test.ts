import { describe, expect, it } from 'vitest';
import { compileOptions, findings, programOf, reparse } from '../../support/rule-options.js';

describe('flow', () => {
  it.each([
    ['flow:to_server', { direction: 'to_server' }],
    ['flow:from_client', { direction: 'to_server' }],
    ['flow:to_client', { direction: 'to_client' }],
    ['flow:from_server', { direction: 'to_client' }],
    ['flow:established', { established: true }],
    ['flow:not_established', { established: false }],
    ['flow:stateless', { stateless: true }],
    ['flow:only_stream', { source: 'only_stream' }],
    ['flow:no_stream', { source: 'no_stream' }],
    ['flow:only_frag', { frag: 'only_frag' }],
    ['flow:no_frag', { frag: 'no_frag' }],
    ['flow:established,to_server,only_stream', { established: true, direction: 'to_server', source: 'only_stream' }],
    ['flow: to_server , not_established , no_frag', { direction: 'to_server', established: false, frag: 'no_frag' }],
  ])('%s', (text, test) => {
    expect(programOf(`${text};`).flow).toEqual(test);
    const { first, second, printed } = reparse(text);
    expect(printed).toBe(text.replace(/\s/g, ''));
    expect(second).toEqual(first);
  });

  it.each([
    ['flow:sideways;', "unknown-argument 'sideways'"],
    ['flow:to_server,;', "unknown-argument ''"],
    ['flow:to_server,from_server;', "conflicting-arguments 'from_server'"],
    ['flow:established,stateless;', "conflicting-arguments 'stateless'"],
    ['flow:established,not_established;', "conflicting-arguments 'not_established'"],
    ['flow:only_stream,no_stream;', "conflicting-arguments 'no_stream'"],
    ['flow:only_frag,no_frag;', "conflicting-arguments 'no_frag'"],
    ['flow;', "missing-value 'flow'"],
  ])('%s is reported as %s', (text, finding) => {
    expect(findings(text)).toEqual([finding]);
    expect(compileOptions(text).program).toBeUndefined();
    expect(compileOptions(text).diagnostics[0]!.hint).toBeTruthy();
  });

  it.each([
    ['flow:to_server; flow:established;', { direction: 'to_server', established: true }],
    [
      'flow:established; flow:to_client,no_frag; flow:only_stream;',
      { direction: 'to_client', established: true, source: 'only_stream', frag: 'no_frag' },
    ],
    ['flow:to_server; flow:from_client;', { direction: 'to_server' }],
  ])('%s asks for all of it', (text, test) => {
    expect(programOf(text).flow).toEqual(test);
  });

  it.each([
    ['flow:to_server; flow:to_client;', "conflicting-arguments 'to_client'"],
    ['flow:established; flow:stateless;', "conflicting-arguments 'stateless'"],
    ['flow:not_established; flow:established,to_server;', "conflicting-arguments 'established,to_server'"],
    ['flow:only_stream; flow:no_stream;', "conflicting-arguments 'no_stream'"],
    ['flow:only_frag; flow:no_frag;', "conflicting-arguments 'no_frag'"],
  ])('%s is reported as %s', (text, finding) => {
    expect(findings(text)).toEqual([finding]);
    expect(compileOptions(text).program).toBeUndefined();
  });

  it('passes over what is said twice', () => {
    const { program, diagnostics } = compileOptions('flow:to_server,from_client,established,established;');
    expect(diagnostics.map(({ code, severity }) => `${severity} ${code}`)).toEqual([
      'warning duplicate-argument',
      'warning duplicate-argument',
    ]);
    expect(program!.flow).toEqual({ direction: 'to_server', established: true });
  });
});

describe('flowbits', () => {
  it('sets, unsets and toggles', () => {
    expect(programOf('flowbits:set,a; flowbits: unset , b; flowbits:toggle,c&d;').effects).toEqual([
      { scope: 'flow', operation: 'set', names: ['a'] },
      { scope: 'flow', operation: 'unset', names: ['b'] },
      { scope: 'flow', operation: 'toggle', names: ['c', 'd'] },
    ]);
  });

  it('asks for one of several, or all', () => {
    expect(programOf('flowbits:isset,a|b; flowbits:isnotset, c | d; flowbits:isset,e&f;').bitTests).toEqual([
      { scope: 'flow', operation: 'isset', names: ['a', 'b'] },
      { scope: 'flow', operation: 'isnotset', names: ['c', 'd'] },
      { scope: 'flow', operation: 'isset', names: ['e'] },
      { scope: 'flow', operation: 'isset', names: ['f'] },
    ]);
  });

  it('keeps quiet', () => {
    expect(programOf('flowbits:noalert;')).toMatchObject({ noalert: true, effects: [], bitTests: [] });
    expect(programOf('flowbits:set,a;').noalert).toBe(false);
  });

  it.each([
    ['flowbits:frobnicate,a;', "unknown-argument 'frobnicate'"],
    ['flowbits:setx,a;', "missing-argument 'a'"],
    ['flowbits:reset,g,h;', "unknown-argument 'h'"],
    ['flowbits:unset,any,g;', "unknown-argument 'g'"],
    ['flowbits:isset,a,g;', "unknown-argument 'g'"],
    ['flowbits:set,a,g|h;', "bad-name 'g|h'"],
    ['flowbits:isset,all,;', "bad-name ''"],
    ['flowbits:reset,a&b;', "bad-name 'a&b'"],
    ['flowbits:set;', "missing-argument 'set'"],
    ['flowbits:set,;', "bad-name ''"],
    ['flowbits:set,a b;', "bad-name 'a b'"],
    ['flowbits:isset,a|;', "bad-name ''"],
    ['flowbits:set,a|b;', "bad-bit-names 'a|b'"],
    ['flowbits:isset,a|b&c;', "bad-bit-names 'a|b&c'"],
    ['flowbits:set,a,group,more;', "unknown-argument 'more'"],
    ['flowbits:noalert,a;', "unknown-argument 'a'"],
  ])('%s is reported as %s', (text, finding) => {
    expect(findings(text)).toEqual([finding]);
    expect(compileOptions(text).diagnostics[0]!.hint).toBeTruthy();
  });

  it('knows the groups of Snort 2', () => {
    expect(
      programOf(
        'flowbits:set,a&b,g; flowbits:setx,c,g; flowbits:unset,all,g; flowbits:toggle,ALL,g; flowbits:reset,g; flowbits:reset;',
      ).effects,
    ).toEqual([
      { scope: 'flow', operation: 'set', names: ['a', 'b'], group: 'g' },
      { scope: 'flow', operation: 'set', names: ['c'], group: 'g', exclusive: true },
      { scope: 'flow', operation: 'unset', names: [], group: 'g' },
      { scope: 'flow', operation: 'toggle', names: [], group: 'g' },
      { scope: 'flow', operation: 'reset', names: [], group: 'g' },
      { scope: 'flow', operation: 'reset', names: [] },
    ]);
    expect(programOf('flowbits:isset,any,g; flowbits:isnotset,all,g;').bitTests).toEqual([
      { scope: 'flow', operation: 'isset', names: [], group: { name: 'g', join: 'any' } },
      { scope: 'flow', operation: 'isnotset', names: [], group: { name: 'g', join: 'all' } },
    ]);
    expect(programOf('flowbits:isset,any; flowbits:unset,all;')).toMatchObject({
      bitTests: [{ names: ['any'] }],
      effects: [{ names: ['all'] }],
    });
  });

  it.each([
    'flowbits:set,a',
    'flowbits:isset,a|b',
    'flowbits:unset,a&b',
    'flowbits:noalert',
    'flowbits:set,a&b,g',
    'flowbits:setx,a,g',
    'flowbits:reset',
    'flowbits:reset,g',
    'flowbits:isset,any,g',
    'flowbits:isnotset,all,g',
    'flowbits:toggle,all,g',
  ])('%s prints as it was read', (text) => {
    expect(reparse(text).printed).toBe(text);
    expect(reparse(text).second).toEqual(reparse(text).first);
  });
});

describe('hostbits and xbits', () => {
  it.each([
    [
      'hostbits:set,abc',
      { scope: 'host_src', operation: 'set', names: ['abc'], expireSeconds: 300 },
      'hostbits:set,abc',
    ],
    [
      'hostbits:toggle, abc, dst',
      { scope: 'host_dst', operation: 'toggle', names: ['abc'], expireSeconds: 300 },
      'hostbits:toggle,abc,dst',
    ],
    [
      'hostbits:set,abc,both,60',
      { scope: 'host_both', operation: 'set', names: ['abc'], expireSeconds: 60 },
      'hostbits:set,abc,both,60',
    ],
    ['hostbits:unset,abc,src', { scope: 'host_src', operation: 'unset', names: ['abc'] }, 'hostbits:unset,abc,src'],
    [
      'xbits:set, bad, track ip_src, expire 3600',
      { scope: 'host_src', operation: 'set', names: ['bad'], expireSeconds: 3600 },
      'xbits:set,bad,track ip_src,expire 3600',
    ],
    [
      'xbits:toggle,bad,track ip_dst',
      { scope: 'host_dst', operation: 'toggle', names: ['bad'], expireSeconds: 30 },
      'xbits:toggle,bad,track ip_dst',
    ],
    [
      'xbits:unset,bad,track ip_pair',
      { scope: 'ip_pair', operation: 'unset', names: ['bad'] },
      'xbits:unset,bad,track ip_pair',
    ],
  ])('%s', (text, effect, printed) => {
    expect(programOf(`${text};`).effects).toEqual([effect]);
    const { first, second, printed: written } = reparse(text);
    expect(written).toBe(printed);
    expect(second).toEqual(first);
  });

  it('asks', () => {
    expect(
      programOf(
        'hostbits:isset,abc; hostbits:isnotset,abc,dst; xbits:isset,x,track ip_pair; xbits:isnotset,x,track ip_dst;',
      ).bitTests,
    ).toEqual([
      { scope: 'host_src', operation: 'isset', names: ['abc'] },
      { scope: 'host_dst', operation: 'isnotset', names: ['abc'] },
      { scope: 'ip_pair', operation: 'isset', names: ['x'] },
      { scope: 'host_dst', operation: 'isnotset', names: ['x'] },
    ]);
    expect(programOf('hostbits:noalert;').noalert).toBe(true);
    expect(programOf('xbits:noalert;').noalert).toBe(true);
    expect(programOf('xbits:isset,x,track tx;')).toMatchObject({
      waitingFor: [],
      bitTests: [{ scope: 'tx', operation: 'isset', names: ['x'] }],
    });
    expect(programOf('xbits:set,x,track tx;').effects).toEqual([{ scope: 'tx', operation: 'set', names: ['x'] }]);
  });

  it('tells that expire has no effect where nothing is set', () => {
    for (const text of ['xbits:isset,x,track ip_src,expire 10;', 'xbits:set,x,track tx,expire 10;'])
      expect(compileOptions(text).diagnostics, text).toMatchObject([{ code: 'without-effect', severity: 'hint' }]);
  });

  it.each([
    ['hostbits:set;', "missing-argument 'set'"],
    ['hostbits:set,a|b;', "bad-bit-names 'a|b'"],
    ['hostbits:set,a,everyone;', "unknown-argument 'everyone'"],
    ['hostbits:set,a,src,0;', "number-out-of-range '0'"],
    ['hostbits:set,a,src,5,x;', "unknown-argument 'x'"],
    ['hostbits:noalert,a;', "unknown-argument 'a'"],
    ['hostbits:what,a;', "unknown-argument 'what'"],
    ['xbits:set,a;', "missing-argument 'set,a'"],
    ['xbits:set,a,track nobody;', "unknown-argument 'track nobody'"],
    ['xbits:set,a,track ip_src,expire 0;', "number-out-of-range '0'"],
    ['xbits:set,a,track ip_src,track ip_dst;', "unknown-argument 'track ip_dst'"],
    ['xbits:noalert,a;', "unknown-argument 'a'"],
    ['xbits:set;', "missing-argument 'set'"],
    ['xbits:set,a b,track ip_src;', "bad-name 'a b'"],
  ])('%s is reported as %s', (text, finding) => {
    expect(findings(text)).toEqual([finding]);
    expect(compileOptions(text).diagnostics[0]!.hint).toBeTruthy();
  });
});

describe('prefilter', () => {
  it('is told to be a hint', () => {
    const { program, diagnostics } = compileOptions('ttl:123; prefilter;');
    expect(diagnostics).toMatchObject([{ code: 'without-effect', severity: 'hint' }]);
    expect(program!.packetTests).toHaveLength(1);
  });
});

describe('flowvar and pktvar', () => {
  const content = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
  it.each([
    [
      'flowvar:user,"ad|6d|in\\;"',
      'flowvar:user',
      { of: 'flow', content: content('admin;') },
      'flowvar:user,"admin|3B|"',
    ],
    ['pktvar: x.y-z , a b', 'pktvar:x.y-z', { of: 'packet', content: content('a b') }, 'pktvar:x.y-z,"a b"'],
    ['flowvar:a,b,c', 'flowvar:a', { of: 'flow', content: content('b,c') }, 'flowvar:a,"b,c"'],
  ])('%s', (text, name, variable, printed) => {
    expect(programOf(`${text};`).bitTests).toEqual([{ scope: 'flow', operation: 'isset', names: [name], variable }]);
    const { first, second, printed: written } = reparse(text);
    expect(written).toBe(printed);
    expect(second).toEqual(first);
  });

  it.each([
    ['flowvar:user;', "missing-argument 'user'"],
    ['flowvar:,x;', "bad-name ''"],
    ['flowvar:!user,x;', "bad-name '!user'"],
    ['flowvar:user,!"x";', `bad-quote '"'`],
    ['pktvar:user,"";', `empty-content '""'`],
    ['pktvar:user,"|6|";', "bad-hex '6'"],
    [`pktvar:user,"${'x'.repeat(256)}";`, `unknown-argument '"${'x'.repeat(256)}"'`],
    ['pktvar;', "missing-value 'pktvar'"],
  ])('%s is reported as %s', (text, finding) => {
    expect(findings(text)).toEqual([finding]);
  });
});
