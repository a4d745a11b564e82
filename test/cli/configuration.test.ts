import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { configure } from '../../src/cli/configuration.js';
import { EXIT } from '../../src/cli/exit.js';
import { usableProcessors } from '../../src/util/container-limits.js';

const folder = mkdtempSync(join(tmpdir(), 'periscope-configuration-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('configure', () => {
  it.skipIf(usableProcessors() >= 64)('warns of far more workers than processors', () => {
    const [warning] = configure({ rules: [], var: {}, set: {}, workers: '256' }).warnings;
    expect(warning).toMatch(
      /^workers \(--workers\): 256 shards would share \d+ processors?, taking turns: leave it out/,
    );
  });

  it('takes flags over --set', () => {
    const { config } = configure({
      rules: ['a.rules'],
      var: { HOME_NET: '10.0.0.0/8' },
      set: { rules: 'b.rules', workers: '3' },
      workers: '2',
    });
    expect(config).toMatchObject({ rules: ['a.rules'], workers: 2, vars: { HOME_NET: '10.0.0.0/8' } });
  });

  it('knows the flag of each setting', () => {
    const { origins } = configure({ rules: ['a.rules'], var: { HOME_NET: 'any' }, set: { 'flow.cap': '5' }, eve: '-' });
    expect(['rules', 'vars.HOME_NET', 'flow.cap', 'eve.file', 'workers'].map((key) => origins.get(key))).toEqual([
      '--rules',
      '--var',
      '--set',
      '--eve',
      undefined,
    ]);
  });

  it('names every setting that cannot be used', () => {
    const wrong = { rules: [], var: {}, set: { workers: '0', 'flow.capp': '1' } };
    expect(() => configure(wrong)).toThrow(
      expect.objectContaining({
        status: EXIT.usage,
        message: expect.stringMatching(/2 problems[^]*flow\.capp[^]*workers/) as string,
      }),
    );
  });

  it('refuses a variable that cannot be read, wherever it was set', () => {
    const file = join(folder, 'vars.yaml');
    writeFileSync(
      file,
      'vars:\n  HOME_NET: 10.0.0.0/99\n  WEB_PORTS: 80:99999\n  LOOP: $LOOP\n  FINE: "[10.0.0.0/8,!10.1.0.0/16]"\n',
    );
    const problem = (variable: string, from: string): unknown =>
      expect.objectContaining({
        status: EXIT.usage,
        message: expect.stringContaining(`vars.${variable} (${from}): $${variable} cannot be used: `) as string,
      });
    const none = { rules: [], var: {}, set: {} };
    expect(() => configure({ ...none, config: file })).toThrow(problem('HOME_NET', `${file}:2`));
    expect(() => configure({ ...none, config: file })).toThrow(problem('WEB_PORTS', `${file}:3`));
    expect(() => configure({ ...none, config: file })).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/3 problems[^]*a variable cannot contain itself/) as string,
      }),
    );
    expect(() => configure({ ...none, set: { 'vars.HOME_NET': 'nonsense' } })).toThrow(problem('HOME_NET', '--set'));
    vi.stubEnv('PERISCOPE_VARS', '{HOME_NET: "10.0.0.300"}');
    expect(() => configure(none)).toThrow(problem('HOME_NET', 'PERISCOPE_VARS'));
    vi.unstubAllEnvs();
  });

  it('refuses a variable of a tenant that cannot be read', () => {
    const tenants = '{shop: {vnis: [1], vars: {HOME_NET: 10.0.0.0/99, WEB: $PORTS}}, other: {vnis: [2]}}';
    const message = expect.stringContaining(
      'vni.tenants.shop.vars.HOME_NET (--set): $HOME_NET cannot be used: ',
    ) as string;
    const none = { rules: [], var: {} };
    const set = { 'vni.tenants': tenants };
    expect(() => configure({ ...none, set: { ...set, 'vars.PORTS': '80' } })).toThrow(
      expect.objectContaining({ message }),
    );
    expect(() => configure({ ...none, set })).toThrow(/vni\.tenants\.shop\.vars\.WEB/);
  });

  it('refuses to go on without a file that is asked for', () => {
    const thresholdFile = join(folder, 'threshold.config');
    expect(() => configure({ rules: [], var: {}, set: {}, thresholdFile })).toThrow(
      expect.objectContaining({
        status: EXIT.usage,
        message: `thresholdFile (--threshold-file): cannot read ${thresholdFile}: no such file or directory`,
      }),
    );
    writeFileSync(thresholdFile, '');
    expect(configure({ rules: [], var: {}, set: {}, thresholdFile }).config.thresholdFile).toBe(thresholdFile);
  });
});
