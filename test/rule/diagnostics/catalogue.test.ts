/** The catalogue against the engine: every bad example gets its code, every good one does without it. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkFiles } from '../../../src/load/build-rule-set.js';
import { parseClassifications } from '../../../src/load/classification.js';
import { loadConfigFile } from '../../../src/load/config-file.js';
import { withFindings } from '../../../src/load/findings.js';
import { NO_DATA, type DataSettings } from '../../../src/load/data-settings.js';
import { loadRules } from '../../../src/load/load-rules.js';
import { parseReferences } from '../../../src/load/reference.js';
import { RuleCache } from '../../../src/load/rule-cache.js';
import { RuleDataFiles } from '../../../src/load/rule-data-files.js';
import { parseThresholdConfig } from '../../../src/load/threshold-config.js';
import {
  AREAS,
  diagnosticCodes,
  diagnosticEntry,
  type DiagnosticArea,
  type DiagnosticCode,
} from '../../../src/rule/diagnostics/catalogue.js';
import type { ExampleKind } from '../../../src/rule/diagnostics/entry.js';
import { findOption } from '../../../src/rule/options/registry.js';
import type { LocatedDiagnostic } from '../../../src/rule/diagnostics/render-diagnostic.js';
import { Variables } from '../../../src/rule/compile/variables.js';
import { MmdbWriter } from '../../support/mmdb-writer.js';

type Finding = Pick<LocatedDiagnostic, 'code' | 'severity'> & Partial<LocatedDiagnostic>;

const scratch = mkdtempSync(join(tmpdir(), 'periscope-catalogue-'));
afterAll(() => rmSync(scratch, { recursive: true }));

function save(name: string, text: string): string {
  const path = join(scratch, name);
  writeFileSync(path, text, 'utf8');
  return path;
}

const REPUTATION = {
  reputation: { categories: join(scratch, 'categories.txt'), files: [join(scratch, 'reputation.list')] },
};
const RULE =
  'alert tcp $HOME_NET any -> $EXTERNAL_NET 80 (msg:"Login page"; content:"admin.php"; sid:1000001; rev:1;)\n';
const variables = new Variables();

/** What is said about an example, by what kind of thing it is. */
const RUN: Readonly<Record<Exclude<ExampleKind, 'files'>, (text: string) => readonly Finding[]>> = {
  rules: (text) => loadRules({ rules: [save('example.rules', `${text}\n`)] }).diagnostics,
  'threshold.config': (text) =>
    loadConfigFile(save('threshold.config', text), (content, diagnostics) =>
      parseThresholdConfig(content, variables, diagnostics),
    ).diagnostics,
  'classification.config': (text) =>
    loadConfigFile(save('classification.config', text), parseClassifications).diagnostics,
  'reference.config': (text) => loadConfigFile(save('reference.config', text), parseReferences).diagnostics,
  flags: (text) => {
    const values = Object.fromEntries(
      [...text.matchAll(/--var (\w+)=(\S+)/g)].map(([, name, value]) => [name!, value!]),
    );
    return loadRules({ rules: [save('flags.rules', RULE)], variables: values }).diagnostics;
  },
};

/** Files that are wrong in the way that a code tells. */
const FILES: Partial<Record<DiagnosticCode, () => readonly Finding[]>> = {
  'unreadable-file': () => loadRules({ rules: [join(scratch, 'missing.rules')] }).diagnostics,
  'world-writable': () => {
    const file = save('anybody.rules', RULE);
    chmodSync(file, 0o666);
    return loadRules({ rules: [file] }).diagnostics;
  },
  'unreadable-directory': () => loadRules({ rules: [join(scratch, 'missing', '*.rules')] }).diagnostics,
  'no-rule-files': () => {
    const empty = join(scratch, 'empty');
    mkdirSync(empty, { recursive: true });
    return loadRules({ rules: [empty] }).diagnostics;
  },
  'threshold-without-rule': () => {
    const { bad } = diagnosticEntry('threshold-without-rule')!;
    return checkFiles({
      rules: [save('one.rules', RULE)],
      variables: {},
      classificationFile: '',
      referenceFile: '',
      thresholdFile: save('stray.config', bad),
      includeDisabled: false,
    }).diagnostics;
  },
  'unknown-country': () =>
    withData(
      'geoip:src,UK;',
      { geoip: { database: join(scratch, 'c.mmdb') } },
      { 'c.mmdb': new MmdbWriter().country('192.0.2.0/24', 'GB').build() },
    ),
  'unknown-category': () =>
    withData('iprep:src,BadHost,>,30;', REPUTATION, {
      'categories.txt': '1,BadHosts,Known bad hosts\n',
      'reputation.list': '192.0.2.1,1,50\n',
    }),
  'two-scores': () =>
    withData('iprep:src,BadHosts,>,30;', REPUTATION, {
      'categories.txt': '1,BadHosts,Known bad hosts\n',
      'reputation.list': '192.0.2.0/24,1,10\n192.0.2.0/24,1,90\n',
    }),
  'bad-data-line': () =>
    withData('ip.dst; dataset:isset,bad,type ip,load bad.lst;', {}, { 'bad.lst': '192.0.2.1\nlocalhost\n' }),
  'bad-data-file': () =>
    withData('geoip:src,GB;', { geoip: { database: join(scratch, 'c.tar.gz') } }, { 'c.tar.gz': 'no database' }),
  'dataset-too-large': () =>
    withData(
      'ip.dst; dataset:isset,bad,type ip,load many.lst,memcap 1kb;',
      {},
      { 'many.lst': Array.from({ length: 200 }, (_, i) => `192.0.2.${i}\n`).join('') },
    ),
  'cache-not-read': () => {
    return cacheProblems(save('no-directory', ''), (cache) => cache.read('key', () => new Uint8Array()));
  },
  'cache-damaged': () => {
    const directory = mkdtempSync(join(scratch, 'cache-'));
    writeFileSync(join(directory, 'key.ruleset'), 'cut');
    return cacheProblems(directory, (cache) => cache.read('key', () => new Uint8Array()));
  },
  'cache-not-written': () =>
    cacheProblems(join(save('plain-file', ''), 'cache'), (cache) => {
      cache.write('key', {
        report: { ...loadRules({ rules: [] }), findings: withFindings([]) },
        block: new Uint8Array(),
        ruleCount: 0,
      });
    }),
};

/** What is said of one rule, with files of its own beside it. */
function withData(
  options: string,
  settings: Partial<DataSettings>,
  files: Readonly<Record<string, string | Uint8Array>>,
): readonly Finding[] {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(scratch, name), content);
  const rule = save('data.rules', `alert ip any any -> any any (msg:"Data"; ${options} sid:1000001; rev:1;)\n`);
  return loadRules({ rules: [rule], data: new RuleDataFiles({ ...NO_DATA, ...settings }) }).diagnostics;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)],
  );
}

function cacheProblems(directory: string, use: (cache: RuleCache) => void): readonly Finding[] {
  const problems: Finding[] = [];
  use(new RuleCache(directory, (_, code) => problems.push({ code, severity: 'warning' })));
  return problems;
}

/** The caret stands within the line. */
function checkPlace({ column, length, sourceLine, line }: Finding): void {
  if (sourceLine === undefined) return;
  expect(line).toBeGreaterThan(0);
  expect(column).toBeGreaterThan(0);
  expect(length).toBeGreaterThan(0);
  expect(column! - 1).toBeLessThan(sourceLine.length);
}

const entries = (AREAS as readonly DiagnosticArea[]).flatMap((area) => Object.entries(area.entries));

describe.each(entries)('%s', (code, entry) => {
  const kind = entry.example ?? 'rules';
  const run = (text: string): readonly Finding[] =>
    kind === 'files' ? FILES[code as DiagnosticCode]!() : RUN[kind](text);
  const severities = [entry.severity].flat();

  it('is what the bad example gets, and nothing worse', () => {
    const found = run(entry.bad);
    const own = found.filter((each) => each.code === code);
    expect(found.filter((each) => each.code !== code && each.severity !== 'hint').map((each) => each.code)).toEqual([]);
    expect(own.length).toBeGreaterThan(0);
    for (const finding of own) {
      expect(severities).toContain(finding.severity);
      checkPlace(finding);
    }
  });

  if (kind !== 'files') {
    it('is not what the good example gets, nor any error', () => {
      expect(run(entry.good).filter((each) => each.code === code || each.severity === 'error')).toEqual([]);
    });
  }

  it('says what it means in whole sentences, and names keywords that there are', () => {
    expect(entry.title).toMatch(/^\S.*\.$/);
    expect(entry.why).toMatch(/^\S.*\.$/s);
    for (const keyword of entry.keywords ?? []) expect(findOption(keyword)?.name, keyword).toBe(keyword);
  });
});

describe('the catalogue', () => {
  it('has each code once, in kebab-case', () => {
    const codes = diagnosticCodes();
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes.filter((code) => !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(code))).toEqual([]);
  });

  it('has no code that nothing reports', () => {
    const sources = filesBelow(join(import.meta.dirname, '../../../src')).filter(
      (path) => path.endsWith('.ts') && !path.includes('/rule/diagnostics/'),
    );
    const text = sources.map((path) => readFileSync(path, 'utf8')).join('\n');
    expect(diagnosticCodes().filter((code) => !text.includes(`'${code}'`))).toEqual([]);
  });

  it('finds entries by code, and no others', () => {
    expect(diagnosticEntry('missing-sid')?.title).toBe('A rule without sid.');
    expect(diagnosticEntry('toString')).toBeUndefined();
  });
});
