/** Of what a load finds, a bounded part goes on; the counts are of all. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MOST_KEPT, withFindings } from '../../src/load/findings.js';
import { loadRules } from '../../src/load/load-rules.js';
import type { LocatedDiagnostic } from '../../src/rule/diagnostics/render-diagnostic.js';

const finding = (
  severity: LocatedDiagnostic['severity'],
  line: number,
  fields: Partial<LocatedDiagnostic> = {},
): LocatedDiagnostic => ({
  file: 'a.rules',
  line,
  column: 1,
  severity,
  code: severity === 'error' ? 'syntax' : 'unknown-classtype',
  message: 'm',
  hint: undefined,
  sid: line,
  sourceLine: 'alert',
  length: 1,
  ...fields,
});

describe('a file that is no rule file', () => {
  it('does not take memory for each of its lines', () => {
    const folder = mkdtempSync(join(tmpdir(), 'periscope-findings-'));
    try {
      const file = join(folder, 'big.log');
      writeFileSync(file, 'x\n'.repeat(150_000));
      const { failed, diagnostics } = loadRules({ rules: [file] });
      expect(failed).toBe(150_000);
      expect(diagnostics.filter(({ severity }) => severity === 'error')).toHaveLength(100_000);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('findings', () => {
  it('are all counted, and the first of each severity kept, in order', () => {
    const list = Array.from({ length: 1000 }, (_, line) =>
      finding((['error', 'warning', 'hint'] as const)[line % 3]!, line),
    );
    const { errors, warnings, codes, diagnostics } = withFindings(list);
    expect({ errors, warnings, codes: Object.fromEntries(codes) }).toEqual({
      errors: 334,
      warnings: 333,
      codes: { syntax: 334, 'unknown-classtype': 666 },
    });
    expect(diagnostics.map(({ line }) => line)).toEqual(Array.from({ length: 3 * MOST_KEPT }, (_, line) => line));
  });

  it('stand before those that were known', () => {
    const known = withFindings(Array.from({ length: 2 * MOST_KEPT }, (_, line) => finding('error', line)));
    const both = withFindings([finding('error', 7777), finding('warning', 8888)], known);
    expect(both).toMatchObject({ errors: 2 * MOST_KEPT + 1, warnings: 1 });
    expect(both.diagnostics.map(({ line }) => line)).toEqual([
      7777,
      8888,
      ...Array.from({ length: MOST_KEPT - 1 }, (_, line) => line),
    ]);
    expect([...both.codes]).toEqual([
      ['syntax', 2 * MOST_KEPT + 1],
      ['unknown-classtype', 1],
    ]);
  });

  it('have no text without a bound', () => {
    const long = 'x'.repeat(1 << 20);
    const [kept] = withFindings([finding('error', 1, { message: long, hint: long, sourceLine: long })]).diagnostics;
    expect(Math.max(kept!.message.length, kept!.hint!.length, kept!.sourceLine!.length)).toBeLessThan(10_000);
  });
});
