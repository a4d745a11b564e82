/** Reputation from files: which score counts for an address, and lines that are none. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { DataFiles } from '../../src/load/data-files.js';
import { Reputation } from '../../src/load/reputation.js';
import type { AddressSet } from '../../src/block/terms.js';
import { isProblem } from '../../src/rule/compile/rule-data.js';

const folder = mkdtempSync(join(tmpdir(), 'periscope-reputation-'));
afterAll(() => rmSync(folder, { recursive: true }));

const save = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const CATEGORIES = '# number, name\n1,BadHosts,Known bad hosts\n\n2,CnC,Command and control\n';

function load(reputations: string, categories = CATEGORIES): Reputation {
  const loaded = Reputation.load(
    { categories: save('categories.txt', categories), files: [save('reputation.list', reputations)] },
    new DataFiles(),
  );
  if (isProblem(loaded)) throw new Error(loaded.message);
  return loaded;
}

function addresses(reputation: Reputation, category: string, low: number, high: number): AddressSet {
  const set = reputation.addresses(category, [[low, high]]);
  if (isProblem(set)) throw new Error(set.message);
  return set;
}

const has = ({ ipv4 }: AddressSet, address: number): boolean =>
  ipv4.some(([low, high]) => address >= low && address <= high);
const last = (byte: number): number => 0xc0000200 + byte;

describe('the score of an address', () => {
  it('is that of the most specific network, and of an address twice that of the last line', () => {
    const reputation = load(
      '192.0.2.0/24,1,10\n192.0.2.64/26,1,50\n192.0.2.65,1,0\n192.0.2.66,1,20\n192.0.2.66,1,90\n2001:db8::/32,1,70\n2001:db8::5,1,5\n',
    );
    const scored = (low: number, high: number): boolean[] =>
      [1, 64, 65, 66, 127, 128].map((byte) => has(addresses(reputation, 'BadHosts', low, high), last(byte)));
    expect(scored(10, 10)).toEqual([true, false, false, false, false, true]);
    expect(scored(50, 50)).toEqual([false, true, false, false, true, false]);
    expect(scored(0, 0)).toEqual([false, false, true, false, false, false]);
    expect(scored(90, 127)).toEqual([false, false, false, true, false, false]);
    expect(addresses(reputation, 'BadHosts', 6, 127).ipv6).toHaveLength(2);
    expect(addresses(reputation, 'BadHosts', 0, 5).ipv6).toHaveLength(1);
  });

  it('is of a network twice that of the first line, and an address counts before a network of one', () => {
    const lines = ['192.0.2.0/24,1,10', '192.0.2.9/24,1,20', '192.0.2.7,1,30', '192.0.2.7/32,1,40', '192.0.2.7,1,50'];
    const reputation = load(lines.join('\n'));
    const all = { ipv4: [[last(0), last(255)]], ipv6: [] };
    expect(addresses(reputation, 'BadHosts', 10, 50)).toEqual(all);
    expect(addresses(reputation, 'BadHosts', 50, 50)).toEqual({ ipv4: [[last(7), last(7)]], ipv6: [] });
    expect(addresses(reputation, 'BadHosts', 11, 49).ipv4).toEqual([]);
    expect(reputation.problems.map(({ code, line }) => [code, line])).toEqual([
      ['two-scores', 2],
      ['two-scores', 3],
    ]);
  });

  it('is told of no line that says the same again', () => {
    expect(load('192.0.2.0/24,1,10\n192.0.2.0/24,1,10\n192.0.2.0/24,2,20\n').problems).toEqual([]);
  });

  it('is told of a few lines where lists disagree in many', () => {
    const list = (score: number): string =>
      Array.from({ length: 20 }, (_, byte) => `2001:db8::${byte},1,${score}\n`).join('');
    const { problems } = load(list(10) + list(20));
    expect(problems).toHaveLength(6);
    expect(problems.at(-1)!.hint).toContain('more');
  });

  it('is one per category', () => {
    const reputation = load('192.0.2.1,1,10\n192.0.2.1,2,90\n192.0.2.0/24,2,5\n');
    expect(addresses(reputation, 'BadHosts', 0, 127)).toEqual({ ipv4: [[last(1), last(1)]], ipv6: [] });
    expect(addresses(reputation, 'CnC', 6, 127)).toEqual({ ipv4: [[last(1), last(1)]], ipv6: [] });
    expect(addresses(reputation, 'CnC', 0, 127)).toEqual({ ipv4: [[last(0), last(255)]], ipv6: [] });
  });

  it('reaches the ends of the address space', () => {
    expect(
      addresses(load('0.0.0.0/0,1,10\n255.255.255.255,1,20\n0.0.0.0,1,20\n::/0,1,10\n'), 'BadHosts', 10, 10),
    ).toEqual({ ipv4: [[1, 0xfffffffe]], ipv6: [[0n, (1n << 128n) - 1n]] });
  });

  it('comes out as looking through all lines does', () => {
    // 33: an address, written without a length.
    const line = fc.tuple(fc.nat(255), fc.integer({ min: 24, max: 33 }), fc.nat(127));
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 25 }), fc.nat(127), (lines, limit) => {
        const set = addresses(
          load(
            lines
              .map(([byte, prefix, score]) => `192.0.2.${byte}${prefix === 33 ? '' : `/${prefix}`},1,${score}\n`)
              .join(''),
          ),
          'BadHosts',
          limit,
          127,
        );
        for (let byte = 0; byte < 256; byte++) {
          const within = (prefix: number): number => 32 - Math.min(prefix, 32);
          const covering = lines.filter(([base, prefix]) => base >>> within(prefix) === byte >>> within(prefix));
          const best = covering.reduce<number[] | undefined>(
            (found, each) =>
              found === undefined || each[1] > found[1]! || (each[1] === 33 && found[1] === 33) ? each : found,
            undefined,
          );
          expect(has(set, last(byte))).toBe(best !== undefined && best[2]! >= limit);
        }
      }),
      { numRuns: 100, seed: 61 },
    );
  });
});

describe('categories', () => {
  it('go by their name, and a name like it is suggested', () => {
    const reputation = load('192.0.2.1,1,10\n');
    expect(reputation.addresses('BadHost', [[0, 127]])).toMatchObject({
      code: 'unknown-category',
      hint: 'did you mean BadHosts?',
    });
    expect(reputation.addresses('CnC', [[0, 127]])).toEqual({ ipv4: [], ipv6: [] });
  });
});

describe('lines that are none', () => {
  it('are warnings with their place, and the others count', () => {
    const lines = [
      'ip,category,score',
      '192.0.2.1,1,10',
      'nonsense',
      '192.0.2.300,1,10',
      '192.0.2.0/33,1,10',
      '  192.0.2.2,61,10',
      '192.0.2.3,1,128',
      '# a comment',
    ];
    const reputation = load(lines.join('\n'));
    const wrong = reputation.problems.map(({ file, line, column, code, severity }) => [
      file,
      line,
      column,
      code,
      severity,
    ]);
    expect(wrong).toEqual(
      [3, 4, 5, 6, 7].map((line) => [
        join(folder, 'reputation.list'),
        line,
        line === 6 ? 3 : 1,
        'bad-data-line',
        'warning',
      ]),
    );
    expect(addresses(reputation, 'BadHosts', 0, 127).ipv4).toEqual([[last(1), last(1)]]);
  });

  it('in the file of categories, likewise', () => {
    expect(
      load('192.0.2.1,1,10\n', '1,BadHosts\n0,None\n61,Many\nBadHosts\n2\n').problems.map(({ line }) => line),
    ).toEqual([2, 3, 4, 5]);
  });

  it('and nothing else make a file that cannot be used', () => {
    expect(
      Reputation.load({ categories: save('c', CATEGORIES), files: [save('r', 'a\nb\n')] }, new DataFiles()),
    ).toMatchObject({ code: 'bad-data-file' });
  });
});

describe('settings', () => {
  it('name both', () => {
    const files = new DataFiles();
    expect(Reputation.load({ categories: '', files: ['x'] }, files)).toMatchObject({
      code: 'missing-setting',
      message: expect.stringContaining('reputation.categories') as string,
    });
    expect(Reputation.load({ categories: 'x', files: [] }, files)).toMatchObject({
      code: 'missing-setting',
      message: expect.stringContaining('reputation.files') as string,
    });
    expect(Reputation.load({ categories: join(folder, 'missing'), files: ['x'] }, files)).toMatchObject({
      code: 'unreadable-file',
    });
  });
});
