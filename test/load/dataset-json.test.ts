/** Datasets from files in JSON: what is read of them, and what is said of those that cannot be. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { parseJsonDataset } from '../../src/load/dataset-json.js';
import { LineProblems } from '../../src/load/data-lines.js';
import { loadRules } from '../../src/load/load-rules.js';
import type { DatasetType } from '../../src/block/terms.js';
import type { JsonFormat } from '../../src/rule/compile/rule-data.js';

const folder = mkdtempSync(join(tmpdir(), 'periscope-dataset-json-'));
afterAll(() => rmSync(folder, { recursive: true }));

const FORMAT: JsonFormat = {
  lines: false,
  valueKey: 'host',
  arrayKey: undefined,
  contextKey: 'bad',
  removeKey: false,
};

/** Values in hexadecimal with their objects, or the reason; and the lines that are wrong. */
function parsed(text: string, fields: Partial<JsonFormat> = {}, type: DatasetType = 'string') {
  const file = Buffer.from(text, 'utf8').toString('latin1');
  const problems = new LineProblems('f', file);
  const outcome = parseJsonDataset(file, type, { ...FORMAT, ...fields }, problems);
  if (typeof outcome === 'string') return outcome;
  const { count, bytes, ends, objects } = outcome;
  const entries = Array.from({ length: count }, (_, i) => [
    Buffer.from(bytes.subarray(i === 0 ? 0 : ends[i - 1], ends[i])).toString('latin1'),
    objects![i],
  ]);
  return problems.count === 0 ? entries : { entries, wrong: problems.located().map(({ line }) => line) };
}

describe('a file in JSON', () => {
  it('is an array of objects, each with a value', () => {
    expect(parsed('[{"host":"a.b","n":1},{"host":"c.d"}]')).toEqual([
      ['a.b', '{"host":"a.b","n":1}'],
      ['c.d', '{"host":"c.d"}'],
    ]);
  });

  it('may have the array, and objects their value, somewhere in it', () => {
    expect(parsed('{"x":{"y":[{"a":{"b":"v"},"o":[1,null]}]}}', { arrayKey: 'x.y', valueKey: 'a.b' })).toEqual([
      ['v', '{"a":{"b":"v"},"o":[1,null]}'],
    ]);
  });

  it('may have an object a line', () => {
    const text = '{"host":"a","n":1}\n\nno JSON\n[]\n{"host":"b"}\n{"host":"a","n":2}\n{"other":1}';
    expect(parsed(text, { lines: true })).toEqual({
      entries: [
        ['a', '{"host":"a","n":1}'],
        ['b', '{"host":"b"}'],
      ],
      wrong: [3],
    });
  });

  it('has digests and addresses as lists have them', () => {
    const digest = '900150983cd24fb0d6963f7d28e17f72';
    expect(parsed(`[{"host":"${digest}"},{"host":"abc"}]`, { contextKey: undefined }, 'md5')).toEqual([
      [Buffer.from(digest, 'hex').toString('latin1'), ''],
    ]);
    expect(parsed('[{"host":"10.0.0.1"},{"host":"10.0.0.0/8"},{"host":7}]', { removeKey: true }, 'ip')).toEqual([
      ['\x0a\x00\x00\x01', '{}'],
    ]);
  });

  it('shows objects without their value where that is asked for, in ASCII, and not where they are too long', () => {
    expect(parsed('[{"a":{"b":"é","c":"é\\n☃"}}]', { valueKey: 'a.b', removeKey: true })).toEqual([
      ['\xc3\xa9', '{"a":{"c":"\\u00e9\\n\\u2603"}}'],
    ]);
    expect(parsed(`[{"host":"a","t":"${'x'.repeat(4096)}"}]`)).toEqual([['a', '']]);
  });

  it.each<[string, Partial<JsonFormat>, string]>([
    ['[{"host":', {}, 'it is no JSON'],
    ['{"host":"a"}', {}, 'it is no array'],
    ['{"x":{"y":{}}}', { arrayKey: 'x.y' }, 'x.y is no array'],
    ['{"x":[]}', { arrayKey: '__proto__.y' }, '__proto__.y is no array'],
    ['[{"host":1},{"toString":"a"},5,null]', {}, 'no object has a host of type string'],
    ['["a","b"]', { valueKey: 'length' }, 'no object has a length of type string'],
  ])('%s is of no use', (text, fields, reason) => expect(parsed(text, fields)).toContain(reason));

  it('may be empty', () => expect([parsed('[]'), parsed('', { lines: true })]).toEqual([[], []]));

  it('shows what JSON.parse takes for the same, whatever it holds', () => {
    fc.assert(
      fc.property(fc.array(fc.json({ maxDepth: 2 }), { maxLength: 8 }), (values) => {
        const text = `[${values.map((value, i) => `{"host":"h${i}","is":${value}}`).join(',')}]`;
        const entries = parsed(text) as [string, string][];
        expect(entries.map(([value, object]) => [value, JSON.parse(object)])).toEqual(
          values.map((value, i) => [`h${i}`, JSON.parse(`{"host":"h${i}","is":${value}}`)]),
        );
        for (const [, object] of entries) expect(object).toMatch(/^[\x20-\x7e]*$/);
      }),
      { numRuns: 100, seed: 9 },
    );
  });
});

describe('a rule', () => {
  const codes = (...options: string[]): string[] => {
    writeFileSync(join(folder, 'a.json'), '[{"host":"a"}]');
    writeFileSync(join(folder, 'object.json'), '{"host":"a"}');
    const file = join(folder, 'x.rules');
    const rules = options.map(
      (text, i) => `alert ip any any -> any any (msg:"x"; pkt_data; ${text} sid:${i + 1}; rev:1;)`,
    );
    writeFileSync(file, `${rules.join('\n')}\n`);
    return loadRules({ rules: [file] })
      .diagnostics.filter(({ severity }) => severity === 'error')
      .map(({ code, message }) => `${code} ${message}`);
  };
  const SET = 'dataset:isset,s,type string,load a.json,format json,value_key host,context_key k';

  it('may name a set that another one describes, and say the same of it', () =>
    expect(codes(`${SET};`, 'dataset:isnotset,s;', `${SET};`)).toEqual([]));

  it('may not say otherwise, change it, or compare numbers', () =>
    expect(
      codes(`${SET}2;`, `${SET}3;`, 'dataset:set,s;', 'datarep:s,>,1;', 'dataset:isset,s,type string,load a.json;'),
    ).toEqual([
      'dataset-mismatch a rule before says its format otherwise of s',
      'conflicting-arguments s is a file in JSON, which is asked for its values alone',
      'conflicting-arguments s is a file in JSON, which is asked for its values alone',
    ]));

  it('with a file of no use is not loaded', () =>
    expect(codes(SET.replace('a.json', 'object.json') + ';')).toEqual([
      `bad-data-file ${join(folder, 'object.json')} cannot be used: it is no array`,
    ]));
});
