/** requires: a rule that asks for what is not here is left out, whatever else is in it, and is no failure. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadRules } from '../../../src/load/load-rules.js';
import { compileRule } from '../../../src/rule/compile/compile-rule.js';
import { Diagnostics, type Diagnostic } from '../../../src/rule/diagnostics/diagnostic.js';
import { parseRule } from '../../../src/rule/parse/parser.js';
import type { RuleProgram } from '../../../src/rule/program.js';
import { Variables } from '../../../src/rule/compile/variables.js';

const rule = (requires: string, rest = ''): string =>
  `alert tcp any any -> any any (msg:"x"; requires:${requires}; ${rest}sid:1; rev:1;)`;

function compile(text: string): { readonly program: RuleProgram | undefined; readonly list: readonly Diagnostic[] } {
  const diagnostics = new Diagnostics();
  const environment = { classification: () => undefined, reference: () => undefined };
  const program = compileRule(parseRule(text, diagnostics)!, {
    variables: new Variables(),
    environment,
    diagnostics,
    origin: { file: 'test.rules', line: 1 },
  });
  return { program, list: diagnostics.list };
}

describe('requires', () => {
  it.each([
    'version >= 7',
    'version >= 7.0.4 < 9',
    'version < 7 | >= 8.0',
    'version > 8.0.6, keyword ja4.hash',
    'feature geoip',
    'keyword dns.query',
    'version <= 8.0.7',
    'version>=7.0',
    'version >= 7.0.3-beta1 < 9',
    'version >= 7.0.4.1',
  ])('%s is met', (requires) => {
    const { program, list } = compile(rule(requires));
    expect(program?.sid).toBe(1);
    expect(list).toEqual([]);
  });

  it.each([
    ['version < 7', 'version < 7 of'],
    ['version >= 7 < 8', 'version >= 7 < 8 of'],
    ['version < 7 | > 9.1', 'version < 7 | > 9.1 of'],
    ['version > 8.0.7', 'version > 8.0.7 of'],
    ['feature lua', 'feature lua is not here'],
    ['keyword foo.bar', 'keyword foo.bar is not here'],
    ['version >= 7, keyword foo.bar', 'keyword foo.bar is not here'],
    ['keyword !dns.query', 'keyword !dns.query is not here'],
    ['feature !geoip', 'feature !geoip is not here'],
    ['login page', "'login page', which is not known here"],
    ['version >= 7, plugin >= 3', "'plugin >= 3', which is not known here"],
    ['plugin', "'plugin', which is not known here"],
  ])('%s leaves the rule out, though it has keywords of another engine', (requires, reason) => {
    const { program, list } = compile(rule(requires, 'foo.bar; content:"x"; '));
    expect(program).toBeUndefined();
    expect(list.map(({ code, severity }) => `${severity} ${code}`)).toEqual(['hint unmet-requirement']);
    expect(list[0]!.message).toContain(reason);
  });

  it.each(['version 7', 'version', 'keyword', 'version >= 7 and < 9'])('%s is an error', (requires) => {
    const { program, list } = compile(rule(requires));
    expect(program).toBeUndefined();
    expect(list.map(({ code, severity }) => `${severity} ${code}`)).toEqual(['error unknown-argument']);
  });

  it('counts a rule that is left out neither as loaded nor as failed', () => {
    const folder = mkdtempSync(join(tmpdir(), 'periscope-requires-'));
    try {
      const file = join(folder, 'x.rules');
      writeFileSync(file, `${rule('version < 8', 'content:"old"; ')}\n${rule('version >= 8', 'content:"new"; ')}\n`);
      const { loaded, failed, programs, diagnostics } = loadRules({ rules: [file] });
      expect({ loaded, failed }).toEqual({ loaded: 1, failed: 0 });
      expect(Buffer.from((programs[0]!.buffers[0]!.matches[0] as { bytes: Uint8Array }).bytes).toString()).toBe('new');
      expect(diagnostics.filter(({ code }) => code === 'duplicate-sid')).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
