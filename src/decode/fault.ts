/**
 * Named faults of the first three stages: the one table behind counters, logs, drop reasons and decode-event keywords.
 *
 * A fault's code is its index; 0 is "no fault". Names are stable, codes are not: store and export names. Whether a
 * fault makes a frame a drop is not in this table but decided per frame (`DecodedFrame.unusable`: no layer was found).
 * `malformed` says that a receiver would discard the packet, so that its payload is not inspected either; after the
 * other faults inspection goes on, because receivers accept the packet or differ. `event` is the name that Suricata's
 * `decode-event` keyword has for it, empty where it has none. A datagram that a mirror cut is no fault (flag and counter
 * `truncated`).
 */

export type FaultStage = 'decapsulate' | 'decode' | 'defragment';

export interface Fault {
  readonly name: string;
  readonly stage: FaultStage;
  readonly malformed: boolean;
  readonly event: string;
  readonly doc: string;
}

const fault = <const Name extends string>(name: Name, stage: FaultStage, event: string, doc: string) => ({ name, stage, malformed: false, event, doc });
const malformed = <const Name extends string>(name: Name, event: string, doc: string) => ({ ...fault(name, 'decode', event, doc), malformed: true });

export const FAULTS = [
  fault('none', 'decode', '', 'No fault.'),

  fault('vxlan_truncated_header', 'decapsulate', '', 'Fewer than 8 bytes where a VXLAN header should be.'),
  fault('vxlan_no_i_flag', 'decapsulate', '', 'The I flag of a VXLAN header is not set: the VNI is not valid.'),
  fault('geneve_truncated_header', 'decapsulate', '', 'A GENEVE header or its options do not fit in the datagram.'),
  fault('geneve_bad_version', 'decapsulate', '', 'A GENEVE version other than 0.'),
  fault('geneve_unknown_payload', 'decapsulate', 'geneve.unknown_payload_type', 'A GENEVE protocol type that is neither Ethernet nor IP.'),

  fault('unsupported_link_type', 'decode', '', 'A capture interface of a link type that is not decoded.'),
  fault('nesting_limit', 'decode', 'too_many_layers', 'More nested headers than are followed.'),
  fault('ethernet_truncated_header', 'decode', 'ethernet.pkt_too_small', 'Fewer than 14 bytes of Ethernet.'),
  fault('vlan_truncated_header', 'decode', 'vlan.header_too_small', 'A VLAN tag is cut.'),
  fault('mpls_truncated_header', 'decode', 'mpls.header_too_small', 'An MPLS label stack entry or control word is cut.'),
  fault('mpls_unknown_payload', 'decode', 'mpls.unknown_payload_type', 'What follows an MPLS stack is neither IP nor an Ethernet pseudowire.'),
  fault('pppoe_truncated_header', 'decode', 'pppoe.pkt_too_small', 'A PPPoE session header is cut.'),
  fault('pppoe_bad_code', 'decode', 'pppoe.wrong_code', 'A PPPoE session packet with a code other than 0 or a version other than 1.'),
  fault('ppp_truncated_header', 'decode', 'ppp.pkt_too_small', 'A PPP header is cut.'),
  fault('hdlc_truncated_header', 'decode', 'chdlc.pkt_too_small', 'Fewer than 4 bytes of Cisco HDLC.'),
  fault('linux_cooked_truncated_header', 'decode', 'sll.pkt_too_small', 'A Linux cooked header (v1 or v2) is cut.'),
  fault('loopback_truncated_header', 'decode', 'ltnull.pkt_too_small', 'Fewer than 4 bytes of a null or loop header.'),
  fault('raw_bad_version', 'decode', 'ipraw.invalid_ip_version', 'A raw IP frame that is empty or neither version 4 nor 6.'),

  fault('ipv4_truncated_header', 'decode', 'ipv4.pkt_too_small', 'An IPv4 header is cut.'),
  fault('ipv4_bad_version', 'decode', 'ipv4.wrong_ip_version', 'An IPv4 header whose version is not 4.'),
  fault('ipv4_bad_header_length', 'decode', 'ipv4.hlen_too_small', 'An IPv4 header length under 20.'),
  fault('ipv4_bad_total_length', 'decode', 'ipv4.iplen_smaller_than_hlen', 'An IPv4 total length smaller than its header.'),
  fault('ipv4_bad_option', 'decode', 'ipv4.opt_invalid_len', 'An IPv4 option does not fit in the header.'),
  malformed('ipv4_bad_checksum', '', 'A wrong IPv4 header checksum (only with checksums=verify).'),
  fault('ipv6_truncated_header', 'decode', 'ipv6.pkt_too_small', 'Fewer than 40 bytes of IPv6.'),
  fault('ipv6_bad_version', 'decode', 'ipv6.wrong_ip_version', 'An IPv6 header whose version is not 6.'),
  malformed('ipv6_truncated_extension_header', 'ipv6.trunc_exthdr', 'An IPv6 extension header does not fit in the packet.'),
  malformed('ipv6_too_many_extension_headers', '', 'More IPv6 extension headers than are followed.'),

  malformed('tcp_truncated_header', 'tcp.pkt_too_small', 'Fewer than 20 bytes of TCP in a complete IP packet.'),
  malformed('tcp_bad_header_length', 'tcp.hlen_too_small', 'A TCP header length under 20 or beyond the packet.'),
  fault('tcp_bad_option', 'decode', 'tcp.opt_invalid_len', 'A TCP option does not fit in the header.'),
  malformed('tcp_bad_checksum', '', 'A wrong TCP checksum (only with checksums=verify).'),
  malformed('udp_truncated_header', 'udp.pkt_too_small', 'Fewer than 8 bytes of UDP in a complete IP packet.'),
  malformed('udp_bad_length', 'udp.hlen_invalid', 'A UDP length of 1 to 7, or beyond the packet.'),
  malformed('udp_bad_checksum', '', 'A wrong UDP checksum (only with checksums=verify).'),
  malformed('sctp_truncated_header', 'sctp.pkt_too_small', 'Fewer than 12 bytes of SCTP in a complete IP packet.'),
  malformed('icmp_truncated_header', 'icmpv4.pkt_too_small', 'Fewer than 8 bytes of ICMP in a complete IP packet.'),
  malformed('icmp_bad_checksum', '', 'A wrong ICMP checksum (only with checksums=verify).'),
  malformed('icmpv6_truncated_header', 'icmpv6.pkt_too_small', 'Fewer than 8 bytes of ICMPv6 in a complete IP packet.'),
  malformed('icmpv6_bad_checksum', '', 'A wrong ICMPv6 checksum (only with checksums=verify).'),
  malformed('gre_truncated_header', 'gre.pkt_too_small', 'A GRE header is cut in a complete IP packet.'),
  fault('gre_bad_version', 'decode', 'gre.wrong_version', 'A GRE version other than 0 and 1.'),
  fault('gre_bad_flags', 'decode', 'gre.version1_flags', 'GRE version 1 without a key, not for PPP, or with flags it must not have.'),
  fault('erspan_truncated_header', 'decode', 'erspan.header_too_small', 'An ERSPAN header is cut.'),
  fault('erspan_bad_version', 'decode', 'erspan.unsupported_version', 'An ERSPAN version other than type II.'),

  fault('duplicate_fragment', 'defragment', '', 'A fragment that repeats what another one brought.'),
  fault('fragment_overlap', 'defragment', 'ipv4.frag_overlap', 'Fragments of one datagram overlap.'),
  fault('fragment_too_large', 'defragment', 'ipv4.frag_pkt_too_large', 'A fragment reaches beyond 65535 bytes ("ping of death").'),
  fault('fragment_tiny', 'defragment', '', 'A fragment so small that it splits the transport header.'),
  fault('fragment_bad_length', 'defragment', 'ipv6.frag_invalid_length', 'A fragment that is not the last has a length that is not a multiple of 8, or 0.'),
  fault('fragment_bad_end', 'defragment', '', 'Fragments disagree on where their datagram ends.'),
  fault('fragment_too_many', 'defragment', '', 'More fragments in a datagram than are kept.'),
  fault('fragment_timeout', 'defragment', '', 'A datagram was not complete in time.'),
  fault('fragment_evicted', 'defragment', '', 'An incomplete datagram made room for a newer one.'),
  fault('fragment_incomplete', 'defragment', '', 'The capture ended before the datagram was complete.'),
] as const satisfies readonly Fault[];

export type FaultName = (typeof FAULTS)[number]['name'];

/** Code by name. */
export const FAULT = Object.fromEntries(FAULTS.map(({ name }, code) => [name, code])) as Readonly<Record<FaultName, number>>;

/** 1 for the codes after which a layer's payload is not inspected. */
export const FAULT_IS_MALFORMED = Uint8Array.from(FAULTS, (entry) => Number(entry.malformed));
