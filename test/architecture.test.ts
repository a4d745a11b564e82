/** The rules of the layout: imports point one way, there are no cycles, threads and files stay where they belong. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const src = join(root, 'src');

/**
 * What a folder may import besides itself and `util`, by folder alone. What runs per packet is above `load side`; the
 * rule block is all that both sides know. A folder that is not listed is a part of the one above it.
 */
const MAY_IMPORT: Record<string, readonly string[]> = {
  util: [],
  memory: [],
  decode: [],
  counters: ['app', 'decode'],
  ring: ['memory', 'decode'],
  'match/literal': ['memory'],
  'match/pcre': [],
  flow: ['memory', 'decode'],
  stream: ['memory', 'decode', 'flow'],
  app: ['memory', 'flow', 'stream'],
  block: ['match/literal', 'match/pcre'],
  'detect/event': ['block', 'decode', 'flow', 'stream', 'app'],
  'detect/candidates': ['block', 'decode', 'flow'],
  'detect/state': ['block', 'memory', 'app', 'decode', 'flow', 'detect/candidates', 'detect/event'],
  'detect/verify': ['block', 'memory', 'app', 'decode', 'flow', 'match/literal', 'match/pcre', 'detect/state'],
  detect: [
    'block',
    'memory',
    'app',
    'decode',
    'flow',
    'match/literal',
    'detect/candidates',
    'detect/verify',
    'detect/state',
    'detect/event',
  ],
  ingest: ['decode'],
  dispatch: ['ingest', 'decode', 'ring', 'counters'],
  shard: [
    'app',
    'memory',
    'detect',
    'detect/state',
    'detect/event',
    'block',
    'stream',
    'flow',
    'decode',
    'match/literal',
    'ring',
    'counters',
  ],
  'warm-up': ['shard', 'dispatch', 'ring', 'memory', 'counters', 'block', 'detect/state', 'match/literal'],
  // Load side.
  rule: ['app', 'block', 'match/pcre', 'decode', 'stream'],
  compile: ['app', 'block', 'rule', 'match/literal', 'match/pcre'],
  load: ['rule', 'compile', 'block', 'match/literal', 'detect/state'],
  // Main thread.
  output: ['block', 'detect/event', 'ring', 'counters'],
  metrics: ['counters', 'app', 'decode', 'output'],
  engine: [
    'warm-up',
    'memory',
    'shard',
    'dispatch',
    'load',
    'output',
    'metrics',
    'counters',
    'block',
    'detect/event',
    'detect/state',
    'ingest',
    'app',
    'config',
  ],
  config: ['block', 'app', 'flow', 'stream', 'dispatch', 'decode'],
  cli: [
    'engine',
    'config',
    'load',
    'rule',
    'ingest',
    'output',
    'metrics',
    'counters',
    'shard',
    'dispatch',
    'block',
    'decode',
    'memory',
  ],
  'main.ts': ['cli', 'config'],
};

/** Of the stages that run per packet, the load side may know names alone. */
const NAMES_ONLY: Record<string, { readonly of: readonly string[]; readonly files: RegExp }> = {
  rule: { of: ['app', 'decode', 'stream'], files: /(applications|buffer-spec|buffers|events|fault|-event)\.ts$/ },
};

/** The longest listed folder that a file is in, or the file itself. */
const unitOf = (path: string): string => {
  const parts = path.split('/');
  for (let length = parts.length; length > 0; length--) {
    const unit = parts.slice(0, length).join('/');
    if (Object.hasOwn(MAY_IMPORT, unit)) return unit;
  }
  throw new Error(`${path} is in no folder of the layout`);
};

/** Packages that one file alone imports. */
const SOLE_IMPORTER: Record<string, string> = {
  moo: 'src/rule/parse/lexer.ts',
  nearley: 'src/rule/parse/parser.ts',
  piscina: 'src/shard/pool.ts',
  'prom-client': 'src/metrics/exporter.ts',
  koffi: 'src/ingest/system.ts',
  'mmdb-lib': 'src/load/geoip.ts',
};

/** Stages that know bytes and tables only. */
const PURE = ['memory', 'decode', 'match', 'flow', 'stream', 'app', 'rule', 'block', 'compile', 'detect'];
const IMPURE_MODULES =
  /^node:(worker_threads|fs|fs\/promises|net|dgram|http|timers|timers\/promises|child_process|cluster|os)$/;

interface SourceFile {
  readonly path: string;
  readonly folder: string;
  readonly imports: readonly string[];
  readonly text: string;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'assembly' || entry.name === 'generated') return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : path.endsWith('.ts') ? [path] : [];
  });
}

const files: SourceFile[] = filesBelow(src).map((path) => {
  const text = readFileSync(path, 'utf8');
  const imports = [...text.matchAll(/(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+'([^']+)'|import\('([^']+)'\)/g)].map(
    (match) => match[1] ?? match[2],
  );
  return { path: relative(src, path), folder: relative(src, path).split('/')[0], imports, text };
});

const target = (file: SourceFile, specifier: string): string =>
  relative(src, resolve(join(src, dirname(file.path)), specifier)).replace(/\.js$/, '.ts');

describe('the layout', () => {
  const imports = files.flatMap((file) =>
    file.imports.filter((name) => name.startsWith('.')).map((name) => ({ from: file.path, to: target(file, name) })),
  );

  it('imports one way only', () => {
    const wrong = imports.filter(({ from, to }) => {
      const [unit, other] = [unitOf(from), unitOf(to)];
      const names = NAMES_ONLY[unit];
      if (names !== undefined && names.of.includes(other)) return !names.files.test(to);
      return !['util', unit, ...MAY_IMPORT[unit]!].includes(other);
    });
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  it('has no two files that import each other', () => {
    const known = new Set(imports.map(({ from, to }) => `${from} ${to}`));
    expect(imports.filter(({ from, to }) => known.has(`${to} ${from}`))).toEqual([]);
  });

  it('has no cycles', () => {
    const byPath = new Map(files.map((file) => [file.path, file]));
    const state = new Map<string, 'open' | 'done'>();
    const cycles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      const file = byPath.get(path);
      if (file === undefined || state.get(path) === 'done') return;
      if (state.get(path) === 'open') {
        cycles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
        return;
      }
      state.set(path, 'open');
      // Types alone make no cycle at run time.
      const values = [
        ...file.text.matchAll(/(?:^|\n)\s*(?:import|export)\s+(?!type\s)([^;]*?)from\s+'(\.[^']+)'/g),
      ].map((match) => match[2]);
      for (const name of values) visit(target(file, name), [...trail, path]);
      state.set(path, 'done');
    };
    for (const file of files) visit(file.path, []);
    expect(cycles).toEqual([]);
  });

  it('keeps threads, timers, sockets and files out of the stages from decode to detect', () => {
    const wrong = files
      .filter((file) => PURE.includes(file.folder))
      .flatMap((file) => [
        ...file.imports.filter((name) => IMPURE_MODULES.test(name)).map((name) => `${file.path} imports ${name}`),
        ...(/\bset(?:Timeout|Interval|Immediate)\(/.test(file.text) ? [`${file.path} sets a timer`] : []),
      ]);
    expect(wrong).toEqual([]);
  });

  it.each(Object.entries(SOLE_IMPORTER))('imports %s in one file', (name, only) => {
    const importers = files.filter(
      (file) =>
        file.imports.some((specifier) => specifier === name || specifier.startsWith(`${name}/`)) ||
        file.text.includes(`('${name}')`),
    );
    expect(importers.map((file) => `src/${file.path}`)).toEqual([only]);
  });

  // In the bundle, a module lies elsewhere than its source.
  it('asks one module where the program lies', () => {
    const asking = files.filter((file) => file.text.includes('import.meta.url')).map((file) => file.path);
    expect(asking).toEqual(['ingest/system.ts', 'util/program-folder.ts']);
  });

  it('bundles each script and file that it asks for', async () => {
    const { ENTRIES, FILES } = (await import(join(root, 'scripts', 'bundle.mjs'))) as Record<string, readonly string[]>;
    const asked = files.flatMap((file) =>
      [...file.text.matchAll(/programFile\('([^']+\.\w+)'\)/g)].map((match) => match[1]!),
    );
    const bundled = [...ENTRIES!.map((name) => `${name}.js`), ...FILES!];
    expect(asked.length).toBeGreaterThan(5);
    expect(['main.js', ...asked].toSorted()).toEqual(bundled.toSorted());
  });

  it('generates no code from rule text', () => {
    expect(files.filter((file) => /\bnew Function\(|\beval\(/.test(file.text)).map((file) => file.path)).toEqual([]);
  });

  it('has no file over 500 lines', () => {
    expect(files.filter((file) => file.text.split('\n').length > 500).map((file) => file.path)).toEqual([]);
  });
});
