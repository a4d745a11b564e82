/** Metrics that follow from counters alone, for whoever has no exporter. Stage: metrics. */
import { APPLICATION_METRICS } from './application-metrics.js';
import type { CounterSnapshot } from './definition.js';
import { FLOW_METRICS } from './flow-metrics.js';
import { FRAME_METRICS } from './frame-metrics.js';
import { LOSS_METRICS } from './loss.js';

const COUNTED = [...LOSS_METRICS, ...FRAME_METRICS, ...FLOW_METRICS, ...APPLICATION_METRICS];

/** By name as Prometheus writes it, labels included, without the prefix; those that are 0 are left out. */
export function counterFigures(snapshot: CounterSnapshot): Record<string, number> {
  const figures: Record<string, number> = {};
  for (const { name, samples } of COUNTED) {
    for (const { labels, value } of samples(snapshot)) {
      if (value === 0) continue;
      const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
      figures[pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`] = value;
    }
  }
  return figures;
}
