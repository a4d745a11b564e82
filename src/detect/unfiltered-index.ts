/**
 * The index of rules without a pattern: which of them a packet can match, by transport and then by the most telling thing
 * that the rule asks for. Stage: load writes it, detect reads it.
 *
 * Per transport there are: rules that ask for a malformation or an event of TCP, rules for few destination ports and for few
 * source ports (by port), rules that look at addresses only (visited once per flow and direction), and the rest, by a byte of
 * the transport header: the flags of TCP, the type of ICMP. A `<>` rule stands under both ports. Lists are rule rows,
 * ascending; equal lists are stored once.
 */
import type { PacketTest, Ranges, RuleProgram } from '../rule/program.js';
import { modeHolds } from './field-tests.js';
import { type AddressIndex, packAddressIndex } from './address-index.js';
import { ListWriter } from './list-writer.js';
import { RULE_FLAG, TEST_MODE, TRANSPORT, TRANSPORT_COUNT } from './rule-block.js';

/** Words of a transport's row. Ports: first entry and count; entries are port, list start, list end. */
export const CLASS = {
  destinationPorts: 0,
  destinationCount: 1,
  sourcePorts: 2,
  sourceCount: 3,
  /** First of 256 entries: list start, list end. */
  byByte: 4,
  /** Rules on addresses only (address-index.ts). First entry and count by source and by destination. */
  sources: 5,
  sourceIntervals: 6,
  destinations: 7,
  destinationIntervals: 8,
  /** List start and end of those that are not indexed, for IPv4 and IPv6. */
  rest4: 9,
  rest4End: 10,
  rest6: 11,
  rest6End: 12,
  /** List start and end of those that ask for a malformation or an event: packets that have any look at all of them. */
  remarkable: 13,
  remarkableEnd: 14,
} as const;
export const CLASS_WORDS = 16;
export const PORT_ENTRY_WORDS = 3;
export const BYTE_ENTRY_WORDS = 2;

/** Rules for more ports than this are looked at whatever the port. */
const MAX_INDEXED_PORTS = 64;

/** A rule as the index sees it. */
export interface Unfiltered {
  readonly row: number;
  readonly transports: number;
  readonly flags: number;
  readonly program: RuleProgram;
}

/** The whole section: rows of classes, then entries and lists. */
export function packUnfiltered(rules: readonly Unfiltered[]): number[] {
  const words = new Array<number>(TRANSPORT_COUNT * CLASS_WORDS).fill(0);
  const lists = new ListWriter(words);
  const addressIndexes = new Map<string, AddressIndex>();
  for (let transport = 0; transport < TRANSPORT_COUNT; transport++) {
    const inClass = rules.filter((rule) => ((rule.transports >>> transport) & 1) === 1);
    packClass(words, lists, transport, inClass, addressIndexes);
  }
  return words;
}

function packClass(words: number[], lists: ListWriter, transport: number, rules: readonly Unfiltered[], addressIndexes: Map<string, AddressIndex>): void {
  const byDestination = new Map<number, number[]>();
  const bySource = new Map<number, number[]>();
  const addressOnly: Unfiltered[] = [];
  const rest: Unfiltered[] = [];
  const remarkable: number[] = [];
  for (const rule of rules) {
    if ((rule.flags & RULE_FLAG.addressOnly) !== 0) addressOnly.push(rule);
    else if (rule.program.packetTests.some(asksForRemarkable)) remarkable.push(rule.row);
    else if (!putUnderPorts(rule, transport, byDestination, bySource)) rest.push(rule);
  }
  const row = transport * CLASS_WORDS;
  const entries = Array.from({ length: 256 }, (_, byte) => lists.add(rest.filter((rule) => bytePasses(rule, transport, byte)).map((rule) => rule.row)));
  const key = addressOnly.map((rule) => rule.row).join();
  const addresses = addressIndexes.get(key) ?? packAddressIndex(addressOnly, lists);
  addressIndexes.set(key, addresses);
  [words[row + CLASS.sources], words[row + CLASS.sourceIntervals]] = addresses.bySource;
  [words[row + CLASS.destinations], words[row + CLASS.destinationIntervals]] = addresses.byDestination;
  [words[row + CLASS.rest4], words[row + CLASS.rest4End]] = addresses.rest4;
  [words[row + CLASS.rest6], words[row + CLASS.rest6End]] = addresses.rest6;
  [words[row + CLASS.remarkable], words[row + CLASS.remarkableEnd]] = lists.add(remarkable);
  words[row + CLASS.destinationCount] = byDestination.size;
  words[row + CLASS.destinationPorts] = writePorts(byDestination, lists);
  words[row + CLASS.sourceCount] = bySource.size;
  words[row + CLASS.sourcePorts] = writePorts(bySource, lists);
  words[row + CLASS.byByte] = words.length;
  for (const [start, end] of entries) words.push(start, end);
}

function putUnderPorts(rule: Unfiltered, transport: number, byDestination: Map<number, number[]>, bySource: Map<number, number[]>): boolean {
  if (transport !== TRANSPORT.tcp && transport !== TRANSPORT.udp && transport !== TRANSPORT.sctp) return false;
  const { destinationPorts, sourcePorts, bidirectional } = rule.program.header;
  const destination = fewPorts(destinationPorts);
  const ports = destination ?? fewPorts(sourcePorts);
  if (ports === undefined) return false;
  for (const port of ports) {
    if (destination !== undefined || bidirectional) append(byDestination, port, rule.row);
    if (destination === undefined || bidirectional) append(bySource, port, rule.row);
  }
  return true;
}

function fewPorts(ranges: Ranges | undefined): number[] | undefined {
  const count = ranges?.reduce((sum, [low, high]) => sum + high - low + 1, 0) ?? Infinity;
  if (ranges === undefined || count > MAX_INDEXED_PORTS) return undefined;
  return ranges.flatMap(([low, high]) => Array.from({ length: high - low + 1 }, (_, i) => low + i));
}

function append(lists: Map<number, number[]>, key: number, row: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [row]);
  else if (list.at(-1) !== row) list.push(row);
}

/** Whether the rule can match a packet whose header byte is this one. A fragment has none; it counts as 0, and rules that ask for one do not match it. */
function bytePasses(rule: Unfiltered, transport: number, byte: number): boolean {
  if (transport === TRANSPORT.tcp) return rule.program.packetTests.every((test) => flagsPass(test, byte));
  if (transport === TRANSPORT.icmp || transport === TRANSPORT.icmpv6) return rule.program.packetTests.every((test) => typePasses(test, byte));
  return byte === 0;
}

const flagsPass = (test: PacketTest, flags: number): boolean => test.kind !== 'tcp_flags' || modeHolds(flags & ~test.ignore, test.flags, TEST_MODE[test.mode]);

const typePasses = (test: PacketTest, type: number): boolean =>
  test.kind !== 'field' || test.field !== 'icmp_type' || test.ranges.some(([low, high]) => type >= low && type <= high) !== test.negated;

/** Whether the test passes only where `isRemarkable` (field-tests.ts) holds. */
function asksForRemarkable(test: PacketTest): boolean {
  if (test.kind === 'either') return test.tests.every(asksForRemarkable);
  if (test.kind === 'tcp_event') return true;
  return test.kind === 'field' && !test.negated && test.ranges.every(([low]) => low > 0) && (test.field === 'fault' || test.field === 'truncated');
}

/** Appends the entries of a port index; returns where they start. */
function writePorts(ports: ReadonlyMap<number, number[]>, lists: ListWriter): number {
  const entries = [...ports].sort(([a], [b]) => a - b).map(([port, rows]) => [port, ...lists.add(rows)]);
  const start = lists.words.length;
  for (const entry of entries) lists.words.push(...entry);
  return start;
}

/** Index of the entry for `port` among `count` entries from `first` on, or -1. */
export function findPort(words: Int32Array, first: number, count: number, port: number): number {
  let low = 0;
  let high = count - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const at = first + middle * PORT_ENTRY_WORDS;
    if (words[at] === port) return at;
    if (words[at] < port) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
