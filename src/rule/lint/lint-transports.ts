/**
 * Conditions that no packet has at once: a TCP flag on UDP, an ICMP type beside a port of TCP, the ID of an IPv4 header
 * in an IPv6 packet. Stage: rule (lint). A packet that lacks a field never passes a test of it, negated or not.
 */
import type { BufferName } from '../../app/buffers.js';
import { isNoAddress } from '../compile/address-set.js';
import type { OptionNode, RuleNode } from '../ast.js';
import type { OpenBuffer } from '../compile/buffer-builder.js';
import type { Diagnostics, Span } from '../diagnostics/diagnostic.js';
import type { AddressSet, PacketField, Ranges } from '../../block/terms.js';
import type { FlowTest, PacketTest, RuleHeader, RuleProtocol } from '../program.js';
import { never, optionNamed, optionText, type LintedRule } from './lint-context.js';

const TCP = 1;
const UDP = 2;
const ICMP = 4;
const ICMPV6 = 8;
const SCTP = 16;
const OTHER = 32;
const ANY_TRANSPORT = 63;
const IPV4 = 64;
const IPV6 = 128;
const ANY_VERSION = IPV4 | IPV6;
const ANY = ANY_TRANSPORT | ANY_VERSION;

/** Transports and IP versions, the bits above. */
type Kinds = number;

const PROTOCOLS: Readonly<Record<RuleProtocol, Kinds>> = {
  ip: ANY,
  pkthdr: ANY,
  ipv4: ANY_TRANSPORT | IPV4,
  ipv6: ANY_TRANSPORT | IPV6,
  tcp: TCP | ANY_VERSION,
  'tcp-pkt': TCP | ANY_VERSION,
  'tcp-stream': TCP | ANY_VERSION,
  udp: UDP | ANY_VERSION,
  sctp: SCTP | ANY_VERSION,
  icmp: ICMP | ICMPV6 | ANY_VERSION,
  icmpv4: ICMP | ANY_VERSION,
  icmpv6: ICMPV6 | ANY_VERSION,
};

const FIELDS: Readonly<Partial<Record<PacketField, Kinds>>> = {
  tcp_seq: TCP | ANY_VERSION,
  tcp_ack: TCP | ANY_VERSION,
  tcp_window: TCP | ANY_VERSION,
  tcp_mss: TCP | ANY_VERSION,
  tcp_wscale: TCP | ANY_VERSION,
  icmp_type: ICMP | ICMPV6 | ANY_VERSION,
  icmp_code: ICMP | ICMPV6 | ANY_VERSION,
  icmp_id: ICMP | ICMPV6 | ANY_VERSION,
  icmp_seq: ICMP | ICMPV6 | ANY_VERSION,
  icmpv6_mtu: ICMPV6 | ANY_VERSION,
  ip_id: ANY_TRANSPORT | IPV4,
};

const BUFFERS: Readonly<Partial<Record<BufferName, Kinds>>> = {
  'tcp.hdr': TCP | ANY_VERSION,
  'udp.hdr': UDP | ANY_VERSION,
  'icmpv4.hdr': ICMP | ANY_VERSION,
  'icmpv6.hdr': ICMPV6 | ANY_VERSION,
  'ipv4.hdr': ANY_TRANSPORT | IPV4,
  'ipv6.hdr': ANY_TRANSPORT | IPV6,
};

const NAMES: readonly (readonly [kinds: Kinds, name: string])[] = [
  [TCP, 'TCP'],
  [UDP, 'UDP'],
  [ICMP, 'ICMP'],
  [ICMPV6, 'ICMPv6'],
  [SCTP, 'SCTP'],
  [IPV4, 'IPv4'],
  [IPV6, 'IPv6'],
];

const NUMBERS: Readonly<Record<number, Kinds>> = { 1: ICMP, 6: TCP, 17: UDP, 58: ICMPV6, 132: SCTP };

export function lintTransports({ node, program, trace }: LintedRule, diagnostics: Diagnostics): void {
  const { header, flow } = program;
  if (
    trace.tests.length === 0 &&
    !isNarrowed(header) &&
    flow?.source === undefined &&
    !trace.buffers.some(isHeaderBuffer)
  )
    return;
  const narrowing = new Narrowing(PROTOCOLS[header.protocol], node, diagnostics);
  if (header.source !== undefined && node.source !== undefined)
    narrowing.to(versionsOf(header.source), 'the source', node.source.span);
  if (header.destination !== undefined && node.destination !== undefined)
    narrowing.to(versionsOf(header.destination), 'the destination', node.destination.span);
  trace.tests.forEach((test, i) => narrowing.toOption(kindsOf(test), trace.testNodes[i]!));
  for (const open of trace.buffers) {
    if (isHeaderBuffer(open) && open.selector !== undefined) narrowing.toOption(BUFFERS[open.buffer!]!, open.selector);
  }
  if (flow?.source === 'only_stream')
    narrowing.toOption(TCP | ANY_VERSION, optionNamed(node.options, 'flow')!, 'only_stream');
}

/** Whether one side has addresses of one IP version alone. */
function isNarrowed({ source, destination }: RuleHeader): boolean {
  return (
    (source !== undefined && versionsOf(source) !== ANY) ||
    (destination !== undefined && versionsOf(destination) !== ANY)
  );
}

/** Whether steps ask for a header that not every packet has. */
function isHeaderBuffer({ buffer, absent, matches }: OpenBuffer): boolean {
  return buffer !== undefined && BUFFERS[buffer] !== undefined && absent === undefined && matches.length > 0;
}

/** What is left of the packets that a rule can be about. */
class Narrowing {
  private kinds: Kinds;
  /**
   * What has narrowed it last: an option, or a part of the header and what it leaves; the header's protocol without
   * either.
   */
  private option: OptionNode | undefined;
  private part = '';
  private partKinds: Kinds = 0;
  private reported = false;
  private readonly rule: RuleNode;
  private readonly diagnostics: Diagnostics;

  constructor(kinds: Kinds, rule: RuleNode, diagnostics: Diagnostics) {
    this.kinds = kinds;
    this.rule = rule;
    this.diagnostics = diagnostics;
  }

  toOption(kinds: Kinds, option: OptionNode, what = option.name.text): void {
    if (kinds !== ANY) this.to(kinds, what, option.name.span, option);
  }

  to(kinds: Kinds, what: string, span: Span, option?: OptionNode): void {
    const left = this.kinds & kinds;
    if (this.reported || left === this.kinds) return;
    if ((left & ANY_TRANSPORT) === 0 || (left & ANY_VERSION) === 0) {
      this.reported = true;
      const asks =
        option === undefined
          ? `${what} has addresses of ${namesOf(kinds)} alone`
          : `${what} asks for ${namesOf(kinds)}`;
      never(this.diagnostics, `${asks}, and ${this.reason()}`, span, this.remedy(kinds, what));
      return;
    }
    this.kinds = left;
    this.option = option;
    this.part = what;
    this.partKinds = kinds;
  }

  private remedy(kinds: Kinds, what: string): string {
    if (this.part !== '') return 'leave one of the two out, or write two rules';
    const [name = 'ip'] = listOf(kinds);
    return `write ${name.toLowerCase()} in the header, or leave ${what} out`;
  }

  private reason(): string {
    if (this.option !== undefined) return `there is ${optionText(this.option)} before`;
    return this.part === ''
      ? `the header is about ${this.rule.protocol.text}`
      : `${this.part} has addresses of ${namesOf(this.partKinds)} alone`;
  }
}

/** What is asked for, without what comes along in any case. */
function listOf(kinds: Kinds): readonly string[] {
  const transports = (kinds & ANY_TRANSPORT) === ANY_TRANSPORT ? 0 : kinds & ANY_TRANSPORT;
  const versions = (kinds & ANY_VERSION) === ANY_VERSION ? 0 : kinds & ANY_VERSION;
  return NAMES.filter(([bit]) => ((transports | versions) & bit) !== 0).map(([, name]) => name);
}

function namesOf(kinds: Kinds): string {
  const names = listOf(kinds);
  return names.length === 0 ? 'other protocols' : names.join(' or ');
}

function versionsOf(set: AddressSet): Kinds {
  // What stands for no address at all is reported where it is worked out.
  if (isNoAddress(set)) return ANY;
  return ANY_TRANSPORT | (set.ipv4.length > 0 ? IPV4 : 0) | (set.ipv6.length > 0 ? IPV6 : 0);
}

function kindsOf(test: PacketTest | FlowTest): Kinds {
  switch (test.kind) {
    case 'field':
      return test.field === 'ip_proto' ? protocolsIn(test.ranges, test.negated) : (FIELDS[test.field] ?? ANY);
    case 'address':
      return versionsOf(test.addresses);
    case 'tcp_flags':
    case 'tcp_session':
    case 'tcp_event':
    case 'stream_size':
      return TCP | ANY_VERSION;
    case 'fragbits':
    case 'ipopts':
      return ANY_TRANSPORT | IPV4;
    case 'either':
      return test.tests.reduce((kinds: Kinds, each) => kinds | kindsOf(each), 0);
    default:
      return ANY;
  }
}

function protocolsIn(ranges: Ranges, negated: boolean): Kinds {
  const has = (number: number): boolean => ranges.some(([low, high]) => number >= low && number <= high) !== negated;
  // A protocol number that rules have no name for may be among the rest.
  let kinds = OTHER | ANY_VERSION;
  for (const [number, kind] of Object.entries(NUMBERS)) if (has(Number(number))) kinds |= kind;
  return kinds;
}
