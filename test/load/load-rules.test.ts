import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { RuleCompiler } from '../../src/compile/compile-rules.js';
import { RuleSet } from '../../src/block/rule-set.js';
import { parseClassifications } from '../../src/load/classification.js';
import { loadRules, type LoadResult } from '../../src/load/load-rules.js';
import { Diagnostics } from '../../src/rule/diagnostics/diagnostic.js';
import { findOption } from '../../src/rule/options/registry.js';

const root = mkdtempSync(join(tmpdir(), 'periscope-load-'));
let folder = '';
let cases = 0;

beforeEach(() => {
  folder = join(root, String(cases++));
  mkdirSync(folder);
});
afterAll(() => rmSync(root, { recursive: true }));

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
}

const rule = (sid: number, more = ''): string => `alert tcp any any -> any any (msg:"${sid}"; ${more}sid:${sid};)\n`;
const sids = (result: LoadResult): number[] => result.programs.map(({ sid }) => sid);
const codes = (result: LoadResult): string[] => result.diagnostics.map(({ code }) => code);

describe('a rule at which the compiler breaks', () => {
  it('is left out with its place and what to do; the others are loaded', () => {
    const priority = vi.spyOn(findOption('priority')!, 'compile').mockImplementation(() => {
      throw new Error('a fault for a test');
    });
    const result = loadRules({ rules: [file('a.rules', rule(1) + rule(2, 'priority:1; ') + rule(3))] });
    priority.mockRestore();
    expect([sids(result), result.failed, codes(result)]).toEqual([[1, 3], 1, ['not-inspected']]);
    expect(result.diagnostics[0]).toMatchObject({ sid: 2, line: 2 });
    expect(result.diagnostics[0]!.message).toContain('a fault for a test');
    expect(result.diagnostics[0]!.hint).toContain('report');
  });
});

describe('a rule without a header', () => {
  const builtin = (gid: number, sid: number): string =>
    `alert ( msg:"(decoder) it's bad"; gid:${gid}; sid:${sid}; rev:1; metadata:rule-type decode; )\n`;

  it('is built into Snort where it has a group of its own, and neither loaded nor failed', () => {
    const result = loadRules({
      rules: [file('a.rules', builtin(116, 1) + rule(2) + `drop(\n  gid:119;\n  sid:3;\n)\n` + builtin(256, 4))],
    });
    expect(result).toMatchObject({ loaded: 1, failed: 0, warnings: 3 });
    expect(result.diagnostics.map(({ code, line, column, sid }) => [code, line, column, sid])).toEqual([
      ['builtin-rule', 1, 35, 1],
      ['builtin-rule', 4, 3, 3],
      ['builtin-rule', 7, 35, 4],
    ]);
    expect(result.diagnostics[0]!.message).toContain('there is nothing to load');
    expect(result.diagnostics[0]!.hint).not.toContain('tcp');
  });

  it('is broken in any other group', () => {
    for (const options of ['msg:"x"; sid:1;', 'gid:1; sid:1;', 'gid:116; sid:1']) {
      expect(loadRules({ rules: [file(`${options.length}.rules`, `alert ( ${options} )\n`)] })).toMatchObject({
        loaded: 0,
        failed: 1,
        diagnostics: [{ severity: 'error' }],
      });
    }
  });
});

describe('a class', () => {
  it('is known in capitals, too, also one from a file', () => {
    const classifications = parseClassifications('config classification: Our-Class,Ours,2', new Diagnostics());
    const { programs, diagnostics } = loadRules({
      rules: [
        file(
          'a.rules',
          ['Trojan-Activity', 'TROJAN-ACTIVITY', 'our-class', 'OUR-class']
            .map((name, i) => rule(i + 1, `classtype:${name}; `))
            .join(''),
        ),
      ],
      classifications,
    });
    expect(diagnostics).toEqual([]);
    expect(programs.map(({ priority, category }) => `${priority} ${category}`)).toEqual([
      '1 A Network Trojan was detected',
      '1 A Network Trojan was detected',
      '2 Ours',
      '2 Ours',
    ]);
  });
});

describe('what is loaded', () => {
  it('is every rule of a file', () => {
    const result = loadRules({ rules: [file('a.rules', rule(1) + rule(2))] });
    expect(result).toMatchObject({ loaded: 2, failed: 0, warnings: 0, waitingRules: 0, files: 1, diagnostics: [] });
    expect(result.programs[1]!.origin).toEqual({ file: join(folder, 'a.rules'), line: 2 });
  });

  it('is every rule file below a directory, in the order of names', () => {
    file('b.rules', rule(3));
    file('a/z.rules', rule(1));
    file('a/y.rules.gz', gzipSync(rule(2)));
    file('notes.txt', 'not rules');
    expect(sids(loadRules({ rules: [folder] }))).toEqual([2, 1, 3]);
  });

  it('is one copy of what a mounted Kubernetes config map holds', () => {
    file('..2026_11_22/my.rules', rule(1));
    symlinkSync('..2026_11_22', join(folder, '..data'));
    symlinkSync('..data/my.rules', join(folder, 'my.rules'));
    expect(loadRules({ rules: [folder] })).toMatchObject({ loaded: 1, files: 1, diagnostics: [] });
  });

  it('is what a glob names', () => {
    file('a1.rules', rule(1));
    file('a2.rules', rule(2));
    file('b1.rules', rule(3));
    file('deep/er/a3.rules', rule(4));
    const load = (glob: string): number[] => sids(loadRules({ rules: [join(folder, glob)] }));
    expect(load('a*.rules')).toEqual([1, 2]);
    expect(load('?1.rules')).toEqual([1, 3]);
    expect(load('[!a]*.rules')).toEqual([3]);
    expect(load('**/a*.rules')).toEqual([1, 2, 4]);
    expect(load('deep/*/a3.rules')).toEqual([4]);
    expect(load('a1+rules')).toEqual([]);
  });

  it('is each file once', () => {
    const path = file('a.rules', rule(1));
    expect(loadRules({ rules: [path, folder, join(folder, '*.rules')] })).toMatchObject({
      loaded: 1,
      files: 1,
      diagnostics: [],
    });
  });

  it('is read as bytes, without a byte order mark', () => {
    const path = file(
      'a.rules',
      Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(rule(1, 'content:"\xe9|ff|"; '), 'latin1')]),
    );
    const [program] = loadRules({ rules: [path] }).programs;
    expect([...program!.fastPattern!.bytes]).toEqual([0xe9, 0xff]);
  });

  it('leaves disabled rules out unless asked for', () => {
    const path = file('a.rules', `#${rule(1)}${rule(2)}# comment\n`);
    expect(sids(loadRules({ rules: [path] }))).toEqual([2]);
    expect(sids(loadRules({ rules: [path], includeDisabled: true }))).toEqual([1, 2]);
  });

  it('uses the variables given', () => {
    const path = file('a.rules', 'alert tcp $HOME_NET $MY_PORTS -> any any (sid:1;)\n');
    const [program] = loadRules({ rules: [path], variables: { HOME_NET: '10.1.0.0/16', MY_PORTS: '7' } }).programs;
    expect(program!.header).toMatchObject({ source: { ipv4: [[0x0a010000, 0x0a01ffff]] }, sourcePorts: [[7, 7]] });
  });
});

describe('one broken thing', () => {
  it('does not stop the rest of a file', () => {
    const result = loadRules({
      rules: [
        file(
          'a.rules',
          `${rule(1)}rubbish \x00\xff\nalert tcp any any -> any any (sid:\n${rule(2, 'frobnicate; ')}${rule(3)}`,
        ),
      ],
    });
    expect(sids(result)).toEqual([1, 3]);
    expect(result.failed).toBe(3);
    expect(result.diagnostics.map(({ line, code, sid }) => [line, code, sid])).toEqual([
      [2, 'no-rule', undefined],
      [3, 'truncated', undefined],
      [4, 'unknown-keyword', 2],
    ]);
  });

  it('does not stop the rest of a directory', () => {
    file('a.rules', rule(1));
    symlinkSync(join(folder, 'nowhere'), join(folder, 'b.rules'));
    file('c.rules.gz', Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3]));
    file('d.rules', rule(2));
    const result = loadRules({ rules: [folder] });
    expect(sids(result)).toEqual([1, 2]);
    expect(result.diagnostics).toMatchObject([
      {
        file: join(folder, 'b.rules'),
        line: 1,
        column: 1,
        severity: 'error',
        code: 'unreadable-file',
        message: 'cannot read the file: no such file or directory',
        hint: `it is a link to ${join(folder, 'nowhere')}, which is not there`,
      },
      { file: join(folder, 'c.rules.gz'), code: 'unreadable-file' },
    ]);
  });

  it.each([
    ['a missing file', 'none.rules', 'unreadable-file'],
    ['a glob without files', '*.none', 'no-rule-files'],
    ['an empty directory', '', 'no-rule-files'],
    ['a glob in nowhere', 'none/*.rules', 'unreadable-directory'],
  ])('is said clearly: %s', (_what, path, code) => {
    expect(loadRules({ rules: [join(folder, path)] })).toMatchObject({
      loaded: 0,
      files: 0,
      diagnostics: [{ severity: 'error', code }],
    });
  });

  it('may be a link to itself, alone and in a directory beside good rules', () => {
    const circle = join(folder, 'circle.rules');
    symlinkSync('circle.rules', circle);
    const problem = {
      file: circle,
      code: 'unreadable-file',
      message: 'cannot read the file: its symbolic links lead in a circle',
    };
    expect(loadRules({ rules: [circle] })).toMatchObject({ loaded: 0, files: 0, diagnostics: [problem] });
    file('a.rules', rule(1));
    expect(loadRules({ rules: [folder] })).toMatchObject({ loaded: 1, diagnostics: [problem] });
    expect(loadRules({ rules: [join(circle, '*.rules')] }).diagnostics).toMatchObject([
      { file: circle, code: 'unreadable-directory' },
    ]);
  });

  it('are not read from a dash, which says what standard input is called', () => {
    const { diagnostics } = loadRules({ rules: ['-'] });
    expect(diagnostics).toMatchObject([{ code: 'unreadable-file', hint: 'write /dev/stdin for standard input' }]);
  });

  it('are not waited for in a directory that holds a pipe', () => {
    execFileSync('mkfifo', [join(folder, 'a.rules')]);
    file('b.rules', rule(1));
    expect(loadRules({ rules: [folder] })).toMatchObject({ loaded: 1, files: 1, diagnostics: [] });
  });

  it('may be a file without rules, which is a warning', () => {
    expect(loadRules({ rules: [file('a.rules', '# nothing\n')] })).toMatchObject({
      loaded: 0,
      warnings: 1,
      files: 1,
      diagnostics: [{ severity: 'warning', code: 'no-rules' }],
    });
  });

  it('may be a variable, which is reported once by itself', () => {
    const result = loadRules({ rules: [file('a.rules', rule(1))], variables: { HOME_NET: '10.0.0.0/99' } });
    expect(result).toMatchObject({
      loaded: 1,
      diagnostics: [{ file: 'vars.HOME_NET', line: 1, column: 1, severity: 'error', code: 'bad-variable' }],
    });
    expect(codes(loadRules({ rules: [join(folder, 'a.rules')], variables: { HOME_NET: 'any' } }))).toEqual([
      'external-net-any',
    ]);
  });
});

describe('places', () => {
  it('are lines and columns of the file, also within a rule of several lines', () => {
    const path = file(
      'a.rules',
      `# comment\r\n\r\nalert tcp any any -> any any ( \\\r\n\tmsg:"x"; \\\r\n\tfrobnicate; sid:1;)\r\n${rule(2, 'nonsense; ')}`,
    );
    const result = loadRules({ rules: [path] });
    expect(result.diagnostics).toMatchObject([
      { line: 5, column: 2, length: 10, sourceLine: '\tfrobnicate; sid:1;)' },
      { line: 6, column: 40, length: 8 },
    ]);
  });

  it('of a program is the line that its rule starts on', () => {
    expect(
      loadRules({ rules: [file('a.rules', `\n\nalert tcp any any \\\n -> any any (sid:1;)\n`)] }).programs[0]!.origin
        .line,
    ).toBe(3);
  });
});

describe('rules with the same sid', () => {
  it('give way to the highest revision, wherever it stands', () => {
    const result = loadRules({
      rules: [file('a.rules', rule(1, 'rev:2; ') + rule(2) + rule(1, 'rev:3; ') + rule(1, 'rev:1; '))],
    });
    expect(result.programs.map(({ sid, rev }) => [sid, rev])).toEqual([
      [2, 0],
      [1, 3],
    ]);
    expect(result.diagnostics.map(({ code, severity, line }) => [code, severity, line])).toEqual([
      ['duplicate-sid', 'warning', 1],
      ['duplicate-sid', 'warning', 4],
    ]);
    expect(result).toMatchObject({ loaded: 2, failed: 0, warnings: 2 });
  });

  it('are different with different gids', () => {
    expect(loadRules({ rules: [file('a.rules', rule(1) + rule(1, 'gid:2; '))] })).toMatchObject({
      loaded: 2,
      warnings: 0,
    });
  });
});

describe('rules that wait', () => {
  it('are loaded, and counted by protocol', () => {
    const waiting = (sid: number, more = ''): string =>
      `alert tcp any any -> any any (ether.hdr; content:"x"; ${more}sid:${sid};)\n`;
    const result = loadRules({
      rules: [file('a.rules', waiting(1) + waiting(2, 'vba_data; ') + rule(3) + rule(4, 'igmp.hdr; '))],
    });
    expect(result).toMatchObject({ loaded: 4, waitingRules: 3, failed: 0 });
    expect([...result.waiting]).toEqual([
      ['ether', 2],
      ['file', 1],
      ['igmp', 1],
    ]);
  });
});

describe('progress', () => {
  it('is told after each file', () => {
    file('a.rules', rule(1));
    file('b.rules', rule(2) + rule(3));
    const seen: unknown[] = [];
    loadRules({ rules: [folder], onProgress: ({ filesDone, files, rules }) => seen.push([filesDone, files, rules]) });
    expect(seen).toEqual([
      [1, 2, 1],
      [2, 2, 3],
    ]);
  });
});

describe('a sink', () => {
  it('gets every program, and takes back what a newer revision replaces', () => {
    const programs: string[] = [];
    const name = ({ gid, sid }: { gid: number; sid: number }): string => `${gid}:${sid}`;
    const result = loadRules({
      rules: [file('a.rules', rule(1, 'rev:2; ') + rule(2) + rule(1, 'rev:3; ') + rule(1, 'rev:1; '))],
      sink: {
        add: (program) => programs.push(`+${name(program)}`),
        remove: (program) => programs.push(`-${name(program)}`),
      },
    });
    expect(programs).toEqual(['+1:1', '+1:2', '-1:1', '+1:1']);
    expect(result).toMatchObject({ programs: [], loaded: 2, warnings: 2 });
  });

  it('that compiles gives the block of the rules that stay', () => {
    const compiler = new RuleCompiler();
    loadRules({
      rules: [file('a.rules', rule(1, 'rev:1; ') + rule(2, 'content:"x"; ') + rule(1, 'rev:2; '))],
      sink: compiler,
    });
    const { block, ruleCount } = compiler.finish();
    const rules = new RuleSet(block.buffer);
    expect(ruleCount).toBe(2);
    expect([0, 1].map((row) => [rules.ruleInfo(row).sid, rules.ruleInfo(row).rev])).toEqual([
      [1, 2],
      [2, 0],
    ]);
  });
});

describe('the order of what is found', () => {
  it('is that of the files and lines, also of what only all rules together show', () => {
    const folder = mkdtempSync(join(tmpdir(), 'periscope-order-'));
    try {
      const files = ['b.rules', 'a.rules'].map((name) => join(folder, name));
      const text = (sid: number): string =>
        `alert tcp any any -> any 80 (msg:"x"; content:"abcdef"; flowbits:isset,never${sid}; sid:${sid};)\nalert tcp any any -> any 80 (msg:"x"; contnt:"abcdef"; sid:${sid + 1};)\n`;
      files.forEach((file, index) => writeFileSync(file, text(10 * (index + 1))));
      const { diagnostics } = loadRules({ rules: files });
      expect(diagnostics.map(({ file, line, code }) => [file, line, code])).toEqual(
        files.flatMap((file) => [
          [file, 1, 'state-never-set'],
          [file, 2, 'unknown-keyword'],
        ]),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('comments in C style', () => {
  it('leave the rules around them as they are, and their places', () => {
    const folder = mkdtempSync(join(tmpdir(), 'periscope-comments-'));
    try {
      const path = join(folder, 'c.rules');
      const text = [
        '/* before (a rule) */',
        'alert tcp any any -> any 80 ( /* in it */',
        '    msg:"/* no comment */"; /* over',
        '    two lines) */ content:"/*x*/", nocase;',
        '    contnt:"x"; sid:1; // to the end; of the line',
        ')',
        'alert /* header */ tcp any any -> any 80 (msg:"y"; content:"a/*b"; sid:2;) /* behind */',
        'alert tcp any any -> any 80 (msg:"z"; content:"a*/b"; sid:3;) # behind',
      ].join('\n');
      writeFileSync(path, text);
      const found = loadRules({ rules: [path] });
      expect(found.diagnostics.map(({ line, column, code }) => [line, column, code])).toEqual([
        [5, 5, 'unknown-keyword'],
      ]);
      writeFileSync(path, text.replace('contnt', 'content'));
      const { programs, diagnostics } = loadRules({ rules: [path] });
      expect(diagnostics.filter(({ severity }) => severity !== 'hint')).toEqual([]);
      expect(
        programs.map(({ msg, buffers }) => [
          msg,
          ...buffers[0]!.matches.map((match) => Buffer.from((match as { bytes: Uint8Array }).bytes).toString()),
        ]),
      ).toEqual([
        ['/* no comment */', '/*x*/', 'x'],
        ['y', 'a/*b'],
        ['z', 'a*/b'],
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
