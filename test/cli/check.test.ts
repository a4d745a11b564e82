import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCheck, type CheckOptions } from '../../src/cli/check.js';
import { buildRuleSet } from '../../src/load/build-rule-set.js';

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

  it('writes annotations for GitHub, and the summary', async () => {
    const { status, out } = await check({ rules: [broken, doubtful], format: 'github' });
    expect(status).toBe(1);
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).toBe(`::error file=${broken},line=1,col=31,title=unknown-keyword::unknown keyword 'contnt'%0Ahint: did you mean content?`);
    expect(lines[1]).toMatch(/^::warning file=[^:]+,line=1,col=\d+,title=unknown-classtype::/);
    expect(lines[2]).toMatch(/^1 rule loaded from 2 files/);
  });

  it('escapes what annotations give a meaning, and names files of the repository from its root', async () => {
    const odd = join(folder, 'a,b%:c.rules');
    writeFileSync(odd, 'alert tcp any any -> any any (msg:"x"; 100%; sid:5;)\n');
    expect((await check({ rules: [odd], format: 'github' })).out).toContain(`file=${folder}/a%2Cb%25%3Ac.rules,line=1,`);
    const inside = join(process.cwd(), 'rules', 'absent.rules');
    expect((await check({ rules: [inside], format: 'github' })).out).toContain('::error file=rules/absent.rules,line=1,col=1,title=unreadable-file::');
  });

  it('counts rules that detection cannot inspect as failed', async () => {
    const refused = join(folder, 'refused.rules');
    writeFileSync(refused, `alert tcp any any -> any any (${'content:"x"; '.repeat(300)}sid:6;)\n`);
    const { status, out } = await check({ rules: [good, refused] });
    expect(status).toBe(1);
    expect(out).toContain(`${refused}:1:31: error: the rule cannot be inspected: more than 256 steps over one buffer [not-inspected]`);
    expect(out).toMatch(/2 rules loaded from 2 files[^]*; 1 failed; 0 warnings\n$/);
  });

  it('takes classes and references from files', async () => {
    const classificationFile = join(folder, 'classification.config');
    writeFileSync(classificationFile, 'config classification: nonsense,No sense,3\nrubbish\n');
    const { status, out } = await check({ rules: [doubtful], classificationFile });
    expect(status).toBe(1);
    expect(out).toContain(`${classificationFile}:2:1: error`);
    expect(out).toContain('0 warnings');
  });

  it('keeps the compiled rules where it is told to, for a sensor with the same settings', async () => {
    const cacheDirectory = join(folder, 'cache');
    expect((await check({ rules: [good], cacheDirectory })).status).toBe(0);
    expect(readdirSync(cacheDirectory)).toHaveLength(1);
    const [name] = readdirSync(cacheDirectory);
    utimesSync(join(cacheDirectory, name!), 1, 1);
    buildRuleSet({ rules: [good], variables: {}, classificationFile: '', referenceFile: '', thresholdFile: '', includeDisabled: false, shards: 1, generation: 1, cacheDirectory });
    expect(readdirSync(cacheDirectory)).toEqual([name]);
    expect(statSync(join(cacheDirectory, name!)).mtimeMs).toBeGreaterThan(1000);
    const nowhere = await check({ rules: [good], cacheDirectory: join(good, 'cache') });
    expect([nowhere.status, nowhere.out]).toEqual([1, expect.stringContaining('[cache-not-written]')]);
  });

  it('shows how far it is to who is watching', async () => {
    const lines: string[] = [];
    await check({ rules: [good, broken], writeProgress: (text) => lines.push(text) });
    expect(lines).toEqual([`2 rules read, 1 of 2 files done: ${good}`, `3 rules read, 2 of 2 files done: ${broken}`, '']);
  });
});
