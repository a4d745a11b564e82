/**
 * The names of all counters, and in whose row each lies. Stage: metrics; dispatchers, shards and the exporter share it.
 *
 * Every reason for which a datagram can be dropped is one counter here, so that "nothing is lost without being counted"
 * can be checked against a list. The unit of every `dropped` counter is the received frame.
 */
import { APPLICATION_COUNTS, applicationCountAt, type ApplicationCount } from '../app/application-stats.js';
import { APPLICATIONS } from '../app/applications.js';
import { FAULTS } from '../decode/fault.js';
import { CounterLayout } from './counters.js';
import { DROPPING_FAULTS } from './dropping-faults.js';

/** Written by a dispatcher; those that stand for a state are gauges. */
const DISPATCHER_NAMES = [
  'receivedPackets',
  'receivedBytes',
  /** Frames cut by the capture or the mirror session. */
  'truncatedPackets',
  /** VXLAN headers with a reserved bit set, accepted all the same. */
  'vxlanReservedBits',
  /**
   * Frames written to rings (sum of record weights); without those that the shards are done with, the rings' pending
   * ones.
   */
  'routedPackets',
  /** Gauge: time of the latest frame, microseconds since 1970. */
  'latestFrameUs',
  /** Gauge: frames in the fragment table. */
  'pendingFragments',
  'reassembledDatagrams',
  /** Not part of `receivedPackets`: the kernel dropped them before. */
  'droppedSocketKernel',
  'droppedRingFull',
  /** Flows refused while a shard could not keep up (dispatch/flow-admission.ts): new ones, and those known before. */
  'droppedOverloadNew',
  'droppedOverloadKnown',
  'overloadRefusedFlows',
  'overloadShedFlows',
  /** How often a ring became too full, and (gauge) the rings that are. */
  'overloads',
  'overloadedRings',
  /** Left out because the configuration says so (dispatch/capture-filter.ts). */
  'droppedFilterVni',
  'droppedFilterProtocol',
  'droppedFilterPort',
  'droppedFilterAddress',
  /** A frame that could not be used, without a named fault. */
  'droppedDecodeUnknown',
] as const;

/** Written by a shard. */
const SHARD_NAMES = [
  'inspectedPackets',
  'inspectedBytes',
  /** Frames of flows at which the shard has died twice (shard/lethal-flows.ts). */
  'droppedLethalFlow',
  /** Flows passed over for their size, and their frames since, which are among the inspected ones. */
  'elephantFlows',
  'elephantPackets',
  'elephantBytes',
  /** Gauge. */
  'flowsActive',
  'flowsStarted',
  'flowsExpired',
  'flowsEvicted',
  'flowsCrowdedOut',
  /** Blocks that flows asked for and the arena did not give. */
  'flowMemoryRefused',
  'tcpMidstreamPickups',
  'tcpOutOfWindow',
  'tcpGaps',
  'tcpGapBytes',
  'tcpJumps',
  /** Gauges: windows of streams, and the memory they take. */
  'streamWindows',
  'streamWindowBytes',
  /** Windows that gave way to others, and the bytes in them that nobody had seen. */
  'streamEvicted',
  'streamEvictedBytes',
  /** Segments that were not kept whole: too far ahead of what is missing, without memory, too late. */
  'streamTooFar',
  'streamNoMemory',
  'streamLate',
  /** Segments of bytes that were there already, and those that brought others than before. */
  'streamOverlaps',
  'streamDifferentOverlaps',
  /** Segments that their receiver would drop, but for which segments the sensor may have missed. */
  'streamInvalidTimestamps',
  'streamInvalidAcks',
  /** Bytes that were cut off segments. */
  'streamCutBytes',
  /** Urgent bytes that were taken out of their streams, and those that could not be. */
  'streamUrgentTakenOut',
  'streamUrgentKept',
  /** TCP connections of four packets or more from a side that are over, and those whose other side had none. */
  'tcpConnections',
  'tcpOneSided',
  /** Packets that another mirror session of their group had shown (duplicates.ts). */
  'duplicatePackets',
  /** Events of flows that are over, and those lost because their ring was full. */
  'flowEvents',
  'flowEventsDropped',
  /**
   * Events of anomalies handed on, those lost because the ring was full, and those beyond the limit of their second.
   */
  'anomalyEvents',
  'anomalyEventsDropped',
  'anomaliesWithheld',
  /**
   * Packets of flows that have alerted, handed on; those lost because the ring was full, those beyond the size of a
   * file; flows whose first packets were not kept any more.
   */
  'evidencePackets',
  'evidenceDropped',
  'evidenceBeyondFile',
  'evidenceStartsForgotten',
  'candidates',
  /** Those of them that were not written, as a threshold holds them back whatever comes. */
  'candidatesHeldBack',
  /** Alert candidates lost because their ring was full. */
  'candidatesDropped',
  /** Packets recorded because a rule tagged their flow or host, and those lost because the ring was full. */
  'taggedPackets',
  'taggedPacketsDropped',
  /** Tags not set because their flow had as many as it may have. */
  'tagsRefused',
  /** Flowbits not set, numbers and variables not kept: flow or packet had as many as it may have, or no memory. */
  'flowBitsRefused',
  /** Rules of which a transaction could not keep how far they were: it has too many, or there was no memory. */
  'rulesForgotten',
  /** Exceptions in the verification of rules, and in looks at packets, ranges and transactions outside of any. */
  'ruleErrors',
  'inspectionErrors',
  /** Verifications of a rule ended by the limit on their steps. */
  'detectStepLimits',
  'pcreErrors',
  /** Searches for a regular expression ended by a limit. */
  'pcreStepLimits',
  'busyMicroseconds',
  /** Files that were not looked at, and values of mails that were not kept: their transactions had too many. */
  'filesRefused',
  'mailValuesRefused',
  /** Frames that rules asked for and that were not looked at: there were too many at a time. */
  'framesRefused',
  /** Messages of DNS that HTTP/2 carried and that were not looked at: too long, too many, or there was no memory. */
  'carriedDnsRefused',
  /** Files that rules wanted stored and that are not: by why (app/file/file-store.ts). */
  'filesLostIncomplete',
  'filesLostSize',
  'filesLostRoom',
] as const;

/** Written by the thread that stores files. */
const STORE_NAMES = [
  /** Gauges: in the directory. */
  'files',
  'bytes',
  /** Since the start. */
  'stored',
  'storedBytes',
  /** Files whose bytes were stored before. */
  'known',
  /** Copies given up: the directory has as many files, or bytes, as it may have; too many were under way. */
  'overFiles',
  'overBytes',
  'overCopies',
  /** Calls of the system that failed. */
  'errors',
] as const;

/** Written by the main thread, for shards that are gone. */
const ENGINE_NAMES = [
  /** Frames that were in a shard when it died, its ring's place included. */
  'droppedShardDied',
  /** Frames left behind for a shard that died again and again while the sensor was stopping. */
  'droppedShardLeft',
  /** Marks in the rings that a shard died at: sweeps, and starts of captures. */
  'skippedMarks',
] as const;

export type DispatcherCounter = (typeof DISPATCHER_NAMES)[number];
export type ShardCounter = (typeof SHARD_NAMES)[number];
export type StoreCounter = (typeof STORE_NAMES)[number];
export type EngineCounter = (typeof ENGINE_NAMES)[number];
type Slots<Name extends string> = Readonly<Record<Name, number>>;

const faults = FAULTS.slice(1);
const dropping = faults.filter(({ name }) => DROPPING_FAULTS.includes(name));

export const DISPATCHER_LAYOUT = new CounterLayout<string>([
  ...DISPATCHER_NAMES,
  ...dropping.map(({ stage, name }) => `dropped.${stage}.${name}`),
  ...faults.map(({ name }) => `fault.${name}`),
]);
export const DISPATCHER_SLOTS = DISPATCHER_LAYOUT.slots as Slots<DispatcherCounter>;

/** By the number of an application. */
export const APPLICATION_NAMES: readonly string[] = ['unknown', ...APPLICATIONS.map(({ name }) => name)];
/** Behind a shard's other counters: those of applications, as app/application-stats.ts has them. */
export const APPLICATION_SLOT = SHARD_NAMES.length;
export const SHARD_LAYOUT = new CounterLayout<string>([
  ...SHARD_NAMES,
  ...APPLICATION_COUNTS.flatMap((count) => APPLICATION_NAMES.map((name) => `app.${count}.${name}`)),
]);
export const SHARD_SLOTS = SHARD_LAYOUT.slots as Slots<ShardCounter>;

/** A count of applications in a shard's row, over all of them. */
function ofAllApplications(shard: ArrayLike<number>, count: ApplicationCount): number {
  const first = APPLICATION_SLOT + applicationCountAt(count, 0);
  return APPLICATION_NAMES.reduce((sum, _, index) => sum + shard[first + index], 0);
}

/** Events of all kinds that found no room on their way from a shard. */
export function eventsDropped(shard: ArrayLike<number>): number {
  const { candidatesDropped, taggedPacketsDropped, flowEventsDropped, anomalyEventsDropped } = SHARD_SLOTS;
  const slots = [candidatesDropped, taggedPacketsDropped, flowEventsDropped, anomalyEventsDropped];
  return slots.reduce((sum, slot) => sum + shard[slot], ofAllApplications(shard, 'eventsDropped'));
}

export const STORE_LAYOUT = new CounterLayout(STORE_NAMES);
export const STORE_SLOTS: Slots<StoreCounter> = STORE_LAYOUT.slots;

export const ENGINE_LAYOUT = new CounterLayout(ENGINE_NAMES);
export const ENGINE_SLOTS: Slots<EngineCounter> = ENGINE_LAYOUT.slots;

/**
 * Slot of a dispatcher's row, by fault code: a frame was dropped for this fault. Those that drop none have the unnamed
 * one.
 */
export const DROP_SLOT_BY_FAULT = Int32Array.from(
  FAULTS,
  ({ stage, name }) => DISPATCHER_LAYOUT.slots[`dropped.${stage}.${name}`] ?? DISPATCHER_SLOTS.droppedDecodeUnknown,
);

/** Slot of a dispatcher's row, by fault code: the fault was met, dropped or not. -1 for code 0. */
export const FAULT_SLOTS = Int32Array.from(FAULTS, ({ name }, code) =>
  code === 0 ? -1 : DISPATCHER_LAYOUT.slots[`fault.${name}`],
);

export interface DropReason {
  readonly stage: string;
  readonly reason: string;
  readonly row: 'dispatcher' | 'shard' | 'engine';
  readonly slot: number;
}

/** Every reason for a drop, with where it is counted. The first is the only one outside of `receivedPackets`. */
export const DROP_REASONS: readonly DropReason[] = [
  { stage: 'socket', reason: 'kernel', row: 'dispatcher', slot: DISPATCHER_SLOTS.droppedSocketKernel },
  { stage: 'decode', reason: 'unknown', row: 'dispatcher', slot: DISPATCHER_SLOTS.droppedDecodeUnknown },
  ...dropping.map(({ stage, name }): DropReason => ({
    stage,
    reason: name,
    row: 'dispatcher',
    slot: DISPATCHER_LAYOUT.slots[`dropped.${stage}.${name}`],
  })),
  { stage: 'filter', reason: 'vni', row: 'dispatcher', slot: DISPATCHER_SLOTS.droppedFilterVni },
  { stage: 'filter', reason: 'protocol', row: 'dispatcher', slot: DISPATCHER_SLOTS.droppedFilterProtocol },
  { stage: 'filter', reason: 'port', row: 'dispatcher', slot: DISPATCHER_SLOTS.droppedFilterPort },
  { stage: 'filter', reason: 'address', row: 'dispatcher', slot: DISPATCHER_SLOTS.droppedFilterAddress },
  { stage: 'overload', reason: 'new_flow', row: 'dispatcher', slot: DISPATCHER_SLOTS.droppedOverloadNew },
  { stage: 'overload', reason: 'known_flow', row: 'dispatcher', slot: DISPATCHER_SLOTS.droppedOverloadKnown },
  { stage: 'ring', reason: 'full', row: 'dispatcher', slot: DISPATCHER_SLOTS.droppedRingFull },
  { stage: 'shard', reason: 'died', row: 'engine', slot: ENGINE_SLOTS.droppedShardDied },
  { stage: 'shard', reason: 'lethal_flow', row: 'shard', slot: SHARD_SLOTS.droppedLethalFlow },
  { stage: 'shard', reason: 'left', row: 'engine', slot: ENGINE_SLOTS.droppedShardLeft },
];

/** Counter rows added up, by kind of row; each as long as its layout. */
export interface CounterTotals {
  readonly dispatcher: ArrayLike<number>;
  readonly shard: ArrayLike<number>;
  readonly engine: ArrayLike<number>;
}

/** Adds rows up slot by slot; all zero for no rows. */
export function sumRows(size: number, rows: readonly ArrayLike<number>[]): Float64Array {
  const sum = new Float64Array(size);
  for (const row of rows) for (let slot = 0; slot < size; slot++) sum[slot] += row[slot];
  return sum;
}

/** What became of the frames received: `received = inspected + dropped + pending`; kernel drops come on top. */
export interface FrameBalance {
  readonly received: number;
  readonly inspected: number;
  readonly dropped: number;
  readonly kernelDropped: number;
  /** In the fragment table or in rings. */
  readonly pending: number;
}

export function frameBalance(totals: CounterTotals): FrameBalance {
  const { dispatcher, shard } = totals;
  let dropped = 0;
  let behindRings = shard[SHARD_SLOTS.inspectedPackets];
  for (const { stage, row, slot } of DROP_REASONS) {
    if (stage === 'socket') continue;
    dropped += totals[row][slot];
    if (row !== 'dispatcher') behindRings += totals[row][slot];
  }
  return {
    received: dispatcher[DISPATCHER_SLOTS.receivedPackets],
    inspected: shard[SHARD_SLOTS.inspectedPackets],
    dropped,
    kernelDropped: dispatcher[DISPATCHER_SLOTS.droppedSocketKernel],
    pending: dispatcher[DISPATCHER_SLOTS.pendingFragments] + dispatcher[DISPATCHER_SLOTS.routedPackets] - behindRings,
  };
}
