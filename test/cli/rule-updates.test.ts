/** Updates of rules by a sensor: when they come, and what becomes of each outcome. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { RuleUpdates } from '../../src/cli/rule-updates.js';
import { ConfigError, loadConfig } from '../../src/config/load-config.js';
import type { UpdateMessage } from '../../src/load/update-thread.js';
import type { Logger } from '../../src/util/logger.js';
import { builtIt } from '../support/built.js';
import { Sensor } from '../support/sensor.js';

const folder = mkdtempSync(join(tmpdir(), 'periscope-updates-'));
afterAll(() => rmSync(folder, { recursive: true }));

const INSTALLED: UpdateMessage = {
  kind: 'installed',
  reason: '',
  problems: [],
  loaded: 2,
  failed: 0,
  listed: { enabled: 0, disabled: 0, modified: 0, dropping: 0 },
};

function newUpdates(result: UpdateMessage, loads = true, random = 0.5) {
  const lines: string[] = [];
  const say = (...words: readonly unknown[]): void => void lines.push(String(words.at(-1)));
  let reloads = 0;
  const { config } = loadConfig({
    flags: { 'update.sources': ['/x'], 'update.directory': folder, 'update.every': '10h' },
  });
  const updates = new RuleUpdates({
    config,
    log: { info: say, warn: say, error: say } as unknown as Logger,
    reload: () => Promise.resolve((reloads++, loads)),
    random: () => random,
    update: () => Promise.resolve(result),
  });
  return { updates, lines, reloads: () => reloads };
}

describe('new rules', () => {
  it('are loaded, and counted; the next look comes in its time, give or take a tenth', async () => {
    const { updates, reloads } = newUpdates(INSTALLED);
    expect(await updates.run()).toBe(36_000);
    expect([reloads(), updates.state]).toEqual([
      1,
      { counts: { success: 1, unchanged: 0, failure: 0 }, lastSuccess: true, lastGoodSeconds: expect.any(Number) },
    ]);
    expect(await newUpdates(INSTALLED, true, 0).updates.run()).toBeCloseTo(32_400);
  });

  it('that cannot be loaded after all are taken back', async () => {
    mkdirSync(join(folder, 'rules'));
    mkdirSync(join(folder, 'rules.previous'));
    writeFileSync(join(folder, 'rules.previous', 'good'), '');
    const { updates, lines } = newUpdates(INSTALLED, false);
    expect(await updates.run()).toBe(3600);
    expect(lines.at(-1)).toMatch(/stay as they are: they could not be loaded, and those before are back$/);
    expect(updates.state).toMatchObject({ counts: { failure: 1 }, lastSuccess: false, lastGoodSeconds: 0 });
  });
});

describe('settings that a reload takes over', () => {
  it('end updates, and begin them', () => {
    const { updates } = newUpdates(INSTALLED);
    updates.use(loadConfig().config);
    expect(updates.state).toBeUndefined();
    updates.use(loadConfig({ flags: { 'update.sources': ['/x'], 'update.directory': folder } }).config);
    expect(updates.state).toMatchObject({ lastSuccess: true });
    return updates.close();
  });
});

describe('where nothing is new', () => {
  it.each([
    ['unchanged', { ...INSTALLED, kind: 'unchanged' }, 36_000, 'the rules that are fetched have not changed'],
    ['refused', { ...INSTALLED, kind: 'refused', reason: '5 of 6 rules fail' }, 3600, '5 of 6 rules fail'],
    ['failed', { kind: 'failed', reason: 'no answer' }, 3600, 'no answer'],
  ] as const)('nothing is loaded: %s', async (_name, result, seconds, line) => {
    const { updates, lines, reloads } = newUpdates(result);
    expect([await updates.run(), reloads()]).toEqual([seconds, 0]);
    expect(lines.at(-1)).toContain(line);
  });

  it('a source that cannot be had is named, and tried again soon', async () => {
    const { updates, lines } = newUpdates({ ...INSTALLED, kind: 'unchanged', problems: ['/x: gone'] });
    expect([await updates.run(), lines[0]]).toEqual([3600, 'rules of a source stay as they were: /x: gone']);
    expect(updates.state).toMatchObject({ lastSuccess: false, counts: { unchanged: 1 } });
  });
});

describe('settings', () => {
  const problemsOf = (flags: Record<string, unknown>): readonly string[] => {
    try {
      loadConfig({ flags });
      return [];
    } catch (error) {
      return (error as ConfigError).problems;
    }
  };

  it('may stand under rules', () => {
    const file = join(folder, 'periscope.yaml');
    writeFileSync(
      file,
      'rules:\n  files: [a.rules]\n  update:\n    sources: [/x]\n    every: 30m\n    directory: /d\n',
    );
    const { config } = loadConfig({ file, flags: { 'rules.update.disable': '/list' } });
    expect([config.rules, config.update]).toEqual([
      ['a.rules'],
      expect.objectContaining({ sources: ['/x'], every: 1800, directory: '/d', disable: '/list' }),
    ]);
  });

  it('are left as they are by a key under rules without a value, as by any other', () => {
    const file = join(folder, 'empty.yaml');
    writeFileSync(file, 'rules:\n  files:\n  update:\n');
    expect(loadConfig({ file }).config.update).toEqual(loadConfig().config.update);
  });

  it('need a directory, and encryption', () => {
    expect(problemsOf({ 'update.sources': ['https://x/'] })[0]).toContain('name one in update.directory');
    const http = { 'update.sources': ['http://x/'], 'update.directory': '/d' };
    expect(problemsOf(http)[0]).toContain('http://x/ is not encrypted');
    expect(problemsOf({ ...http, 'update.allowHttp': true })).toEqual([]);
    expect(problemsOf({ 'update.every': '5s' })[0]).toContain('expected seconds, or a time such as 30m');
  });
});

builtIt('a sensor without rules fetches them at once, and is ready with them', async () => {
  const source = join(folder, 'source.rules');
  writeFileSync(source, 'alert udp any any -> any any (msg:"needle"; content:"needle"; sid:7;)\n');
  const settings = { workers: 1, 'update.sources': source, 'update.directory': join(folder, 'fetched') };
  const sensor = await Sensor.launch({ settings });
  try {
    await sensor.log('rules are loaded again: 1 rule');
    expect((await sensor.metrics()).get('rule_updates_total', 'result="success"')).toBe(1);
    expect((await sensor.metrics()).get('rule_update_success')).toBe(1);
  } finally {
    await sensor.stop();
  }
});
