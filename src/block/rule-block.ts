/**
 * Layout of a compiled rule set: one relocatable, immutable block of tables. Stage: detect; written by compile.ts on
 * the loader thread, read in place by every shard (rule-set.ts), and kept on disk as it is by the cache.
 *
 *   word 0      1         2       3            4           5                  HEADER_WORDS
 *        | magic | version | size | rule count | bit count | section directory | sections … |
 *
 * The directory holds byte offset (from the block's start) and byte length of each section. Words are 32 bits in native
 * byte order. Sections start on 64-byte boundaries, so that the pattern tables inside may be used in place, and the
 * size is a multiple of 64. The same rules in the same order give the same bytes. Rows of rules are sorted by the order
 * in which they are to be verified: the row number is the rank.
 */

import type { PacketField } from './terms.js';

export const BLOCK_MAGIC = 0x50525331;
export const BLOCK_VERSION = 15;
export const BLOCK_ALIGNMENT = 64;

/**
 * `hostState` is 1 where a rule keeps state of hosts or pairs, tags among it, else 0; `tcpEvents` where one asks for
 * events of TCP.
 */
export const HEADER = {
  magic: 0,
  version: 1,
  size: 2,
  rules: 3,
  bits: 4,
  directory: 5,
  hostState: 60,
  tcpEvents: 61,
} as const;

/** Sections in the order they lie in the block. */
export const SECTION = {
  /** Rows of `RULE_WORDS`. */
  rules: 0,
  /** Packed conditions and effects (OP). */
  code: 1,
  /** Literals of contents. */
  bytes: 2,
  /** UTF-8, and per string its offset and length. */
  strings: 3,
  stringIndex: 4,
  /** Rows: first v4 word, v4 ranges, first v6 word, v6 ranges; then the words: v4 low, high; v6 4 + 4. */
  addressSets: 5,
  addressWords: 6,
  /** Rows: kind, first word, count; then the words: ranges low | high << 16, or bitmaps of 2048 words. */
  portSets: 7,
  portWords: 8,
  /** Rows: id, string. Sorted by id. */
  bitNames: 9,
  /** Rows of `GROUP_WORDS`. */
  groups: 10,
  /** Tables of the matcher, one after the other on 64-byte boundaries. */
  patternTables: 11,
  /** Per group: start of each pattern's list (one more than patterns), then the lists: rule rows, ascending. */
  patternRules: 12,
  /**
   * Index of rules without a pattern: rows of `CLASS_WORDS` per transport class, then lists (see unfiltered-index.ts).
   */
  unfiltered: 13,
  /** Rows of `THRESHOLD_WORDS`. */
  thresholds: 14,
  /** Rows: string of the source, string of the flags. */
  regexes: 15,
  /**
   * Sets of values (data-sets.ts): their number, rows of `DATASET_WORDS`, then what the rows point to; and the values'
   * bytes.
   */
  datasets: 16,
  datasetBytes: 17,
  /** Rows of rules with thresholds, ascending. */
  thresholdRules: 18,
  /** Rows of GROUP_INDEX (`packetGroups` and its like): the first group, and how many. */
  groupIndex: 19,
  /**
   * Rows by `txRulesRow`: start and end of a list of rules of transactions without a pattern; then the lists,
   * ascending.
   */
  txRules: 20,
  /** As txRules, by direction: rules of streams without a pattern. */
  streamRules: 21,
  /** Tables of patterns at a fixed place (anchored-layout.ts), behind a word that stands for none. */
  anchored: 22,
  /** Mirror sessions of tenants, ascending: VNI, number of the tenant from 1 on. */
  tenants: 23,
  /** Behind a word that stands for none: of each tenant the ends of a header (END). */
  tenantEnds: 24,
} as const;
export const SECTION_COUNT = 25;
export const HEADER_WORDS = 64;

/** Words of a rule's row. A reference of -1 stands for "any" or "none". */
export const RULE = {
  action: 0,
  gid: 1,
  sid: 2,
  rev: 3,
  priority: 4,
  /** Set of `CLASS_BIT`: the transport classes that the rule looks at. */
  classes: 5,
  flags: 6,
  /** Set of `FLOW_BIT`. */
  flow: 7,
  source: 8,
  destination: 9,
  sourcePorts: 10,
  destinationPorts: 11,
  /** Conditions: on the packet up to `flowTests`, and from there on, on the flow. */
  tests: 12,
  testsEnd: 13,
  /** Flowbits asked for. */
  bits: 14,
  bitsEnd: 15,
  /** Steps over buffers. */
  buffers: 16,
  buffersEnd: 17,
  effects: 18,
  effectsEnd: 19,
  thresholds: 20,
  thresholdCount: 21,
  /** The event's `alert` object, left open: `"alert":{…`. */
  json: 22,
  msg: 23,
  classtype: 24,
  category: 25,
  file: 26,
  line: 27,
  /** RULE_KIND. */
  kind: 28,
  /** Sets of applications, by number: 0 to 31, and 32 to 63. Both 0 where none is asked for. */
  applications: 29,
  moreApplications: 30,
  /** Its engines: buffer programs of application buffers. */
  engines: 31,
  /** Sides on which a rule of transactions has engines: 1 to server, 2 to client. */
  sides: 32,
  flowTests: 33,
  /** Where the ends as tenants have them stand in their section; 0 where all have those of the row. */
  tenants: 34,
} as const;
export const RULE_WORDS = 40;
/** Words of the ends of a header: in a rule's row from `source` on, and as tenants have them. */
export const END = { source: 0, destination: 1, sourcePorts: 2, destinationPorts: 3 } as const;
export const END_WORDS = 4;

/** What a rule is tried on, and when. */
export const RULE_KIND = {
  /** Its header alone: once per flow and direction. */
  address: 0,
  /** Every packet. */
  packet: 1,
  /** Every range of a stream, once; over transports without streams every packet. */
  stream: 2,
  /** Every packet, and every range of a stream. */
  both: 3,
  /** Every packet of a flow that is known to be of the application. */
  application: 4,
  /** Once per direction, as soon as the application is known. */
  detected: 5,
  /** Once per transaction. */
  tx: 6,
  /** Once per transaction, with contents that are looked for in the payload beside it. */
  txPayload: 7,
  frame: 8,
} as const;
export type RuleKind = keyof typeof RULE_KIND;

/** Engines of a rule at most: which of them have passed is a word of bits. */
export const MAX_ENGINES = 31;

export const RULE_FLAG = {
  bidirectional: 1,
  /** Only the first packet of each direction of a flow (Suricata's `flow_start`). */
  flowStart: 2,
  noalert: 4,
  /** Has steps over the payload: needs one of at least a byte. */
  payload: 8,
  /** Asks for nothing but its header, or what is as good as a part of it: inspected once per flow and direction. */
  headerAlone: 16,
  /** Also looks at single fragments. */
  fragments: 32,
  /** `tcp-stream` or only_stream: stream data only. */
  streamOnly: 64,
  /** A pass that covers the rest of the flow; the second only where it matched stream data. */
  passFlow: 128,
  passFlowOnStream: 256,
  /** Only the frame's first layer (pkthdr). */
  frame: 512,
  ipv4Only: 1024,
  ipv6Only: 2048,
  /** Which end the author calls the target of the attack. */
  targetSource: 4096,
  targetDestination: 8192,
  /** Has tags among its effects. */
  tags: 16384,
  /** A pass that alerts as well. */
  alertsOnPass: 32768,
  /**
   * Wants files stored: those that it holds for, all of the transaction, or of the flow from there on; of the side that
   * it has matched on, unless it names some.
   */
  storeFile: 65_536,
  storeTransaction: 131_072,
  storeFlow: 262_144,
  storeRequest: 524_288,
  storeResponse: 1_048_576,
  /** Asks for a payload by its size: one that can be looked into. */
  sized: 2_097_152,
  /** No event is written of transactions that it matches. */
  silencesTransactions: 4_194_304,
} as const;

export const FLOW_BIT = {
  toServer: 1,
  toClient: 2,
  established: 4,
  notEstablished: 8,
  onlyStream: 16,
  noStream: 32,
  onlyFragments: 64,
  noFragments: 128,
} as const;

/** What a packet is to the prefilter and the index: rules are grouped by it. */
export const TRANSPORT = { tcp: 0, udp: 1, icmp: 2, icmpv6: 3, sctp: 4, otherIp: 5, noIp: 6 } as const;
export type Transport = (typeof TRANSPORT)[keyof typeof TRANSPORT];
export const TRANSPORT_COUNT = 7;
export const ALL_IP_TRANSPORTS = 0b0111111;
export const ALL_TRANSPORTS = 0b1111111;

/** What is scanned at a time. */
export const UNIT = { packet: 0, stream: 1, tx: 2, frame: 3 } as const;
export type Unit = (typeof UNIT)[keyof typeof UNIT];

/**
 * Words of a prefilter group: the patterns that are looked for in one buffer of one kind of unit, in one direction of a
 * flow. A buffer that is transformed has a group of its own for each chain of transforms.
 */
export const GROUP = {
  buffer: 0,
  unit: 1,
  /** The transport of packets, the application of transactions; 0 for streams. */
  key: 2,
  direction: 3,
  /** Byte offset of the tables from those of the whole block. */
  tables: 4,
  patterns: 5,
  /** Where the starts of the patterns' lists stand. */
  lists: 6,
  /** Code of the transforms that come before the scan; start and end are equal where there are none. */
  transforms: 7,
  transformsEnd: 8,
  /** Of transactions: from which progress on the buffer is there. Groups of one index row are in this order. */
  progress: 9,
  /** Where the table of patterns at a fixed place lies in their section; 0 for none. */
  anchored: 10,
  /** Patterns that are scanned for; those at a fixed place have the numbers behind them. */
  scanned: 11,
} as const;
export const GROUP_WORDS = 16;
/** Bytes of a prefilter pattern: of a longer content its most telling part is looked for. */
export const LONGEST_PATTERN = 32;

/** Words of a row of the index of groups. */
export const GROUP_INDEX = { first: 0, count: 1 } as const;
export const GROUP_INDEX_WORDS = 2;
/** Applications that a block can tell apart. */
const MAX_APPLICATIONS = 64;
/** The number under which frames are looked at: those of all applications. */
export const OF_FRAMES = MAX_APPLICATIONS - 1;
const STREAM_ROWS = 2 * TRANSPORT_COUNT;
const TX_ROWS = STREAM_ROWS + 2;
export const GROUP_INDEX_ROWS = TX_ROWS + 2 * MAX_APPLICATIONS;

/** Rows of the index of groups. Packets without a flow go to the server. */
export const packetGroups = (transport: number, direction: number): number => 2 * transport + direction;
export const streamGroups = (direction: number): number => STREAM_ROWS + direction;
export const txGroups = (application: number, direction: number): number =>
  TX_ROWS + txRulesRow(application, direction);
/** Row of the section `txRules`. */
export const txRulesRow = (application: number, direction: number): number => 2 * application + direction;
export const TX_RULES_ROWS = 2 * MAX_APPLICATIONS;

export const PORT_SET = { ranges: 0, bitmap: 1 } as const;
export const PORT_BITMAP_WORDS = 2048;

export const THRESHOLD = { kind: 0, track: 1, count: 2, seconds: 3, multiplier: 4, uniqueOn: 5 } as const;
export const THRESHOLD_WORDS = 6;
export const THRESHOLD_KINDS = ['threshold', 'limit', 'both', 'backoff', 'detection_filter', 'rate_filter'] as const;
export const TRACKS = ['by_src', 'by_dst', 'by_both', 'by_rule', 'by_flow'] as const;
export const UNIQUE_ON = ['src_port', 'dst_port'] as const;

/** Operations of packed code. Word 0 is the operation, word 1 the length in words, both included. */
export const OP = {
  /** field, negated, then a comparison (compared.ts). */
  field: 1,
  /** flags, ignored, mode. */
  tcpFlags: 2,
  /** bits, mode. */
  fragbits: 3,
  /** option, negated. */
  ipopts: 4,
  /** negated. */
  sameip: 5,
  /** Nested tests, one of which must pass. */
  either: 6,
  /** side, then a comparison. */
  streamSize: 7,
  /** ADDRESS_SIDE, address set. */
  address: 8,
  /** Bits by the place in SESSION_PHASES. */
  tcpSession: 9,
  /** isset or isnotset (BIT_OPERATION), then ids. */
  bitTest: 10,
  /** set, unset, toggle or reset (BIT_OPERATION), then ids. */
  bitEffect: 11,
  /** As both before, for hosts: operation, scope (HOST_SCOPE), then ids; of an effect, the seconds before the ids. */
  hostTest: 12,
  hostEffect: 13,
  /** Of a flow's numbers (flow-integers.ts): operator, id, the id to take (0: none), value. */
  integerTest: 14,
  integerChange: 15,
  /** The events (stream/tcp-event.ts) as two words of bits. */
  tcpEvent: 16,
  /** place (VLAN_PLACE, or the tag's: from 0, or from the end on from -1), then a comparison. */
  vlanId: 17,
  /** Among the effects: scope (TAG_SCOPE), then the most packets, bytes and seconds, 0 for no limit. */
  tag: 18,
  /** APPLICATION_SIDES, negated, then the set of applications as two words of bits, by number. */
  application: 19,
  /** BUFFER_CODE, then what is said of the buffer, and the steps over it. */
  buffer: 20,
  content: 21,
  pcre: 22,
  isdataat: 23,
  bsize: 24,
  byteTest: 25,
  byteJump: 26,
  byteExtract: 27,
  byteMath: 28,
  base64Decode: 29,
  asn1: 30,
  ber: 31,
  entropy: 32,
  /** Of datasets, and of the numbers in them. */
  dataset: 33,
  /** Of buffers that are numbers: the one step over them. */
  number: 34,
  /** Words of VARIABLE_TEST and CAPTURE. */
  variableTest: 35,
  capture: 36,
  /** As bitTest and bitEffect, for the transaction at hand. */
  markTest: 37,
  markEffect: 38,
  /** Of a buffer, before its steps: what is done to it, and that it may be missing (1) or must be (2). */
  transform: 40,
  absent: 41,
} as const;

/**
 * Words of OP.buffer. `engine`: its number among the engines of the rule, by side and progress; -1 where that it has
 * passed is not remembered. The progress from which on each side has the buffer, -1 where it never has, or the rule
 * does not look there.
 */
export const BUFFER_CODE = { buffer: 2, engine: 3, progressToServer: 4, progressToClient: 5, end: 6 } as const;

/** `reset` unsets all bits of the flow. */
export const BIT_OPERATION = { isset: 0, isnotset: 1, set: 2, unset: 3, toggle: 4, reset: 5 } as const;
/** The variable of a flow (or, `ofPacket`, of a packet) with this id has the bytes of the pool in it. */
export const VARIABLE_TEST = { ofPacket: 2, id: 3, bytes: 4, length: 5, end: 6 } as const;
/**
 * Among the effects: what becomes of a captured text, by its number within the rule. `name`: the id of a variable, the
 * number of the text that is its name, or a string of the block.
 */
export const CAPTURE = { becomes: 2, name: 3, text: 4, end: 5 } as const;
export const CAPTURE_KINDS = ['flow', 'packet', 'pair', 'alert'] as const;
/** Texts that a rule may capture. */
export const MAX_CAPTURES = 32;
export const HOST_SCOPE = { source: 0, destination: 1, both: 2, pair: 3 } as const;
export const TAG_SCOPE = { session: 0, source: 1, destination: 2 } as const;
/** Words of OP.tag. */
export const TAG_CODE = { scope: 2, packets: 3, bytes: 4, seconds: 5 } as const;
export const STREAM_SIDES = ['client', 'server', 'both', 'either'] as const;
export const ADDRESS_SIDE = { src: 0, dst: 1, both: 2, any: 3 } as const;
/** Words of OP.address. */
export const ADDRESS_TEST = { side: 2, set: 3 } as const;
export const VLAN_PLACE = { any: 100, all: 101 } as const;
export const TEST_MODE = { exact: 0, all: 1, any: 2, not: 3 } as const;

/**
 * Words of a dataset's row. Names are strings; `save` is -1 for no file, `context`, the name of what alerts show of an
 * entry, -1 for none: else values of entries are strings, JSON, or '' for nothing to show. A set that rules change
 * lives in a table that the shards share, under `id`, and starts with the entries here. `slots` and `entries` are words
 * of the section: slots hold the number of an entry + 1, or 0, and are looked through from the hash, with the set's
 * `seed`, on; entries are DATASET_ENTRY.
 */
export const DATASET = {
  type: 0,
  id: 1,
  changes: 2,
  memcap: 3,
  name: 4,
  save: 5,
  slots: 6,
  mask: 7,
  entries: 8,
  count: 9,
  shortest: 10,
  longest: 11,
  seed: 12,
  context: 13,
} as const;
export const DATASET_WORDS = 14;
export const DATASET_TYPES = ['string', 'md5', 'sha256', 'ipv4', 'ip', 'sha1'] as const;
/** `at`: where its bytes start. */
export const DATASET_ENTRY = { hash: 0, at: 1, length: 2, value: 3 } as const;
export const DATASET_ENTRY_WORDS = 4;

/** Numbers of packet fields in `OP.field`. */
export const FIELD: Readonly<Record<PacketField, number>> = {
  ttl: 0,
  tos: 1,
  ip_id: 2,
  ip_proto: 3,
  fragoffset: 4,
  dsize: 5,
  tcp_seq: 6,
  tcp_ack: 7,
  tcp_window: 8,
  tcp_mss: 9,
  tcp_wscale: 10,
  icmp_type: 11,
  icmp_code: 12,
  icmp_id: 13,
  icmp_seq: 14,
  icmpv6_mtu: 15,
  vni: 16,
  flow_pkts_toserver: 17,
  flow_pkts_toclient: 18,
  flow_bytes_toserver: 19,
  flow_bytes_toclient: 20,
  flow_age: 21,
  fault: 22,
  vlan_layers: 23,
  ip_version: 24,
  truncated: 25,
  tcp_sack: 26,
  checksum_ipv4: 27,
  checksum_tcp: 28,
  checksum_udp: 29,
  checksum_icmp: 30,
  checksum_icmpv6: 31,
};

/** Of the hashes in a block; the first of those tried for a dataset. */
export const BLOCK_SEED = 0x2545f491;

/** Changes of one rule on one packet that are remembered: as many as a rule may have. */
export const MAX_DATASET_CHANGES = 16;

/** By number in packed code. */
export const INTEGER_TESTS = ['isset', 'isnotset', '<', '<=', '==', '!=', '>=', '>'] as const;
export const INTEGER_CHANGES = ['=', '+', '-'] as const;
