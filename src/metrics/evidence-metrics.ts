/** Metrics of the packets that are kept of flows that alert. Stage: metrics. */
import type { EvidenceCounts } from '../output/evidence-store.js';
import { SHARD_SLOTS } from '../counters/names.js';
import { counter, gauge, many, type MetricDefinition, type Read, shard } from './definition.js';
import type { MetricsSnapshot } from './snapshot.js';

const ofFiles =
  (figure: keyof EvidenceCounts): Read<MetricsSnapshot> =>
  ({ evidence }) =>
    evidence?.[figure] ?? 0;

export const EVIDENCE_METRICS: readonly MetricDefinition[] = [
  counter('evidence_files_total', 'Files with the packets of a flow that has alerted.', ofFiles('files')),
  counter('evidence_packets_total', 'Packets written into them.', ofFiles('packets')),
  many(
    'counter',
    'evidence_packets_dropped_total',
    'Packets that are missing in them: the ring from the shard was full, their file has its size, or it could not be written.',
    () => ['ring', 'file_full', 'output'] as const,
    { reason: (reason) => reason },
    (reason, { totals, evidence }) => {
      if (reason === 'output') return evidence?.dropped ?? 0;
      return totals.shard[reason === 'ring' ? SHARD_SLOTS.evidenceDropped : SHARD_SLOTS.evidenceBeyondFile];
    },
  ),
  counter(
    'evidence_starts_forgotten_total',
    'Files that do not begin with their flow: its first packets were not kept any more (evidence.bytes).',
    shard('evidenceStartsForgotten'),
  ),
  counter(
    'evidence_files_removed_total',
    'Files removed as all of them were larger than evidence.totalBytes, or more than 65 536.',
    ofFiles('removed'),
  ),
  counter('evidence_errors_total', 'Failed calls on these files.', ofFiles('errors')),
  gauge('evidence_bytes', 'Bytes of the files in evidence.directory.', ofFiles('bytes')),
];
