/** Metrics of alerts, of the state that rules keep, and of the events written. Stage: metrics. */
import { SHARD_SLOTS } from '../counters/names.js';
import type { SinkStats } from '../output/sink.js';
import { counter, gauge, many, type MetricDefinition, shard } from './definition.js';
import type { OutputState } from './snapshot.js';

const byOutput = { output: ({ name }: OutputState): string => name };
const gaugeByOutput = (name: string, help: string, value: (output: OutputState) => number): MetricDefinition =>
  many('gauge', name, help, ({ outputs }) => outputs, byOutput, value);
const countByOutput = (name: string, help: string, figure: keyof SinkStats): MetricDefinition =>
  many(
    'counter',
    name,
    help,
    ({ outputs }) => outputs,
    byOutput,
    ({ stats }) => stats[figure],
  );

export const ALERT_METRICS: readonly MetricDefinition[] = [
  many(
    'counter',
    'alerts_total',
    'Alerts by severity (1 is the most urgent) and action of the rule.',
    ({ alerts }) => alerts,
    { severity: ({ severity }) => severity, action: ({ action }) => action },
    ({ alerts }) => alerts,
  ),
  counter('alert_candidates_total', 'Matches of rules, before suppression and thresholds.', shard('candidates')),
  counter('alerts_suppressed_total', 'Alerts held back by suppress.', ({ thresholds }) => thresholds.suppressed),
  counter(
    'alerts_filtered_total',
    'Alerts held back by threshold, detection_filter or rate_filter.',
    ({ thresholds }) => thresholds.filtered,
  ),
  many(
    'counter',
    'alerts_dropped_total',
    'Alerts lost: no room on the way from a shard, or none for the event in some output.',
    () => ['ring', 'output'] as const,
    { reason: (reason) => reason },
    (reason, { totals, output }) => (reason === 'ring' ? totals.shard[SHARD_SLOTS.candidatesDropped] : output.lost),
  ),
  counter(
    'alerts_late_total',
    'Alerts and recorded packets that came behind those of later packets: their shard was held up for longer than the others wait.',
    ({ lateEvents }) => lateEvents,
  ),
  gauge('threshold_entries', 'Hosts, pairs and flows under a threshold.', ({ thresholds }) => thresholds.entries),
  counter(
    'threshold_evicted_total',
    'Such entries forgotten because the table was full.',
    ({ thresholds }) => thresholds.evicted,
  ),
  gauge('dataset_values', 'Values in the datasets that rules change.', ({ datasets }) => datasets.values),
  gauge('dataset_bytes', 'Bytes that these values take.', ({ datasets }) => datasets.bytes),
  counter(
    'dataset_values_refused_total',
    'Values that rules were to add to a dataset and that had no room.',
    ({ datasets }) => datasets.refused,
  ),
  counter(
    'host_marks_evicted_total',
    'Marks of hostbits and xbits forgotten because their table was full.',
    ({ hostBitsEvicted }) => hostBitsEvicted,
  ),
  counter('tagged_packets_total', 'Packets recorded because a rule tagged their flow or host.', shard('taggedPackets')),
  counter(
    'tagged_packets_dropped_total',
    'Such packets lost: no room on the way from a shard.',
    shard('taggedPacketsDropped'),
  ),
  counter(
    'tags_refused_total',
    'Tags not set because their flow had as many as it may have, or no memory.',
    shard('tagsRefused'),
  ),
  counter(
    'flowbits_refused_total',
    'Flowbits not set, and numbers and variables not kept, because their flow or packet had as many as it may have, or no memory.',
    shard('flowBitsRefused'),
  ),
  counter(
    'transaction_rules_forgotten_total',
    'Rules that began to match on a transaction which could not keep that: it had too many, or there was no memory. They may alert twice, or not at all.',
    shard('rulesForgotten'),
  ),
  counter(
    'host_tags_evicted_total',
    'Tags of hosts forgotten because their table was full.',
    ({ hostTagsEvicted }) => hostTagsEvicted,
  ),
  many(
    'counter',
    'rule_alerts_total',
    'Alerts by rule, with metrics.topRules: a new one shows 0 for half a minute, so that its rise can be seen; `other` for those without a series.',
    ({ ruleCounts }) => ruleCounts,
    { gid: ({ gid }) => gid, sid: ({ sid }) => sid },
    ({ alerts }) => alerts,
  ),
  counter('events_written_total', 'Events handed to outputs: files, pipes, connections.', ({ output }) => output.lines),
  counter('event_bytes_written_total', 'Bytes of these events.', ({ output }) => output.bytes),
  counter(
    'output_errors_total',
    'Failed calls on files and pipes, and connections that failed.',
    ({ output }) => output.errors,
  ),
  gauge('output_pending_bytes', 'Events that wait to be written.', ({ output }) => output.pendingBytes),
  gaugeByOutput('output_up', 'Whether an output takes events: its file is open, its connection made.', ({ up }) =>
    Number(up),
  ),
  gaugeByOutput('output_buffer_bytes', 'Events that wait for this output.', ({ pendingBytes }) => pendingBytes),
  countByOutput('output_events_total', 'Events handed to an output.', 'lines'),
  countByOutput(
    'output_events_lost_total',
    'Events that an output had no room for, or that were given up at the end.',
    'lost',
  ),
  countByOutput('output_failures_total', 'Failed calls of an output, and connections that failed.', 'errors'),
  countByOutput('output_opened_total', 'How often its file was opened, or its connection made.', 'opened'),
  countByOutput(
    'output_events_resent_total',
    'Events sent a second time, as the connection broke just after them; whoever reads them may have them twice.',
    'resent',
  ),
  counter(
    'log_lines_dropped_total',
    'Log lines lost: what reads stderr was slow, or gone.',
    ({ lostLogLines }) => lostLogLines,
  ),
];
