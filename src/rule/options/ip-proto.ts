/**
 * ip_proto: the protocol that the IP header carries. Stage: rule. Reference: IANA protocol numbers; Suricata, IP
 * keywords.
 */
import { numberSetOption } from './number-set.js';
import { UINT8 } from './integer-option.js';
import type { RuleOption } from './option.js';
import { parseNumber } from './value.js';

/** Names as IANA has them, in lower case. */
const PROTOCOLS: Readonly<Record<string, number>> = {
  hopopt: 0,
  icmp: 1,
  igmp: 2,
  ggp: 3,
  ipv4: 4,
  ipip: 4,
  st: 5,
  tcp: 6,
  cbt: 7,
  egp: 8,
  igp: 9,
  udp: 17,
  dccp: 33,
  ipv6: 41,
  'ipv6-route': 43,
  'ipv6-frag': 44,
  idrp: 45,
  rsvp: 46,
  gre: 47,
  esp: 50,
  ah: 51,
  mobile: 55,
  'ipv6-icmp': 58,
  icmpv6: 58,
  'ipv6-nonxt': 59,
  'ipv6-opts': 60,
  eigrp: 88,
  ospf: 89,
  ospfigp: 89,
  etherip: 97,
  encap: 98,
  pim: 103,
  ipcomp: 108,
  vrrp: 112,
  l2tp: 115,
  sctp: 132,
  udplite: 136,
  'mpls-in-ip': 137,
};

const RULES = {
  what: 'protocol',
  maximum: UINT8,
  number: (text: string) =>
    Object.hasOwn(PROTOCOLS, text.toLowerCase())
      ? PROTOCOLS[text.toLowerCase()]
      : /^[0-9]/.test(text)
        ? parseNumber(text)
        : undefined,
  hint: 'write a number from 0 to 255, a name such as TCP, ICMP or GRE, <n, >n, or a list [1,6]; ! negates',
};

const ipProto = numberSetOption('ip_proto', 'ip_proto', RULES, {
  appliesTo: 'packet',
  summary: "The IP header carries this protocol, by number or IANA's name.",
  syntax: 'ip_proto:[!|<|>]<number|name>; or ip_proto:[!][<number|name>,…];',
  example: 'ip_proto:!TCP;',
  differences: 'Lists and ranges go beyond Suricata.',
});

export const ipProtoOptions: readonly RuleOption[] = [ipProto];
