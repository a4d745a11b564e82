/** The cache: what it gives is what was compiled, and whatever happens to its files, rules are loaded. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { RuleSet } from '../../src/block/rule-set.js';
import { buildRuleSet } from '../../src/load/build-rule-set.js';
import { cacheKey } from '../../src/load/cache-key.js';
import { NO_DATA, type DataSettings } from '../../src/load/data-settings.js';
import type { LoadedRules, LoadRequest } from '../../src/load/loader.js';
import { RuleCache, type CacheEntry } from '../../src/load/rule-cache.js';
import { Random } from '../property/mutator.js';
import { damaged } from '../support/damage.js';

const folder = mkdtempSync(join(tmpdir(), 'periscope-cache-'));
afterAll(() => rmSync(folder, { recursive: true }));
const rules = join(folder, 'a.rules');
const cacheDirectory = join(folder, 'cache', 'sets');

beforeEach(() => {
  rmSync(cacheDirectory, { recursive: true, force: true });
  writeFileSync(
    rules,
    'alert tcp any any -> $HOME_NET any (msg:"one"; content:"abc"; classtype:nonsense; sid:1;)\nalert igmp any any -> any any (igmp.hdr; sid:2;)\nalert tcp any any -> any any (broken; sid:3;)\n',
  );
});

const BASE: LoadRequest = {
  rules: [rules],
  variables: {},
  classificationFile: '',
  referenceFile: '',
  thresholdFile: '',
  includeDisabled: false,
  generation: 1,
  cacheDirectory,
};
const load = (request: Partial<LoadRequest> = {}): LoadedRules => buildRuleSet({ ...BASE, ...request });
const entries = (): string[] => (existsSync(cacheDirectory) ? readdirSync(cacheDirectory) : []).sort();
const codes = ({ report }: LoadedRules): string[] =>
  report.diagnostics.map(({ code }) => code).filter((code) => code.startsWith('cache'));

function block({ handle }: LoadedRules): Buffer {
  return Buffer.from(handle.block);
}

/** The report without what differs from load to load. */
function report({ report: { seconds: _seconds, cached: _cached, waiting, ...rest } }: LoadedRules): unknown {
  return { ...rest, waiting: [...waiting] };
}

describe('a second load', () => {
  it('gives the same block and the same report, without compiling', () => {
    const first = load();
    expect(entries()).toHaveLength(1);
    const entry = join(cacheDirectory, entries()[0]!);
    utimesSync(entry, 1, 1);
    const second = load({ generation: 2 });
    expect(block(second).equals(block(first))).toBe(true);
    expect(report(second)).toEqual(report(first));
    expect(first.report).toMatchObject({ loaded: 2, failed: 1, waitingRules: 1, warnings: 1, files: 1 });
    expect([first.report.cached, second.report.cached]).toEqual([false, true]);
    expect(second.handle.generation).toBe(2);
    // Marked as used, and not written again.
    expect(statSync(entry).mtimeMs).toBeGreaterThan(1000);
    expect(entries()).toHaveLength(1);
  });

  it('reads thresholds each time, as they are no part of it', () => {
    load();
    const thresholdFile = join(folder, 'threshold.config');
    writeFileSync(thresholdFile, 'suppress gen_id 1, sig_id 1\n');
    expect(load({ thresholdFile }).thresholds.suppressions).toMatchObject([{ gid: 1, sid: 1 }]);
    expect(entries()).toHaveLength(1);
  });

  it('is kept nowhere without a directory', () => {
    load({ cacheDirectory: '' });
    expect(entries()).toEqual([]);
  });
});

describe('the key', () => {
  it('changes with all that the block depends on', () => {
    const classificationFile = join(folder, 'classification.config');
    writeFileSync(classificationFile, 'config classification: nonsense,No sense,3\n');
    const other = join(folder, 'b.rules');
    copyFileSync(rules, other);
    const keys = [
      {},
      { variables: { HOME_NET: '10.0.0.0/8' } },
      { tenants: [{ name: 'a', vnis: [1], vars: {} }] },
      { tenants: [{ name: 'a', vnis: [2], vars: {} }] },
      { tenants: [{ name: 'a', vnis: [1], vars: { HOME_NET: '10.0.0.0/8' } }] },
      { silent: { untold: [], unparsed: ['tls'] } },
      { includeDisabled: true },
      { classificationFile },
      { referenceFile: classificationFile },
      { rules: [other] },
      { rules: [rules, other] },
      { rules: [other, rules] },
    ].map((change) => cacheKey({ ...BASE, ...change }));
    writeFileSync(rules, 'alert tcp any any -> any any (sid:9;)\n');
    keys.push(cacheKey(BASE));
    expect(keys).not.toContain(undefined);
    expect(new Set(keys).size).toBe(keys.length);
    expect(cacheKey({ ...BASE, rules: [rules, rules] })).toBe(keys.at(-1));
  });

  it('is none where a file cannot be read, so that it is said at every load', () => {
    const request = { rules: [rules, join(folder, 'absent.rules')] };
    for (let round = 0; round < 2; round++)
      expect(load(request).report.diagnostics.map(({ code }) => code)).toContain('unreadable-file');
    expect(entries()).toEqual([]);
  });
});

/** Bytes before the header: lengths and digests. */
const PREAMBLE = 88;

/** An entry of a few hundred bytes. */
function entryOf(): CacheEntry {
  const findings = { errors: 1, warnings: 0, codes: new Map([['syntax', 1]]), diagnostics: [] };
  return {
    ruleCount: 3,
    block: Uint8Array.from({ length: 256 }, (_, i) => i),
    report: { loaded: 3, waitingRules: 1, waiting: new Map([['http', 1]]), failed: 1, files: 1, findings },
  };
}

describe('an entry that cannot be used', () => {
  const damages: [string, (bytes: Buffer) => Buffer][] = [
    ['is empty', () => Buffer.alloc(0)],
    ['is cut', (bytes) => bytes.subarray(0, bytes.length - 1)],
    ['has more than it says', (bytes) => Buffer.concat([bytes, Buffer.alloc(1)])],
    ['is of another format', (bytes) => Buffer.concat([Buffer.from('PSRULES1'), bytes.subarray(8)])],
    [
      'has a changed block',
      (bytes) =>
        Buffer.concat([bytes.subarray(0, -100), Buffer.from([bytes.at(-100)! ^ 1]), bytes.subarray(bytes.length - 99)]),
    ],
    [
      'has a changed header',
      (bytes) => Buffer.concat([bytes.subarray(0, 90), Buffer.from([bytes[90]! ^ 1]), bytes.subarray(91)]),
    ],
    [
      'says that its block is huge',
      (bytes) => Buffer.concat([bytes.subarray(0, 16), Buffer.from([0, 0, 0, 0, 0, 1, 0, 0]), bytes.subarray(24)]),
    ],
  ];
  it.each(damages)('%s: it is reported and made anew', (_what, damage) => {
    const first = load();
    const path = join(cacheDirectory, entries()[0]!);
    const whole = readFileSync(path);
    writeFileSync(path, damage(whole));
    const second = load();
    expect(codes(second)).toEqual(['cache-damaged']);
    expect(second.report.warnings).toBe(first.report.warnings + 1);
    expect(block(second).equals(block(first))).toBe(true);
    expect(codes(load())).toEqual([]);
  });

  it('is refused whatever bits are flipped, lengths changed or pieces lost, before it asks for memory that it has no use for', () => {
    const key = 'k'.repeat(64);
    const warnings: string[] = [];
    const cache = new RuleCache(cacheDirectory, (_path, code) => warnings.push(code));
    const whole = entryOf();
    cache.write(key, whole);
    const path = join(cacheDirectory, `${key}.ruleset`);
    const bytes = readFileSync(path);
    const random = new Random(20_261_122);
    for (let round = 0; round < 500; round++) {
      const changed = damaged(bytes, random, PREAMBLE);
      if (changed.equals(bytes)) continue;
      writeFileSync(path, changed);
      const asked: number[] = [];
      const entry = cache.read(key, (blockBytes) => {
        asked.push(blockBytes);
        return new Uint8Array(blockBytes);
      });
      expect(entry, `round ${round}`).toBeUndefined();
      expect(asked.every((count) => count <= changed.length)).toBe(true);
      expect(warnings.splice(0)).toEqual(['cache-damaged']);
    }
    writeFileSync(path, bytes);
    expect(cache.read(key, (blockBytes) => new Uint8Array(blockBytes))).toEqual({ ...whole, data: undefined });
  });

  it('belongs to another key', () => {
    load();
    const [mine] = entries();
    load({ includeDisabled: true });
    const other = entries().find((name) => name !== mine)!;
    copyFileSync(join(cacheDirectory, other), join(cacheDirectory, mine!));
    expect(codes(load())).toEqual(['cache-damaged']);
  });

  it('is a directory', () => {
    load();
    const path = join(cacheDirectory, entries()[0]!);
    rmSync(path);
    mkdirSync(path);
    expect(codes(load()).length).toBeGreaterThan(0);
    expect(load().report.loaded).toBe(2);
  });
});

describe('the directory', () => {
  it('may be read-only: what it holds is used, what it lacks is no error', () => {
    const filled = load();
    chmodSync(cacheDirectory, 0o555);
    try {
      const hit = load();
      expect([hit.report.cached, codes(hit)]).toEqual([true, []]);
      expect(block(hit).equals(block(filled))).toBe(true);
      const missed = load({ includeDisabled: true });
      expect(missed.report).toMatchObject({ loaded: 2, errors: filled.report.errors });
      // The superuser writes there all the same.
      if (process.getuid?.() !== 0) expect(codes(missed)).toEqual(['cache-not-written']);
    } finally {
      chmodSync(cacheDirectory, 0o755);
    }
  });

  it('may be unusable', () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    const loaded = load({ cacheDirectory: join(file, 'below') });
    expect(codes(loaded)).toContain('cache-not-written');
    expect(loaded.report.loaded).toBe(2);
  });

  it('holds the entries used last, and nothing that a crash left', () => {
    mkdirSync(cacheDirectory, { recursive: true });
    const left = join(cacheDirectory, '.0123456789abcdef.1.aa.tmp');
    writeFileSync(left, 'x');
    utimesSync(left, 1, 1);
    writeFileSync(join(cacheDirectory, 'note.txt'), 'not ours');
    for (let n = 0; n < 6; n++) {
      load({ variables: { HOME_NET: `10.0.0.${n}` } });
      entries()
        .filter((name) => name.endsWith('.ruleset'))
        .forEach((name) => {
          const { mtimeMs } = statSync(join(cacheDirectory, name));
          utimesSync(join(cacheDirectory, name), mtimeMs / 1000 - 60, mtimeMs / 1000 - 60);
        });
    }
    const kept = entries().filter((name) => name.endsWith('.ruleset'));
    const newest = [2, 3, 4, 5].map((n) => `${cacheKey({ ...BASE, variables: { HOME_NET: `10.0.0.${n}` } })}.ruleset`);
    expect(kept).toEqual(newest.sort());
    expect(entries().filter((name) => !name.endsWith('.ruleset'))).toEqual(['note.txt']);
  });
});

describe('data that rules take from files', () => {
  const list = join(folder, 'bad.lst');
  const data = (datasets: Partial<DataSettings['datasets']> = {}): DataSettings => ({
    ...NO_DATA,
    datasets: { ...NO_DATA.datasets, ...datasets },
  });
  const values = (loaded: LoadedRules): number => new RuleSet(loaded.handle.block).datasetBytes.length / 4;

  beforeEach(() => {
    writeFileSync(list, '192.0.2.1\n192.0.2.2\n');
    writeFileSync(
      rules,
      'alert ip any any -> any any (msg:"one"; ip.src; dataset:isset,bad,type ipv4,load bad.lst; sid:1;)\n',
    );
  });

  it('is in the entry, and an entry is good for as long as the files are what they were', () => {
    const first = load();
    expect([values(first), values(load()), entries().length]).toEqual([2, 2, 1]);
    const entry = join(cacheDirectory, entries()[0]!);
    const written = statSync(entry).mtimeMs;
    writeFileSync(list, '192.0.2.1\n192.0.2.2\n192.0.2.3\n');
    expect([values(load()), entries().length]).toEqual([3, 1]);
    expect(statSync(entry).mtimeMs).toBeGreaterThanOrEqual(written);
    writeFileSync(list, '192.0.2.9\n192.0.2.2\n192.0.2.3\n');
    expect(block(load()).equals(block(first))).toBe(false);
  });

  it('is looked for again where a file was missing, or one would now be found before it', () => {
    const elsewhere = join(folder, 'elsewhere');
    mkdirSync(elsewhere, { recursive: true });
    rmSync(list);
    const request = { data: data({ directory: elsewhere }) };
    expect(load(request).report.failed).toBe(1);
    writeFileSync(join(elsewhere, 'bad.lst'), '192.0.2.1\n');
    expect(values(load(request))).toBe(1);
    expect(values(load(request))).toBe(1);
    writeFileSync(list, '192.0.2.1\n192.0.2.2\n');
    expect(values(load(request))).toBe(2);
  });

  it('of other settings is another entry', () => {
    load();
    load({ data: data({ allowAbsolutePaths: true }) });
    load({ data: { ...data(), geoip: { database: '/x.mmdb' } } });
    expect(entries()).toHaveLength(3);
  });

  it('keeps what was said of its lines', () => {
    writeFileSync(list, '192.0.2.1\nnonsense\n');
    const said = (loaded: LoadedRules): unknown =>
      loaded.report.diagnostics.map(({ code, file, line }) => [code, file, line]);
    const first = said(load());
    expect(first).toContainEqual(['bad-data-line', list, 2]);
    expect(said(load())).toEqual(first);
  });

  it('that has no room in the table of changing datasets is said at every load', () => {
    writeFileSync(list, Array.from({ length: 2000 }, (_, i) => `10.0.${i >> 8}.${i & 255}\n`).join(''));
    writeFileSync(
      rules,
      'alert ip any any -> any any (msg:"one"; ip.src; dataset:set,seen,type ipv4,load bad.lst; sid:1;)\n',
    );
    const request = { data: data({ bytes: 65_536 }) };
    for (const loaded of [load(request), load(request)])
      expect(loaded.report.diagnostics).toContainEqual(
        expect.objectContaining({ code: 'dataset-too-large', file: 'datasets.bytes', severity: 'warning' }),
      );
    expect(load({ data: data() }).report.diagnostics.map(({ code }) => code)).not.toContain('dataset-too-large');
  });
});
