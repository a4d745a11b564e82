/**
 * What to change about a loss, in words: one text for the log, which tells of it as it begins, and for `periscope
 * doctor`, which tells of it afterwards. Each continues a sentence.
 */
export const REMEDIES = {
  socket:
    'raise net.core.rmem_max on the host (on EKS in the user data of the node group), add processors, or set sockets: 2',
  overload:
    'more workers and processors, or fewer rules (`metrics.dearRules` and `read --profile` show those that take most ' +
    'time); filter.* leaves out what need not be seen, flow.bypassBytes the rest of large transfers',
  upstream:
    'mirrored packets go first when a source is short of bandwidth (NetworkSkipMirrorOut in CloudWatch), or filters ' +
    'leave packets out: mirror less, or from larger instances',
  cut: 'leave out the packet length of the mirror sessions, and set the MTU of the sources to 8500 or less',
  oneSided:
    'give the mirror filters rules for both directions, let the load balancer keep a source with one sensor ' +
    '(stickiness by source_ip), and name sessions that bring one direction each in vni.groups',
  twice: 'where both ends of connections are mirrored, name their sessions in vni.groups',
  clock: 'times of events, timeouts and thresholds step with it: let it be slewed (chrony, ntpd -x)',
  silent: 'is its source gone, or the session, or did its packets move to another sensor?',
  unheard: 'look at its target, its filter and its source',
} as const;

/** As a sentence of its own. */
export function asSentence(remedy: string): string {
  return `${remedy[0].toUpperCase()}${remedy.slice(1)}${/[.?]$/.test(remedy) ? '' : '.'}`;
}
