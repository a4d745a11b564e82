/** Metrics of flows and TCP streams. Stage: metrics. */
import { SHARD_SLOTS } from '../counters/names.js';
import { BY_VNI, counter, gauge, many, type CounterSnapshot, type MetricDefinition, shard } from './definition.js';

export const FLOW_METRICS: readonly MetricDefinition<CounterSnapshot>[] = [
  gauge('flows_active', 'Flows in the tables.', shard('flowsActive')),
  counter('flows_started_total', 'Flows started.', shard('flowsStarted')),
  counter('flows_expired_total', 'Flows ended by their timeout.', shard('flowsExpired')),
  counter('flows_evicted_total', 'Flows ended because their table was full.', shard('flowsEvicted')),
  counter(
    'flows_crowded_out_total',
    'Flows ended because the shard parsed as many, kept as many transactions, or used as much memory, as it may.',
    shard('flowsCrowdedOut'),
  ),
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
    'tcp_connections_ended_total',
    'TCP connections that are over and had four packets or more from a side.',
    shard('tcpConnections'),
  ),
  counter(
    'tcp_connections_one_sided_total',
    'Those of them of which no packet of the other side was seen: the mirror shows one direction.',
    shard('tcpOneSided'),
  ),
  many(
    'counter',
    'tcp_connections_halved_total',
    'Those of them of which this mirror session shows one direction and another one the other: name both in vni.groups.',
    ({ vniHalves = [] }: CounterSnapshot) => vniHalves,
    BY_VNI,
    ({ packets }) => packets,
  ),
  counter('clock_steps_total', 'Steps of the clock by more than a second.', ({ clockSteps }) => clockSteps ?? 0),
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
  counter(
    'stream_jumps_total',
    'TCP segments, or acknowledgements, further on than could have been carried meanwhile: not counted as loss.',
    shard('tcpJumps'),
  ),
  gauge('stream_windows', 'Directions of TCP connections of which bytes are kept.', shard('streamWindows')),
  gauge('stream_window_bytes', 'Memory that these bytes take.', shard('streamWindowBytes')),
  many(
    'counter',
    'vni_gap_bytes_total',
    'Those of them that are missing in each mirror session; one that has fallen silent keeps its sum.',
    ({ vniLosses = [] }: CounterSnapshot) => vniLosses,
    BY_VNI,
    ({ bytes }) => bytes,
  ),
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
    'stream_invalid_timestamps_total',
    'TCP segments with a timestamp from before the last one (RFC 7323): their bytes count when they are acknowledged.',
    shard('streamInvalidTimestamps'),
  ),
  counter(
    'stream_invalid_acks_total',
    'TCP segments that acknowledge what was not sent, as far as was seen: their bytes count when they are acknowledged.',
    shard('streamInvalidAcks'),
  ),
  counter(
    'stream_cut_bytes_total',
    'Bytes that the mirror or the capture cut off TCP segments.',
    shard('streamCutBytes'),
  ),
  counter(
    'stream_urgent_bytes_total',
    'Urgent bytes of TCP that stream.urgent made no part of their streams.',
    shard('streamUrgentTakenOut'),
  ),
  counter(
    'stream_urgent_kept_total',
    'Urgent bytes that stayed in their streams all the same, as they came out of order or too late.',
    shard('streamUrgentKept'),
  ),
  counter(
    'duplicate_packets_total',
    'Packets not inspected again, as another mirror session of their group (vni.groups) had shown them.',
    shard('duplicatePackets'),
  ),
];
