/**
 * All metrics: name, kind, labels, and how each follows from a snapshot. Stage: metrics. Names and units follow
 * Prometheus's guide; every label has few values, or a cap (VNIs, rules). Samples that can be foreseen are there from
 * the start, with 0.
 */
import { applicationCountAt, type ApplicationCount } from '../app/application-stats.js';
import { APPLICATIONS } from '../app/applications.js';
import { FAULTS } from '../decode/fault.js';
import {
  APPLICATION_SLOT,
  DISPATCHER_SLOTS,
  DROP_REASONS,
  ENGINE_SLOTS,
  FAULT_SLOTS,
  frameBalance,
  SHARD_SLOTS,
  type DispatcherCounter,
  type ShardCounter,
} from '../counters/names.js';
import type { MetricsSnapshot } from './snapshot.js';
import { OTHER_VNI } from '../counters/vni-table.js';

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface MetricDefinition {
  /** Without the prefix. */
  readonly name: string;
  readonly kind: 'counter' | 'gauge';
  readonly help: string;
  readonly labels: readonly string[];
  readonly samples: (snapshot: MetricsSnapshot) => readonly Sample[];
}

type Read = (snapshot: MetricsSnapshot) => number;

const one =
  (kind: MetricDefinition['kind']) =>
  (name: string, help: string, read: Read): MetricDefinition => ({
    name,
    kind,
    help,
    labels: [],
    samples: (snapshot) => [{ labels: {}, value: read(snapshot) }],
  });
const counter = one('counter');
const gauge = one('gauge');
const dispatcher =
  (slot: DispatcherCounter): Read =>
  ({ totals }) =>
    totals.dispatcher[DISPATCHER_SLOTS[slot]];
const shard =
  (slot: ShardCounter): Read =>
  ({ totals }) =>
    totals.shard[SHARD_SLOTS[slot]];

function many<Item>(
  kind: MetricDefinition['kind'],
  name: string,
  help: string,
  items: (snapshot: MetricsSnapshot) => readonly Item[],
  labels: Readonly<Record<string, (item: Item, index: number) => string>>,
  value: (item: Item, snapshot: MetricsSnapshot) => number,
): MetricDefinition {
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

const NAMED_FAULTS = FAULTS.map(({ name }, code) => ({ name, slot: FAULT_SLOTS[code] })).slice(1);
const byShard = { shard: (_: unknown, index: number): string => String(index) };
const byVni = { vni: ({ vni }: { vni: number }): string => (vni === OTHER_VNI ? 'other' : String(vni)) };
const bySocket = { address: ({ address }: { address: string }): string => address };

const FRAMES: readonly MetricDefinition[] = [
  counter('received_packets_total', 'Datagrams, or captured frames, received.', dispatcher('receivedPackets')),
  counter('received_bytes_total', 'Bytes of datagrams or frames received.', dispatcher('receivedBytes')),
  counter('inspected_packets_total', 'Datagrams or frames inspected.', shard('inspectedPackets')),
  counter('inspected_bytes_total', 'Bytes of frames inspected.', shard('inspectedBytes')),
  many(
    'counter',
    'dropped_packets_total',
    'Datagrams or frames not inspected, by the stage that gave them up and why.',
    () => DROP_REASONS,
    { stage: ({ stage }) => stage, reason: ({ reason }) => reason },
    ({ row, slot }, { totals }) => totals[row][slot],
  ),
  many(
    'gauge',
    'pending_packets',
    'Datagrams or frames that wait, for more fragments or in rings.',
    () => ['fragments', 'rings'] as const,
    { place: (place) => place },
    (place, { totals }) => {
      const fragments = totals.dispatcher[DISPATCHER_SLOTS.pendingFragments];
      return place === 'fragments' ? fragments : frameBalance(totals).pending - fragments;
    },
  ),
  counter(
    'truncated_packets_total',
    'Frames cut by the mirror session or the capture; inspected as far as they go.',
    dispatcher('truncatedPackets'),
  ),
  counter(
    'vxlan_reserved_flags_total',
    'VXLAN headers with a reserved bit set; accepted.',
    dispatcher('vxlanReservedBits'),
  ),
  counter('reassembled_datagrams_total', 'Datagrams put together from fragments.', dispatcher('reassembledDatagrams')),
  many(
    'counter',
    'faults_total',
    'Faults met in headers and fragments, whether or not the frame was dropped.',
    () => NAMED_FAULTS,
    { fault: ({ name }) => name },
    ({ slot }, { totals }) => totals.dispatcher[slot],
  ),
  many(
    'counter',
    'vni_packets_total',
    'Datagrams received per mirror session.',
    ({ vnis }) => vnis,
    byVni,
    ({ packets }) => packets,
  ),
  many(
    'counter',
    'vni_bytes_total',
    'Bytes received per mirror session.',
    ({ vnis }) => vnis,
    byVni,
    ({ bytes }) => bytes,
  ),
  many(
    'gauge',
    'vni_last_seen_timestamp_seconds',
    'When a mirror session last brought a packet; until metrics.vniForgetSeconds later.',
    ({ vnis }) => vnis,
    byVni,
    ({ lastSeenUs }) => lastSeenUs / 1e6,
  ),
  many(
    'gauge',
    'vni_info',
    'Names of mirror sessions, from vni.names; join them with the other metrics by their VNI.',
    ({ vniNames }) => vniNames,
    { vni: ({ vni }) => vni, name: ({ name }) => name },
    () => 1,
  ),
  counter(
    'vni_replaced_total',
    'Mirror sessions that made room for others in a full table: forgotten ones, and strays of few packets.',
    ({ vnisReplaced }) => vnisReplaced,
  ),
];

const FLOWS: readonly MetricDefinition[] = [
  gauge('flows_active', 'Flows in the tables.', shard('flowsActive')),
  counter('flows_started_total', 'Flows started.', shard('flowsStarted')),
  counter('flows_expired_total', 'Flows ended by their timeout.', shard('flowsExpired')),
  counter('flows_evicted_total', 'Flows ended because their table was full.', shard('flowsEvicted')),
  counter(
    'flow_memory_refused_total',
    'Requests of flows for memory that there was none for: of bits, tags, tracks and holes of TCP.',
    shard('flowMemoryRefused'),
  ),
  counter('flow_events_total', 'Events of flows that are over, with eve.types=flow.', shard('flowEvents')),
  counter(
    'flow_events_dropped_total',
    'Such events lost: no room on the way from a shard.',
    shard('flowEventsDropped'),
  ),
  counter(
    'anomaly_events_total',
    'Events of anomalies that shards handed on, with eve.types=anomaly.',
    shard('anomalyEvents'),
  ),
  counter(
    'anomaly_events_dropped_total',
    'Such events lost: no room on the way from a shard.',
    shard('anomalyEventsDropped'),
  ),
  counter(
    'anomalies_withheld_total',
    'Anomalies without an event: beyond eve.anomaliesPerSecond.',
    ({ totals, anomaliesWithheld }) => totals.shard[SHARD_SLOTS.anomaliesWithheld] + anomaliesWithheld,
  ),
  counter(
    'tcp_midstream_pickups_total',
    'TCP connections picked up without their opening.',
    shard('tcpMidstreamPickups'),
  ),
  counter(
    'tcp_out_of_window_total',
    "TCP segments with numbers nowhere near their connection's.",
    shard('tcpOutOfWindow'),
  ),
  counter(
    'stream_gaps_total',
    'Holes in TCP data that was acknowledged: lost before it reached the sensor.',
    shard('tcpGaps'),
  ),
  counter('stream_gap_bytes_total', 'Bytes in these holes: an estimate of the loss upstream.', shard('tcpGapBytes')),
  gauge('stream_windows', 'Directions of TCP connections of which bytes are kept.', shard('streamWindows')),
  gauge('stream_window_bytes', 'Memory that these bytes take.', shard('streamWindowBytes')),
  counter(
    'stream_evicted_total',
    'Windows of streams that gave way to others: memory was full.',
    shard('streamEvicted'),
  ),
  counter('stream_evicted_bytes_total', 'Bytes in these that were not looked at.', shard('streamEvictedBytes')),
  counter('stream_too_far_total', 'TCP segments too far ahead of what is missing to be kept.', shard('streamTooFar')),
  counter('stream_no_memory_total', 'TCP segments that were not kept for lack of memory.', shard('streamNoMemory')),
  counter('stream_late_total', 'TCP segments of bytes that were done with.', shard('streamLate')),
  counter('stream_overlaps_total', 'TCP segments of bytes that were there already.', shard('streamOverlaps')),
  counter(
    'stream_different_overlaps_total',
    'Those of them that brought other bytes.',
    shard('streamDifferentOverlaps'),
  ),
  counter(
    'stream_cut_bytes_total',
    'Bytes that the mirror or the capture cut off TCP segments.',
    shard('streamCutBytes'),
  ),
];

const PROTOCOLS = ['unknown', ...APPLICATIONS.map(({ name }) => name)].map((protocol, id) => ({ protocol, id }));

/** By application protocol; `unknown`: before the flow's was told. */
function byProtocol(name: string, count: ApplicationCount, help: string): MetricDefinition {
  const slot = APPLICATION_SLOT + applicationCountAt(count, 0);
  const labels = { protocol: ({ protocol }: { protocol: string }): string => protocol };
  return many(
    'counter',
    `app_${name}_total`,
    help,
    () => PROTOCOLS,
    labels,
    ({ id }, { totals }) => totals.shard[slot + id],
  );
}

const APPLICATION_METRICS: readonly MetricDefinition[] = [
  byProtocol(
    'flows',
    'flows',
    'Flows whose protocol was told; `failed`: by neither side. A flow that changes is one more.',
  ),
  byProtocol('mismatches', 'mismatches', 'Flows one side of which speaks this, and the flow something else.'),
  byProtocol('gaps', 'gaps', 'Holes in what was to be parsed.'),
  byProtocol('gap_bytes', 'gapBytes', 'Bytes in these holes.'),
  byProtocol('inspected_bytes', 'inspectedBytes', 'Bytes of streams and datagrams inspected.'),
  byProtocol('bypassed_bytes', 'bypassedBytes', 'Bytes passed over: encrypted, or not wanted by the parser.'),
  byProtocol('broken_flows', 'brokenFlows', 'Flows that their parser gave up.'),
  byProtocol(
    'parser_errors',
    'parserErrors',
    'Exceptions in a parser; the flow is not parsed any further, the log says why.',
  ),
  byProtocol('transactions', 'transactions', 'Messages and answers parsed.'),
  byProtocol(
    'transactions_cut',
    'transactionsCut',
    'Those completed early: their connection or the shard had too many.',
  ),
  byProtocol('connections_refused', 'connectionsRefused', 'Flows not parsed, because there were too many.'),
];

const ALERTS: readonly MetricDefinition[] = [
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
    'Alerts lost: no room on the way from a shard, or none for the event.',
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
    'Flowbits not set, and numbers not kept, because their flow had as many as it may have, or no memory.',
    shard('flowBitsRefused'),
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
  counter('events_written_total', 'Events handed to the event file or pipe.', ({ output }) => output.lines),
  counter('event_bytes_written_total', 'Bytes of these events.', ({ output }) => output.bytes),
  counter('output_errors_total', 'Failed calls on the event file or pipe.', ({ output }) => output.errors),
  gauge('output_pending_bytes', 'Events that wait to be written.', ({ output }) => output.pendingBytes),
  counter(
    'log_lines_dropped_total',
    'Log lines lost: what reads stderr was slow, or gone.',
    ({ lostLogLines }) => lostLogLines,
  ),
];

const ENGINE: readonly MetricDefinition[] = [
  gauge('ready', 'Whether the sensor is ready; /readyz says why it is not.', ({ ready }) => Number(ready)),
  many(
    'gauge',
    'rules',
    'Rules by state; the waiting ones are among the loaded.',
    () => ['loaded', 'waiting', 'failed', 'quarantined'] as const,
    { state: (state) => state },
    (state, { rules }) => rules[state],
  ),
  gauge('rule_generation', 'Number of the load whose rules are in use.', ({ rules }) => rules.generation),
  many(
    'gauge',
    'shard_rule_generation',
    'The same for each shard: one that differs has not taken up the rules yet.',
    ({ shards }) => shards,
    byShard,
    ({ generation }) => generation,
  ),
  many(
    'counter',
    'rule_faults_total',
    'Shards lost while they were at a rule: it took too long, or broke. The second time, the rule is taken out.',
    () => ['stalled', 'threw'] as const,
    { reason: (reason) => reason },
    (reason, { rules }) => rules.faults[reason],
  ),
  many(
    'counter',
    'reloads_total',
    'Loads of rules and configuration, the first included.',
    () => ['success', 'failure'] as const,
    { result: (result) => result },
    (result, { reload }) => (result === 'success' ? reload.succeeded : reload.failed),
  ),
  gauge('reload_success', 'Whether the last load went well.', ({ reload }) => Number(reload.lastSuccess)),
  gauge('reload_timestamp_seconds', 'When the last load was.', ({ reload }) => reload.lastTimeSeconds),
  gauge('reload_duration_seconds', 'How long it took.', ({ reload }) => reload.lastDurationSeconds),
  many(
    'gauge',
    'shard_up',
    'Whether a shard runs.',
    ({ shards }) => shards,
    byShard,
    ({ up }) => Number(up),
  ),
  many(
    'counter',
    'shard_busy_seconds_total',
    'Time that a shard spent on packets; its rate is the busy ratio.',
    ({ shards }) => shards,
    byShard,
    ({ busySeconds }) => busySeconds,
  ),
  many(
    'gauge',
    'ring_fill_ratio',
    "Fill of a shard's fullest ring.",
    ({ shards }) => shards,
    byShard,
    ({ ringFill }) => ringFill,
  ),
  many(
    'counter',
    'shard_restarts_total',
    'How often a shard was replaced.',
    ({ shards }) => shards,
    byShard,
    ({ restarts }) => restarts,
  ),
  counter(
    'shard_marks_skipped_total',
    'Sweeps, and starts of captures, that a shard died at; its successor passes over them.',
    ({ totals }) => totals.engine[ENGINE_SLOTS.skippedMarks],
  ),
  many(
    'gauge',
    'receive_buffer_requested_bytes',
    'Receive buffer asked for.',
    ({ sockets }) => sockets,
    bySocket,
    ({ requestedBufferBytes }) => requestedBufferBytes,
  ),
  many(
    'gauge',
    'receive_buffer_bytes',
    'Receive buffer that the kernel granted.',
    ({ sockets }) => sockets,
    bySocket,
    ({ grantedBufferBytes }) => grantedBufferBytes,
  ),
  many(
    'gauge',
    'receive_method_info',
    'How datagrams are received.',
    ({ sockets }) => sockets,
    { ...bySocket, method: ({ method }) => method },
    () => 1,
  ),
  many(
    'counter',
    'admin_refused_total',
    'Connections to the admin port that were closed, and why.',
    ({ adminRefusals }) => adminRefusals,
    { reason: ({ reason }) => reason },
    ({ count }) => count,
  ),
  counter(
    'detection_step_limits_total',
    'Verifications of a rule that were ended by their limit.',
    shard('detectStepLimits'),
  ),
  counter(
    'pcre_errors_total',
    'Regular expressions that a shard could not make ready; they never match.',
    shard('pcreErrors'),
  ),
  counter(
    'pcre_step_limits_total',
    'Searches for a regular expression that were ended by a limit on their steps, as no match; the log names the rule.',
    shard('pcreStepLimits'),
  ),
];

export const METRICS: readonly MetricDefinition[] = [...FRAMES, ...FLOWS, ...APPLICATION_METRICS, ...ALERTS, ...ENGINE];
