/**
 * What a rule is tried on: its header alone, packets, streams, transactions. Stage: rule (compile). As Suricata sorts
 * rules, asked of Suricata 8.0.7 (`--engine-analysis`).
 */
import { IDENTIFICATION_EVENTS } from '../../app/identification-events.js';
import { ALL_BUFFERS, type BufferRegistry } from '../../app/buffers.js';
import type { RuleKind } from '../../block/rule-block.js';
import type { BitTest, BufferProgram, FlowTest, RuleProgram, RuleProtocol } from '../program.js';
import type { BufferMatch } from '../buffer-match.js';

type Rule = Omit<RuleProgram, 'kind'>;

const IDENTIFICATION_SIDES: readonly string[] = IDENTIFICATION_EVENTS.map(({ side }) => side);

/** Those whose payload is that of a stream, where it is one of TCP. */
const OVER_STREAMS: ReadonlySet<RuleProtocol> = new Set<RuleProtocol>(['ip', 'ipv4', 'ipv6', 'tcp', 'tcp-stream']);
/** Steps over these are steps over the payload, or what came of it. */
const OF_PAYLOAD: ReadonlySet<string> = new Set(['payload', 'base64_data']);

export function ruleKind(rule: Rule, registry: BufferRegistry = ALL_BUFFERS): RuleKind {
  const looksAt = (scope: 'tx' | 'frame'): boolean =>
    rule.buffers.some(({ buffer }) => registry.spec(buffer).scope === scope);
  const hasPayload = rule.buffers.some(isOfPayload) || rule.fastPattern?.buffer === 'payload';
  if (looksAt('frame')) return 'frame';
  if (looksAt('tx')) return rule.buffers.some(({ buffer }) => buffer === 'payload') ? 'txPayload' : 'tx';
  if (isHeaderAlone(rule)) return 'address';
  if (isApplicationAlone(rule) || asksForDifference(rule)) return 'detected';
  const ofPackets = asksForPackets(rule) || rule.buffers.some((program) => !isOfPayload(program));
  if (!hasPayload) return rule.header.applications !== undefined && !ofPackets ? 'application' : 'packet';
  if (ofPackets || !OVER_STREAMS.has(rule.header.protocol)) return 'packet';
  if (rule.header.protocol === 'tcp-stream' || rule.flow?.source === 'only_stream') return 'stream';
  return rule.buffers.some(isPlaced) || rule.flowTests.some(({ kind }) => kind === 'stream_size') ? 'both' : 'stream';
}

/** Whether something in it can only be asked of a packet. */
function asksForPackets({ header, flow, packetTests }: Rule): boolean {
  return (
    packetTests.length > 0 || header.protocol === 'tcp-pkt' || header.hook !== undefined || flow?.source === 'no_stream'
  );
}

const isOfPayload = ({ buffer }: BufferProgram): boolean => OF_PAYLOAD.has(buffer);

/** A content of the payload with a place in the packet makes its rule one of packets, and of streams as well. */
const isPlaced = ({ buffer, matches }: BufferProgram): boolean => buffer === 'payload' && matches.some(hasPlace);

const hasPlace = (match: BufferMatch): boolean =>
  match.kind === 'content' && (match.offset !== undefined || match.depth !== undefined || match.startswith);

/**
 * Rules that are their header alone say the same of every packet of a flow's direction, and so are inspected on the
 * first one only. The mirror session, the protocol and the marks of hosts are as good as an address; that packets are
 * asked for says nothing.
 */
function isHeaderAlone({
  header,
  flow,
  buffers,
  fastPattern,
  packetTests,
  flowTests,
  bitTests,
  effects,
}: Rule): boolean {
  const { source, direction, established, stateless, frag } = flow ?? {};
  return (
    header.hook === undefined &&
    header.applications === undefined &&
    buffers.length === 0 &&
    fastPattern === undefined &&
    source !== 'only_stream' &&
    (direction ?? established ?? stateless ?? frag) === undefined &&
    packetTests.length === 0 &&
    flowTests.every(isConstant) &&
    bitTests.every(({ scope }) => isOfHosts(scope)) &&
    effects.every(({ scope, operation, change }) => isOfHosts(scope) || (operation === 'set' && change === undefined))
  );
}

/** Whether the rule asks how what the sides speak differs: that is so once, at the packet behind what told it. */
function asksForDifference({ flowTests, buffers, fastPattern }: Rule): boolean {
  return (
    buffers.length === 0 &&
    fastPattern === undefined &&
    flowTests.some((test) => test.kind === 'application' && IDENTIFICATION_SIDES.includes(test.side))
  );
}

/**
 * Rules that ask for nothing but what a side speaks are tried once per direction, as soon as that is told; one that
 * asks for a state of the flow is tried on each packet. That packets are asked for, and marks of hosts, change nothing
 * in that, as with rules that are their header alone.
 */
function isApplicationAlone({ header, flow, buffers, fastPattern, packetTests, flowTests, bitTests }: Rule): boolean {
  const { source, established, stateless, frag } = flow ?? {};
  return (
    flowTests.some(({ kind }) => kind === 'application') &&
    flowTests.every((test) => test.kind === 'application' || isConstant(test)) &&
    header.hook === undefined &&
    header.applications === undefined &&
    buffers.length === 0 &&
    fastPattern === undefined &&
    packetTests.length === 0 &&
    bitTests.every(({ scope }) => isOfHosts(scope)) &&
    source !== 'only_stream' &&
    (established ?? stateless ?? frag) === undefined
  );
}

/** Whether the test says the same of all packets of a flow. */
function isConstant(test: FlowTest): boolean {
  if (test.kind === 'address') return test.perFlow;
  return test.kind === 'field' && (test.field === 'vni' || test.field === 'ip_proto' || test.field === 'ip_version');
}

const isOfHosts = (scope: BitTest['scope']): boolean => scope !== 'flow' && scope !== 'tx';
