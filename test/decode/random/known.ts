/**
 * Differences from Suricata in what decoding says of a frame that have a reason: decision 42, or what the keyword says
 * of itself. Each event that is raised on one side alone needs one; what has none is what is looked for.
 */
import { LAYER_FLAG } from '../../../src/decode/packet.js';
import { u16 } from '../../../src/decode/protocol.js';
import { decode, type LayerFields } from '../../support/decoded.js';

export interface Difference {
  readonly bytes: Uint8Array;
  readonly onlyThere: readonly string[];
  readonly onlyHere: readonly string[];
  /** What both raise. */
  readonly both: readonly string[];
}

interface Seen extends Difference {
  readonly layers: readonly LayerFields[];
}

/** Whether it explains an event that is raised on one side alone. */
type Explains = (event: string, seen: Seen) => boolean;

interface Reason {
  readonly there?: Explains;
  readonly here?: Explains;
}

const anyOf =
  (...events: readonly string[]): Explains =>
  (event) =>
    events.includes(event);

const ETHER_TYPE_AT = 12;
const TAGS = [0x8100, 0x88a8, 0x9100];
const [PPPOE, MPLS] = [0x8864, 0x8847];
const [IPV4_IN_IP, IPV6_IN_IP, GRE, AUTHENTICATION, ETHER_IP, UDP] = [4, 41, 47, 51, 97, 17];
const TUNNELS = [IPV4_IN_IP, IPV6_IN_IP, GRE, AUTHENTICATION, ETHER_IP];
const isTunnel = ({ layers }: Seen): boolean =>
  layers.length > 1 || layers.some(({ protocol }) => TUNNELS.includes(protocol));
const isFragment = ({ layers }: Seen): boolean => layers.some(({ flags }) => (flags & LAYER_FLAG.fragment) !== 0);
/** Whether IP or UDP has a length of 0. */
const claimsNothing = ({ bytes, layers }: Seen): boolean =>
  layers.some(
    ({ ipVersion, ipOffset, protocol, l4Offset }) =>
      ipVersion !== 0 &&
      (u16(bytes, ipOffset + (ipVersion === 4 ? 2 : 4)) === 0 || (protocol === UDP && u16(bytes, l4Offset + 4) === 0)),
  );
/** Whether the frame says this EtherType, or the last of its tags does. */
const carries = ({ bytes }: Seen, type: number): boolean => {
  let at = ETHER_TYPE_AT;
  while (at + 6 <= bytes.length && TAGS.includes(u16(bytes, at))) at += 4;
  return u16(bytes, at) === type;
};
const begins = (event: string, ...words: readonly string[]): boolean => words.some((word) => event.startsWith(word));

const UNKNOWN_TYPES = ['ethernet.unknown_ethertype', 'vlan.unknown_type', 'vntag.unknown_type'];
/** Names of one malformation here. */
const ALIASES = [
  ['ipv4.opt_unknown', 'ipv4.opt_invalid'],
  ['udp.hlen_invalid', 'udp.len_invalid'],
  ['tcp.hlen_too_small', 'tcp.invalid_optlen'],
  ['ipv4.wrong_ip_version', 'ipv6.ipv4_in_ipv6_wrong_version'],
  ['ipv6.wrong_ip_version', 'ipv6.ipv6_in_ipv6_wrong_version'],
  ['ipv4.pkt_too_small', 'ipv6.ipv4_in_ipv6_too_small'],
  ['ipv6.pkt_too_small', 'ipv6.ipv6_in_ipv6_too_small'],
] as const;
const MOST_FAULTS = 4;
const TCP_LENGTH = 20;
const EMPTY_SACK = '0502';
/** Router solicitation, extended echo and its reply. */
const NOT_KNOWN_THERE = [10, 42, 43];
const EXTENDED_ECHO = [160, 161, 255];

/** Whether the options of the last layer, of TCP, end with a kind that has no length. */
function endsWithoutLength({ bytes, layers }: Seen): boolean {
  const { l4Offset, l4HeaderLength } = layers.at(-1)!;
  const end = l4Offset + l4HeaderLength;
  let at = l4Offset + TCP_LENGTH;
  while (at + 1 < end && bytes[at] !== 0 && (bytes[at] === 1 || bytes[at + 1]! > 1))
    at += bytes[at] === 1 ? 1 : bytes[at + 1]!;
  return at === end - 1;
}

const hasEmptySack = ({ bytes, layers }: Seen): boolean => {
  const { l4Offset, l4HeaderLength } = layers.at(-1)!;
  return Buffer.from(bytes.subarray(l4Offset + TCP_LENGTH, l4Offset + l4HeaderLength)).includes(EMPTY_SACK, 0, 'hex');
};

/** Of what is behind the last IP header. */
const firstByte = ({ bytes, layers }: Seen): number => bytes[layers.at(-1)!.l4Offset]!;

const REASONS: Readonly<Record<string, Reason>> = {
  'there nothing is read of a packet that is cut': {
    here: (_, { both }) => both.includes('ipv4.trunc_pkt') || both.includes('ipv6.trunc_pkt'),
  },
  'there nothing is said of a malformed packet that a tunnel carries, or that fragments make': {
    here: (_, seen) => isTunnel(seen) || isFragment(seen),
  },
  'there EtherIP is not known': { there: (_, { layers }) => layers.some(({ protocol }) => protocol === ETHER_IP) },
  'there MPLS in IP (RFC 4023) is not known': {
    there: (_, { layers }) => layers.some(({ protocol }) => protocol === 137),
  },
  'there LLC, E-tags and some EtherTypes are not known, and what a tag carries is what the frame carries, too': {
    there: anyOf(...UNKNOWN_TYPES),
    here: (_, { onlyThere }) => onlyThere.some((event) => UNKNOWN_TYPES.includes(event)),
  },
  'there nothing is said of IPv6 that is shorter than its header': { here: anyOf('ipv6.pkt_too_small') },
  'there nothing is read behind too many tags, of which one that is cut is one': {
    there: (event, { onlyHere }) => event === 'vlan.too_many_layers' && onlyHere.includes('vlan.header_too_small'),
    here: (_, { both, onlyThere }) => [...both, ...onlyThere].includes('vlan.too_many_layers'),
  },
  'there nothing is read behind a label that is wrong, and labels 0 and 2 say what follows': {
    there: (_, seen) => carries(seen, MPLS),
    here: (_, seen) => carries(seen, MPLS),
  },
  'an IPv4 header that is cut within its options is too small here, truncated there': {
    there: (event, { onlyHere }) =>
      ['ipv4.trunc_pkt', 'ipv4.iplen_smaller_than_hlen'].includes(event) && onlyHere.includes('ipv4.pkt_too_small'),
    here: (event, { onlyThere }) =>
      event === 'ipv4.pkt_too_small' && onlyThere.some((one) => begins(one, 'ipv4.trunc', 'ipv4.iplen')),
  },
  'there nothing is read behind IPv4 options of a wrong length': {
    here: (event, { both }) => both.includes('ipv4.opt_invalid_len') && !begins(event, 'ipv4.opt_'),
  },
  'there nothing is read of ICMP in the wrong IP, or of an unknown code': {
    here: (event, { both }) =>
      begins(event, 'icmpv') &&
      both.some((one) => begins(one, 'ipv6.icmpv4', 'ipv4.icmpv6', 'icmpv4.unknown', 'icmpv6.unknown')),
  },
  'there a kind without a length is no option of TCP, and SACK may be empty': {
    here: (event, seen) => event === 'tcp.opt_invalid_len' && (endsWithoutLength(seen) || hasEmptySack(seen)),
  },
  'there an option of IPv6 that does not fit is unknown': {
    there: (event, { onlyHere }) =>
      event.endsWith('opts_unknown_opt') && onlyHere.includes('ipv6.exthdr_invalid_optlen'),
    here: (event, { both, onlyThere }) =>
      begins(event, 'ipv6.exthdr_invalid_optlen', 'ipv6.hopopts_only', 'ipv6.dstopts_only') &&
      [...both, ...onlyThere].some((one) => one.endsWith('opts_unknown_opt')),
  },
  'there a malformed option does not come twice': {
    here: (event, { both }) =>
      (event === 'ipv4.opt_duplicate' && both.includes('ipv4.opt_malformed')) ||
      (event === 'tcp.opt_duplicate' && both.includes('tcp.opt_invalid_len')),
  },
  'there types 10 (RFC 1256), 42 and 43 (RFC 8335) of ICMP are not known': {
    there: (event, seen) => event === 'icmpv4.unknown_type' && NOT_KNOWN_THERE.includes(firstByte(seen)),
  },
  'there types 160 and 161 of ICMPv6 (RFC 8335) are not assigned, and 255 is not reserved': {
    there: (event, seen) => event === 'icmpv6.unassigned_type' && EXTENDED_ECHO.includes(firstByte(seen)),
    here: (event, { onlyThere }) => event === 'icmpv6.unknown_type' && onlyThere.includes('icmpv6.unassigned_type'),
  },
  'there source routes of GRE end with a family of 0 alone': { there: anyOf('gre.version0_malformed_sre_hdr') },
  'there GRE behind extension headers is not known': {
    there: (event, { layers }) =>
      event === 'ipv6.unknown_next_header' && layers.some(({ protocol }) => protocol === GRE),
  },
  'there extension headers that end a packet are truncated, and what lies behind them is read': {
    there: (event, { both, onlyHere }) =>
      both.includes('ipv6.trunc_exthdr') || (event === 'ipv6.trunc_exthdr' && onlyHere.length > 0),
    here: (_, { onlyThere }) => onlyThere.includes('ipv6.trunc_exthdr'),
  },
  'a malformation with two names has both here': {
    here: (event, { both }) =>
      ALIASES.some((names) => names.some((name) => name === event) && names.some((name) => both.includes(name))),
  },
  'here a length of 0 (jumbograms, segmentation offload) is what there is': {
    there: (_, seen) => claimsNothing(seen),
    here: (_, seen) => claimsNothing(seen),
  },
  'here overlaps are said of the datagram, where there is one, and repetitions are none': {
    there: anyOf('ipv4.frag_overlap', 'ipv6.frag_overlap'),
    here: anyOf('ipv4.frag_overlap', 'ipv6.frag_overlap'),
  },
  'here version, code and length of PPPoE count': {
    there: (_, seen) => carries(seen, PPPOE),
    here: (_, seen) => carries(seen, PPPOE),
  },
  'here four faults of a layer are seen': {
    there: (_, { both, onlyHere }) => both.length + onlyHere.length >= MOST_FAULTS,
  },
};

/** What is left of a difference without reasons, and the reasons that it has. */
export function withoutReasons(difference: Difference): {
  readonly left: Difference;
  readonly reasons: ReadonlySet<string>;
} {
  const seen: Seen = {
    ...difference,
    layers: decode(difference.bytes).layers,
  };
  const reasons = new Set<string>();
  const leave = (side: 'there' | 'here', events: readonly string[]): string[] =>
    events.filter((event) => {
      const reason = Object.entries(REASONS).find(([, explains]) => explains[side]?.(event, seen) === true)?.[0];
      if (reason !== undefined) reasons.add(reason);
      return reason === undefined;
    });
  const [onlyThere, onlyHere] = [leave('there', difference.onlyThere), leave('here', difference.onlyHere)];
  return { left: { ...difference, onlyThere, onlyHere }, reasons };
}
