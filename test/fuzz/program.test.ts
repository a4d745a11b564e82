/** `npm run fuzz` as it is started: it finds what tests find beside the project, and speaks of what it is asked for. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { inRoot } from '../support/root.js';

const directory = mkdtempSync(join(tmpdir(), 'periscope-fuzz-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe('npm run fuzz', () => {
  // Of all targets this one alone has seeds from ../shared/rules; where that is not there, it says so.
  it('plays a target, and says nothing of others', () => {
    const options = ['--target', 'threshold.config', '--target', 'rules', '--mutations', '1', '--directory', directory];
    const { stdout, stderr } = spawnSync(process.execPath, [inRoot('scripts/fuzz.mjs'), ...options], {
      encoding: 'utf8',
    });
    expect(stdout).toMatch(/^threshold\.config: 1 mutations in .*\nrules: 1 mutations in .*\n$/);
    const skipped = existsSync(inRoot('../shared/rules')) ? '' : expect.stringMatching(/^SKIPPED: .*\n$/);
    expect(stderr).toEqual(skipped);
  });
});
