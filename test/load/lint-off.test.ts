/** What a load that is not asked for advice leaves out: advice alone. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { loadRules } from '../../src/load/load-rules.js';

const folder = mkdtempSync(join(tmpdir(), 'periscope-lint-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('says what keeps rules from loading, and of the rest what costs nothing to find', () => {
  const file = join(folder, 'a.rules');
  writeFileSync(
    file,
    [
      'alert tcp any any -> any any (msg:"backtracks"; content:"a"; pcre:"/(?=.)(\\w+\\s*)+=x/"; sid:1;)',
      'alert tcp any any -> any any (msg:"never set"; flowbits:isset,nobody.sets.it; content:"a"; sid:2;)',
      'alert tcp any any -> any any (msg:"class"; content:"a"; classtype:not-there; sid:3;)',
      'alert tcp any any -> any any (msg:"broken"; nonsense; sid:4;)',
    ].join('\n'),
  );
  const codes = (lint: boolean): string[] =>
    [...new Set(loadRules({ rules: [file], lint }).diagnostics.map(({ code }) => code))].sort();
  const all = codes(true);
  expect(all).toEqual(
    expect.arrayContaining(['pcre-backtracks', 'state-never-set', 'unknown-classtype', 'unknown-keyword']),
  );
  const without = codes(false);
  expect(without).toEqual(expect.arrayContaining(['unknown-classtype', 'unknown-keyword']));
  expect(without).not.toContain('pcre-backtracks');
  expect(without).not.toContain('state-never-set');
  const programs = (lint: boolean) => loadRules({ rules: [file], lint }).programs;
  expect(programs(false)).toEqual(programs(true));
});
