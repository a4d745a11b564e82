/**
 * What a rule's header and conditions say about which packets it looks at, as bits of its row. Stage: load.
 */
import type { PacketTest, RuleProgram, RuleProtocol } from '../rule/program.js';
import { holds } from '../block/compared.js';
import { ALL_IP_TRANSPORTS, ALL_TRANSPORTS, FLOW_BIT, RULE_FLAG, TRANSPORT } from '../block/rule-block.js';

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
  icmpv4: bit(TRANSPORT.icmp),
  icmpv6: bit(TRANSPORT.icmpv6),
  sctp: bit(TRANSPORT.sctp),
  pkthdr: ALL_TRANSPORTS,
};
const SEES_FRAGMENTS: readonly RuleProtocol[] = ['ip', 'ipv4', 'ipv6', 'pkthdr'];

/** What carries applications. */
const APPLICATION_TRANSPORTS = bit(TRANSPORT.tcp) | bit(TRANSPORT.udp) | bit(TRANSPORT.sctp);

/** Bits by TRANSPORT. */
export function transports({ header, kind }: RuleProgram): number {
  const isOfApplication = header.applications !== undefined || kind === 'tx' || kind === 'txPayload';
  return TRANSPORTS[header.protocol] & (isOfApplication ? APPLICATION_TRANSPORTS : ALL_TRANSPORTS);
}

/** A set of RULE_FLAG. */
export function ruleFlags(program: RuleProgram): number {
  const { header } = program;
  const hasPayload =
    program.buffers.some((buffer) => buffer.buffer === 'payload' && buffer.absent === undefined) ||
    program.fastPattern?.buffer === 'payload';
  const set = (on: boolean, name: keyof typeof RULE_FLAG): number => (on ? RULE_FLAG[name] : 0);
  const headerAlone = program.kind === 'address';
  const pass = program.action === 'pass';
  return (
    set(header.bidirectional, 'bidirectional') |
    set(header.hook === 'flow_start', 'flowStart') |
    set(program.noalert, 'noalert') |
    set(hasPayload, 'payload') |
    set(headerAlone, 'headerAlone') |
    set(SEES_FRAGMENTS.includes(header.protocol) || program.packetTests.some(looksAtFragments), 'fragments') |
    set(isOfStreamsAlone(program) && !headerAlone, 'streamOnly') |
    set(pass && headerAlone, 'passFlow') |
    set(pass && hasPayload && (header.protocol === 'tcp' || header.protocol === 'tcp-stream'), 'passFlowOnStream') |
    set(program.target === 'src_ip', 'targetSource') |
    set(program.target === 'dest_ip', 'targetDestination') |
    set(program.tags !== undefined, 'tags') |
    storingFlags(program.fileStoring, set) |
    set(pass && program.alertsOnPass === true, 'alertsOnPass') |
    set(header.protocol === 'pkthdr' && !program.packetTests.some(looksAtFaults), 'frame') |
    set(header.protocol === 'ipv4', 'ipv4Only') |
    set(header.protocol === 'ipv6', 'ipv6Only') |
    set(program.packetTests.some(asksForBytes), 'sized') |
    set(program.silencesTransactions === true, 'silencesTransactions')
  );
}

/** Only_stream in a rule without contents asks for segments of a stream. */
const isOfStreamsAlone = ({ header, flow, kind }: RuleProgram): boolean =>
  header.protocol === 'tcp-stream' || (flow?.source === 'only_stream' && kind === 'stream');

function storingFlags(
  storing: RuleProgram['fileStoring'],
  set: (on: boolean, name: keyof typeof RULE_FLAG) => number,
): number {
  if (storing === undefined) return 0;
  const { side, scope } = storing;
  return (
    set(scope === 'file', 'storeFile') |
    set(scope === 'tx', 'storeTransaction') |
    set(scope === 'flow', 'storeFlow') |
    set(side === 'to_server' || side === 'both', 'storeRequest') |
    set(side === 'to_client' || side === 'both', 'storeResponse')
  );
}

/** A set of FLOW_BIT: all must hold. */
export function flowBits(program: RuleProgram): number {
  const { flow } = program;
  if (flow === undefined) return 0;
  let bits = 0;
  if (flow.direction !== undefined) bits |= flow.direction === 'to_server' ? FLOW_BIT.toServer : FLOW_BIT.toClient;
  if (flow.established !== undefined && flow.stateless !== true)
    bits |= flow.established ? FLOW_BIT.established : FLOW_BIT.notEstablished;
  if (flow.source !== undefined) bits |= flow.source === 'only_stream' ? FLOW_BIT.onlyStream : FLOW_BIT.noStream;
  if (flow.frag !== undefined) bits |= flow.frag === 'only_frag' ? FLOW_BIT.onlyFragments : FLOW_BIT.noFragments;
  return bits;
}

/** Malformations are met in every layer. */
const looksAtFaults = (test: PacketTest): boolean =>
  test.kind === 'field' && (test.field === 'fault' || test.field === 'truncated');

const asksForBytes = (test: PacketTest): boolean =>
  test.kind === 'field' && test.field === 'dsize' && holds(test, 0) === test.negated;

const looksAtFragments = (test: PacketTest): boolean =>
  test.kind === 'fragbits' ||
  (test.kind === 'field' && test.field === 'fragoffset') ||
  (test.kind === 'either' && test.tests.some(looksAtFragments));
