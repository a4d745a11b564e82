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
  ApplicationSide,
  Ranges,
  AddressSet,
  DatasetType,
  PacketField,
  Threshold,
} from '../block/terms.js';
import type { PcreUse } from '../match/pcre/simplify.js';

/**
 * A number written in the rule, or a variable (index into the rule's variables) that byte_extract or byte_math sets.
 */
export type Value = number | { readonly variable: number };

/** Where a read starts: from the buffer's start, or relative to the end of the last match. */
export interface ContentMatch {
  readonly kind: 'content';
  readonly bytes: Uint8Array;
  readonly negated: boolean;
  readonly nocase: boolean;
  /** From the buffer's start. `depth` counts from `offset`: the content lies in [offset, offset + depth). */
  readonly offset?: Value | undefined;
  readonly depth?: Value | undefined;
  /**
   * From the end of the last match; either makes the content relative. `within` counts from `distance`: the content
   * lies in [last + distance, last + distance + within), clipped to the buffer.
   */
  readonly distance?: Value | undefined;
  readonly within?: Value | undefined;
  readonly startswith: boolean;
  readonly endswith: boolean;
}

export interface PcreMatch {
  readonly kind: 'pcre';
  /** As written between the slashes. */
  readonly pattern: string;
  /** PCRE flags among i s m x A E G. */
  readonly flags: string;
  readonly negated: boolean;
  readonly relative: boolean;
  /** Where no other step asks where it matches, it need only tell whether it does. */
  readonly use: PcreUse;
}

/**
 * Absolute: passes when position < length of the buffer. Relative: when position <= bytes behind the last match, so
 * that
 * `isdataat:!1,relative` is the end of the buffer (Suricata's difference of one).
 */
export interface IsDataAt {
  readonly kind: 'isdataat';
  readonly position: Value;
  readonly negated: boolean;
  readonly relative: boolean;
}

/** Compares the length of the buffer or, when relative, of what is left of it behind the last match. */
export interface BufferSize {
  readonly kind: 'bsize';
  readonly ranges: Ranges;
  readonly relative?: boolean | undefined;
}

/** How base64 is read: up to the first other character, passing over other characters, or refusing them. */
export type Base64Mode = 'rfc4648' | 'rfc2045' | 'strict';

/**
 * Decodes at most `bytes` characters (0: all) from `offset` on, counted from the buffer's start or the last match, into
 * the buffer base64_data of this rule. Passes when at least one byte comes of it.
 */
export interface Base64Decode {
  readonly kind: 'base64_decode';
  readonly bytes: number;
  readonly offset: number;
  readonly relative: boolean;
}

/** Passes when an ASN.1 element from `offset` on has one of the faults asked for. */
export interface Asn1 {
  readonly kind: 'asn1';
  /** A primitive BIT STRING with more unused bits than it has bits. */
  readonly bitstringOverflow: boolean;
  /** A primitive REAL in decimal encoding of more than 256 bytes. */
  readonly doubleOverflow: boolean;
  /** An element that claims more bytes than this. */
  readonly oversizeLength: number | undefined;
  readonly offset: number;
  readonly relative: boolean;
}

/** A BER element of this identifier byte at the last match's end: `data` goes to its contents, `skip` behind it. */
export interface BerElement {
  readonly kind: 'ber';
  readonly move: 'data' | 'skip';
  readonly type: number;
  /** Passes, without moving, where another type stands. */
  readonly optional: boolean;
}

/** Compares the Shannon entropy, in bits per byte, of `bytes` bytes (0: all) of the buffer from `offset` on. */
export interface Entropy {
  readonly kind: 'entropy';
  readonly bytes: number;
  readonly offset: number;
  readonly operator: '<' | '<=' | '>' | '>=' | '=' | '!=' | '<>' | '!<>';
  /** In millionths of a bit; what is measured is rounded to that. */
  readonly value: number;
  /** Upper end of the operators between two values, both of which are left out. */
  readonly high?: number | undefined;
}

/** Byte strings, each once, with a number from 0 to 65535. */
export interface DataEntries {
  readonly count: number;
  /** One behind the other, in the order in which they were written; `ends` says where each ends. */
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
  readonly values: Uint16Array;
}

/** A named set of values. Rules that name it share one object. */
export interface Dataset {
  /** In lower case. */
  readonly name: string;
  readonly type: DatasetType;
  /** What it starts with. */
  readonly entries: DataEntries;
  /** File that its content is written to when a sensor stops or reloads. */
  readonly save: string | undefined;
  /** Bytes that it may take at most; undefined for no limit of its own. */
  readonly memcap: number | undefined;
}

/**
 * The whole buffer, as it stands, and a dataset. isset: it is in there; isnotset: it is not; set: it was not, and is
 * from now on; unset: it was, and is not any more. A buffer that is empty never passes; one that cannot be a member by
 * its length passes isnotset alone. Changes happen as the step is reached and once per rule and packet, whatever is
 * tried again.
 */
export interface DatasetMatch {
  readonly kind: 'dataset';
  readonly operation: 'isset' | 'isnotset' | 'set' | 'unset';
  readonly set: Dataset;
}

/** The whole buffer is in the dataset, and its number compares so with `value`. */
export interface DatarepMatch {
  readonly kind: 'datarep';
  readonly operator: '<' | '>' | '==';
  readonly value: number;
  readonly set: Dataset;
}

export type Endian = 'big' | 'little' | 'dce';
export type NumberText = 'hex' | 'dec' | 'oct';

interface ByteRead {
  /**
   * Bytes to read (1–8), or digits at most with `text` (1–23; 0: as many as there are). 0 bytes without `text`, which
   * only byte_jump has, read nothing and yield 0. A read that is not whole within the buffer does not match; with
   * `text` blanks, a sign and 0x (hex) may come first, reading ends at the first character that is no digit, and no
   * digit at all does not match.
   */
  readonly bytes: Value;
  readonly offset: Value;
  readonly relative: boolean;
  readonly endian: Endian;
  /** Digits rather than binary. */
  readonly text?: NumberText | undefined;
  /** Applied to the value read, then shifted right by the mask's trailing zeros. */
  readonly bitmask?: number | undefined;
}

/**
 * `&` and `^` pass when value read & (xor) value is not zero. `negated` inverts the comparison, never a failed read.
 */
export interface ByteTest extends ByteRead {
  readonly kind: 'byte_test';
  readonly operator: '<' | '>' | '=' | '<=' | '>=' | '&' | '^';
  readonly negated: boolean;
  readonly value: Value;
}

export interface ByteJump extends ByteRead {
  readonly kind: 'byte_jump';
  readonly multiplier: number;
  /** Round the jump up to a multiple of four. */
  readonly align: boolean;
  /**
   * Jump from the buffer's start or end instead of from behind the bytes read. The new end of the last match is
   * there + (value read × multiplier, aligned) + postOffset; before the buffer counts as its start, behind its end does
   * not match.
   */
  readonly from: 'read' | 'beginning' | 'end';
  readonly postOffset: Value;
}

/** The variable becomes value read × multiplier, rounded up to a multiple of `align` (0: as it is). */
export interface ByteExtract extends ByteRead {
  readonly kind: 'byte_extract';
  readonly variable: number;
  readonly multiplier: number;
  readonly align: 0 | 2 | 4;
}

/** The variable becomes value read <operator> value; a division by zero does not match. */
export interface ByteMath extends ByteRead {
  readonly kind: 'byte_math';
  readonly operator: '+' | '-' | '*' | '/' | '<<' | '>>';
  readonly value: Value;
  readonly variable: number;
}

/**
 * Compares the numbers that a message has (app/buffer-spec.ts, kind `number`), or how many of them there are. Those
 * that count are the ones from `from` up to `to`, which is left out; negative places count from the end. Where one of
 * the two is outside, there are none.
 */
export interface NumberMatch {
  readonly kind: 'number';
  /** Of a number, or of what the mask leaves of it. */
  readonly ranges: Ranges;
  readonly mask?: number | undefined;
  /**
   * `any`: one passes; `all`: there are some, and all pass; the same `or_absent`; `index`: the one at that place
   * passes;
   * `index_or_absent`: or there is none there; `matches`: so many pass as `counts` says; `count`: there are so many.
   */
  readonly which: 'any' | 'all' | 'any_or_absent' | 'all_or_absent' | 'index' | 'index_or_absent' | 'matches' | 'count';
  readonly index?: number | undefined;
  readonly counts?: Ranges | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** One step over a buffer, in the order written; relative steps start where the step before ended. */
export type BufferMatch =
  | ContentMatch
  | PcreMatch
  | IsDataAt
  | BufferSize
  | ByteTest
  | ByteJump
  | ByteExtract
  | ByteMath
  | Base64Decode
  | Asn1
  | BerElement
  | Entropy
  | DatasetMatch
  | DatarepMatch
  | NumberMatch;

/** Transforms that take no value. */
export type PlainTransform =
  | 'dotprefix'
  | 'to_lowercase'
  | 'to_uppercase'
  | 'strip_whitespace'
  | 'compress_whitespace'
  | 'url_decode'
  | 'to_md5'
  | 'to_sha1'
  | 'to_sha256'
  | 'header_lowercase'
  | 'strip_pseudo_headers'
  | 'json_decode'
  | 'domain'
  | 'tld';

/** What is done to a buffer before its steps look at it (Suricata, transformations). */
export type Transform =
  | { readonly kind: PlainTransform }
  /**
   * From `offset` on; the key is given, or lies in the buffer. A buffer that does not reach that far stays as it is.
   */
  | {
      readonly kind: 'xor';
      readonly key: Uint8Array | { readonly offset: number; readonly bytes: number };
      readonly offset: number;
    }
  /**
   * From `offset` on, `length` bytes; negative numbers count from the end. What is not all there is nothing, or with
   * `clip` what is there.
   */
  | { readonly kind: 'subslice'; readonly offset: number; readonly length: number | undefined; readonly clip: boolean }
  /** The first `maximum` bytes of what comes of it; nothing where it is damaged or not of that format. */
  | { readonly kind: 'gunzip' | 'zlib_deflate'; readonly maximum: number }
  /** The first group of the expression's first match; nothing where it does not match. */
  | { readonly kind: 'pcrexform'; readonly pattern: string }
  /** As it was where nothing can be decoded. */
  | { readonly kind: 'from_base64'; readonly bytes: number; readonly offset: number; readonly mode: Base64Mode };

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
  | { readonly kind: 'field'; readonly field: PacketField; readonly ranges: Ranges; readonly negated: boolean }
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
  /** Passes when the segment has one of these events, by number (stream/tcp-event.ts). */
  | { readonly kind: 'tcp_event'; readonly events: readonly number[] }
  /**
   * Of the VLAN tags in front of the layer, from the outermost on: any passes, all do and there is one, or the one in
   * this place does (from the end where it is negative).
   */
  | { readonly kind: 'vlan_id'; readonly ranges: Ranges; readonly layer: 'any' | 'all' | number }
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
  | { readonly kind: 'field'; readonly field: FlowField; readonly ranges: Ranges; readonly negated: boolean }
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
  | { readonly kind: 'stream_size'; readonly side: 'client' | 'server' | 'both' | 'either'; readonly ranges: Ranges }
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
}

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
  'ip' | 'ipv4' | 'ipv6' | 'tcp' | 'udp' | 'icmp' | 'icmpv6' | 'sctp' | 'tcp-pkt' | 'tcp-stream' | 'pkthdr';

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
}

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
  /** Which side the rule's author calls the target of the attack (`target`). */
  readonly target?: 'src_ip' | 'dest_ip' | undefined;
  /** Undefined where the rule has no positive content to prefilter on. */
  readonly fastPattern: FastPattern | undefined;
  /** Number of byte_extract and byte_math variables. */
  readonly variableCount: number;
  /** What the rule waits for: names of application protocols without a parser yet. It is then not inspected. */
  readonly waitingFor: readonly string[];
  /** The keywords that need these protocols; none where only the header does. */
  readonly waitingKeywords?: readonly string[];
  /** Where it was written, for logs and quarantine. */
  readonly origin: { readonly file: string; readonly line: number };
}
