/**
 * The faults for which a frame can be dropped. Stage: metrics. All others are met in frames that are inspected all the
 * same: behind a header with an address there is always something to look at.
 */
import type { FaultName } from '../decode/fault.js';

export const DROPPING_FAULTS: readonly FaultName[] = [
  'vxlan_truncated_header',
  'vxlan_no_i_flag',
  'geneve_truncated_header',
  'geneve_bad_version',
  'geneve_unknown_payload',

  'unsupported_link_type',
  'nesting_limit',
  'ethernet_truncated_header',
  'vlan_truncated_header',
  'vntag_truncated_header',
  'etag_truncated_header',
  'backbone_truncated_header',
  'fabric_path_truncated_header',
  'mpls_truncated_header',
  'mpls_empty',
  'mpls_unknown_payload',
  'pppoe_truncated_header',
  'pppoe_bad_code',
  'ppp_truncated_header',
  'ppp_truncated_ipv4',
  'ppp_truncated_ipv6',
  'hdlc_truncated_header',
  'linux_cooked_truncated_header',
  'loopback_truncated_header',
  'raw_bad_version',
  'ipv4_truncated_header',
  'ipv4_bad_version',
  'ipv4_bad_header_length',
  'ipv4_bad_total_length',
  'ipv6_truncated_header',
  'ipv6_bad_version',

  'duplicate_fragment',
  'fragment_overlap',
  'fragment_too_large',
  'fragment_bad_length',
  'fragment_bad_end',
  'fragment_too_many',
  'fragment_timeout',
  'fragment_evicted',
  'fragment_incomplete',
];
