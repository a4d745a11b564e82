/** The alert rules: each alarm rings when it must, as the table of docs/operations.md says, and not otherwise. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ALERTS, alarmTable, alertRules } from '../support/alarm-samples.js';
import { hasPromtool, promtool } from '../support/promtool.js';
import { inRoot } from '../support/root.js';

interface TestFile {
  readonly tests: readonly {
    readonly name: string;
    readonly alert_rule_test: readonly {
      readonly eval_time: string;
      readonly alertname: string;
      readonly exp_alerts: readonly unknown[];
    }[];
  }[];
}

const TROUBLES = ['troubles', 'troubles-of-a-day'];
const testFile = (name: string): string => inRoot(`test/samples/prometheus/${name}.yml`);
const testsOf = (name: string): TestFile['tests'] => (parse(readFileSync(testFile(name), 'utf8')) as TestFile).tests;
const troubles = TROUBLES.flatMap((name) => testsOf(name));
const alerts = alertRules.map(({ alert }) => alert);

const minutesOf = (time: string): number => {
  const [, hours = 0, minutes = 0] = /^(?:(\d+)h)?(?:(\d+)m)?$/.exec(time)!;
  return Number(hours) * 60 + Number(minutes);
};
/** When the trouble begins, in each group of the test file. */
const BEGIN = 10;

describe('the table of alarms in docs/operations.md', () => {
  it('has every alarm, and a test for every line', () => {
    expect([...new Set(alarmTable.map(({ alarm }) => alarm))].sort()).toEqual(alerts.toSorted());
    expect(alarmTable.map(({ trouble }) => trouble.toLowerCase())).toEqual(
      troubles.map(({ name }) => name.toLowerCase()),
    );
  });

  it('has a healthy sensor for which each of them is silent', () => {
    const { alert_rule_test: checks } = testsOf('quiet')[0]!;
    const silent = checks.filter(({ exp_alerts: rings }) => rings.length === 0).map(({ alertname }) => alertname);
    expect([...new Set(silent)].sort()).toEqual(alerts.toSorted());
  });

  it.each(alarmTable)('says of "$trouble" what its test proves', ({ trouble, alarm, minutes }) => {
    const { alert_rule_test: checks } = troubles.find(({ name }) => name.toLowerCase() === trouble.toLowerCase())!;
    expect(
      checks.map(({ eval_time: time, alertname, exp_alerts: rings }) => [minutesOf(time), alertname, rings.length]),
    ).toEqual([
      [BEGIN, alarm, 0],
      [BEGIN + minutes, alarm, 1],
    ]);
  });
});

describe.skipIf(!hasPromtool)('promtool', () => {
  it('finds the rules and the configuration right', () => {
    expect(promtool(['check', 'rules', ALERTS])).toMatchObject({ status: 0 });
    expect(promtool(['check', 'config', inRoot('samples/prometheus/prometheus.yml')])).toMatchObject({ status: 0 });
  });

  it.each([...TROUBLES, 'quiet', 'quiet-for-hours'])('proves test/samples/prometheus/%s.yml', (name) => {
    const { status, said } = promtool(['test', 'rules', testFile(name)]);
    expect(said).toContain('SUCCESS');
    expect(status).toBe(0);
  });
});
