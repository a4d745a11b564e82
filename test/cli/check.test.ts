import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCheck, type CheckOptions } from '../../src/cli/check.js';

const folder = mkdtempSync(join(tmpdir(), 'periscope-check-'));
afterAll(() => rmSync(folder, { recursive: true }));

const good = join(folder, 'good.rules');
writeFileSync(good, 'alert tcp any any -> any any (content:"x"; sid:1;)\nalert http any any -> any any (sid:2;)\n');
const broken = join(folder, 'broken.rules');
writeFileSync(broken, 'alert tcp any any -> any any (contnt:"x"; sid:3;)\n');
const doubtful = join(folder, 'doubtful.rules');
writeFileSync(doubtful, 'alert tcp any any -> any any (classtype:nonsense; sid:4;)\n');

async function check(options: Partial<CheckOptions>): Promise<{ status: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const status = await runCheck({ rules: [], ...options, write: (text) => (out += text), writeError: (text) => (err += text) });
  return { status, out, err };
}

describe('check', () => {
  it('ends with 0 when every rule loads', async () => {
    const { status, out } = await check({ rules: [good] });
    expect(status).toBe(0);
    expect(out).toMatch(/^2 rules loaded from 1 file in [\d.]+ s; 1 of them waiting for protocols that are not parsed yet: http \(1\); 0 failed; 0 warnings\n$/);
  });

  it('ends with 1 when a rule fails, and shows why', async () => {
    const { status, out } = await check({ rules: [good, broken] });
    expect(status).toBe(1);
    expect(out).toContain(`${broken}:1:31: error: unknown keyword 'contnt' [unknown-keyword]\n  1 | alert tcp any any`);
    expect(out).toMatch(/1 failed; 0 warnings\n$/);
  });

  it('ends with 1 for warnings only when it is strict', async () => {
    expect((await check({ rules: [doubtful] })).status).toBe(0);
    expect((await check({ rules: [doubtful], strict: true })).status).toBe(1);
  });

  it('ends with 1 when one of several files is not there, with 3 when none is', async () => {
    expect((await check({ rules: [good, join(folder, 'none.rules')] })).status).toBe(1);
    expect(await check({ rules: [join(folder, 'none.rules')] })).toMatchObject({ status: 3, out: expect.stringContaining('no rule file could be read') });
    expect(await check({ rules: [] })).toMatchObject({ status: 3 });
  });

  it('writes JSON with its fields in order', async () => {
    const { status, out } = await check({ rules: [good, broken], json: true });
    expect(status).toBe(1);
    const report = JSON.parse(out) as { diagnostics: object[] };
    expect(Object.keys(report)).toEqual(['loaded', 'waiting', 'failed', 'warnings', 'seconds', 'diagnostics']);
    expect(report).toMatchObject({ loaded: 2, waiting: 1, failed: 1, warnings: 0, seconds: expect.any(Number) });
    expect(Object.entries(report.diagnostics[0]!)).toEqual([
      ['file', broken], ['line', 1], ['column', 31], ['severity', 'error'], ['code', 'unknown-keyword'], ['message', "unknown keyword 'contnt'"], ['hint', 'did you mean content?'], ['sid', 3],
    ]);
  });

  it('takes variables', async () => {
    expect((await check({ rules: [good], variables: { HOME_NET: 'nowhere' } })).status).toBe(1);
  });
});
