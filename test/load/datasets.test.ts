/** Datasets of rules: files of every type, broken ones, paths, and rules that say the same or not of one set. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { LineProblems } from '../../src/load/data-lines.js';
import { DataList } from '../../src/load/data-list.js';
import { NO_DATA, type DataSettings } from '../../src/load/data-settings.js';
import { formatValue, parseDatasetFile } from '../../src/load/dataset-file.js';
import { loadRules, type LoadResult } from '../../src/load/load-rules.js';
import { RuleDataFiles } from '../../src/load/rule-data-files.js';
import type { DatasetType } from '../../src/block/terms.js';
import type { RuleProgram } from '../../src/rule/program.js';
import type { DataEntries } from '../../src/rule/buffer-match.js';

const folder = mkdtempSync(join(tmpdir(), 'periscope-datasets-'));
afterAll(() => rmSync(folder, { recursive: true }));
const rulesFolder = join(folder, 'rules');
const kept = join(folder, 'kept');

beforeEach(() => {
  for (const path of [rulesFolder, kept]) {
    rmSync(path, { recursive: true, force: true });
    mkdirSync(path, { recursive: true });
  }
});

const write = (path: string, content: string): string => {
  writeFileSync(path, content);
  return path;
};

/** Entries as hexadecimal values with their numbers. */
function listed({ count, bytes, ends, values }: DataEntries): [string, number][] {
  return Array.from({ length: count }, (_, i) => [
    Buffer.from(bytes.subarray(i === 0 ? 0 : ends[i - 1], ends[i])).toString('hex'),
    values[i]!,
  ]);
}

function parsed(text: string, type: DatasetType): { entries: [string, number][]; wrong: string[] } {
  const problems = new LineProblems('f', text);
  const entries = listed(parseDatasetFile(text, type, problems));
  return { entries, wrong: problems.located().map(({ line, column, length }) => `${line}:${column}+${length}`) };
}

describe('a file', () => {
  it.each<[DatasetType, string, [string, number][]]>([
    [
      'string',
      'YWJj\n\nYQ==\r\nYQ\n',
      [
        ['616263', 0],
        ['61', 0],
      ],
    ],
    ['string', 'YWJj,7\n', [['616263', 7]]],
    ['md5', '900150983CD24FB0D6963F7D28E17F72\n', [['900150983cd24fb0d6963f7d28e17f72', 0]]],
    ['sha256', `${'ab'.repeat(32)},65535`, [['ab'.repeat(32), 65_535]]],
    [
      'ipv4',
      '192.0.2.1\n10.0.0.1 , 3\n',
      [
        ['c0000201', 0],
        ['0a000001', 3],
      ],
    ],
    [
      'ip',
      '192.0.2.1\n2001:db8::1\n::ffff:192.0.2.1\n',
      [
        ['c0000201', 0],
        ['20010db8000000000000000000000001', 0],
      ],
    ],
  ])('of type %s: %j', (type, text, entries) => expect(parsed(text, type)).toEqual({ entries, wrong: [] }));

  it.each<[DatasetType, string, string[]]>([
    ['string', 'YWJj\n  no base64!\nY\nYQ=\n', ['2:3+10', '3:1+1', '4:1+3']],
    ['md5', '900150983cd24fb0d6963f7d28e17f7\n', ['1:1+31']],
    ['sha256', '900150983cd24fb0d6963f7d28e17f72', ['1:1+32']],
    ['ipv4', '192.0.2.256\n2001:db8::1\n192.0.2.0/24\n', ['1:1+11', '2:1+11', '3:1+12']],
    [
      'ip',
      'localhost\nfe80::1%eth0\n192.0.2.1,65536\n192.0.2.1,-1\n192.0.2.1,1,2\n',
      ['1:1+9', '2:1+12', '3:1+15', '4:1+12', '5:1+13'],
    ],
    ['ip', '# no comment\n', ['1:1+12']],
  ])('of type %s has lines that are none: %j', (type, text, wrong) => expect(parsed(text, type).wrong).toEqual(wrong));

  it('with many wrong lines shows a few', () => {
    const problems = new LineProblems('f', 'x\n'.repeat(1000));
    parseDatasetFile('x\n'.repeat(1000), 'ip', problems);
    expect([problems.count, problems.located().length, problems.located().at(-1)!.hint]).toEqual([
      1000,
      6,
      'there are more of them; they are not shown',
    ]);
  });

  it('that was written reads back the same', () => {
    const lengths: Record<DatasetType, [number, number]> = {
      string: [1, 300],
      md5: [16, 16],
      sha1: [20, 20],
      sha256: [32, 32],
      ipv4: [4, 4],
      ip: [16, 16],
    };
    for (const [type, [minLength, maxLength]] of Object.entries(lengths) as [DatasetType, [number, number]][]) {
      fc.assert(
        fc.property(fc.array(fc.uint8Array({ minLength, maxLength }), { maxLength: 20 }), (values) => {
          const mapped = (value: Uint8Array): boolean =>
            type === 'ip' && Buffer.from(value).toString('hex').startsWith('00000000000000000000ffff');
          const unique = [
            ...new Set(values.filter((value) => !mapped(value)).map((value) => Buffer.from(value).toString('hex'))),
          ];
          const text = unique.map((hex) => `${formatValue(type, Buffer.from(hex, 'hex'))}\n`).join('');
          expect(parsed(text, type)).toEqual({ entries: unique.map((hex) => [hex, 0]), wrong: [] });
        }),
        { numRuns: 40, seed: 51 },
      );
    }
  });

  it('has each value once, the first of equal ones', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 3, max: 5 }), fc.nat(65_535)), { maxLength: 400 }),
        (values) => {
          const list = new DataList();
          const wanted = new Map<string, number>();
          for (const [value, number] of values) {
            const hex = Buffer.from(value).toString('hex');
            expect(list.add(value, number)).toBe(!wanted.has(hex));
            if (!wanted.has(hex)) wanted.set(hex, number);
          }
          expect(listed(list.entries())).toEqual([...wanted]);
        },
      ),
      { numRuns: 60, seed: 52 },
    );
  });
});

function load(lines: readonly string[], datasets: Partial<DataSettings['datasets']> = {}): LoadResult {
  const rules = write(
    join(rulesFolder, 'test.rules'),
    lines.map((options, i) => `alert ip any any -> any any (msg:"x"; ${options} sid:${i + 1};)\n`).join(''),
  );
  return loadRules({
    rules: [rules],
    data: new RuleDataFiles({ ...NO_DATA, datasets: { ...NO_DATA.datasets, ...datasets } }),
  });
}

/** `code 'what it points at'` of errors and warnings. */
const found = ({ diagnostics }: LoadResult): string[] =>
  diagnostics
    .filter(({ severity }) => severity !== 'hint')
    .map(
      ({ code, sourceLine, column, length }) => `${code} '${sourceLine?.slice(column - 1, column - 1 + length) ?? ''}'`,
    );

function sets({
  programs,
}: LoadResult): { readonly name: string; readonly count: number; readonly save: string | undefined }[] {
  return programs.flatMap(({ buffers }: RuleProgram) =>
    buffers.flatMap(({ matches }) =>
      matches.flatMap((match) =>
        'set' in match ? [{ name: match.set.name, count: match.set.entries.count, save: match.set.save }] : [],
      ),
    ),
  );
}

describe('files of rules', () => {
  it('lie beside the rule file, or else in datasets.directory', () => {
    write(join(rulesFolder, 'bad.lst'), '192.0.2.1\n192.0.2.2\n');
    write(join(kept, 'bad.lst'), '192.0.2.3\n');
    write(join(kept, 'worse.lst'), '192.0.2.3\n');
    const result = load(
      ['ip.src; dataset:isset,a,type ip,load bad.lst;', 'ip.src; dataset:isset,b,type ip, load worse.lst;'],
      { directory: kept },
    );
    expect(found(result)).toEqual([]);
    expect(sets(result).map(({ count }) => count)).toEqual([2, 1]);
  });

  it('that cannot be read fail their rule, and only that', () => {
    write(join(rulesFolder, 'text.lst'), 'no addresses\nat all\n');
    const result = load([
      'ip.src; dataset:isset,a,type ip,load missing.lst;',
      'ip.src; dataset:isset,b,type ip,load text.lst;',
      'ip.src; dataset:isset,c,type ip;',
    ]);
    expect(found(result)).toEqual(["unreadable-file 'load missing.lst'", "bad-data-file 'load text.lst'"]);
    expect(result.loaded).toBe(1);
  });

  it('have broken lines reported with their place, and the others count', () => {
    const path = write(join(rulesFolder, 'bad.lst'), '192.0.2.1\nnonsense\n');
    const result = load(['ip.src; dataset:isset,a,type ip,load bad.lst;', 'ip.dst; dataset:isset,a;']);
    expect(result.diagnostics.filter(({ code }) => code === 'bad-data-line')).toMatchObject([
      { file: path, line: 2, column: 1, severity: 'warning', sourceLine: 'nonsense' },
    ]);
    expect([result.loaded, result.warnings, sets(result).map(({ count }) => count)]).toEqual([2, 1, [1, 1]]);
  });

  it('do not leave their directories', () => {
    const outside = write(join(folder, 'outside.lst'), '192.0.2.1\n');
    const lines = [
      'ip.src; dataset:isset,a,type ip,load ../outside.lst;',
      `ip.src; dataset:isset,b,type ip,load ${outside};`,
      'ip.src; dataset:set,c,type ip,state a/../../x;',
      'ip.src; dataset:set,d,type ip,save /tmp/x;',
    ];
    expect(found(load(lines, { directory: kept }))).toEqual([
      "bad-path 'load ../outside.lst'",
      `bad-path 'load ${outside}'`,
      "bad-path 'state a/../../x'",
      "bad-path 'save /tmp/x'",
    ]);
    const allowed = load(lines, { directory: kept, allowAbsolutePaths: true });
    expect(found(allowed)).toEqual([]);
    expect(sets(allowed).map(({ count, save }) => [count, save])).toEqual([
      [1, undefined],
      [1, undefined],
      [0, join(folder, 'x')],
      [0, '/tmp/x'],
    ]);
  });

  it('stay inside with dots that lead nowhere', () => {
    write(join(rulesFolder, '..bad.lst'), '192.0.2.1\n');
    expect(
      found(
        load([
          'ip.src; dataset:isset,a,type ip,load ..bad.lst;',
          'ip.src; dataset:isset,b,type ip,load x/../..bad.lst;',
        ]),
      ),
    ).toEqual([]);
  });

  it('are checked for rules that wait, too', () => {
    const result = load([
      'igmp.hdr; dataset:isset,a,type string,load missing.lst;',
      'igmp.hdr; to_md5; dataset:isset,b,type md5;',
    ]);
    expect(found(result)).toEqual(["unreadable-file 'load missing.lst'"]);
    expect([result.loaded, result.waitingRules]).toEqual([1, 1]);
  });
});

describe('what is saved', () => {
  it('needs a directory that can be written', () => {
    const lines = ['ip.src; dataset:set,a,type ip,state seen.lst;', 'ip.src; dataset:set,b,type ip,save seen.lst;'];
    expect(found(load(lines))).toEqual(["missing-setting 'state seen.lst'", "missing-setting 'save seen.lst'"]);
    expect(found(load(lines.slice(0, 1), { directory: join(folder, 'nowhere') }))).toEqual([
      "missing-setting 'state seen.lst'",
    ]);
    const file = write(join(folder, 'plain'), '');
    expect(found(load(lines.slice(0, 1), { directory: file }))).toEqual(["missing-setting 'state seen.lst'"]);
    chmodSync(kept, 0o500);
    const readOnly = found(load(lines.slice(0, 1), { directory: kept }));
    chmodSync(kept, 0o700);
    // Nothing is closed to root.
    expect(readOnly).toEqual(process.getuid?.() === 0 ? [] : ["missing-setting 'state seen.lst'"]);
  });

  it('starts empty where there is no state yet, and with what the file has', () => {
    const line = ['ip.src; dataset:set,a,type ip,state seen.lst;'];
    expect(sets(load(line, { directory: kept }))).toEqual([{ name: 'a', count: 0, save: join(kept, 'seen.lst') }]);
    write(join(kept, 'seen.lst'), '192.0.2.1\n');
    expect(sets(load(line, { directory: kept }))).toMatchObject([{ count: 1 }]);
  });

  it('may start from another file', () => {
    write(join(rulesFolder, 'known.lst'), '192.0.2.1\n');
    expect(sets(load(['ip.src; dataset:set,a,type ip,load known.lst,save seen.lst;'], { directory: kept }))).toEqual([
      { name: 'a', count: 1, save: join(kept, 'seen.lst') },
    ]);
  });

  it('is one set a file', () => {
    expect(
      found(
        load(['ip.src; dataset:set,a,type ip,state seen.lst;', 'ip.src; dataset:set,b,type ip,state ./seen.lst;'], {
          directory: kept,
        }),
      ),
    ).toEqual(["dataset-mismatch 'state ./seen.lst'"]);
  });
});

describe('rules that name one set', () => {
  it('share it, in any case of letters, and need not repeat what it is', () => {
    const result = load([
      'ip.src; dataset:set,Seen,type ip;',
      'ip.dst; dataset:isset,seen;',
      'ip.dst; datarep:SEEN,>,3;',
    ]);
    expect(found(result)).toEqual([]);
    const all = result.programs
      .map(({ buffers }) => buffers[0]!.matches[0]!)
      .map((match) => ('set' in match ? match.set : undefined));
    expect(new Set(all).size).toBe(1);
  });

  it('say so first, and not otherwise', () => {
    write(join(rulesFolder, 'a.lst'), '192.0.2.1\n');
    write(join(rulesFolder, 'b.lst'), '192.0.2.1\n');
    expect(found(load(['ip.src; dataset:isset,a;']))).toEqual(["unknown-dataset 'isset,a'"]);
    expect(
      found(
        load(
          [
            'ip.src; dataset:isset,a,type ip,load a.lst,memcap 1mb;',
            'ip.src; dataset:isset,a,type ipv4;',
            'ip.src; dataset:isset,a,load b.lst;',
            'ip.src; dataset:set,a,save a.lst;',
            'ip.src; dataset:isset,a,memcap 2mb;',
            'ip.src; dataset:isset,a,type ip,load ./a.lst,memcap 1024kb;',
          ],
          { directory: kept },
        ),
      ),
    ).toEqual([
      "dataset-mismatch 'type ipv4'",
      "dataset-mismatch 'load b.lst'",
      "dataset-mismatch 'save a.lst'",
      "dataset-mismatch 'memcap 2mb'",
    ]);
  });

  it('have room for its file, or fail', () => {
    write(join(rulesFolder, 'a.lst'), Array.from({ length: 60 }, (_, i) => `192.0.2.${i}\n`).join(''));
    expect(
      found(
        load([
          'ip.src; dataset:isset,a,type ip,load a.lst,memcap 1kb;',
          'ip.src; dataset:isset,b,type ip,load a.lst,memcap 2kb;',
        ]),
      ),
    ).toEqual(["dataset-too-large 'memcap 1kb'"]);
  });
});
