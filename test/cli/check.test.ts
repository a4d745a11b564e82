import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { runCheck, type CheckOptions } from '../../src/cli/check.js';
import { paintFor } from '../../src/util/paint.js';
import { buildRuleSet } from '../../src/load/build-rule-set.js';

const folder = mkdtempSync(join(tmpdir(), 'periscope-check-'));
afterAll(() => rmSync(folder, { recursive: true }));

const good = join(folder, 'good.rules');
const RULE = 'alert tcp any any -> any 80 (msg:"Login page"; content:"/admin/login.php"; sid:1; rev:1;)\n';
writeFileSync(
  good,
  `${RULE}alert tcp any any -> any any (msg:"Login page"; ether.hdr; content:"/admin/login.php"; sid:2; rev:1;)\n`,
);
const broken = join(folder, 'broken.rules');
writeFileSync(broken, 'alert tcp any any -> any any (contnt:"x"; sid:3;)\n');
const doubtful = join(folder, 'doubtful.rules');
writeFileSync(
  doubtful,
  'alert tcp any any -> any any (msg:"Login page"; content:"/admin/login.php"; classtype:nonsense; sid:4; rev:1;)\n',
);

function save(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function check(options: Partial<CheckOptions>): Promise<{ status: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const status = await runCheck({
    rules: [],
    ...options,
    write: (text) => (out += text),
    writeError: (text) => (err += text),
  });
  return { status, out, err };
}

describe('check', () => {
  it('ends with 0 when every rule loads', async () => {
    const { status, out } = await check({ rules: [good] });
    expect(status).toBe(0);
    expect(out).toMatch(
      /^2 rules loaded from 1 file in [\d.]+ s; 1 of them waiting for what is not there yet: ether \(1\); 0 failed; 0 errors, 0 warnings, 0 hints\n$/,
    );
  });

  it('ends with 1 when a rule fails, and shows why', async () => {
    const { status, out } = await check({ rules: [good, broken] });
    expect(status).toBe(1);
    expect(out).toContain(`${broken}:1:31: error: unknown keyword 'contnt' [unknown-keyword]\n  1 | alert tcp any any`);
    expect(out).toMatch(
      /; 1 failed; 1 error, 0 warnings, 0 hints\n {2}periscope check --explain CODE says what a \[code\] means and what to do\n$/,
    );
  });

  it('ends with 1 for warnings only when it is strict', async () => {
    expect((await check({ rules: [doubtful] })).status).toBe(0);
    expect((await check({ rules: [doubtful], strict: true })).status).toBe(1);
  });

  it('ends with 1 when one of several files is not there, with 3 when none is', async () => {
    expect((await check({ rules: [good, join(folder, 'none.rules')] })).status).toBe(1);
    expect(await check({ rules: [join(folder, 'none.rules')] })).toMatchObject({
      status: 3,
      out: expect.stringContaining('no rule file could be read'),
    });
    expect(await check({ rules: [] })).toMatchObject({ status: 3 });
  });

  it('writes JSON with its fields in order', async () => {
    const { status, out } = await check({ rules: [good, broken], json: true });
    expect(status).toBe(1);
    const report = JSON.parse(out) as { diagnostics: object[] };
    expect(Object.keys(report)).toEqual([
      'loaded',
      'waiting',
      'failed',
      'warnings',
      'seconds',
      'diagnostics',
      'waiting_rules',
    ]);
    expect(report).toMatchObject({ loaded: 2, waiting: 1, failed: 1, warnings: 0, seconds: expect.any(Number) });
    expect(Object.entries(report.diagnostics[0]!)).toEqual([
      ['file', broken],
      ['line', 1],
      ['column', 31],
      ['severity', 'error'],
      ['code', 'unknown-keyword'],
      ['message', "unknown keyword 'contnt'"],
      ['hint', 'did you mean content?'],
      ['sid', 3],
    ]);
  });

  it('lists in JSON which rules wait, and for what', async () => {
    const waiting = save(
      'waiting.rules',
      'alert igmp any any -> any any (msg:"a"; igmp.hdr; content:"x"; sid:7; rev:1;)\nalert tcp any any -> any any (msg:"b"; ether.hdr; content:"x"; sid:8; rev:1;)\n' +
        'alert igmp any any -> any any (msg:"c"; igmp.hdr; content:"x"; vba_data; content:"y"; sid:9; gid:2; rev:1;)\nalert tcp any any -> any any (msg:"d"; content:"xyz"; sid:10; rev:1;)\n',
    );
    const { waiting: count, waiting_rules: list } = JSON.parse((await check({ rules: [waiting], json: true })).out) as {
      waiting: number;
      waiting_rules: object[];
    };
    expect(count).toBe(3);
    expect(list).toEqual([
      { file: waiting, line: 1, gid: 1, sid: 7, waits_for: ['igmp'], keywords: ['igmp.hdr'] },
      { file: waiting, line: 2, gid: 1, sid: 8, waits_for: ['ether'], keywords: ['ether.hdr'] },
      { file: waiting, line: 3, gid: 2, sid: 9, waits_for: ['igmp', 'file'], keywords: ['igmp.hdr', 'vba_data'] },
    ]);
  });

  it('lists for people which rules wait, how many for what first', async () => {
    const rules = Array.from(
      { length: 12 },
      (_, i) => `alert igmp any any -> any any (msg:"a"; igmp.hdr; content:"x"; sid:${i + 1}; rev:1;)\n`,
    ).join('');
    const many = save(
      'many.rules',
      `${rules}alert tcp any any -> any any (msg:"b"; ether.hdr; content:"x"; sid:99; rev:1;)\nalert tcp any any -> any any (msg:"d"; content:"xyz"; sid:100; rev:1;)\n`,
    );
    const { out, status } = await check({ rules: [many], waiting: true });
    expect(status).toBe(0);
    expect(out.split('\n').slice(0, 6)).toEqual([
      '13 of 14 rules wait',
      '  rules  wait for  through',
      '     12  igmp      igmp.hdr 12',
      '      1  ether     ether.hdr 1',
      '',
      'igmp (12)',
    ]);
    expect(out).toContain(`\n  ${many}:3: 1:3 igmp.hdr\n`);
    expect(out).toContain(`\nether (1)\n  ${many}:13: 1:99 ether.hdr\n`);
    expect((await check({ rules: [broken], waiting: true })).out).toMatch(/^none of 0 rules waits\n/);
  });

  it('has colours where they are wanted, and says the same without', async () => {
    const coloured = (await check({ rules: [broken, doubtful], paint: paintFor({ isTTY: true }, {}) })).out;
    expect(coloured).toContain('\x1b[31merror\x1b[39m: unknown keyword');
    expect(coloured).toContain('\x1b[33mwarning\x1b[39m:');
    const bare = (text: string): string => stripVTControlCharacters(text).replace(/in [\d.]+ s/, '');
    expect(bare(coloured)).toBe(bare((await check({ rules: [broken, doubtful] })).out));
  });

  it('takes variables', async () => {
    expect((await check({ rules: [good], variables: { HOME_NET: 'nowhere' } })).status).toBe(1);
  });

  it('writes annotations for GitHub, and the summary', async () => {
    const { status, out } = await check({ rules: [broken, doubtful], format: 'github' });
    expect(status).toBe(1);
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).toBe(
      `::error file=${broken},line=1,col=31,title=unknown-keyword::unknown keyword 'contnt'%0Ahint: did you mean content?`,
    );
    expect(lines[1]).toMatch(/^::warning file=[^:]+,line=1,col=\d+,title=unknown-classtype::/);
    expect(lines[2]).toMatch(/^1 rule loaded from 2 files/);
  });

  it('escapes what annotations give a meaning, and names files of the repository from its root', async () => {
    const odd = join(folder, 'a,b%:c.rules');
    writeFileSync(odd, 'alert tcp any any -> any any (msg:"x"; 100%; sid:5;)\n');
    expect((await check({ rules: [odd], format: 'github' })).out).toContain(
      `file=${folder}/a%2Cb%25%3Ac.rules,line=1,`,
    );
    const inside = join(process.cwd(), 'rules', 'absent.rules');
    expect((await check({ rules: [inside], format: 'github' })).out).toContain(
      '::error file=rules/absent.rules,line=1,col=1,title=unreadable-file::',
    );
  });

  it('counts rules that detection cannot inspect as failed', async () => {
    const refused = join(folder, 'refused.rules');
    writeFileSync(refused, `alert tcp any any -> any any (${'content:"x"; '.repeat(300)}sid:6;)\n`);
    const { status, out } = await check({ rules: [good, refused] });
    expect(status).toBe(1);
    expect(out).toContain(
      `${refused}:1:31: error: the rule cannot be inspected: more than 256 steps over one buffer [not-inspected]`,
    );
    expect(out).toMatch(/2 rules loaded from 2 files[^]*; 1 failed; 1 error, 0 warnings, /);
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
    buildRuleSet({
      rules: [good],
      variables: {},
      classificationFile: '',
      referenceFile: '',
      thresholdFile: '',
      includeDisabled: false,
      generation: 1,
      cacheDirectory,
    });
    expect(readdirSync(cacheDirectory)).toEqual([name]);
    expect(statSync(join(cacheDirectory, name!)).mtimeMs).toBeGreaterThan(1000);
    const nowhere = await check({ rules: [good], cacheDirectory: join(good, 'cache') });
    expect([nowhere.status, nowhere.out]).toEqual([1, expect.stringContaining('[cache-not-written]')]);
  });

  it('shows how far it is to who is watching', async () => {
    const lines: string[] = [];
    await check({ rules: [good, broken], writeProgress: (text) => lines.push(text) });
    expect(lines).toEqual([
      `2 rules read, 1 of 2 files done: ${good}`,
      `3 rules read, 2 of 2 files done: ${broken}`,
      '',
    ]);
  });

  it('shows hints one a line, behind what is worse', async () => {
    const hinted = save(
      'hinted.rules',
      'alert tcp any any -> any 80 (msg:"Login"; content:!"/admin/login.php"; fast_pattern; content:"/login.php"; sid:7; rev:1;)\n',
    );
    const { status, out } = await check({ rules: [hinted, broken], strict: true });
    expect(status).toBe(1);
    expect(out).toMatch(
      /contnt[^]*\n\n[^\n]*hinted\.rules:1:72: hint: the prefilter looks for [^\n]* \[without-effect\]\n\n1 rule loaded/,
    );
    expect(out).toMatch(/; 1 error, 0 warnings, 1 hint\n/);
  });

  it('counts many hints rather than to show them, unless asked to', async () => {
    const many = save(
      'many.rules',
      Array.from(
        { length: 30 },
        (_, i) =>
          `alert tcp any any -> any 80 (msg:"Login"; content:!"/admin/login.php"; fast_pattern; content:"/login.php"; sid:${i + 1}; rev:1;)\n`,
      ).join(''),
    );
    const { out } = await check({ rules: [many] });
    expect(out).toMatch(
      /^30 rules loaded [^\n]*, 30 hints\n {2}hints by code: without-effect 30\n {2}--hints shows the hints\n {2}periscope check --explain/,
    );
    const all = (await check({ rules: [many], hints: true })).out;
    expect(all.split('\n').filter((line) => line.includes(': hint: '))).toHaveLength(30);
    expect(all).not.toContain('--hints');
    expect((await check({ rules: [many], format: 'github' })).out).not.toContain('::notice');
    expect((await check({ rules: [many], format: 'github', hints: true })).out.match(/^::notice /gm)).toHaveLength(30);
    expect(
      (JSON.parse((await check({ rules: [many], json: true })).out) as { diagnostics: unknown[] }).diagnostics,
    ).toHaveLength(30);
  });

  it('says what many errors are by code, and what one variable causes not for every rule', async () => {
    const many = save(
      'variable.rules',
      Array.from(
        { length: 30 },
        (_, i) => `alert tcp $SERVERS any -> any 80 (msg:"Login"; content:"/login.php"; sid:${i + 1}; rev:1;)\n`,
      ).join(''),
    );
    const { out } = await check({ rules: [many, broken] });
    expect(out.match(/:11: error: \$SERVERS is not set \[unknown-variable\]\n/g)).toHaveLength(3);
    expect(out).toContain('\n… and 27 more times: error: $SERVERS is not set [unknown-variable]\n');
    expect(out).toContain('\n  errors by code: unknown-variable 30, unknown-keyword 1\n');
  });

  it('names the setting that is wrong and where it was set', async () => {
    const { out } = await check({
      rules: [good],
      variables: { HOME_NET: '10.0.0.300' },
      origins: new Map([['vars.HOME_NET', '--var']]),
    });
    expect(out).toContain(
      "vars.HOME_NET (--var): error: $HOME_NET cannot be used: '10.0.0.300' is no address [bad-variable]\n    hint: it is set to 10.0.0.300\n",
    );
  });

  it('looks at thresholds as well', async () => {
    const thresholdFile = save('threshold.config', '# mine\nsupress gen_id 1, sig_id 1\n');
    const { status, out } = await check({ rules: [good], thresholdFile });
    expect(status).toBe(1);
    expect(out).toMatch(/threshold\.config:2:\d+: error: [^\n]* \[unknown-threshold-line\]\n {2}2 \| supress gen_id 1/);
    expect((await check({ rules: [good], thresholdFile, cacheDirectory: join(folder, 'cache2') })).status).toBe(1);
  });

  it('has no line and column for what concerns a whole file', async () => {
    save('logins.rules', RULE);
    const { out } = await check({ rules: [good, join(folder, 'login.rules'), join(folder, 'no', 'a.rules')] });
    expect(out).toContain(
      `${folder}/login.rules: error: cannot read the file: no such file or directory [unreadable-file]\n    hint: did you mean ${folder}/logins.rules?\n`,
    );
    expect(out).toContain(`hint: the directory ${folder}/no is not there either\n`);
  });

  it.each<[string, Buffer, RegExp]>([
    ['a zip archive', Buffer.from('PK\x03\x04rest'), /a zip archive[^]*periscope update/],
    [
      'a tar archive',
      Buffer.concat([Buffer.from('a.rules'.padEnd(257, '\0')), Buffer.from('ustar\0')]),
      /a tar archive[^]*periscope update/,
    ],
    ['text in UTF-16', Buffer.from('\ufeffalert tcp any any', 'utf16le'), /UTF-16[^]*save it as UTF-8/],
    ['a capture', Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex'), /it is no text/],
    ['a gzip archive that is cut', Buffer.from('1f8b0800010203', 'hex'), /gzip archive is damaged or cut/],
  ])('knows %s', async (_what, bytes, said) => {
    const { status, out } = await check({ rules: [save('odd.rules', bytes)] });
    expect(status).toBe(3);
    expect(out).toMatch(said);
    expect(out).toContain('[unreadable-file]');
  });
});
