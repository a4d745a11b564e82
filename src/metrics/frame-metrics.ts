/** Metrics of what is received, unwrapped and put together from fragments, and of mirror sessions. Stage: metrics. */
import { DISPATCHER_SLOTS, DROP_REASONS, FAULT_SLOTS, frameBalance } from '../counters/names.js';
import { FAULTS } from '../decode/fault.js';
import {
  BY_VNI,
  counter,
  dispatcher,
  gauge,
  many,
  shard,
  type CounterSnapshot,
  type MetricDefinition,
} from './definition.js';

const NAMED_FAULTS = FAULTS.map(({ name }, code) => ({ name, slot: FAULT_SLOTS[code] })).slice(1);
const OVERLOAD_FLOWS = [
  { reason: 'new_flow', slot: DISPATCHER_SLOTS.overloadRefusedFlows },
  { reason: 'known_flow', slot: DISPATCHER_SLOTS.overloadShedFlows },
];

export const FRAME_METRICS: readonly MetricDefinition<CounterSnapshot>[] = [
  counter('received_packets_total', 'Datagrams, or captured frames, received.', dispatcher('receivedPackets')),
  counter('received_bytes_total', 'Bytes of datagrams or frames received.', dispatcher('receivedBytes')),
  counter('inspected_packets_total', 'Datagrams or frames inspected.', shard('inspectedPackets')),
  counter('inspected_bytes_total', 'Bytes of frames inspected.', shard('inspectedBytes')),
  counter(
    'elephant_flows_total',
    'Flows passed over from `flow.bypassBytes` on; their packets are among those inspected.',
    shard('elephantFlows'),
  ),
  counter('elephant_packets_total', 'Datagrams or frames passed over with them.', shard('elephantPackets')),
  counter('elephant_bytes_total', 'Bytes of these frames.', shard('elephantBytes')),
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
  many(
    'counter',
    'overload_flows_total',
    'Flows refused while shards could not keep up, by whether they were new.',
    () => OVERLOAD_FLOWS,
    { reason: ({ reason }) => reason },
    ({ slot }, { totals }) => totals.dispatcher[slot],
  ),
  counter('overloads_total', 'Times a ring became so full that flows were refused.', dispatcher('overloads')),
  gauge('overloaded_rings', 'Rings that are so full.', dispatcher('overloadedRings')),
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
];

export const SESSION_METRICS: readonly MetricDefinition[] = [
  many(
    'counter',
    'vni_packets_total',
    'Datagrams received per mirror session.',
    ({ vnis }) => vnis,
    BY_VNI,
    ({ packets }) => packets,
  ),
  many(
    'counter',
    'vni_bytes_total',
    'Bytes received per mirror session.',
    ({ vnis }) => vnis,
    BY_VNI,
    ({ bytes }) => bytes,
  ),
  many(
    'gauge',
    'vni_last_seen_timestamp_seconds',
    'When a mirror session last brought a packet; until metrics.vniForgetSeconds later.',
    ({ vnis }) => vnis,
    BY_VNI,
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
