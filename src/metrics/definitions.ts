/**
 * All metrics. Stage: metrics. Names and units follow Prometheus's guide; every label has few values, or a cap (VNIs,
 * rules). Samples that can be foreseen are there from the start, with 0.
 */
import { ALERT_METRICS } from './alert-metrics.js';
import { APPLICATION_METRICS } from './application-metrics.js';
import type { MetricDefinition } from './definition.js';
import { EVIDENCE_METRICS } from './evidence-metrics.js';
import { ENGINE_METRICS } from './engine-metrics.js';
import { FILE_METRICS } from './file-metrics.js';
import { FLOW_METRICS } from './flow-metrics.js';
import { FRAME_METRICS, SESSION_METRICS } from './frame-metrics.js';
import { LOSS_METRICS } from './loss.js';

export const METRICS: readonly MetricDefinition[] = [
  ...LOSS_METRICS,
  ...FRAME_METRICS,
  ...SESSION_METRICS,
  ...FLOW_METRICS,
  ...APPLICATION_METRICS,
  ...FILE_METRICS,
  ...ALERT_METRICS,
  ...EVIDENCE_METRICS,
  ...ENGINE_METRICS,
];
