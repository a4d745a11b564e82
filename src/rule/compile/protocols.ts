/**
 * The words of a header that are no addresses: actions, protocols and directions. Stage: rule (compile).
 */
import type { Action } from '../../block/terms.js';
import type { RuleHeader, RuleProtocol } from '../program.js';

/** Sensors only report; what a peer would block is an alert that says so. */
export const ACTIONS: Readonly<Record<string, Action>> = {
  alert: 'alert',
  log: 'log',
  pass: 'pass',
  drop: 'drop',
  sdrop: 'drop',
  block: 'drop',
  sblock: 'drop',
  reject: 'reject',
  rejectsrc: 'reject',
  rejectdst: 'reject',
  rejectboth: 'reject',
};

/** Snort 3's description of a type of file: it has no header beside this word. */
export const FILE_TYPE_ACTION = 'file_id';
/** Rules with these actions are there for what their options do: they alert on nothing. */
export const SILENT_ACTIONS: ReadonlySet<string> = new Set([FILE_TYPE_ACTION, 'config']);

const CHANGES = {
  reason: 'changes traffic, which a sensor cannot',
  hint: 'write alert, pass, drop, reject or log',
} as const;
const DYNAMIC = {
  reason: 'is that of dynamic rules, which are not supported',
  hint: 'write two rules with alert, flowbits:set in the one and flowbits:isset in the other',
} as const;

/** Actions of a firewall, with the part of the traffic that they are for: `accept:hook`, `drop:packet`. */
export const FIREWALL = {
  reason: 'is that of a firewall, and a sensor only listens',
  hint: 'write alert, pass or drop, without what it is for',
} as const;

/** Actions of Snort and Suricata that a sensor without a place in the traffic cannot stand for, and why. */
export const REFUSED_ACTIONS: Readonly<Record<string, { readonly reason: string; readonly hint: string }>> = {
  rewrite: CHANGES,
  replace: CHANGES,
  react: CHANGES,
  activate: DYNAMIC,
  dynamic: DYNAMIC,
  accept: FIREWALL,
};

export const PROTOCOLS: Readonly<Record<string, RuleProtocol>> = {
  ip: 'ip',
  ipv4: 'ipv4',
  ip4: 'ipv4',
  ipv6: 'ipv6',
  ip6: 'ipv6',
  tcp: 'tcp',
  'tcp-pkt': 'tcp-pkt',
  'tcp-stream': 'tcp-stream',
  udp: 'udp',
  sctp: 'sctp',
  icmp: 'icmp',
  icmpv4: 'icmpv4',
  icmp4: 'icmpv4',
  icmpv6: 'icmpv6',
  icmp6: 'icmpv6',
  pkthdr: 'pkthdr',
};

/**
 * Hooks behind a protocol, as in `tcp:flow_start`. A firewall asks before a packet is counted into its flow and its
 * stream; who only looks sees each packet once.
 */
export const HOOKS: Readonly<Record<string, RuleHeader['hook']>> = {
  flow_start: 'flow_start',
  all: 'all',
  pre_flow: 'all',
  pre_stream: 'all',
};

/** Protocols whose packets have no ports. */
export const PORTLESS: ReadonlySet<RuleProtocol> = new Set<RuleProtocol>(['icmp', 'icmpv4', 'icmpv6']);
/** Protocols whose packets all have ports. */
export const PORTED: ReadonlySet<RuleProtocol> = new Set<RuleProtocol>(['tcp', 'tcp-pkt', 'tcp-stream', 'udp', 'sctp']);
