/**
 * The alarms as they ring in a Prometheus that scrapes sensors that run: everything in the table of
 * docs/operations.md goes wrong (troubles.ts), and the rules of samples/prometheus/alerts.yml ring, thirty times as
 * fast (faster-rules.ts). A healthy sensor among the others rings none, and what the dashboard asks for is there. How
 * soon they ring is for promtool to prove (../alerts.test.ts).
 */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alarmTable, alertGroups, dashboardExpressions } from '../../support/alarm-samples.js';
import { hasPrometheus, Prometheus, type Sample } from '../../support/prometheus.js';
import { until } from '../../support/sensor.js';
import { fasterExpression, fasterRule } from './faster-rules.js';
import { Stage } from './sensors.js';
import { bringAbout, WHERE } from './troubles.js';

const INTERVAL_SECONDS = 1;
/** The slowest alarm takes half a minute; the machine may be busy with other tests. */
const DEADLINE_MS = 150_000;
const LOOK_MS = 500;

/** What a sensor rings besides the alarms of its troubles, as one trouble brings another. */
const BESIDES: Readonly<Record<string, readonly string[]>> = {
  // Of many packets the first may be scraped before the first alert is, and a day is half a minute.
  mirror: ['PeriscopeFindsNothing'],
  // Its own losses look like those before it.
  network: ['PeriscopeUpstreamLoss', 'PeriscopeReceivesNothing'],
  shards: [
    'PeriscopeInspectsTooLittle',
    'PeriscopeNotReady',
    'PeriscopeReceivesNothing',
    'PeriscopeFindsNothing',
    'PeriscopeReloadFailed',
  ],
  rules: ['PeriscopeOutputStuck', 'PeriscopeReloadFailed'],
  disk: ['PeriscopeOutputDown', 'PeriscopeAlertsLost'],
};

/** Panels and annotations that have nothing to show of a healthy sensor. */
const ONLY_IN_TROUBLE = ['Drops by stage and reason', 'Faults in headers', 'Failed loads'];

describe.skipIf(!hasPrometheus)('a Prometheus that scrapes sensors', () => {
  let stage: Stage;
  let prometheus: Prometheus;
  /** Alarms by sensor, from the beginning to the time that was looked at last. */
  let rung: ReadonlyMap<string, ReadonlySet<string>> = new Map();
  let rungOnStage = rung;
  let problems: readonly unknown[];
  let begin = 0;
  let end = 0;
  let over = false;
  const seconds = (): number => Date.now() / 1000;

  async function look(): Promise<void> {
    const found = new Map<string, Set<string>>();
    for (const { metric } of await prometheus.range('ALERTS{alertstate="firing"}', begin, seconds())) {
      const where = metric.instance ?? 'all';
      found.set(where, (found.get(where) ?? new Set()).add(metric.alertname!));
    }
    rung = found;
  }

  const keepLooking = async (): Promise<void> => {
    for (; !over; await pause(LOOK_MS)) await look();
  };
  const rings = (alarm: string, where: string): Promise<unknown> =>
    until(`${alarm} rings for ${where}`, () => rung.get(where)?.has(alarm), DEADLINE_MS);

  beforeAll(async () => {
    stage = await Stage.set();
    prometheus = await Prometheus.start({
      groups: alertGroups.map(({ name, rules }) => ({ name, rules: rules.map((rule) => fasterRule(rule)) })),
      targets: stage.adminPorts,
      intervalSeconds: INTERVAL_SECONDS,
    });
    begin = seconds();
    // What has risen before it is scraped for the first time has not risen.
    await until('every sensor is scraped', async () => {
      const scraped = await prometheus.range('up == 1', begin, seconds());
      return (
        scraped.length === Object.keys(stage.adminPorts).length && scraped.every(({ values }) => values.length > 1)
      );
    });
    const looking = keepLooking();
    stage.begin();
    problems = await bringAbout(stage, rings);
    await look();
    end = seconds();
    rungOnStage = rung;
    await stage.strike();
    await rings('PeriscopeAbsent', 'all');
    over = true;
    await looking;
  }, 2 * DEADLINE_MS);

  afterAll(async () => {
    over = true;
    await stage?.strike();
    await prometheus?.stop();
  });

  it('sees every line of the table in docs/operations.md', () => {
    expect(Object.keys(WHERE)).toEqual(alarmTable.map(({ trouble }) => trouble));
    expect(problems).toEqual([]);
  });

  it.each(alarmTable)('rings: $trouble', ({ trouble, alarm }) => {
    expect([...(rung.get(WHERE[trouble]!) ?? [])]).toContain(alarm);
  });

  it('rings for no sensor but that with the trouble, and for none that is healthy', () => {
    const expected = (name: string): string[] => [
      ...alarmTable.filter(({ trouble }) => WHERE[trouble] === name).map(({ alarm }) => alarm),
      ...(BESIDES[name] ?? []),
    ];
    const others = [...rungOnStage].map(([name, alarms]) => [
      name,
      [...alarms].filter((alarm) => !expected(name).includes(alarm)),
    ]);
    expect(others.filter(([, alarms]) => alarms!.length > 0)).toEqual([]);
    expect([...rungOnStage.keys()]).not.toContain('healthy');
  });

  it.each(dashboardExpressions)(
    'shows on the dashboard, only of whom it should: $where, $expr',
    async ({ where, expr }) => {
      /** What is shown of the sensors whose names match, and of mirror sessions. */
      const shown = async (instance: string, vni = '.*'): Promise<string[]> => {
        const asked = expr
          .replaceAll('$__rate_interval', '5m')
          .replaceAll('$instance', instance)
          .replaceAll('$vni', vni);
        const samples = await prometheus.range(fasterExpression(asked), begin, end);
        // A quantile of nothing is no number; the dashboard leaves it out.
        if (!expr.startsWith('histogram_quantile'))
          expect(samples.filter((sample) => !hasOnlyNumbers(sample))).toEqual([]);
        return [...new Set(samples.filter(hasNumbers).map(({ metric }) => metric.instance!))].sort();
      };

      expect((await shown('.*')).length).toBeGreaterThan(0);
      if (where === 'instance') return;
      expect(await shown('healthy')).toEqual(ONLY_IN_TROUBLE.includes(where) ? [] : ['healthy']);
      expect(await shown('nobody')).toEqual([]);
      if (expr.includes('$vni')) expect(await shown('.*', '9')).toEqual(['mirror']);
    },
  );
});

const hasOnlyNumbers = ({ values }: Sample): boolean => values.every(([, value]) => Number.isFinite(Number(value)));
const hasNumbers = ({ values }: Sample): boolean => values.some(([, value]) => Number.isFinite(Number(value)));
