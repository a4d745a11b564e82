/** How a metric is defined: name, kind, labels, and how its samples follow from a snapshot. Stage: metrics. */
import { DISPATCHER_SLOTS, SHARD_SLOTS, type DispatcherCounter, type ShardCounter } from '../counters/names.js';
import { OTHER_VNI } from '../counters/vni-table.js';
import type { SinkStats } from '../output/sink.js';
import type { MetricsSnapshot } from './snapshot.js';

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What counters alone tell; known to `periscope read` as well. */
export type CounterSnapshot = Pick<
  MetricsSnapshot,
  'totals' | 'anomaliesWithheld' | 'clockSteps' | 'vniLosses' | 'vniHalves'
> & {
  readonly output?: Pick<SinkStats, 'lines' | 'lost'> | undefined;
};

export interface MetricDefinition<Snapshot = MetricsSnapshot> {
  /** Without the prefix. */
  readonly name: string;
  readonly kind: 'counter' | 'gauge';
  readonly help: string;
  readonly labels: readonly string[];
  readonly samples: (snapshot: Snapshot) => readonly Sample[];
}

export type Read<Snapshot = CounterSnapshot> = (snapshot: Snapshot) => number;

const one =
  (kind: MetricDefinition['kind']) =>
  <Snapshot>(name: string, help: string, read: Read<Snapshot>): MetricDefinition<Snapshot> => ({
    name,
    kind,
    help,
    labels: [],
    samples: (snapshot) => [{ labels: {}, value: read(snapshot) }],
  });
export const counter = one('counter');
export const gauge = one('gauge');
export const dispatcher =
  (slot: DispatcherCounter): Read =>
  ({ totals }) =>
    totals.dispatcher[DISPATCHER_SLOTS[slot]];
export const shard =
  (slot: ShardCounter): Read =>
  ({ totals }) =>
    totals.shard[SHARD_SLOTS[slot]];

/** The label of a mirror session. */
export const BY_VNI = { vni: ({ vni }: { vni: number }): string => (vni === OTHER_VNI ? 'other' : String(vni)) };

export function many<Item, Snapshot>(
  kind: MetricDefinition['kind'],
  name: string,
  help: string,
  items: (snapshot: Snapshot) => readonly Item[],
  labels: Readonly<Record<string, (item: Item, index: number) => string>>,
  value: (item: Item, snapshot: Snapshot) => number,
): MetricDefinition<Snapshot> {
  const names = Object.keys(labels);
  const labelsOf = (item: Item, index: number): Record<string, string> =>
    Object.fromEntries(names.map((label) => [label, labels[label](item, index)]));
  return {
    name,
    kind,
    help,
    labels: names,
    samples: (snapshot) =>
      items(snapshot).map((item, i) => ({ labels: labelsOf(item, i), value: value(item, snapshot) })),
  };
}
