/**
 * The cases are in diagnostics/*.md: a heading, a block of rules, and a block with what `check` says about them, hints
 * left out.
 * `UPDATE_GOLDENS=1 npx vitest run test/rule/diagnostics.test.ts` writes the second blocks.
 */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadRules } from '../../src/load/load-rules.js';
import { renderDiagnostic } from '../../src/rule/diagnostics/render-diagnostic.js';

const folder = join(import.meta.dirname, 'diagnostics');
const scratch = mkdtempSync(join(tmpdir(), 'periscope-diagnostics-'));
const CASE = /(^## .*\n(?:(?!^```)[^\n]*\n)*)```rules\n([^]*?)```\n(?:\n```text\n([^]*?)```\n)?/gm;

function check(rules: string): string {
  const file = join(scratch, 'case.rules');
  writeFileSync(file, rules);
  const { loaded, failed, diagnostics } = loadRules({ rules: [file] });
  const shown = diagnostics
    .filter(({ severity }) => severity !== 'hint')
    .map((diagnostic) => `${renderDiagnostic({ ...diagnostic, file: 'case.rules' })}\n`.replaceAll(file, 'case.rules'));
  return `${shown.join('')}loaded ${loaded}, failed ${failed}\n`;
}

afterAll(() => rmSync(scratch, { recursive: true }));

for (const name of readdirSync(folder).filter((file) => file.endsWith('.md'))) {
  describe(name, () => {
    const path = join(folder, name);
    const text = readFileSync(path, 'utf8');
    const cases = [...text.matchAll(CASE)];
    for (const [, heading, rules, expected] of cases) {
      it(heading!.split('\n')[0]!.slice(3), () => {
        if (process.env['UPDATE_GOLDENS'] === undefined) expect(check(rules!)).toBe(expected);
        else expect(rules).not.toBe('');
      });
    }
    if (process.env['UPDATE_GOLDENS'] !== undefined) {
      writeFileSync(
        path,
        text.replace(
          CASE,
          (_, heading: string, rules: string) =>
            `${heading}\`\`\`rules\n${rules}\`\`\`\n\n\`\`\`text\n${check(rules)}\`\`\`\n`,
        ),
      );
    }
  });
}
