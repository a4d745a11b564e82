/**
 * Named faults of the first three stages: the one table behind counters, logs, drop reasons and decode-event keywords.
 *
 * A fault's code is its index; 0 is "no fault". Names are stable, codes are not: store and export names. Whether a
 * fault makes a frame a drop is not in this table but decided per frame (`DecodedFrame.unusable`: no layer was found).
 * `malformed` says that a receiver would discard the packet, so that its payload is not inspected either; after the
 * other faults inspection goes on, because receivers accept the packet or differ. `event` is the name that Suricata's
 * `decode-event` keyword has for it (or the names, between blanks), empty where it has none. A datagram that a mirror
 * cut is no fault (flag and counter `truncated`).
 */

export type FaultStage = 'decapsulate' | 'decode' | 'defragment';

export interface Fault {
  readonly name: string;
  readonly stage: FaultStage;
  readonly malformed: boolean;
  readonly event: string;
  readonly doc: string;
}

const fault = <const Name extends string>(name: Name, stage: FaultStage, event: string, doc: string) => ({
  name,
  stage,
  malformed: false,
  event,
  doc,
});
const malformed = <const Name extends string>(name: Name, event: string, doc: string) => ({
  ...fault(name, 'decode', event, doc),
  malformed: true,
});

export const FAULTS = [
  fault('none', 'decode', '', 'No fault.'),

  fault('vxlan_truncated_header', 'decapsulate', '', 'Fewer than 8 bytes where a VXLAN header should be.'),
  fault('vxlan_no_i_flag', 'decapsulate', '', 'The I flag of a VXLAN header is not set: the VNI is not valid.'),
  fault('geneve_truncated_header', 'decapsulate', '', 'A GENEVE header or its options do not fit in the datagram.'),
  fault('geneve_bad_version', 'decapsulate', '', 'A GENEVE version other than 0.'),
  fault(
    'geneve_unknown_payload',
    'decapsulate',
    'geneve.unknown_payload_type',
    'A GENEVE protocol type that is neither Ethernet nor IP.',
  ),

  fault('unsupported_link_type', 'decode', '', 'A capture interface of a link type that is not decoded.'),
  fault('nesting_limit', 'decode', 'too_many_layers', 'More nested headers than are followed.'),
  fault('llc_truncated_header', 'decode', '', 'An LLC or SNAP header is cut.'),
  fault('llc_unknown_payload', 'decode', '', 'LLC that carries something else than IP, as spanning tree.'),
  fault('ethernet_truncated_header', 'decode', 'ethernet.pkt_too_small', 'Fewer than 14 bytes of Ethernet.'),
  fault('ethernet_unknown_type', 'decode', 'ethernet.unknown_ethertype', 'An EtherType that nothing is known of.'),
  fault('vlan_truncated_header', 'decode', 'vlan.header_too_small', 'A VLAN tag is cut.'),
  fault('vlan_unknown_type', 'decode', 'vlan.unknown_type', 'An EtherType behind a VLAN tag that nothing is known of.'),
  fault('vlan_too_many_tags', 'decode', 'vlan.too_many_layers', 'More than three VLAN tags.'),
  fault('vntag_truncated_header', 'decode', 'vntag.header_too_small', 'A VN-tag (802.1Qbh) is cut.'),
  fault('vntag_unknown_type', 'decode', 'vntag.unknown_type', 'An EtherType behind a VN-tag that nothing is known of.'),
  fault('etag_truncated_header', 'decode', 'etag.header_too_small', 'An E-tag (802.1BR) is cut.'),
  fault('etag_unknown_type', 'decode', 'etag.unknown_type', 'An EtherType behind an E-tag that nothing is known of.'),
  fault('backbone_truncated_header', 'decode', 'ieee8021ah.header_too_small', 'A backbone tag (802.1ah) is cut.'),
  fault(
    'fabric_path_truncated_header',
    'decode',
    'dce.pkt_too_small',
    'A FabricPath tag, or the Ethernet header behind it, is cut.',
  ),
  fault(
    'mpls_truncated_header',
    'decode',
    'mpls.header_too_small',
    'An MPLS label stack entry or control word is cut.',
  ),
  fault('mpls_empty', 'decode', 'mpls.pkt_too_small', 'Nothing follows an MPLS stack.'),
  fault(
    'mpls_router_alert_label',
    'decode',
    'mpls.bad_label_router_alert',
    'The MPLS label 1 (router alert) at the bottom of a stack.',
  ),
  fault(
    'mpls_implicit_null_label',
    'decode',
    'mpls.bad_label_implicit_null',
    'The MPLS label 3 (implicit null), which is never sent.',
  ),
  fault('mpls_reserved_label', 'decode', 'mpls.bad_label_reserved', 'A reserved MPLS label at the bottom of a stack.'),
  fault(
    'mpls_unknown_payload',
    'decode',
    'mpls.unknown_payload_type',
    'What follows an MPLS stack is neither IP nor an Ethernet pseudowire.',
  ),
  fault('pppoe_truncated_header', 'decode', 'pppoe.pkt_too_small', 'A PPPoE session header is cut.'),
  fault(
    'pppoe_bad_code',
    'decode',
    'pppoe.wrong_code',
    'A PPPoE session packet with a code other than 0 or a version other than 1.',
  ),
  fault('ppp_truncated_header', 'decode', 'ppp.pkt_too_small', 'A PPP header is cut.'),
  fault('ppp_truncated_ipv4', 'decode', 'ppp.ip4_pkt_too_small', 'Fewer than 20 bytes of IPv4 in PPP.'),
  fault('ppp_truncated_ipv6', 'decode', 'ppp.ip6_pkt_too_small', 'Fewer than 40 bytes of IPv6 in PPP.'),
  fault('ppp_unsupported_protocol', 'decode', 'ppp.unsup_proto', 'A PPP protocol that is not decoded.'),
  fault('ppp_unknown_protocol', 'decode', 'ppp.wrong_type', 'A PPP protocol number that nothing is known of.'),
  fault('hdlc_truncated_header', 'decode', 'chdlc.pkt_too_small', 'Fewer than 4 bytes of Cisco HDLC.'),
  fault('hdlc_unknown_type', 'decode', '', 'A protocol in Cisco HDLC that nothing is known of.'),
  fault(
    'linux_cooked_truncated_header',
    'decode',
    'sll.pkt_too_small sll2.pkt_too_small',
    'A Linux cooked header (v1 or v2) is cut.',
  ),
  fault('linux_cooked_unknown_type', 'decode', '', 'A protocol in a Linux cooked frame that nothing is known of.'),
  fault('loopback_truncated_header', 'decode', 'ltnull.pkt_too_small', 'Fewer than 4 bytes of a null or loop header.'),
  fault(
    'loopback_unknown_family',
    'decode',
    'ltnull.unsupported_type',
    'A null or loop header of an address family that is not IP.',
  ),
  fault(
    'capture_header_truncated',
    'decode',
    '',
    'The header that capturing put in front of a frame is cut (radiotap, PPI, PKTAP, NFLOG, IP over InfiniBand).',
  ),
  fault('capture_header_bad_version', 'decode', '', 'A radiotap, PPI or NFLOG header of a version other than 0.'),
  fault('nflog_unknown_family', 'decode', '', 'An NFLOG frame of an address family that is not IP.'),
  fault('wifi_truncated_header', 'decode', '', 'An 802.11 header is cut.'),
  fault('wifi_no_data', 'decode', '', 'An 802.11 frame that carries no data, as a beacon.'),
  fault('wifi_encrypted', 'decode', '', 'An encrypted 802.11 frame.'),
  fault('wifi_fragment', 'decode', '', 'A later fragment of an 802.11 frame; they are not put together.'),
  fault(
    'wifi_aggregated',
    'decode',
    '',
    'An 802.11 frame that holds several packets (A-MSDU), of which the first is decoded.',
  ),
  fault('nsh_truncated_header', 'decode', 'nsh.header_too_small', 'Fewer than 8 bytes of a network service header.'),
  fault('nsh_bad_version', 'decode', 'nsh.unsupported_version', 'A network service header of a version other than 0.'),
  fault(
    'nsh_bad_header_length',
    'decode',
    'nsh.bad_header_length',
    'The length of a network service header is not that of its metadata, or beyond the packet.',
  ),
  fault(
    'nsh_reserved_type',
    'decode',
    'nsh.reserved_type',
    'A network service header with metadata of type 0, which is reserved.',
  ),
  fault(
    'nsh_unknown_type',
    'decode',
    'nsh.unsupported_type',
    'A network service header with metadata of a type that nothing is known of.',
  ),
  fault(
    'nsh_unknown_payload',
    'decode',
    'nsh.unknown_payload',
    'A network service header in front of something that is not decoded.',
  ),
  fault(
    'raw_bad_version',
    'decode',
    'ipraw.invalid_ip_version',
    'A raw IP frame that is empty or neither version 4 nor 6.',
  ),

  fault('ipv4_truncated_header', 'decode', 'ipv4.pkt_too_small', 'An IPv4 header is cut.'),
  fault('ipv4_bad_version', 'decode', 'ipv4.wrong_ip_version', 'An IPv4 header whose version is not 4.'),
  fault('ipv4_bad_header_length', 'decode', 'ipv4.hlen_too_small', 'An IPv4 header length under 20.'),
  fault(
    'ipv4_bad_total_length',
    'decode',
    'ipv4.iplen_smaller_than_hlen',
    'An IPv4 total length smaller than its header.',
  ),
  fault(
    'ipv4_bad_option',
    'decode',
    'ipv4.opt_invalid_len',
    'An IPv4 option does not fit in the header, or has not the length of its kind.',
  ),
  fault(
    'ipv4_malformed_option',
    'decode',
    'ipv4.opt_malformed',
    'The pointer of an IPv4 route or timestamp option, or a tag of a CIPSO option, is wrong.',
  ),
  fault(
    'ipv4_unknown_option',
    'decode',
    'ipv4.opt_invalid ipv4.opt_unknown',
    'An IPv4 option that nothing is known of.',
  ),
  fault('ipv4_duplicate_option', 'decode', 'ipv4.opt_duplicate', 'An IPv4 option comes twice.'),
  fault(
    'ipv4_options_without_end',
    'decode',
    'ipv4.opt_eol_required',
    'The last byte of the IPv4 options starts another one.',
  ),
  fault('ipv4_icmpv6', 'decode', 'ipv4.icmpv6', 'ICMPv6 in IPv4.'),
  fault(
    'ipv4_unknown_protocol',
    'decode',
    'ipv4.unknown_protocol',
    'An IPv4 packet of a protocol that is not decoded.',
  ),
  malformed('ipv4_bad_checksum', '', 'A wrong IPv4 header checksum (only with checksums=verify).'),
  fault('ipv6_truncated_header', 'decode', 'ipv6.pkt_too_small', 'Fewer than 40 bytes of IPv6.'),
  fault('ipv6_bad_version', 'decode', 'ipv6.wrong_ip_version', 'An IPv6 header whose version is not 6.'),
  malformed(
    'ipv6_truncated_extension_header',
    'ipv6.trunc_exthdr',
    'An IPv6 extension header does not fit in the packet.',
  ),
  malformed(
    'ipv6_too_many_extension_headers',
    '',
    'More than 9216 bytes of IPv6 extension headers, which are not followed further.',
  ),
  fault('ipv6_duplicate_fragment_header', 'decode', 'ipv6.exthdr_dupl_fh', 'Two fragment headers in an IPv6 packet.'),
  fault('ipv6_duplicate_routing_header', 'decode', 'ipv6.exthdr_dupl_rh', 'Two routing headers in an IPv6 packet.'),
  fault(
    'ipv6_duplicate_hop_header',
    'decode',
    'ipv6.exthdr_dupl_hh',
    'Two headers of hop-by-hop options in an IPv6 packet.',
  ),
  fault(
    'ipv6_duplicate_destination_header',
    'decode',
    'ipv6.exthdr_dupl_dh',
    'More than two headers of destination options in an IPv6 packet.',
  ),
  fault(
    'ipv6_duplicate_authentication_header',
    'decode',
    'ipv6.exthdr_dupl_ah',
    'Two authentication headers in an IPv6 packet.',
  ),
  fault(
    'ipv6_useless_fragment_header',
    'decode',
    'ipv6.exthdr_useless_fh',
    'A fragment header on a whole IPv6 packet (atomic fragment, RFC 6946).',
  ),
  fault(
    'ipv6_fragment_reserved',
    'decode',
    'ipv6.fh_non_zero_reserved_field',
    'The reserved byte of an IPv6 fragment header is not 0.',
  ),
  fault(
    'ipv6_routing_type_0',
    'decode',
    'ipv6.rh_type_0',
    'An IPv6 routing header of type 0, which is deprecated (RFC 5095).',
  ),
  fault(
    'ipv6_authentication_reserved',
    'decode',
    'ipv6.exthdr_ah_res_not_null',
    'The reserved field of an authentication header is not 0.',
  ),
  fault(
    'ipv6_bad_option',
    'decode',
    'ipv6.exthdr_invalid_optlen',
    'An option of an IPv6 extension header does not fit in it, or is too short for its kind.',
  ),
  fault(
    'ipv6_unknown_hop_option',
    'decode',
    'ipv6.hopopts_unknown_opt',
    'A hop-by-hop option that nothing is known of.',
  ),
  fault(
    'ipv6_unknown_destination_option',
    'decode',
    'ipv6.dstopts_unknown_opt',
    'A destination option that nothing is known of.',
  ),
  fault('ipv6_only_padding_hop', 'decode', 'ipv6.hopopts_only_padding', 'Hop-by-hop options that are padding alone.'),
  fault(
    'ipv6_only_padding_destination',
    'decode',
    'ipv6.dstopts_only_padding',
    'Destination options that are padding alone.',
  ),
  fault('ipv6_empty_padding', 'decode', 'ipv6.zero_len_padn', 'A PadN option without data.'),
  fault(
    'ipv6_data_after_end',
    'decode',
    'ipv6.data_after_none_header',
    'Data behind an IPv6 packet that says it has none (next header 59).',
  ),
  fault(
    'ipv6_unknown_next_header',
    'decode',
    'ipv6.unknown_next_header',
    'An IPv6 packet of a protocol that is not decoded.',
  ),
  fault('ipv6_icmpv4', 'decode', 'ipv6.icmpv4', 'ICMPv4 in IPv6.'),

  malformed('tcp_truncated_header', 'tcp.pkt_too_small', 'Fewer than 20 bytes of TCP in a complete IP packet.'),
  malformed('tcp_bad_header_length', 'tcp.hlen_too_small tcp.invalid_optlen', 'A TCP header length under 20.'),
  malformed('tcp_header_beyond_packet', 'tcp.hlen_too_small', 'A TCP header length beyond the packet.'),
  fault(
    'tcp_bad_option',
    'decode',
    'tcp.opt_invalid_len',
    'A TCP option does not fit in the header, or has not the length of its kind.',
  ),
  fault('tcp_duplicate_option', 'decode', 'tcp.opt_duplicate', 'A TCP option comes twice.'),
  malformed('tcp_bad_checksum', '', 'A wrong TCP checksum (only with checksums=verify).'),
  malformed('udp_truncated_header', 'udp.hlen_too_small', 'Fewer than 8 bytes of UDP in a complete IP packet.'),
  malformed('udp_bad_length', 'udp.hlen_invalid udp.len_invalid', 'A UDP length of 1 to 7.'),
  malformed('udp_length_beyond_packet', 'udp.pkt_too_small', 'A UDP length beyond the packet.'),
  malformed('udp_bad_checksum', '', 'A wrong UDP checksum (only with checksums=verify).'),
  malformed('sctp_truncated_header', 'sctp.pkt_too_small', 'Fewer than 12 bytes of SCTP in a complete IP packet.'),
  malformed('icmp_truncated_header', 'icmpv4.pkt_too_small', 'Fewer than 8 bytes of ICMP in a complete IP packet.'),
  fault('icmp_unknown_type', 'decode', 'icmpv4.unknown_type', 'An ICMP type that nothing is known of.'),
  fault('icmp_unknown_code', 'decode', 'icmpv4.unknown_code', 'A code that the ICMP type does not have.'),
  fault(
    'icmp_truncated_packet',
    'decode',
    'icmpv4.ipv4_trunc_pkt',
    'An ICMP error quotes less than the headers of a packet.',
  ),
  fault('icmp_bad_version', 'decode', 'icmpv4.ipv4_unknown_ver', 'An ICMP error quotes something that is not IPv4.'),
  malformed('icmp_bad_checksum', '', 'A wrong ICMP checksum (only with checksums=verify).'),
  malformed('icmpv6_truncated_header', 'icmpv6.pkt_too_small', 'Fewer than 8 bytes of ICMPv6 in a complete IP packet.'),
  fault('icmpv6_unknown_type', 'decode', 'icmpv6.unknown_type', 'An ICMPv6 type that nothing is known of.'),
  fault('icmpv6_unassigned_type', 'decode', 'icmpv6.unassigned_type', 'An ICMPv6 type that IANA has not assigned.'),
  fault('icmpv6_experimental_type', 'decode', 'icmpv6.experimentation_type', 'An ICMPv6 type for private experiments.'),
  fault('icmpv6_unknown_code', 'decode', 'icmpv6.unknown_code', 'A code that the ICMPv6 type does not have.'),
  fault(
    'icmpv6_truncated_packet',
    'decode',
    'icmpv6.ipv6_trunc_pkt',
    'An ICMPv6 error quotes less than the header of a packet.',
  ),
  fault(
    'icmpv6_bad_version',
    'decode',
    'icmpv6.ipv6_unknown_version',
    'An ICMPv6 error quotes something that is not IPv6.',
  ),
  fault(
    'icmpv6_mld_hop_limit',
    'decode',
    'icmpv6.mld_message_with_invalid_hl',
    'A multicast listener message whose hop limit is not 1.',
  ),
  malformed('icmpv6_bad_checksum', '', 'A wrong ICMPv6 checksum (only with checksums=verify).'),
  malformed('esp_truncated_header', 'esp.pkt_too_small', 'Fewer than 8 bytes of ESP in a complete IP packet.'),
  malformed(
    'ah_truncated_header',
    '',
    'An authentication header does not fit in a complete IPv4 packet, or claims less than its fixed part.',
  ),
  malformed('etherip_truncated_header', '', 'Fewer than 2 bytes of EtherIP in a complete IP packet.'),
  fault('etherip_bad_version', 'decode', '', 'An EtherIP version other than 3.'),
  malformed('gre_truncated_header', 'gre.pkt_too_small', 'Fewer than 4 bytes of GRE in a complete IP packet.'),
  malformed(
    'gre_header_beyond_packet',
    'gre.version0_hdr_too_big gre.version1_hdr_too_big',
    'The optional fields of a GRE header do not fit in a complete IP packet.',
  ),
  malformed(
    'gre_bad_source_route',
    'gre.version0_malformed_sre_hdr',
    'The source routes of a GRE header do not fit in a complete IP packet, or are too many.',
  ),
  fault('gre_bad_version', 'decode', 'gre.wrong_version', 'A GRE version other than 0 and 1.'),
  fault('gre_recursion', 'decode', 'gre.version0_recur', 'GRE version 0 with recursion control, which is no more.'),
  fault('gre_reserved_flags', 'decode', 'gre.version0_flags', 'GRE version 0 with flags that are reserved.'),
  fault('gre_v1_checksum', 'decode', 'gre.version1_chksum', 'GRE version 1 with a checksum.'),
  fault('gre_v1_routing', 'decode', 'gre.version1_route', 'GRE version 1 with source routes.'),
  fault('gre_v1_strict_route', 'decode', 'gre.version1_ssr', 'GRE version 1 with the flag for strict source routes.'),
  fault('gre_v1_recursion', 'decode', 'gre.version1_recur', 'GRE version 1 with recursion control.'),
  fault('gre_v1_flags', 'decode', 'gre.version1_flags', 'GRE version 1 with flags that are reserved.'),
  fault('gre_v1_no_key', 'decode', 'gre.version1_no_key', 'GRE version 1 without a key.'),
  fault('gre_v1_protocol', 'decode', 'gre.version1_wrong_protocol', 'GRE version 1 that does not carry PPP.'),
  fault('gre_unknown_protocol', 'decode', '', 'GRE version 0 that carries a protocol that nothing is known of.'),
  fault('erspan_truncated_header', 'decode', 'erspan.header_too_small', 'An ERSPAN header is cut.'),
  fault(
    'erspan_bad_version',
    'decode',
    'erspan.unsupported_version',
    'An ERSPAN version that is not the one of its type (II or III).',
  ),
  fault('erspan_unknown_payload', 'decode', '', 'ERSPAN type III that carries neither Ethernet nor IP.'),
  fault('vxlan_gpe_unknown_payload', 'decode', '', 'VXLAN-GPE in front of something that is not decoded.'),

  fault('duplicate_fragment', 'defragment', '', 'A fragment that repeats what another one brought.'),
  fault('fragment_overlap', 'defragment', 'ipv4.frag_overlap', 'Fragments of one datagram overlap.'),
  fault(
    'fragment_too_large',
    'defragment',
    'ipv4.frag_pkt_too_large ipv6.frag_pkt_too_large',
    'A fragment reaches beyond 65535 bytes ("ping of death").',
  ),
  fault('fragment_tiny', 'defragment', '', 'A fragment so small that it splits the transport header.'),
  fault(
    'fragment_bad_length',
    'defragment',
    'ipv6.frag_invalid_length',
    'A fragment that is not the last has a length that is not a multiple of 8, or 0.',
  ),
  fault('fragment_bad_end', 'defragment', '', 'Fragments disagree on where their datagram ends.'),
  fault('fragment_too_many', 'defragment', '', 'More fragments in a datagram than are kept.'),
  fault('fragment_timeout', 'defragment', '', 'A datagram was not complete in time.'),
  fault('fragment_evicted', 'defragment', '', 'An incomplete datagram made room for a newer one.'),
  fault('fragment_incomplete', 'defragment', '', 'The capture ended before the datagram was complete.'),
] as const satisfies readonly Fault[];

export type FaultName = (typeof FAULTS)[number]['name'];

/** Code by name. */
export const FAULT = Object.fromEntries(FAULTS.map(({ name }, code) => [name, code])) as Readonly<
  Record<FaultName, number>
>;

/** 1 for the codes after which a layer's payload is not inspected. */
export const FAULT_IS_MALFORMED = Uint8Array.from(FAULTS, (entry) => Number(entry.malformed));
