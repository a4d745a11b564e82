/** What changes the fingerprint of rule files: their content, their number, and where a link leads. */
import { renameSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { fingerprint } from '../../src/load/rule-fingerprint.js';
import { Folder } from '../support/sensor.js';

const folder = new Folder();
afterAll(() => folder.remove());

it('changes with files, and not without', () => {
  folder.write('rules/a.rules', 'one');
  const paths = [folder.at('rules'), folder.at('*.yaml'), folder.at('missing'), ''];
  const seen = [fingerprint(paths)];
  const differs = (): void => {
    const now = fingerprint(paths);
    expect(fingerprint(paths)).toBe(now);
    expect(seen).not.toContain(now);
    seen.push(now);
  };
  expect(fingerprint(paths)).toBe(seen[0]);
  folder.write('rules/a.rules', 'longer');
  differs();
  utimesSync(folder.at('rules/a.rules'), 1, 1);
  differs();
  folder.write('rules/b.rules', '');
  differs();
  folder.write('x.yaml', '');
  differs();
  folder.write('missing', '');
  differs();
  rmSync(folder.at('rules/b.rules'));
  differs();
  folder.write('rules/readme.txt', 'no rules');
  expect(fingerprint(paths)).toBe(seen.at(-1));
});

it('is there also for what cannot be looked at', () => {
  symlinkSync('circle', folder.at('circle'));
  const paths = [folder.at('circle'), folder.at('circle/a.rules'), folder.at('circle/*.rules')];
  const closed = fingerprint(paths);
  expect(fingerprint(paths)).toBe(closed);
  rmSync(folder.at('circle'));
  folder.write('circle/a.rules', 'one');
  expect(fingerprint(paths)).not.toBe(closed);
});

it('changes where a link is turned to another file, as in a config map', () => {
  folder.write('map/..one/a.rules', 'one');
  folder.write('map/..two/a.rules', 'two');
  symlinkSync('..one', folder.at('map/..data'));
  symlinkSync('..data/a.rules', folder.at('map/a.rules'));
  const before = fingerprint([folder.at('map')]);
  symlinkSync('..two', folder.at('map/..new'));
  renameSync(folder.at('map/..new'), folder.at('map/..data'));
  expect(fingerprint([folder.at('map')])).not.toBe(before);
});
