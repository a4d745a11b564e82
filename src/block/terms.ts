/**
 * Terms that the text of rules, their packed form and what comes of them have in common. Known to both sides of the
 * block: to what compiles rules, and to what runs per packet or alert.
 */

export const ACTIONS = ['alert', 'pass', 'drop', 'reject', 'log'] as const;
export type Action = (typeof ACTIONS)[number];

/** Inclusive ranges of integers; sorted, disjoint. */
export type Ranges = readonly (readonly [low: number, high: number])[];

/** What is asked of a number: to be in the ranges or, where there is a mask, that of what the mask leaves of it. */
export interface Compared {
  readonly ranges: Ranges;
  /** Not 0. */
  readonly mask?: number | undefined;
}

/** Inclusive ranges of addresses as numbers; sorted, disjoint. `undefined` stands for any. */
export interface AddressSet {
  readonly ipv4: readonly (readonly [low: number, high: number])[];
  readonly ipv6: readonly (readonly [low: bigint, high: bigint])[];
}

/** Mirror sessions whose rules are read with variables of their own; what is not given is that of all. */
export interface Tenant {
  readonly name: string;
  readonly vnis: readonly number[];
  readonly vars: Readonly<Record<string, string>>;
}
/** What settings take of them: behind that, whatever is given has its ends in the rule set. */
export const MOST_TENANTS = 64;
export const MOST_TENANT_VNIS = 4096;

/** Application protocols that the configuration has turned off: those that are not told, and those not parsed. */
export interface SilentProtocols {
  readonly untold: readonly string[];
  readonly unparsed: readonly string[];
}

/** What the members of a dataset are: any bytes, digests, IPv4 addresses, or addresses of 4 or 16 bytes. */
export type DatasetType = 'string' | 'md5' | 'sha1' | 'sha256' | 'ipv4' | 'ip';

/** Numbers of a packet that a test can look at. A packet that lacks the field never passes, negated or not. */
export type PacketField =
  | 'ttl'
  | 'tos'
  | 'ip_id'
  | 'ip_proto'
  | 'fragoffset'
  | 'dsize'
  | 'tcp_seq'
  | 'tcp_ack'
  | 'tcp_window'
  | 'tcp_mss'
  | 'tcp_wscale'
  | 'icmp_type'
  | 'icmp_code'
  | 'icmp_id'
  | 'icmp_seq'
  | 'icmpv6_mtu'
  /** Codes of the malformations met in the layer (decode/fault.ts): passes where one is in the ranges. */
  | 'fault'
  /**
   * VLAN tags in front of the layer; the layer's IP version, 0 for none; 1 where bytes that its header claims are
   * missing, else 0.
   */
  | 'vlan_layers'
  | 'ip_version'
  | 'truncated'
  /** Blocks of a selective acknowledgement; whether a checksum is right (1) or wrong (0). */
  | 'tcp_sack'
  | 'checksum_ipv4'
  | 'checksum_tcp'
  | 'checksum_udp'
  | 'checksum_icmp'
  | 'checksum_icmpv6'
  | 'vni'
  | 'flow_pkts_toserver'
  | 'flow_pkts_toclient'
  | 'flow_bytes_toserver'
  | 'flow_bytes_toclient'
  | 'flow_age';

export type Track = 'by_src' | 'by_dst' | 'by_both' | 'by_rule' | 'by_flow';

export interface Threshold {
  readonly kind: 'threshold' | 'limit' | 'both' | 'backoff' | 'detection_filter' | 'rate_filter';
  readonly track: Track;
  readonly count: number;
  readonly seconds: number;
  readonly multiplier?: number | undefined;
  readonly uniqueOn?: 'src_port' | 'dst_port' | undefined;
  /** rate_filter: what the rule's action becomes, and for how long after the rate was last exceeded (0: for good). */
  readonly newAction?: Action | undefined;
  readonly timeoutSeconds?: number | undefined;
  /** rate_filter: of which hosts, those that `track` counts by, matches count at all; all where it is undefined. */
  readonly applyTo?: AddressSet | undefined;
}

/**
 * `suppress` of threshold.config: a rule (0: all of this gid; gid 0: all) that is not to alert, at all or for some
 * hosts.
 */
export interface Suppression {
  readonly gid: number;
  readonly sid: number;
  readonly track?: 'by_src' | 'by_dst' | 'by_either' | undefined;
  readonly addresses?: AddressSet | undefined;
}

/**
 * `threshold`, `event_filter` or `rate_filter` of threshold.config, for the rules that gid and sid name as above.
 * Without a threshold (`count -1`): these rules alert at every match, whatever else is said of them.
 */
export interface FileThreshold {
  readonly gid: number;
  readonly sid: number;
  readonly threshold: Threshold | undefined;
}

/** All that threshold.config says. */
export interface ThresholdConfig {
  readonly suppressions: readonly Suppression[];
  readonly thresholds: readonly FileThreshold[];
}

/**
 * Whose application a rule asks for: the side's that has sent what is inspected, that of clients or of servers, one of
 * both, the flow's, or the one that it had before it changed. Of both sides of a connection, once both have told: that
 * they differ, and that none, or one alone, is of the applications asked for (`failed`). Once one has: that the flow
 * speaks one of them, told by one side alone, and that it does not speak the one of them that it was to change to. From
 * `differ` on they are those of flow/told-application.ts.
 */
export const APPLICATION_SIDES = [
  'own',
  'to_server',
  'to_client',
  'either',
  'final',
  'original',
  'differ',
  'one_known',
  'alone',
  'not_expected',
] as const;
export type ApplicationSide = (typeof APPLICATION_SIDES)[number];

/** Phases of a TCP connection that a packet may be in. */
export const SESSION_PHASES = ['setup', 'established', 'closing'] as const;
export type SessionPhase = (typeof SESSION_PHASES)[number];
