/** Directories made with those above them. */
import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeDirectory } from '../../src/util/make-directory.js';

const folder = mkdtempSync(join(tmpdir(), 'periscope-directory-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('makes all that are missing, with their mode, and is content with those that are there', () => {
  const path = join(folder, 'a/b/c');
  makeDirectory(path, 0o700);
  makeDirectory(path, 0o755);
  expect([path, join(folder, 'a')].map((made) => statSync(made).mode & 0o777)).toEqual([0o700, 0o700]);
});

it('says where no directory can be made, rather than to try for ever', () => {
  expect(() => makeDirectory('/proc/periscope/x/y')).toThrow('no directory can be made in /proc');
});

it('refuses what is in the way', () => {
  writeFileSync(join(folder, 'file'), '');
  symlinkSync('nowhere/at/all', join(folder, 'link'));
  expect(() => makeDirectory(join(folder, 'file'))).toThrow(`${join(folder, 'file')} is no directory`);
  expect(() => makeDirectory(join(folder, 'file/x/y'))).toThrow('ENOTDIR');
  expect(() => makeDirectory(join(folder, 'link/x'))).toThrow('EEXIST');
});
