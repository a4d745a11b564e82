/** Flowbits and their like across the rules of a load. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadRules, type LoadOptions, type LoadResult } from '../../src/load/load-rules.js';
import type { LocatedDiagnostic } from '../../src/rule/diagnostics/render-diagnostic.js';

const folder = mkdtempSync(join(tmpdir(), 'periscope-state-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function load(text: string, options: Partial<LoadOptions> = {}): LoadResult {
  const path = join(folder, `${files++}.rules`);
  writeFileSync(path, text);
  return loadRules({ rules: [path], ...options });
}

let sid = 1;
const rule = (options: string, header = 'alert tcp any any -> any 80'): string =>
  `${header} (msg:"x"; content:"abcdef"; ${options} sid:${sid++};)\n`;
/** What the caret is under, behind severity and code. */
const shown = ({ severity, code, column, length, sourceLine }: LocatedDiagnostic): string =>
  `${severity} ${code} '${sourceLine!.slice(column - 1, column - 1 + length)}'`;
const findings = (...options: string[]): string[] =>
  load(options.map((each) => rule(each)).join('')).diagnostics.map(shown);
const neverSet = (place: string): string[] => [`warning state-never-set '${place}'`];
const neverRead = (place: string): string[] => [`hint state-never-read '${place}'`];

describe('what is asked for and never set', () => {
  it.each([
    [['flowbits:isset,a;'], 'a'],
    [['flowbits:set,b;', 'flowbits:isset, a ;'], 'a'],
    [['flowbits:isset,a|b;'], 'a|b'],
    [['flowbits:isset,a&b;', 'flowbits:set,a;'], 'b'],
    [['flowbits:isset,a;', 'flowbits:unset,a;'], 'a'],
    [['flowbits:isset,a; flowbits:set,a;'], 'a'],
    [['flowbits:isset,a;', 'xbits:set,a,track ip_src;'], 'a'],
    [['xbits:isset,a,track ip_pair;', 'xbits:set,a,track ip_src;'], 'a'],
    [['hostbits:isset,a;'], 'a'],
    [['flowint:n,>,3;'], 'n'],
    [['flowint:n,isset;', 'flowbits:set,n;'], 'n'],
    [['flowint:n,>,3; flowint:n,+,1;'], 'n'],
    [['flowint:n,>,m;', 'flowint:m,=,3;'], 'n'],
    [['flowbits:isset,any,g;'], 'g'],
    [['flowbits:isset,all,g;', 'flowbits:set,a,h;', 'flowbits:isset,any,h;'], 'g'],
  ])('%j', (options, place) => expect(findings(...options)).toEqual(neverSet(place)));

  it.each([
    [['flowbits:isset,a;', 'flowbits:set,a;']],
    [['flowbits:set,a;', 'flowbits:isset,a;']],
    [['flowbits:isset,a|b;', 'flowbits:set,b;']],
    [['flowbits:isset,a;', 'flowbits:toggle,a;']],
    [['flowbits:isnotset,a;']],
    [['flowbits:isset,a&b;', 'flowbits:set,a&b;']],
    [['flowbits:isset,a; flowbits:set,a;', 'flowbits:set,a;']],
    [['xbits:isset,a,track ip_dst;', 'xbits:set,a,track ip_src;']],
    [['hostbits:isset,a;', 'xbits:set,a,track ip_dst;']],
    [['flowint:n,>,3;', 'flowint:n,+,1;']],
    [['flowint:n,isnotset; flowint:n,=,1;']],
    [['flowbits:isset,any,g;', 'flowbits:set,a,g;']],
    [['flowbits:isset,any,g;', 'flowbits:setx,a,g;']],
  ])('not %j', (options) => expect(findings(...options)).toEqual([]));
});

describe('what is set and never asked for', () => {
  it.each([
    [['flowbits:set,a; flowbits:noalert;'], 'a'],
    [['flowbits:set,a; noalert;', 'flowbits:set,a;'], 'a'],
    [['flowbits:set,a&b; noalert;'], 'a&b'],
    [['flowint:n,+,1; noalert;', 'flowbits:isnotset,n;'], 'n'],
    [['flowbits:set,a,g; noalert;', 'flowbits:set,b,h;', 'flowbits:isset,any,h;'], 'a'],
    [['xbits:set,a,track ip_src; noalert;', 'flowbits:isnotset,a;'], 'a'],
  ])('%j', (options, place) => expect(findings(...options)).toEqual(neverRead(place)));

  it.each([
    [['flowbits:set,a;']],
    [['flowbits:set,a; noalert;', 'flowbits:isset,a;']],
    [['flowbits:set,a; noalert;', 'flowbits:isnotset,a;']],
    [['flowbits:set,a; flowbits:set,b; noalert;', 'flowbits:isset,b;']],
    [['flowbits:set,a,g; noalert;', 'flowbits:isset,any,g;']],
    [['flowbits:set,a; noalert;', 'flowbits:isset,any,g;', 'flowbits:set,a,g;']],
    [['flowbits:unset,a; noalert;']],
    [['flowbits:reset; noalert;']],
    [['flowint:m,=,3; noalert;', 'flowint:n,>,m; flowint:n,isset;', 'flowint:n,=,1;']],
    [['flowint:m,=,3; noalert;', 'flowint:n,=,m;']],
  ])('not %j', (options) => expect(findings(...options)).toEqual([]));

  it('is not told of pass rules', () =>
    expect(load(rule('flowbits:set,a; noalert;', 'pass tcp any any -> any 80')).diagnostics).toEqual([]));
});

describe('rules that count', () => {
  it('are waiting ones, too', () => {
    expect(
      load(
        `${rule('flowbits:isset,a;')}${rule('igmp.hdr; content:"b"; flowbits:set,a; noalert;', 'alert igmp any any -> any any')}`,
      ).diagnostics,
    ).toEqual([]);
    expect(
      load(rule('igmp.hdr; content:"b"; flowbits:isset,a;', 'alert igmp any any -> any any')).diagnostics.map(shown),
    ).toEqual(neverSet('a'));
  });

  it('are those of all files', () => {
    const paths = [rule('flowbits:isset,a;'), rule('flowbits:set,a; noalert;')].map((text, i) => {
      const path = join(folder, `part${i}.rules`);
      writeFileSync(path, text);
      return path;
    });
    expect(loadRules({ rules: paths }).diagnostics).toEqual([]);
    expect(loadRules({ rules: paths.slice(0, 1) }).diagnostics.map(shown)).toEqual(neverSet('a'));
    expect(loadRules({ rules: paths.slice(1) }).diagnostics.map(shown)).toEqual(neverRead('a'));
  });

  it('are of the newest revision alone', () => {
    const revised = (rev: number, options: string): string =>
      `alert tcp any any -> any 80 (msg:"x"; content:"abcdef"; ${options} sid:9999; rev:${rev};)\n`;
    const text = `${rule('flowbits:isset,a;')}${revised(1, 'flowbits:set,a;')}${revised(2, 'flowbits:set,b;')}`;
    expect(load(text).diagnostics.map(shown)).toEqual([...neverSet('a'), "warning duplicate-sid 'sid:9999'"]);
  });

  it('need not be kept', () => {
    const sink = { add: () => {}, remove: () => {} };
    expect(load(rule('flowbits:isset,a;'), { sink }).diagnostics.map(shown)).toEqual(neverSet('a'));
  });
});

describe('the report', () => {
  it('names the rule, its line and its sid, and counts as a warning', () => {
    const text = `# comment\n${rule('').trim()}\nalert tcp any any -> any 80 ( \\\n  msg:"x"; content:"abcdef"; \\\n  flowbits:isset,here; sid:77;)\n`;
    expect(load(text)).toMatchObject({
      warnings: 1,
      loaded: 2,
      diagnostics: [
        {
          line: 5,
          column: 18,
          length: 4,
          sid: 77,
          message: 'no other rule sets here, so the rule never matches',
          hint: 'load the rules that set it too, or correct the name',
        },
      ],
    });
  });

  it('says which rules would help', () => {
    const commented = '#alert tcp any any -> any 80 (msg:"x"; content:"abcdef"; flowbits:set,a; sid:501;)\n';
    expect(load(`${rule('flowbits:isset,a;')}${commented}`).diagnostics[0]!.hint).toBe(
      'the rule with sid 501, which sets it, is commented out',
    );
    expect(load(`${rule('flowbits:isset,a;')}${commented}`, { includeDisabled: true }).diagnostics).toEqual([]);
    expect(
      load(`${rule('flowbits:isset,a;')}${commented.slice(1).replace('content', 'contnt')}`).diagnostics.find(
        ({ code }) => code === 'state-never-set',
      )!.hint,
    ).toBe('the rule with sid 501, which sets it, could not be loaded');
    expect(
      load(`${rule('flowbits:set,a; noalert;')}${commented.replace('set,a', 'isset,a')}`).diagnostics[0]!.hint,
    ).toBe('the rule with sid 501, which asks for it, is commented out');
  });
});
