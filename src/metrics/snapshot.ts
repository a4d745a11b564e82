/**
 * What the exporter wants to know, taken at one moment by whoever runs the engine. Stage: metrics.
 */
import type { AlertCount } from '../output/eve.js';
import type { SinkStats } from '../output/sink.js';
import type { EvidenceCounts } from '../output/evidence-store.js';
import type { Refusal } from './admin-refusals.js';
import type { CounterTotals } from '../counters/names.js';
import type { RuleCount } from './rule-counts.js';
import type { VniCount } from '../counters/vni-table.js';

export interface ShardState {
  readonly up: boolean;
  readonly busySeconds: number;
  /** Fill of the fullest of its rings, 0 to 1. */
  readonly ringFill: number;
  readonly restarts: number;
  /** Of the rules that it uses. */
  readonly generation: number;
}

export interface OutputState {
  readonly name: string;
  readonly up: boolean;
  readonly pendingBytes: number;
  readonly stats: SinkStats;
}

export interface SocketState {
  readonly address: string;
  /** How datagrams are received: `recvmmsg` or `dgram`. */
  readonly method: string;
  readonly requestedBufferBytes: number;
  readonly grantedBufferBytes: number;
}

export interface RuleState {
  /** Waiting ones are part of the loaded. */
  readonly loaded: number;
  readonly waiting: number;
  readonly failed: number;
  readonly quarantined: number;
  /** Of the rules in use; counts loads. */
  readonly generation: number;
  /** Shards lost at a rule. */
  readonly faults: { readonly stalled: number; readonly threw: number };
}

export interface ReloadState {
  readonly succeeded: number;
  readonly failed: number;
  /** Of the last one, the load at the start included; time in seconds since 1970, 0 when there was none. */
  readonly lastSuccess: boolean;
  readonly lastTimeSeconds: number;
  readonly lastDurationSeconds: number;
}

export interface ThresholdState {
  readonly suppressed: number;
  readonly filtered: number;
  readonly evicted: number;
  readonly entries: number;
}

/** Of rules that the sensor fetches by itself. */
export interface UpdateState {
  readonly counts: Readonly<Record<'success' | 'unchanged' | 'failure', number>>;
  /** Whether the last one brought all sources as they are. */
  readonly lastSuccess: boolean;
  /** When that was so; 0 for never. */
  readonly lastGoodSeconds: number;
}

export interface MetricsSnapshot {
  /** As /readyz has it. */
  readonly ready: boolean;
  /** Rows of shards must be read before those of dispatchers, lest more is inspected than was received. */
  readonly totals: CounterTotals;
  readonly vnis: readonly VniCount[];
  /** What is missing in the streams of sessions: holes, as `packets`, and bytes. */
  readonly vniLosses?: readonly VniCount[] | undefined;
  /** TCP connections, as `packets`, of which sessions show one direction, while another one shows the other. */
  readonly vniHalves?: readonly VniCount[] | undefined;
  /** Rows of sessions that were given to others. */
  readonly vnisReplaced: number;
  readonly alerts: readonly AlertCount[];
  readonly thresholds: ThresholdState;
  /** Alerts and recorded packets that came behind those of later packets. */
  /** Names of mirror sessions, as configured. */
  readonly vniNames: readonly { readonly vni: string; readonly name: string }[];
  readonly lateEvents: number;
  /** Behind the merge; those within shards are among their counters. */
  readonly anomaliesWithheld: number;
  /** Log lines dropped, as what reads stderr was slow. */
  readonly lostLogLines: number;
  /** Of all outputs, added up. */
  readonly output: SinkStats & { readonly pendingBytes: number };
  readonly outputs: readonly OutputState[];
  readonly rules: RuleState;
  /** Of the rules in use, those that take most time, as estimated. */
  readonly dearRules?: readonly { readonly gid: number; readonly sid: number; readonly seconds: number }[] | undefined;
  readonly reload: ReloadState;
  /** Undefined where no rules are fetched. */
  readonly update?: UpdateState | undefined;
  readonly shards: readonly ShardState[];
  readonly sockets: readonly SocketState[];
  /** Of the clock by which live packets are timed. */
  readonly clockSteps?: number | undefined;
  /** Of the files with evidence; undefined where there are none. */
  readonly evidence?: EvidenceCounts | undefined;
  /** Of stored files (STORE_SLOTS); undefined where none are stored. */
  readonly fileStore?: ArrayLike<number> | undefined;
  /** Of datasets that rules change. */
  readonly datasets: { readonly values: number; readonly bytes: number; readonly refused: number };
  /** Marks of hostbits and xbits that gave way in a full table. */
  readonly hostBitsEvicted: number;
  /** Tags of hosts that gave way, likewise. */
  readonly hostTagsEvicted: number;
  /** What the admin port refused. */
  readonly adminRefusals: readonly { readonly reason: Refusal; readonly count: number }[];
  /** Alerts by rule; empty unless asked for. */
  readonly ruleCounts: readonly RuleCount[];
}

export interface MetricsSource {
  snapshot(): MetricsSnapshot;
  /** Why the sensor is not ready, one sentence each; empty when it is. */
  notReady(): readonly string[];
}
