/** What a detector is made with, and what it counts. Stage: detect. */
import type { InspectionProfile } from '../block/inspection-profile.js';
import type { Arena } from '../memory/arena.js';
import type { AlertOptions } from './event/alert.js';
import type { FullWindows } from './event/full-windows.js';
import type { DetectionErrorListener } from './rule-errors.js';
import type { DataTable } from './state/data-table.js';
import type { HostBits } from './state/host-bits.js';
import type { HostTags } from './state/tag-hosts.js';
import type { VerifyLimits } from './verify/verify.js';
import type { Workspace } from './verify/workspace.js';

export interface DetectorOptions {
  /** Number of the rule set, told to the main thread with each alert. */
  readonly generation?: number;
  readonly limits?: VerifyLimits;
  /**
   * Where streams, and texts of transactions lie, and what is remembered of these. Without it there are none of them:
   * each TCP segment is then taken for a stream of its own.
   */
  readonly arena?: Arena | undefined;
  /** Ranges of the shard's memory to work in; memory of its own when left out. */
  readonly workspace?: Workspace | undefined;
  readonly alerts?: AlertOptions;
  /** Single fragments offer their payload to rules, too; their datagram offers it again once it is whole. */
  readonly fragmentPayload?: boolean;
  /** Marks of hosts and pairs, shared by all shards; the detector's own where none are given. */
  readonly hostBits?: HostBits | undefined;
  /** Tags of hosts, likewise. */
  readonly hostTags?: HostTags | undefined;
  /** Whether rules may have packets recorded; true when left out. */
  readonly taggedPackets?: boolean | undefined;
  /** Whether rules want files stored, and they are. */
  readonly storesFiles?: boolean | undefined;
  /** Datasets that rules change, shared by all shards; the detector's own where none is given. */
  readonly dataTable?: DataTable | undefined;
  /** One bit per rule row, shared: rules to leave alone from now on. */
  readonly quarantine?: Int32Array | undefined;
  /** A word per rule row, shared: what rules did wrong (block/rule-strikes.ts). */
  readonly strikes?: Int32Array | undefined;
  /** Told of exceptions, which then cost no more than what was being looked at. */
  readonly onError?: DetectionErrorListener | undefined;
  /** One bit per rule row, shared: rules that were given up because of a limit. */
  readonly limited?: Int32Array | undefined;
  /** Element 0, shared, is the row being verified plus 1, or 0: tells others which rule a shard stalls at. */
  readonly progress?: Int32Array | undefined;
  /** What thresholds hold back anyhow; undefined where nobody tells. */
  readonly fullWindows?: FullWindows | undefined;
  /** Where what rules cost is noted (profiled-detector.ts has the rest); undefined where nobody asks for it. */
  readonly profile?: InspectionProfile | undefined;
  /** A value per rule row, to which the microseconds that it takes are added, as estimated; undefined likewise. */
  readonly ruleTimes?: Float64Array | undefined;
}

/** Counts since construction. */
export interface DetectStats {
  /** Rules whose buffers were verified. */
  readonly verified: number;
  /** Rules that matched, and those that raised an alert that the sink took. */
  readonly matches: number;
  readonly alerts: number;
  /** Those of them that were not written, as a threshold holds them back. */
  readonly alertsHeldBack: number;
  /** Alerts that the sink, or the list of a packet's matches, had no room for. */
  readonly alertsDropped: number;
  /** Packets that a pass rule, or a pass on their flow, ended. */
  readonly passed: number;
  /** Flowbits not set, and numbers not kept, because their flow had as many as it may have. */
  readonly flowBitsRefused: number;
  /** Rules of which a transaction could not keep how far they were. */
  readonly rulesForgotten: number;
  /** Exceptions in the verification of rules, and outside of it. */
  readonly ruleErrors: number;
  readonly inspectionErrors: number;
}
