/**
 * What a rule means: the form that keywords compile to, and the only one that detection knows. Stage: rule (compile).
 *
 * A `RuleProgram` is plain data. compile/compile-rules.ts packs it into the shared block; the naive verifier of the
 * tests reads it as it is. Terms are Suricata's (its rule documentation is the reference for each meaning).
 */
import type { ApplicationName } from '../app/applications.js';
import type { BufferName } from '../app/buffers.js';
import type { RuleKind } from '../block/rule-block.js';
import type {
  Action,
  AddressSet,
  ApplicationSide,
  Compared,
  PacketField,
  Ranges,
  SessionPhase,
  Threshold,
} from '../block/terms.js';
import type { BufferMatch, Transform } from './buffer-match.js';

/** All steps over one buffer. Several entries of one buffer are inspected one after the other. */
export interface BufferProgram {
  readonly buffer: BufferName;
  /** Applied in this order before the steps. */
  readonly transforms?: readonly Transform[] | undefined;
  /** `only`: passes only where the packet does not offer the buffer; `or_else`: there, too. */
  readonly absent?: 'only' | 'or_else' | undefined;
  readonly matches: readonly BufferMatch[];
}

/** A condition on the packet at hand. It makes its rule one of packets: a stream or a transaction has no TTL. */
export type PacketTest =
  | ({ readonly kind: 'field'; readonly field: PacketField; readonly negated: boolean } & Compared)
  /**
   * Passes when `mode` holds between the packet's TCP flags, without those in `ignore`, and `flags` (bits of RFC 9293
   * header byte 13). With seen = packet flags & ~ignore: exact: seen === flags; all: (seen & flags) === flags;
   * any: (seen & flags) !== 0; not: (seen & flags) === 0.
   */
  | {
      readonly kind: 'tcp_flags';
      readonly flags: number;
      readonly ignore: number;
      readonly mode: 'exact' | 'all' | 'any' | 'not';
    }
  /** Bits: reserved 4, DF 2, MF 1; modes as in tcp_flags. */
  | { readonly kind: 'fragbits'; readonly bits: number; readonly mode: 'exact' | 'all' | 'any' | 'not' }
  /** IPv4 option number; -1: any option at all. */
  | { readonly kind: 'ipopts'; readonly option: number; readonly negated: boolean }
  | { readonly kind: 'sameip'; readonly negated: boolean }
  /** Passes when the packet's connection is in one of the phases. */
  | { readonly kind: 'tcp_session'; readonly phases: readonly SessionPhase[] }
  /** Passes when the segment has one of these events, by number (stream/tcp-event.ts). */
  | { readonly kind: 'tcp_event'; readonly events: readonly number[] }
  /**
   * Of the VLAN tags in front of the layer, from the outermost on: any passes, all do and there is one, or the one in
   * this place does (from the end where it is negative).
   */
  | ({ readonly kind: 'vlan_id'; readonly layer: 'any' | 'all' | number } & Compared)
  /** Passes when one of the tests does. */
  | { readonly kind: 'either'; readonly tests: readonly PacketTest[] };

/** Numbers that are the same in all packets of a flow, or that count the flow itself. */
export const FLOW_FIELDS = [
  'vni',
  'ip_version',
  'ip_proto',
  'flow_pkts_toserver',
  'flow_pkts_toclient',
  'flow_bytes_toserver',
  'flow_bytes_toclient',
  'flow_age',
] as const satisfies readonly PacketField[];
export type FlowField = (typeof FLOW_FIELDS)[number];

/** A condition on the flow, which can be asked of whatever is inspected of it: packets, streams, transactions. */
export type FlowTest =
  | ({ readonly kind: 'field'; readonly field: FlowField; readonly negated: boolean } & Compared)
  /**
   * One of the addresses (`any`), both, or the one named is in the set. `perFlow`: where the rule asks nothing else of
   * a packet, the first of a flow's direction answers for all.
   */
  | {
      readonly kind: 'address';
      readonly side: 'src' | 'dst' | 'both' | 'any';
      readonly addresses: AddressSet;
      readonly perFlow: boolean;
    }
  /**
   * Bytes that a side of a TCP connection has sent so far by its sequence numbers (next expected - initial), SYN
   * included.
   * `both`: each side passes, `either`: one of them. A packet without a TCP session never passes.
   */
  | ({ readonly kind: 'stream_size'; readonly side: 'client' | 'server' | 'both' | 'either' } & Compared)
  /**
   * What the flow speaks, by `side`, is among the applications (`unknown`: it is not known). A test that is negated
   * needs to know it as well.
   */
  | {
      readonly kind: 'application';
      readonly applications: readonly (ApplicationName | 'unknown')[];
      readonly side: ApplicationSide;
      readonly negated: boolean;
    }
  /** Passes when one of the tests does. */
  | { readonly kind: 'either'; readonly tests: readonly FlowTest[] };

/** `flow:` — undefined members are not asked for. */
export interface FlowState {
  readonly direction?: 'to_server' | 'to_client' | undefined;
  /** The packet that completes the handshake counts as before it, unless it carries data. */
  readonly established?: boolean | undefined;
  /** Matches whatever the state. */
  readonly stateless?: boolean | undefined;
  /** Only data put together from a stream, or only packets. */
  readonly source?: 'only_stream' | 'no_stream' | undefined;
  readonly frag?: 'only_frag' | 'no_frag' | undefined;
}

/**
 * State kept per flow or host. `names` are alternatives for isset and isnotset (written `a|b`): the test passes as soon
 * as one of them is (not) set. `host_both`: isset asks either host, isnotset asks that neither has the bit.
 */
export interface BitTest {
  readonly scope: 'flow' | 'host_src' | 'host_dst' | 'host_both' | 'ip_pair' | 'tx';
  readonly operation: 'isset' | 'isnotset';
  readonly names: readonly string[];
  /** Instead of names: any or all of the bits that rules put into the group, none of which may be isset. */
  readonly group?: { readonly name: string; readonly join: 'any' | 'all' } | undefined;
  /**
   * flowint: `names` are the number that is compared and, where there is a second, the one that it is compared with.
   */
  readonly integer?: IntegerTest | undefined;
  /** flowvar, pktvar: the one of `names` is a variable, whose value has these bytes in it. */
  readonly variable?: { readonly of: 'flow' | 'packet'; readonly content: Uint8Array } | undefined;
}
/**
 * With a number or, where a second name stands, with that one's value (`value` is then 0); one never set fails all but
 * isnotset.
 */
export interface IntegerTest {
  readonly operator: 'isset' | 'isnotset' | '<' | '<=' | '==' | '!=' | '>=' | '>';
  readonly value: number;
}
/** As IntegerTest, modulo 2^32; one never set counts as 0. */
export interface IntegerChange {
  readonly operator: '=' | '+' | '-';
  readonly value: number;
}
/**
 * Applied to all of `names` when the rule has matched; `host_both` changes both hosts. `reset` without a group: all of
 * a flow.
 */
export interface BitEffect {
  readonly scope: BitTest['scope'];
  readonly operation: 'set' | 'unset' | 'toggle' | 'reset';
  readonly names: readonly string[];
  /**
   * Of a flow's bits: what is set belongs to the group from the start; the other operations change all of the group.
   */
  readonly group?: string | undefined;
  /** Of set: the other bits of the group are unset. */
  readonly exclusive?: boolean | undefined;
  /** Seconds that a bit of a host or pair lives once it is set. */
  readonly expireSeconds?: number | undefined;
  /** flowint: changes the number of the first name. */
  readonly change?: IntegerChange | undefined;
  /** The one of `names` is a variable, or there is none, and it is set to what an expression has captured. */
  readonly capture?: Capture | undefined;
}

/** What becomes of a text that an expression has captured (`PcreMatch.captures`), by its number within the rule. */
export type Capture =
  | { readonly of: 'flow' | 'packet'; readonly text: number }
  /** A variable of the packet that is called what another text says. */
  | { readonly of: 'pair'; readonly key: number; readonly text: number }
  /** A member of the alert's `context`. */
  | { readonly of: 'alert'; readonly key: string; readonly text: number };

/**
 * The packets behind a match are recorded, those of the flow or those from and to one of the packet's hosts, until one
 * of the limits is reached; there is at least one. The packet that matches counts, and is not recorded.
 */
export interface Tag {
  readonly scope: 'session' | 'host_src' | 'host_dst';
  readonly packets?: number | undefined;
  /** Bytes of whole frames. */
  readonly bytes?: number | undefined;
  /** Since the match. */
  readonly seconds?: number | undefined;
}

/** Transport classes that a rule inspects; `stream` and `packet` tell how plain TCP is looked at. */
export type RuleProtocol =
  'ip' | 'ipv4' | 'ipv6' | 'tcp' | 'udp' | 'icmp' | 'icmpv4' | 'icmpv6' | 'sctp' | 'tcp-pkt' | 'tcp-stream' | 'pkthdr';

export interface RuleHeader {
  readonly protocol: RuleProtocol;
  /** Rule hook written behind the protocol (`tcp:flow_start`). */
  readonly hook?: 'flow_start' | 'all' | undefined;
  readonly source: AddressSet | undefined;
  readonly sourcePorts: Ranges | undefined;
  readonly destination: AddressSet | undefined;
  readonly destinationPorts: Ranges | undefined;
  /** `<>`: also the other way round. */
  readonly bidirectional: boolean;
  /** Flows of one of these applications alone. */
  readonly applications?: readonly ApplicationName[] | undefined;
  /** The ends as tenants have them, where a variable stands there; undefined where such an end is nothing. */
  readonly tenants?: readonly (HeaderEnds | undefined)[] | undefined;
}

/** Both ends of a header. */
export type HeaderEnds = Pick<RuleHeader, 'source' | 'sourcePorts' | 'destination' | 'destinationPorts'>;

/** The literal that the prefilter looks for: part or all of one positive content. */
export interface FastPattern {
  readonly buffer: BufferName;
  /** What is done to the buffer before it is looked for. */
  readonly transforms?: readonly Transform[] | undefined;
  /** Where in the buffer it stands, if that can only be one place. */
  readonly place?: number | undefined;
  readonly bytes: Uint8Array;
  readonly nocase: boolean;
  /** `fast_pattern:only`: what the author said; the content is a step like any other. */
  readonly only: boolean;
}

/** Which files are stored where a rule matches: of the side named, else of the one that it matched on. */
export interface FileStoring {
  readonly side: 'to_server' | 'to_client' | 'both' | undefined;
  readonly scope: 'file' | 'tx' | 'flow';
}

export interface Reference {
  readonly system: string;
  readonly id: string;
}

export interface RuleProgram {
  readonly action: Action;
  readonly gid: number;
  readonly sid: number;
  readonly rev: number;
  readonly msg: string;
  readonly classtype: string | undefined;
  /** From classification.config, '' without a classtype. */
  readonly category: string;
  /** 1 (most urgent) to 255; 3 when nothing says otherwise. */
  readonly priority: number;
  readonly references: readonly Reference[];
  /** Key to values, in the order written. */
  readonly metadata: ReadonlyMap<string, readonly string[]>;
  readonly header: RuleHeader;
  /** What is looked at, and when. */
  readonly kind: RuleKind;
  readonly flow: FlowState | undefined;
  readonly packetTests: readonly PacketTest[];
  readonly flowTests: readonly FlowTest[];
  readonly bitTests: readonly BitTest[];
  readonly buffers: readonly BufferProgram[];
  readonly effects: readonly BitEffect[];
  readonly noalert: boolean;
  /** A pass rule that alerts as well. */
  readonly alertsOnPass?: boolean | undefined;
  readonly thresholds: readonly Threshold[];
  readonly tags?: readonly Tag[] | undefined;
  readonly fileStoring?: FileStoring | undefined;
  /** No event is written of the transactions that the rule matches. */
  readonly silencesTransactions?: true | undefined;
  /** Which side the rule's author calls the target of the attack (`target`). */
  readonly target?: 'src_ip' | 'dest_ip' | undefined;
  /** Undefined where the rule has no positive content to prefilter on. */
  readonly fastPattern: FastPattern | undefined;
  /** Number of byte_extract and byte_math variables. */
  readonly variableCount: number;
  /** What the rule waits for: names of application protocols without a parser yet. It is then not inspected. */
  readonly waitingFor: readonly string[];
  /** The keywords that need these protocols; none where only the header does. */
  readonly waitingKeywords?: readonly string[] | undefined;
  /** Where it was written, for logs and quarantine. */
  readonly origin: { readonly file: string; readonly line: number };
}
