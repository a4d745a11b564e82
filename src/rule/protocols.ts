/**
 * The words of a header that are no addresses: actions, protocols and directions. Stage: rule (compile).
 */
import type { Action, RuleHeader, RuleProtocol } from './program.js';

/** Sensors only report; what a peer would block is an alert that says so. */
export const ACTIONS: Readonly<Record<string, Action>> = {
  alert: 'alert', log: 'log', pass: 'pass',
  drop: 'drop', sdrop: 'drop', block: 'drop', sblock: 'drop',
  reject: 'reject', rejectsrc: 'reject', rejectdst: 'reject', rejectboth: 'reject',
};

/** Actions of Snort and Suricata that a sensor without a place in the traffic cannot stand for. */
export const REFUSED_ACTIONS: readonly string[] = ['rewrite', 'replace', 'activate', 'dynamic', 'config', 'file_id', 'react', 'accept', 'bypass'];

export const PROTOCOLS: Readonly<Record<string, RuleProtocol>> = {
  ip: 'ip', ipv4: 'ipv4', ip4: 'ipv4', ipv6: 'ipv6', ip6: 'ipv6',
  tcp: 'tcp', 'tcp-pkt': 'tcp-pkt', 'tcp-stream': 'tcp-stream', udp: 'udp', sctp: 'sctp',
  icmp: 'icmp', icmpv6: 'icmpv6', icmp6: 'icmpv6', pkthdr: 'pkthdr',
};

/** Hooks behind a protocol, as in `tcp:flow_start`. */
export const HOOKS: Readonly<Record<string, RuleHeader['hook']>> = { flow_start: 'flow_start', all: 'all' };

/** Protocols whose packets have no ports. */
export const PORTLESS: ReadonlySet<RuleProtocol> = new Set<RuleProtocol>(['icmp', 'icmpv6']);
