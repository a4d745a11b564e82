/**
 * Rule files made to keep the loader busy: each is done with, as rules that load or with a diagnostic that says why
 * not. That they are done with at all is the test; what multiplies here would take hours without its limit.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadRules, type LoadResult } from '../../src/load/load-rules.js';
import { renderDiagnostic } from '../../src/rule/diagnostics/render-diagnostic.js';

const folder = mkdtempSync(join(tmpdir(), 'periscope-hostile-'));
afterAll(() => rmSync(folder, { recursive: true }));

function load(text: string, variables: Record<string, string> = {}): LoadResult {
  const path = join(folder, 'hostile.rules');
  writeFileSync(path, text);
  return loadRules({ rules: [path], variables, lint: true });
}

const codes = ({ diagnostics }: LoadResult): string[] => [...new Set(diagnostics.map(({ code }) => code))];
const list = (count: number, item: (index: number) => string, separator = ''): string =>
  Array.from({ length: count }, (_, index) => item(index)).join(separator);
const rule = (options: string, header = 'alert tcp any any -> any any'): string =>
  `${header} (msg:"x"; ${options} sid:1;)\n`;
const nest = (open: string, core: string, close: string, depth: number): string =>
  open.repeat(depth) + core + close.repeat(depth);

describe('variables of variables', () => {
  const chain = (last: string): Record<string, string> => ({
    ...Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`V${i}`, `[$V${i + 1},$V${i + 1},$V${i + 1}]`])),
    V60: last,
  });

  it('are worked out once each, however often they are named', () => {
    expect(load(rule('content:"abc";', 'alert tcp $V0 any -> any any'), chain('10.0.0.0/8'))).toMatchObject({
      loaded: 1,
      failed: 0,
    });
    expect(codes(load(rule('content:"abc";', 'alert tcp $V0 any -> any any'), chain('$NOWHERE')))).toEqual([
      'bad-variable',
    ]);
  });

  it('that contain one another are refused', () => {
    const ring = Object.fromEntries(
      Array.from({ length: 30 }, (_, i) => [`V${i}`, `[${list(30, (j) => `$V${j}`, ',')}]`]),
    );
    expect(codes(load(rule('content:"abc";', 'alert tcp $V0 any -> any any'), ring))).toEqual(['bad-variable']);
  });
});

describe('unknown keywords', () => {
  it('are all named, and the first sixteen of a rule compared with what is known', () => {
    const { diagnostics } = load(rule(list(9000, (i) => `contnt${i}x; `)));
    const unknown = diagnostics.filter(({ code }) => code === 'unknown-keyword');
    const hinted = load(rule(list(20, () => 'contnt; '))).diagnostics.filter(
      ({ hint }) => hint === 'did you mean content?',
    );
    expect([unknown.length > 16, hinted.length]).toEqual([true, 16]);
  });
});

describe('lists and depth', () => {
  it.each<[string, string, boolean]>([
    [
      'thousands of excluded addresses',
      rule(
        'content:"abc";',
        `alert tcp [${list(9000, (i) => `!2001:db8:${i.toString(16)}::/48`, ',')}] any -> any any`,
      ),
      true,
    ],
    [
      'brackets beyond count',
      rule('content:"abc";', `alert tcp ${nest('[', '10.0.0.1', ']', 5000)} any -> any any`),
      false,
    ],
    [
      'tens of thousands of ports',
      rule('content:"abc";', `alert tcp any [${list(30_000, (i) => `!${2 * i + 1}`, ',')}] -> any any`),
      false,
    ],
    ['thousands of contents', rule(list(9000, () => 'content:"ab"; distance:0; ')), false],
    ['thousands of transforms', rule(`pkt_data; ${'to_lowercase; '.repeat(9000)}content:"a";`), true],
    ['flowbits beyond count', rule(`flowbits:isset,${list(1600, (i) => `a${i}`, '|')};`), false],
    ['a value without end', rule(`content:"${'a'.repeat(100_000)}";`), false],
    ['parentheses', `alert tcp any any -> any any ${'('.repeat(200_000)}\n`, false],
    ['semicolons', `alert tcp any any -> any any (${';'.repeat(200_000)})\n`, false],
    ['comments that open', `${'/*'.repeat(100_000)}\n`, false],
    ['one long line', `${'a'.repeat(2_000_000)}\n`, false],
    ['exclamation marks', rule('content:"abc";', `alert tcp ${'!'.repeat(60_000)}any any -> any any`), false],
    [
      'expressions whose analysis has a limit',
      rule(list(20, () => `pcre:"/${nest('(', 'a*', 'b?)*', 200)}/"; `)),
      true,
    ],
    [
      'expressions that multiply',
      rule(`pcre:"/${nest('(?:', 'a', '){1,65535}', 200)}/"; pcre:"/()${nest('(?:', String.raw`\1`, '){8}', 200)}/";`),
      true,
    ],
  ])('%s', (_, text, loads) => {
    const result = load(text);
    expect(result.loaded).toBe(loads ? 1 : 0);
    if (!loads) expect(result.diagnostics.some(({ severity }) => severity === 'error')).toBe(true);
  });
});

it('thousands of findings in one long line are shown, each with its place', () => {
  const { diagnostics } = load(rule(list(2000, (i) => `contnt${i}:"x";`)));
  expect(codes({ diagnostics } as LoadResult)).toContain('unknown-keyword');
  expect(diagnostics.length).toBeGreaterThanOrEqual(2000);
  for (const diagnostic of diagnostics) expect(renderDiagnostic(diagnostic).length).toBeLessThan(1000);
  const [, shown] = renderDiagnostic(diagnostics[1000]!).split('\n');
  expect(shown).toMatch(/…/);
  expect(shown).toContain('contnt1000');
});
