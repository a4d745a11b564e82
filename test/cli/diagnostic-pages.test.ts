import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { checkRules } from '../../src/cli/check-command.js';
import { diagnosticPages, explainDiagnostic, unknownDiagnostic } from '../../src/cli/diagnostic-pages.js';
import { diagnosticCodes } from '../../src/rule/diagnostics/catalogue.js';
import type { DiagnosticEntry } from '../../src/rule/diagnostics/entry.js';
import { OPTIONS } from '../../src/rule/options/registry.js';

const folder = join(import.meta.dirname, '../../docs/diagnostics');
const pages = diagnosticPages();

describe('diagnosticPages', () => {
  it.each([...pages])('writes %s (vitest -u test/cli/diagnostic-pages.test.ts writes them all)', async (name, page) => {
    await expect(page).toMatchFileSnapshot(join(folder, name));
  });

  it('leaves no page of a code that is gone', () => {
    expect(existsSync(folder) ? readdirSync(folder).filter((name) => !pages.has(name)) : []).toEqual([]);
  });

  it('has every code in the index, by area', () => {
    const index = pages.get('README.md')!;
    expect([...index.matchAll(/^\| \[`([a-z0-9-]+)`\]\(\1\.md\) \|/gm)].map(([, code]) => code)).toEqual(
      diagnosticCodes(),
    );
    expect(index).toContain('- [Regular expressions](#regular-expressions)');
  });

  it('links keywords to headings that the reference has', () => {
    const headings = new Set(OPTIONS.map(({ name }) => name));
    const linked = [...pages.values()].flatMap((page) =>
      [...page.matchAll(/\[`([^`]+)`\]\(\.\.\/rules\.md#/g)].map(([, name]) => name!),
    );
    expect(linked.length).toBeGreaterThan(50);
    expect([...new Set(linked)].filter((name) => !headings.has(name))).toEqual([]);
  });

  it('shortens examples that no page could hold', () => {
    for (const [name, page] of pages) if (name !== 'README.md') expect(page.length, name).toBeLessThan(4000);
  });
});

describe('check --explain', () => {
  it('has what the page has, in lines that a terminal shows', () => {
    const text = explainDiagnostic('missing-semicolon')!;
    expect(text).toMatch(/^missing-semicolon \(error\)\n\nAn option does not end with a semicolon\.\n\n/);
    expect(text).toMatch(/\nWrong:\n\n {4}alert .*sid:1000001\)\n\nRight:\n\n {4}alert .*sid:1000001;\)\n/);
    expect(text).toMatch(/\nPage: docs\/diagnostics\/missing-semicolon\.md\n$/);
    for (const line of text.split('\n')) if (!line.startsWith('    ')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('is asked for with or without the brackets of a message, and needs no rules', async () => {
    const written: string[] = [];
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    const flags = { rules: [], var: {}, set: {} };
    expect([
      await checkRules({ ...flags, explain: 'missing-sid' }),
      await checkRules({ ...flags, explain: '[Missing-Sid]' }),
    ]).toEqual([0, 0]);
    write.mockRestore();
    expect(written).toEqual([explainDiagnostic('missing-sid'), explainDiagnostic('missing-sid')]);
    await expect(checkRules({ ...flags, explain: 'mising-sid' })).rejects.toMatchObject({
      status: 2,
      message: expect.stringContaining('did you mean missing-sid?'),
    });
  });

  it('explains every code', () => {
    for (const code of diagnosticCodes()) expect(explainDiagnostic(code), code).toContain(`${code} (`);
  });

  it('names the nearest of a misspelt one, and else the list', () => {
    expect(explainDiagnostic('mising-sid')).toBeUndefined();
    expect(unknownDiagnostic('mising-sid')).toBe("there is no diagnostic 'mising-sid'; did you mean missing-sid?");
    expect(unknownDiagnostic('zzz')).toBe("there is no diagnostic 'zzz'; docs/diagnostics/README.md lists them all");
  });
});

describe('a page', () => {
  const entry: DiagnosticEntry = {
    severity: ['error', 'warning'],
    title: 'A <b> or *c*.',
    why: 'It `matters`.',
    example: 'flags',
    bad: '--var A=1',
    good: '--var A=2',
    keywords: ['http.uri'],
  };

  it('shows flags behind a command, and text as text', () => {
    expect(diagnosticPages([{ title: 'T', entries: { 'a-b': entry } }]).get('a-b.md')).toBe(`# a-b

<!-- Generated from the catalogue (src/rule/diagnostics): edit the entry there, not this page. -->

**error or warning**: A \\<b\\> or \\*c\\*.

It \`matters\`.

## Wrong

\`\`\`sh
periscope check --rules local.rules --var A=1
\`\`\`

## Right

\`\`\`sh
periscope check --rules local.rules --var A=2
\`\`\`

Keywords: [\`http.uri\`](../rules.md#httpuri).

[All diagnostics](README.md)
`);
  });
});
