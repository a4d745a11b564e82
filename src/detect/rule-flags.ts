/**
 * What a rule's header and conditions say about which packets it looks at, as bits of its row. Stage: load.
 */
import type { PacketTest, RuleProgram, RuleProtocol } from '../rule/program.js';
import { ALL_IP_TRANSPORTS, ALL_TRANSPORTS, FLOW_BIT, RULE_FLAG, TRANSPORT } from './rule-block.js';

const bit = (transport: number): number => 1 << transport;

const TRANSPORTS: Readonly<Record<RuleProtocol, number>> = {
  ip: ALL_IP_TRANSPORTS,
  ipv4: ALL_IP_TRANSPORTS,
  ipv6: ALL_IP_TRANSPORTS,
  tcp: bit(TRANSPORT.tcp),
  'tcp-pkt': bit(TRANSPORT.tcp),
  'tcp-stream': bit(TRANSPORT.tcp),
  udp: bit(TRANSPORT.udp),
  icmp: bit(TRANSPORT.icmp) | bit(TRANSPORT.icmpv6),
  icmpv6: bit(TRANSPORT.icmpv6),
  sctp: bit(TRANSPORT.sctp),
  pkthdr: ALL_TRANSPORTS,
};
const SEES_FRAGMENTS: readonly RuleProtocol[] = ['ip', 'ipv4', 'ipv6', 'pkthdr'];
const PER_PACKET: readonly RuleProtocol[] = ['tcp-pkt', 'tcp-stream', 'pkthdr'];

/** Bits by TRANSPORT. */
export const transports = (program: RuleProgram): number => TRANSPORTS[program.header.protocol];

/** A set of RULE_FLAG. */
export function ruleFlags(program: RuleProgram): number {
  const { header } = program;
  const hasPayload = program.buffers.some((buffer) => buffer.buffer === 'payload' && buffer.absent === undefined) || program.fastPattern?.buffer === 'payload';
  const set = (on: boolean, name: keyof typeof RULE_FLAG): number => (on ? RULE_FLAG[name] : 0);
  const addressOnly = looksAtAddressesOnly(program);
  const pass = program.action === 'pass';
  return (
    set(header.bidirectional, 'bidirectional') | set(header.hook === 'flow_start', 'flowStart') | set(program.noalert, 'noalert') |
    set(hasPayload, 'payload') | set(addressOnly, 'addressOnly') |
    set(SEES_FRAGMENTS.includes(header.protocol) || program.packetTests.some(looksAtFragments), 'fragments') |
    set(header.protocol === 'tcp-stream', 'streamOnly') |
    set(pass && addressOnly, 'passFlow') |
    set(pass && hasPayload && (header.protocol === 'tcp' || header.protocol === 'tcp-stream'), 'passFlowOnStream') |
    set(program.target === 'src_ip', 'targetSource') | set(program.target === 'dest_ip', 'targetDestination') |
    set(program.tags !== undefined, 'tags') | set(pass && program.alertsOnPass === true, 'alertsOnPass') |
    set(header.protocol === 'pkthdr' && !program.packetTests.some(looksAtFaults), 'frame') | set(header.protocol === 'ipv4', 'ipv4Only') | set(header.protocol === 'ipv6', 'ipv6Only')
  );
}

/** A set of FLOW_BIT: all must hold. */
export function flowBits(program: RuleProgram): number {
  const { flow } = program;
  if (flow === undefined) return 0;
  let bits = 0;
  if (flow.direction !== undefined) bits |= flow.direction === 'to_server' ? FLOW_BIT.toServer : FLOW_BIT.toClient;
  if (flow.established !== undefined && flow.stateless !== true) bits |= flow.established ? FLOW_BIT.established : FLOW_BIT.notEstablished;
  if (flow.source !== undefined) bits |= flow.source === 'only_stream' ? FLOW_BIT.onlyStream : FLOW_BIT.noStream;
  if (flow.frag !== undefined) bits |= flow.frag === 'only_frag' ? FLOW_BIT.onlyFragments : FLOW_BIT.noFragments;
  return bits;
}

/**
 * Rules on addresses and protocol alone say the same of every packet of a flow's direction, and so are inspected on the
 * first one only (Suricata's "IP-only" rules). The mirror session is as good as an address.
 */
function looksAtAddressesOnly(program: RuleProgram): boolean {
  const { header } = program;
  return (
    !PER_PACKET.includes(header.protocol) && header.hook === undefined && header.sourcePorts === undefined && header.destinationPorts === undefined &&
    program.flow === undefined && program.buffers.length === 0 && program.fastPattern === undefined && program.bitTests.length === 0 &&
    program.packetTests.every(saysTheSameOfAFlow) && program.effects.every((effect) => effect.operation === 'set')
  );
}

const saysTheSameOfAFlow = (test: PacketTest): boolean => (test.kind === 'field' && test.field === 'vni') || (test.kind === 'address' && test.perFlow);

/** Malformations are met in every layer. */
const looksAtFaults = (test: PacketTest): boolean => test.kind === 'field' && (test.field === 'fault' || test.field === 'truncated');

const looksAtFragments = (test: PacketTest): boolean =>
  test.kind === 'fragbits' || (test.kind === 'field' && test.field === 'fragoffset') || (test.kind === 'either' && test.tests.some(looksAtFragments));
