/**
 * decode-event: a malformation that decoding met in this layer. Stage: rule. Reference: Suricata, decoder events.
 *
 * Names are those of decode/fault.ts, or Suricata's for the same. Names of faults, not codes, are stable.
 */
import { FAULTS, type Fault } from '../../decode/fault.js';
import type { Ranges } from '../../block/terms.js';
import type { PacketTest } from '../program.js';
import { rangeUnion } from '../compile/range-set.js';
import { eventOption, type EventFamily, type EventMeaning } from './event-name.js';
import type { RuleOption } from './option.js';

const ALL: readonly Fault[] = FAULTS;
const NO_PACKET = 'no packet comes of it; periscope_faults_total counts it by name';
const UNDECODED = (what: string): string => `${what} is not decoded`;
const SCTP_CHUNKS = 'chunks of SCTP are payload here';

const codeOf = (name: string): number => ALL.findIndex((fault) => fault.name === name);
const has = (field: 'fault' | 'truncated' | 'ip_version', value: number): PacketTest => ({
  kind: 'field',
  field,
  ranges: [[value, value]],
  negated: false,
});
const within = (version: 4 | 6, ...faults: readonly string[]): EventMeaning => ({
  kind: 'raised',
  tests: [faultTest(faults.map(codeOf)), has('ip_version', version)],
});

function faultTest(codes: readonly number[]): PacketTest {
  const ranges: Ranges = rangeUnion(codes.map((code) => [code, code] as const));
  return { kind: 'field', field: 'fault', ranges, negated: false };
}

/**
 * Defragmentation loses these fragments, and it is seen coming; an overlap that leaves a datagram is said of that.
 */
const SEEN_FRAGMENT_FAULTS = ['fragment_too_large', 'fragment_bad_length', 'fragment_overlap', 'fragment_tiny'];

/** Events of Suricata that are not one fault. */
const COMPOSED: Readonly<Record<string, EventMeaning>> = {
  'ipv4.trunc_pkt': { kind: 'raised', tests: [has('truncated', 1), has('ip_version', 4)] },
  'ipv6.trunc_pkt': { kind: 'raised', tests: [has('truncated', 1), has('ip_version', 6)] },
  'ipv4.frag_pkt_too_large': within(4, 'fragment_too_large'),
  'ipv6.frag_pkt_too_large': within(6, 'fragment_too_large'),
  'ipv4.frag_overlap': within(4, 'fragment_overlap'),
  'ipv6.frag_overlap': within(6, 'fragment_overlap'),
  'ipv6.frag_invalid_length': within(6, 'fragment_bad_length'),
  // A header that cannot be read is said of the layer that carries it.
  'ipv6.ipv4_in_ipv6_too_small': within(6, 'ipv4_truncated_header'),
  'ipv6.ipv4_in_ipv6_wrong_version': within(6, 'ipv4_bad_version'),
  'ipv6.ipv6_in_ipv6_too_small': within(6, 'ipv6_truncated_header'),
  'ipv6.ipv6_in_ipv6_wrong_version': within(6, 'ipv6_bad_version'),
};

const arp = (names: string): [string, EventMeaning][] =>
  names.split(' ').map((name) => [`arp.${name}`, { kind: 'waits', for: 'arp' }]);
const silent = (prefix: string, names: string, reason: string): [string, EventMeaning][] =>
  names.split(' ').map((name) => [`${prefix}.${name}`, { kind: 'silent', reason }]);

/** Events of Suricata that no packet has here. */
const OTHERS: readonly [string, EventMeaning][] = [
  ...arp(
    'pkt_too_small unsupported_hardware unsupported_protocol unsupported_opcode invalid_pkt invalid_hardware_size invalid_protocol_size',
  ),
  ...silent('afpacket', 'trunc_pkt', 'packets come from mirrors and files'),
  ...silent('erspan', 'too_many_vlan_layers', 'tags within are counted by vlan.too_many_layers'),
  ...silent('gre', 'version1_malformed_sre_hdr', 'version 1 has no source routes: it is gre.version1_route'),
  ...silent('igmp', 'pkt_too_small malformed v3_pkt_too_small', UNDECODED('IGMP')),
  ...silent('ipv4', 'opt_pad_required', 'RFC 791 pads options to 4 bytes, which the header length sees to'),
  ...silent('ipv4', 'frag_ignored', 'no fragment is lost for an internal reason'),
  ...silent('ipv6', 'frag_ignored', 'no fragment is lost for an internal reason'),
  ...silent('ipv6', 'exthdr_dupl_eh', 'what follows ESP is encrypted'),
  ...silent('ppp', 'vju_pkt_too_small', UNDECODED('PPP with compressed headers')),
  ...silent('pppoe', 'malformed_tags', UNDECODED('PPPoE discovery')),
  ...silent(
    'sctp',
    'chunk_too_small chunk_len_invalid too_many_chunks too_many_data_chunks init_chunk_bundled init_with_non_zero_vtag data_with_zero_vtag',
    SCTP_CHUNKS,
  ),
  ...silent('vxlan', 'unknown_payload_type', 'VXLAN carries Ethernet; what that carries is ethernet.unknown_ethertype'),
];

export const DECODE_EVENTS: EventFamily = {
  prefix: 'decoder.',
  events: new Map([...OTHERS, ...faultEvents(), ...Object.entries(COMPOSED)]),
};

/** Every fault by its own name, and by those that Suricata has for it; one of those can stand for several. */
function faultEvents(): Map<string, EventMeaning> {
  const codes = new Map<string, number[]>();
  ALL.forEach((fault, code) => {
    if (code === 0) return;
    for (const name of [fault.name, ...fault.event.split(' ')])
      if (name !== '') codes.set(name, [...(codes.get(name) ?? []), code]);
  });
  return new Map([...codes].map(([name, found]) => [name, meaning(found)]));
}

function meaning(codes: readonly number[]): EventMeaning {
  const seen = codes.filter(
    (code) => ALL[code]!.stage !== 'defragment' || SEEN_FRAGMENT_FAULTS.includes(ALL[code]!.name),
  );
  return seen.length > 0 ? { kind: 'raised', tests: [faultTest(seen)] } : { kind: 'silent', reason: NO_PACKET };
}

const listed = (kind: EventMeaning['kind']): string =>
  [...DECODE_EVENTS.events]
    .filter(([, event]) => event.kind === kind)
    .map(([name]) => name)
    .join(', ');

const decodeEvent = eventOption('decode-event', [DECODE_EVENTS], {
  appliesTo: 'packet',
  summary: `A malformation or an oddity met in this layer, by its name here or by Suricata's name for it: ${listed('raised')}.`,
  syntax: 'decode-event:<name>;',
  example: 'decode-event:tcp.hlen_too_small;',
  differences: `The first four of a layer are seen. A packet whose transport header is malformed is matched by ip and pkthdr rules; one that is no IP packet, by pkthdr rules. An overlap of fragments is an event of their datagram, where one is made of them, else of the fragment that is dropped. Names may have the prefix decoder. as in Suricata. Wait for a protocol: ${listed('waits')}. Never raised, with a warning: ${listed('silent')}.`,
});

export const decodeEventOptions: readonly RuleOption[] = [decodeEvent];
