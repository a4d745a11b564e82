import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { defaultClassifications, parseClassifications } from '../../src/load/classification.js';
import { loadConfigFile } from '../../src/load/config-file.js';
import { defaultReferences, parseReferences } from '../../src/load/reference.js';
import { Diagnostics } from '../../src/rule/diagnostics/diagnostic.js';

describe('classification.config', () => {
  it('has the classes that rule sets use built in', () => {
    const table = defaultClassifications();
    expect(table.get('trojan-activity')).toEqual({ description: 'A Network Trojan was detected', priority: 1 });
    expect(table.get('tcp-connection')).toEqual({ description: 'A TCP connection was detected', priority: 4 });
    for (const { description, priority } of table.values()) {
      expect(description).not.toBe('');
      expect(priority).toBeGreaterThanOrEqual(1);
      expect(priority).toBeLessThanOrEqual(4);
    }
  });

  it('adds and overrides', () => {
    const diagnostics = new Diagnostics();
    const table = parseClassifications(
      '# comment\r\nconfig classification: trojan-activity,Mine,9\r\n\r\n  config classification:new , A new one , 2\n',
      diagnostics,
    );
    expect(diagnostics.list).toEqual([]);
    expect(table.get('trojan-activity')).toEqual({ description: 'Mine', priority: 9 });
    expect(table.get('new')).toEqual({ description: 'A new one', priority: 2 });
    expect(table.has('misc-activity')).toBe(true);
  });

  it.each([
    ['config classification: ‸a,b', 'priority'],
    ['config classification: ‸a', 'priority'],
    ['config classification: ‸,b,1', 'name'],
    ['config classification: a,b,‸0', 'from 1 to 255'],
    ['config classification: a,b,‸256', 'from 1 to 255'],
    ['config classification: a,b,‸high', 'from 1 to 255'],
    ['config classification: a,b‸,', 'from 1 to 255'],
    ['‸classification a,b,1', 'config classification:'],
    ['‸config reference: url x', 'config classification:'],
    ['config classification‸:', 'config classification:'],
  ])('reports %s', (marked, hint) => {
    const diagnostics = new Diagnostics();
    const line = marked.replace('‸', '');
    const table = parseClassifications(`# x\n${line}\n`, diagnostics);
    expect(diagnostics.list).toMatchObject([
      { code: 'bad-classification', span: { start: 4 + marked.indexOf('‸') }, hint: expect.stringContaining(hint) },
    ]);
    expect(diagnostics.list[0]!.span.end).toBeGreaterThan(diagnostics.list[0]!.span.start);
    expect(table.size).toBe(defaultClassifications().size);
  });
});

describe('reference.config', () => {
  it('has the systems that rule sets use built in', () => {
    for (const system of [
      'url',
      'cve',
      'bugtraq',
      'nessus',
      'arachnids',
      'mcafee',
      'osvdb',
      'msb',
      'md5',
      'et',
      'exploitdb',
    ])
      expect(defaultReferences().has(system), system).toBe(true);
  });

  it('adds and overrides', () => {
    const diagnostics = new Diagnostics();
    const table = parseReferences(
      'config reference: CVE https://cve.test/\nconfig reference: mine   http://mine.test/?id=\n',
      diagnostics,
    );
    expect(diagnostics.list).toEqual([]);
    expect(table.get('cve')).toBe('https://cve.test/');
    expect(table.get('mine')).toBe('http://mine.test/?id=');
  });

  it.each([
    'config reference: ‸x',
    '‸reference: x http://x.test/',
    'config reference: ‸a,b http://x.test/',
    'config reference‸:',
  ])('reports %s', (marked) => {
    const diagnostics = new Diagnostics();
    const line = marked.replace('‸', '');
    parseReferences(`${line}\n`, diagnostics);
    expect(diagnostics.list).toMatchObject([
      {
        code: 'bad-reference-system',
        span: { start: marked.indexOf('‸'), end: line.length },
        hint: expect.stringContaining('config reference:'),
      },
    ]);
  });
});

describe('a configuration file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'periscope-config-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is read with places for what is wrong', () => {
    const file = join(folder, 'classification.config');
    writeFileSync(file, 'config classification: mine,Mine,1\n\n  nonsense here\n');
    const { value, diagnostics } = loadConfigFile(file, parseClassifications);
    expect(value?.get('mine')).toEqual({ description: 'Mine', priority: 1 });
    expect(diagnostics).toMatchObject([
      {
        file,
        line: 3,
        column: 3,
        length: 13,
        severity: 'error',
        code: 'bad-classification',
        sourceLine: '  nonsense here',
      },
    ]);
  });

  it('may be missing, which is said', () => {
    expect(loadConfigFile(join(folder, 'none'), parseReferences)).toMatchObject({
      value: undefined,
      diagnostics: [{ code: 'unreadable-file', line: 1, column: 1 }],
    });
  });
});
