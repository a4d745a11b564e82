/**
 * A large rule set on the loader's thread, as the engine loads it: the main thread goes on meanwhile, and what is left
 * for it to do with the result has a bound that the number of rules does not raise.
 */
import { rmSync, writeFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serialize } from 'node:v8';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RuleSet } from '../../src/block/rule-set.js';
import type { loadOnThread, LoadedRules } from '../../src/load/loader.js';
import { Thresholder } from '../../src/output/threshold.js';

const RULES = 20_000;
const WITH_THRESHOLD = 40;
const BROKEN = 1000;
const folder = mkdtempSync(join(tmpdir(), 'periscope-big-load-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Each rule draws a warning; some have a threshold, some cannot be read. */
function ruleText(sid: number): string {
  const threshold =
    sid % (RULES / WITH_THRESHOLD) === 0 ? ' threshold:type limit, track by_src, count 1, seconds 60;' : '';
  const broken = sid % (RULES / BROKEN) === 7 ? ' nonsense;' : '';
  return `alert tcp any any -> any ${sid % 60_000} (msg:"Rule ${sid}"; content:"pattern ${sid}";${threshold}${broken} classtype:not-there; sid:${sid};)`;
}

describe(`a load of ${RULES} rules`, () => {
  let loaded: LoadedRules;
  let turns = 0;

  beforeAll(async () => {
    const file = join(folder, 'big.rules');
    writeFileSync(file, Array.from({ length: RULES }, (_, index) => `${ruleText(index + 1)}\n`).join(''));
    // Threads run what was built.
    const loader = (await import(fileURLToPath(new URL('../../build/load/loader.js', import.meta.url)))) as {
      loadOnThread: typeof loadOnThread;
    };
    const timer = setInterval(() => turns++, 1);
    loaded = await loader.loadOnThread({
      rules: [file],
      variables: {},
      classificationFile: '',
      referenceFile: '',
      thresholdFile: '',
      includeDisabled: false,
      generation: 1,
    });
    clearInterval(timer);
  });

  it('leaves the event loop of the main thread free', () => {
    expect(loaded.report).toMatchObject({ loaded: RULES - BROKEN, failed: BROKEN, errors: BROKEN });
    // A load on this thread would let it turn once or twice.
    expect(turns).toBeGreaterThan(50);
  });

  it('says how much it found, and clones little of it', () => {
    expect(loaded.report.codes.get('unknown-classtype')).toBe(RULES);
    expect(loaded.report.codes.get('unknown-keyword')).toBe(BROKEN);
    const { report, thresholds } = loaded;
    expect(serialize({ report, thresholds }).length).toBeLessThan(200_000);
  });

  it('is taken into use by looking at the rules with thresholds alone', () => {
    const rules = new RuleSet(loaded.handle.block);
    expect(rules.ruleCount).toBe(RULES - BROKEN);
    const looked = [...rules.rulesWithThresholds()];
    expect(looked.map(({ sid }) => sid).sort((a, b) => a - b)).toEqual(
      Array.from({ length: WITH_THRESHOLD }, (_, index) => (index + 1) * (RULES / WITH_THRESHOLD)),
    );
    const thresholder = new Thresholder({ cap: 100, vniInKey: true });
    thresholder.configure(looked, loaded.thresholds);
    expect(thresholder.size).toBe(0);
  });
});
