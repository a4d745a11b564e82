/**
 * Every expression of the dashboard and of the alert rules asks for what the exporter really exposes, by name and
 * label.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Exporter } from '../../src/metrics/exporter.js';
import { alertRules, dashboard, dashboardExpressions, dashboardTargets } from '../support/alarm-samples.js';
import { IdleSensor } from '../support/idle-sensor.js';
import { hasPromtool, promtool } from '../support/promtool.js';

const expressions = [...dashboardExpressions, ...alertRules.map(({ alert, expr }) => ({ where: alert, expr }))].map(
  ({ where, expr }) => ({
    where,
    expr: expr.replaceAll('$__rate_interval', '5m').replace(/\$(instance|vni)\b/g, '.*'),
  }),
);

/** Labels that Prometheus adds. */
const ADDED = { job: 'ids', instance: 'a:9789' };

/** What is exposed: the label sets of each metric. */
async function exposed(): Promise<Map<string, Record<string, string>[]>> {
  const sensor = new IdleSensor();
  sensor.extra = {
    vnis: [
      { vni: 7, packets: 1, bytes: 1, lastSeenUs: 1 },
      { vni: -1, packets: 1, bytes: 1, lastSeenUs: 1 },
    ],
    ruleCounts: [{ gid: '1', sid: '1', alerts: 0 }],
  };
  const metrics = new Map([['up', [{ ...ADDED }]]]) as Map<string, Record<string, string>[]>;
  for (const [, name, labels = ''] of (await new Exporter(sensor, { version: '1' }).render()).matchAll(
    /^(\w+)(?:\{(.*)\})? \S+$/gm,
  )) {
    const set = Object.fromEntries(
      [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label, value]) => [label!, value!]),
    );
    metrics.set(name!, [...(metrics.get(name!) ?? []), { ...ADDED, ...set }]);
  }
  return metrics;
}
const metrics = await exposed();

interface Selector {
  readonly metric: string;
  readonly matchers: readonly { readonly label: string; readonly operator: string; readonly value: string }[];
}

function selectorsOf(expr: string): Selector[] {
  return [...expr.matchAll(/\b(periscope_\w+|process_\w+|nodejs_\w+|up)\b(?:\{([^}]*)\})?/g)].map(
    ([, metric, inside = '']) => ({
      metric: metric!,
      matchers: [...inside.matchAll(/(\w+)(=~|!~|!=|=)"([^"]*)"/g)].map(([, label, operator, value]) => ({
        label: label!,
        operator: operator!,
        value: value!,
      })),
    }),
  );
}

function selects({ matchers }: Selector, labels: Readonly<Record<string, string>>): boolean {
  return matchers.every(({ label, operator, value }) => {
    const had = labels[label];
    if (had === undefined) return false;
    const equal = operator.endsWith('~') ? new RegExp(`^(?:${value})$`).test(had) : had === value;
    return equal === operator.startsWith('=');
  });
}

describe('expressions', () => {
  it.each(expressions)('of $where select what is exposed: $expr', ({ expr }) => {
    const selectors = selectorsOf(expr);
    expect(selectors.length).toBeGreaterThan(0);
    for (const selector of selectors)
      expect(
        (metrics.get(selector.metric) ?? []).some((labels) => selects(selector, labels)),
        JSON.stringify(selector),
      ).toBe(true);
    const known = new Set(selectors.flatMap(({ metric }) => Object.keys(metrics.get(metric)![0]!)));
    const grouped = [...expr.matchAll(/\b(?:by|on|without|ignoring) \(([^)]*)\)/g)].flatMap(([, list]) =>
      list!.split(', '),
    );
    expect(grouped.filter((label) => !known.has(label))).toEqual([]);
  });

  it.skipIf(!hasPromtool)('are all parsed by promtool', () => {
    const folder = mkdtempSync(join(tmpdir(), 'periscope-rules-'));
    const file = join(folder, 'rules.json');
    const rules = expressions.map(({ expr }, index) => ({ record: `expression:${index}`, expr }));
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'all', rules }] }));
    const { status, said } = promtool(['check', 'rules', file]);
    rmSync(folder, { recursive: true });
    expect(said).toContain(`${expressions.length} rules found`);
    expect(status).toBe(0);
  });
});

describe('the dashboard', () => {
  it('names the sensor in every legend, and only labels that are left', () => {
    for (const { title, expr, legendFormat } of dashboardTargets) {
      const named = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label!);
      expect(named, title).toContain('instance');
      const by =
        /\bby \(([^)]*)\)/.exec(expr)?.[1]!.split(', ') ??
        selectorsOf(expr).flatMap(({ metric }) => Object.keys(metrics.get(metric)![0]!));
      expect(
        named.filter((label) => !by.includes(label)),
        title,
      ).toEqual([]);
    }
  });

  it('puts no gauge and rate on one axis', () => {
    for (const { title, targets: list = [] } of dashboard.panels) {
      expect(new Set(list.map(({ expr }) => /\b(?:rate|increase)\(/.test(expr))).size, title).toBeLessThanOrEqual(1);
    }
  });

  it('has its panels beside each other, the findings on top', () => {
    const taken = new Set<string>();
    for (const {
      title,
      gridPos: { x, y, w, h },
    } of dashboard.panels) {
      expect(x + w, title).toBeLessThanOrEqual(24);
      for (let column = x; column < x + w; column++)
        for (let line = y; line < y + h; line++) {
          expect(taken.has(`${column},${line}`), title).toBe(false);
          taken.add(`${column},${line}`);
        }
    }
    const top = dashboard.panels.filter(({ gridPos }) => gridPos.y < 13).map(({ title }) => title);
    for (const title of ['Up', 'Ready', 'Lost end to end', 'Live rules', 'Alerts by severity', 'Most frequent rules'])
      expect(top).toContain(title);
  });

  it('can be narrowed to sensors and mirror sessions, and tells loads from loads that failed', () => {
    expect(dashboard.templating.list.map(({ name }) => name)).toEqual(['datasource', 'instance', 'vni']);
    expect(dashboard.annotations.list.map(({ expr }) => /result="(\w+)"/.exec(expr)?.[1])).toEqual([
      'success',
      'failure',
    ]);
  });
});
