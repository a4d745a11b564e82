/**
 * Which codes the types of ICMP and ICMPv6 have (IANA, ICMP and ICMPv6 parameters). Pure tables.
 */

/** By type: the highest code, or `UNKNOWN`. */
const UNKNOWN = 255;

const table = (entries: readonly (readonly [type: number, highestCode: number])[]): Uint8Array => {
  const codes = new Uint8Array(256).fill(UNKNOWN);
  for (const [type, code] of entries) codes[type] = code;
  return codes;
};

/** RFC 792, 950, 1256, 2521 (Photuris), 8335 (extended echo). */
const ICMP = table([
  [0, 0],
  [3, 15],
  [4, 0],
  [5, 3],
  [8, 0],
  [9, 16],
  [10, 0],
  [11, 1],
  [12, 2],
  [13, 0],
  [14, 0],
  [15, 0],
  [16, 0],
  [17, 0],
  [18, 0],
  [40, 5],
  [42, 0],
  [43, 4],
]);

/**
 * RFC 4443, multicast listeners (RFC 2710, 3810), neighbour discovery (RFC 4861, 3122, 3971), node information (RFC
 * 4620), Mobile IPv6 (RFC 6275), ILNP (RFC 6743), MPL (RFC 7731), extended echo (RFC 8335). Of the others, whose codes
 * are subtypes or intervals, all.
 */
const ICMPV6 = table([
  [1, 8],
  [2, 0],
  [3, 1],
  [4, 10],
  [128, 0],
  [129, 0],
  [130, 0],
  [131, 0],
  [132, 0],
  [133, 0],
  [134, 0],
  [135, 0],
  [136, 0],
  [137, 0],
  [139, 2],
  [140, 2],
  [141, 0],
  [142, 0],
  [143, 0],
  [144, 0],
  [145, 0],
  [146, 0],
  [147, 0],
  [148, 0],
  [149, 0],
  [156, 0],
  [159, 0],
  [160, 0],
  [161, 4],
]);
/** RFC 2894: a command, its result, and the reset of sequence numbers. */
const ROUTER_RENUMBERING = 138;
const FIRST_LATER_TYPE = ROUTER_RENUMBERING;
const LAST_ASSIGNED_TYPE = 161;

export const isIcmpType = (type: number): boolean => ICMP[type] !== UNKNOWN;
export const isIcmpCode = (type: number, code: number): boolean => code <= ICMP[type];

export const isIcmpv6Type = (type: number): boolean =>
  ICMPV6[type] !== UNKNOWN || (type >= FIRST_LATER_TYPE && type <= LAST_ASSIGNED_TYPE);
/** Of a type of which the codes are not known here, all are. */
export const isIcmpv6Code = (type: number, code: number): boolean =>
  type === ROUTER_RENUMBERING ? code <= 1 || code === 255 : ICMPV6[type] === UNKNOWN || code <= ICMPV6[type];
export const isExperimentalIcmpv6Type = (type: number): boolean =>
  type === 100 || type === 101 || type === 200 || type === 201;
/** 0, 127 and 255 are reserved, which is more than not assigned. */
export const isUnassignedIcmpv6Type = (type: number): boolean => type !== 0 && type !== 127 && type !== 255;
