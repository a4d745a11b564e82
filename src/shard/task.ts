/**
 * What the main thread hands to a shard when it starts it, and the words that both look at while it runs. Stage: shard.
 *
 * Everything here is structured-clone data: shared memories, numbers, strings and one port for new rule sets.
 */
import type { MessagePort } from 'node:worker_threads';
import type { EncryptionHandling } from '../app/tls/encryption-handling.js';
import type { ApplicationSettings } from '../app/application-settings.js';
import type { RuleSetHandle } from '../block/rule-set-handle.js';
import type { Http1Settings } from '../app/http1/settings.js';
import type { FlowOptions } from '../flow/table.js';
import type { ShardMemoryHandle } from '../memory/shard-memory.js';
import type { RingPlace } from '../ring/record-ring.js';
import type { ReassemblyOptions } from '../stream/reassembly-options.js';
import type { ForwardedOptions } from './forwarded-for.js';

export interface ShardTask {
  readonly shard: number;
  /** With one ring per dispatcher, and all that the shard works on. */
  readonly memory: ShardMemoryHandle;
  readonly doorbell: SharedArrayBuffer;
  readonly control: SharedArrayBuffer;
  readonly candidates: RingPlace;
  /** Doorbell of whoever takes the candidates. */
  readonly alertBell: SharedArrayBuffer;
  readonly counters: SharedArrayBuffer;
  readonly counterRow: number;
  /** A `VniTable` of what streams have missed. */
  readonly vniLosses: SharedArrayBuffer;
  /** A `VniTable` of connections of which each session shows one direction. */
  readonly vniHalves: SharedArrayBuffer;
  /**
   * Those to start with. Both sides let go of them once they are in use: a thread that lasts for months would keep the
   * block of its first rules in memory beside that of its present ones.
   */
  readonly rules: { handle: RuleSetHandle | undefined };
  /** New rule sets arrive here (`NextRules`); the control word `posted` says that one is waiting. */
  readonly rulePort: MessagePort;
  /** Exceptions that the shard has survived are told here (error-reports.ts). */
  readonly errorPort: MessagePort;
  readonly options: ShardOptions;
}

export interface ShardOptions {
  /** Reading captures: wait where a sensor would drop. */
  readonly offline: boolean;
  readonly flow: FlowOptions;
  readonly midstream: boolean;
  /** Bytes of a flow after which it is passed over; 0 for never. */
  readonly bypassBytes: number;
  /** How HTTP is read. */
  readonly http: Http1Settings;
  readonly stream: Pick<ReassemblyOptions, 'policy' | 'urgent' | 'hostPolicies' | 'depthBytes' | 'unackedBytes'>;
  /** What becomes of TLS where it is encrypted. */
  readonly encryptionHandling: EncryptionHandling;
  /** What the configuration says of application protocols. */
  readonly protocols: ApplicationSettings;
  /** Marks of hosts and pairs, one table for all shards (detect/state/host-bits.ts). */
  readonly hostBits: SharedArrayBuffer;
  /** Tags of hosts, likewise (detect/state/tag-hosts.ts). */
  readonly hostTags: SharedArrayBuffer;
  /** Datasets that rules change, one table for all shards (detect/state/data-table.ts). */
  readonly datasets: SharedArrayBuffer;
  /** Whether packets that rules tag are recorded. */
  readonly taggedPackets: boolean;
  /** Whether each flow that is over makes an event. */
  readonly flowEvents: boolean;
  /** Where rules' files are stored: of all shards; undefined where nothing is stored. */
  readonly fileStore?:
    | {
        readonly rings: readonly RingPlace[];
        readonly doorbell: SharedArrayBuffer;
        /** STORE_WORD (ring/file-ring.ts). */
        readonly words: SharedArrayBuffer;
        readonly mostBytes: number;
      }
    | undefined;
  /** A set of DIGEST (app/file/digests.ts) that events of files show. */
  readonly fileDigests: number;
  /** The types of events that transactions make. */
  readonly transactionEvents: readonly string[];
  /** What is kept of packets, and what goes into a file of one flow; undefined where no evidence is asked for. */
  readonly evidence: { readonly bytes: number; readonly fileBytes: number } | undefined;
  /** Events of anomalies in a second at most; undefined for none. */
  readonly anomaliesPerSecond: number | undefined;
  readonly alerts: {
    /** Names of the captures, by the index in each frame; undefined for live traffic. */
    readonly captures?: readonly string[] | undefined;
    readonly communityIdSeed?: number | undefined;
    /** Bytes of payload and of frame in events; 0 leaves them out. */
    readonly payloadBytes: number;
    readonly printableBytes: number;
    /** Whether alerts say where the contents and expressions of their rule were found. */
    readonly matches: boolean;
    readonly packetBytes: number;
    /** Whom proxies speak for; undefined where that is not looked at. */
    readonly xff?: ForwardedOptions | undefined;
    /** Whether alerts name the file with the packets of their flow. */
    readonly namesFile: boolean;
    /** Name of the sensor, names of mirror sessions by VNI, and whether MAC addresses are shown. */
    readonly sensor?: string | undefined;
    readonly vniNames: Readonly<Record<string, string>>;
    readonly ethernet: boolean;
  };
}

/**
 * What comes over the port: rules to be made ready, which wait for `CONTROL.commit`; or that those which wait are not
 * wanted.
 */
export type NextRules = RuleSetHandle | undefined;

/** 32-bit words shared by a shard and the main thread. */
export const CONTROL = {
  /** Main → shard: how many messages were posted to the port. */
  posted: 0,
  /** Shard → main: generation in use. */
  adopted: 1,
  /** Shard → main: row + 1 of the rule being verified, 0 for none. */
  rule: 2,
  /** Shard → main: id of its thread once it reads its rings, 0 while it does not. */
  threadId: 3,
  /** Shard → main: index + 1 of the ring whose record is being worked on, 0 between records. */
  ring: 4,
  /** Shard → main: generation whose rules are ready and wait, and that which could not be made ready. */
  built: 5,
  refused: 6,
  /** Shard → main: generation that is being made ready; once it is, `built` or `refused` has it. */
  building: 7,
  /** Main → shard: generation to take into use, if it is that which waits. */
  commit: 8,
  /** Shard → main: 1 once its rings have ended and nothing more comes from it. */
  ended: 9,
  /** Shard → main: hash of the flow whose packet is being worked on, 0 for none. */
  flow: 10,
  /** Main → shard: hashes of flows that are left out (lethal-flows.ts), how many and then each. */
  lethalFlows: 11,
  firstLethalFlow: 12,
} as const;
export const CONTROL_BYTES = 256;
