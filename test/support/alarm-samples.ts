/** What the tests of alarms and dashboard read: the alert rules, the dashboard, and the table of docs/operations.md. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { inRoot } from './root.js';

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
}

interface Panel {
  readonly type: string;
  readonly title: string;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: string }[] };
  readonly annotations: { readonly list: readonly { readonly name: string; readonly expr: string }[] };
}

/** A row of the table "What rings when". */
export interface AlarmRow {
  readonly trouble: string;
  readonly alarm: string;
  /** Within which it rings. */
  readonly minutes: number;
}

/** An expression of the dashboard, with its variables, and the panel, annotation or variable that asks for it. */
export interface Expression {
  readonly where: string;
  readonly expr: string;
}

export const ALERTS = inRoot('samples/prometheus/alerts.yml');

export const alertGroups = (
  parse(readFileSync(ALERTS, 'utf8')) as {
    readonly groups: readonly { readonly name: string; readonly rules: readonly AlertRule[] }[];
  }
).groups;

export const alertRules: readonly AlertRule[] = alertGroups.flatMap(({ rules }) => rules);

export const alarmTable: readonly AlarmRow[] = [
  ...readFileSync(inRoot('docs/operations.md'), 'utf8').matchAll(/^\| (.+) \| `(Periscope\w+)` \| (\d+) (min|h) \|$/gm),
].map(([, trouble, alarm, time, unit]) => ({
  trouble: trouble!,
  alarm: alarm!,
  minutes: Number(time) * (unit === 'h' ? 60 : 1),
}));

export const dashboard = JSON.parse(readFileSync(inRoot('samples/grafana/periscope.json'), 'utf8')) as Dashboard;

export const dashboardTargets = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map((target) => ({ title, ...target })),
);

export const dashboardExpressions: readonly Expression[] = [
  ...dashboardTargets.map(({ title, expr }) => ({ where: title, expr })),
  ...dashboard.annotations.list.map(({ name, expr }) => ({ where: name, expr })),
  ...dashboard.templating.list
    .filter(({ query }) => query.startsWith('label_values'))
    .map(({ name, query }) => ({ where: name, expr: /^label_values\((.*), \w+\)$/.exec(query)![1]! })),
];
