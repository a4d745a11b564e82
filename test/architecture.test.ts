/** The rules of the layout: imports point one way, there are no cycles, threads and files stay where they belong. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const src = join(root, 'src');

/** What a folder may import besides itself and `util`. Single files of other folders are named in full. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  util: [],
  memory: [],
  decode: [],
  match: [],
  metrics: ['decode/fault.ts', 'output'],
  flow: ['memory', 'decode', 'metrics/counters.ts'],
  stream: ['memory', 'decode', 'flow', 'metrics/counters.ts'],
  app: ['decode', 'flow', 'stream', 'match'],
  rule: ['app', 'match', 'decode', 'stream/tcp-event.ts', 'detect/terms.ts'],
  detect: ['memory', 'rule', 'app', 'stream', 'flow', 'match', 'decode', 'metrics/counters.ts'],
  ingest: ['decode'],
  dispatch: ['ingest', 'decode', 'flow/key.ts', 'metrics/counters.ts', 'metrics/names.ts', 'metrics/vni-table.ts'],
  load: ['rule', 'detect', 'app', 'match'],
  output: ['detect', 'rule/program.ts', 'rule/ast.ts'],
  shard: ['detect', 'rule/program.ts', 'app', 'stream', 'flow', 'match', 'decode', 'dispatch/ring.ts', 'metrics/counters.ts', 'metrics/names.ts'],
  'engine.ts': ['shard', 'dispatch', 'load', 'output', 'metrics', 'detect', 'ingest', 'match', 'flow', 'rule', 'config.ts'],
  'config.ts': ['decode/tunnel-ports.ts', 'flow', 'dispatch', 'metrics'],
  cli: ['memory', 'engine.ts', 'engine', 'config.ts', 'load', 'rule', 'ingest', 'output', 'metrics', 'shard', 'dispatch', 'detect', 'decode'],
  'main.ts': ['cli', 'config.ts'],
};

/** Packages that one file alone imports. */
const SOLE_IMPORTER: Record<string, string> = {
  moo: 'src/rule/lexer.ts',
  nearley: 'src/rule/parser.ts',
  piscina: 'src/shard/pool.ts',
  'prom-client': 'src/metrics/exporter.ts',
  koffi: 'src/ingest/system.ts',
  'mmdb-lib': 'src/load/geoip.ts',
};

/** Stages that know bytes and tables only. */
const PURE = ['memory', 'decode', 'match', 'flow', 'stream', 'app', 'rule', 'detect'];
const IMPURE_MODULES = /^node:(worker_threads|fs|fs\/promises|net|dgram|http|timers|timers\/promises|child_process|cluster|os)$/;

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
  const imports = [...text.matchAll(/(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+'([^']+)'|import\('([^']+)'\)/g)].map((match) => match[1] ?? match[2]);
  return { path: relative(src, path), folder: relative(src, path).split('/')[0], imports, text };
});

const target = (file: SourceFile, specifier: string): string => relative(src, resolve(join(src, dirname(file.path)), specifier)).replace(/\.js$/, '.ts');

describe('the layout', () => {
  it('imports one way only', () => {
    const wrong = files.flatMap((file) => file.imports.filter((name) => name.startsWith('.')).flatMap((name) => {
      const to = target(file, name);
      const folder = to.split('/')[0];
      const allowed = ['util', file.folder, ...(MAY_IMPORT[file.folder] ?? [])];
      return allowed.includes(folder) || allowed.includes(to) ? [] : [`${file.path} imports ${to}`];
    }));
    expect(wrong).toEqual([]);
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
      const values = [...file.text.matchAll(/(?:^|\n)\s*(?:import|export)\s+(?!type\s)([^;]*?)from\s+'(\.[^']+)'/g)].map((match) => match[2]);
      for (const name of values) visit(target(file, name), [...trail, path]);
      state.set(path, 'done');
    };
    for (const file of files) visit(file.path, []);
    expect(cycles).toEqual([]);
  });

  it('keeps threads, timers, sockets and files out of the stages from decode to detect', () => {
    const wrong = files.filter((file) => PURE.includes(file.folder)).flatMap((file) => [
      ...file.imports.filter((name) => IMPURE_MODULES.test(name)).map((name) => `${file.path} imports ${name}`),
      ...(/\bset(?:Timeout|Interval|Immediate)\(/.test(file.text) ? [`${file.path} sets a timer`] : []),
    ]);
    expect(wrong).toEqual([]);
  });

  it.each(Object.entries(SOLE_IMPORTER))('imports %s in one file', (name, only) => {
    const importers = files.filter((file) => file.imports.some((specifier) => specifier === name || specifier.startsWith(`${name}/`)) || file.text.includes(`('${name}')`));
    expect(importers.map((file) => `src/${file.path}`)).toEqual([only]);
  });

  it('generates no code from rule text', () => {
    expect(files.filter((file) => /\bnew Function\(|\beval\(/.test(file.text)).map((file) => file.path)).toEqual([]);
  });

  it('has no file over 500 lines', () => {
    expect(files.filter((file) => file.text.split('\n').length > 500).map((file) => file.path)).toEqual([]);
  });
});
