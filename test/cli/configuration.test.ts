import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { configure } from '../../src/cli/configuration.js';
import { EXIT } from '../../src/cli/exit.js';

const folder = mkdtempSync(join(tmpdir(), 'periscope-configuration-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('configure', () => {
  it('takes flags over --set', () => {
    const { config } = configure({ rules: ['a.rules'], var: { HOME_NET: '10.0.0.0/8' }, set: { rules: 'b.rules', workers: '3' }, workers: '2' });
    expect(config).toMatchObject({ rules: ['a.rules'], workers: 2, vars: { HOME_NET: '10.0.0.0/8' } });
  });

  it('knows the flag of each setting', () => {
    const { origins } = configure({ rules: ['a.rules'], var: { HOME_NET: 'any' }, set: { 'flow.cap': '5' }, eve: '-' });
    expect(['rules', 'vars.HOME_NET', 'flow.cap', 'eve.file', 'workers'].map((key) => origins.get(key))).toEqual(['--rules', '--var', '--set', '--eve', undefined]);
  });

  it('names every setting that cannot be used', () => {
    const wrong = { rules: [], var: {}, set: { workers: '0', 'flow.capp': '1' } };
    expect(() => configure(wrong)).toThrow(expect.objectContaining({ status: EXIT.usage, message: expect.stringMatching(/2 problems[^]*flow\.capp[^]*workers/) as string }));
  });

  it('refuses to go on without a file that is asked for', () => {
    const thresholdFile = join(folder, 'threshold.config');
    expect(() => configure({ rules: [], var: {}, set: {}, thresholdFile })).toThrow(expect.objectContaining({ status: EXIT.usage, message: `thresholdFile (--threshold-file): cannot read ${thresholdFile}: no such file or directory` }));
    writeFileSync(thresholdFile, '');
    expect(configure({ rules: [], var: {}, set: {}, thresholdFile }).config.thresholdFile).toBe(thresholdFile);
  });
});
