/** Names of files and their extensions, with and without quotes. */
import { expect, it } from 'vitest';
import { programOf } from '../../support/rule-options.js';

it.each([
  ['filename:abc.exe;', 'filename:"abc.exe";'],
  ['fileext:exe;', 'fileext:"exe";'],
  ['fileext:!exe;', 'fileext:!"exe";'],
  ['fileext: ! tar.gz ;', 'fileext:!"tar.gz";'],
])('%s is %s', (bare, quoted) => expect(programOf(bare).buffers).toEqual(programOf(quoted).buffers));
