/**
 * The index of rules without a pattern: which of them a packet can match, by transport and then by the most telling
 * thing that the rule asks for. Stage: load writes it, detect reads it.
 *
 * Per transport there are: rules that are their header alone (visited once per flow and direction), rules that ask for
 * a malformation or an event of TCP, rules whose header tells much, rules that ask for a flowbit, and the rest, by a
 * byte of the transport header: the flags of TCP, the type of ICMP. Headers have an index of their own
 * (header-index.ts). Lists are rule rows, ascending; equal lists are stored once.
 */
import { holds } from '../block/compared.js';
import type { BitTest, PacketTest } from '../rule/program.js';
import { type Family, HeaderIndexWriter, smallestShare, type Unfiltered, withEveryEnd } from './header-index.js';
import { CLASS, CLASS_WORDS } from '../block/index-layout.js';
import { ListWriter } from './list-writer.js';
import { RULE_FLAG, TEST_MODE, TRANSPORT, TRANSPORT_COUNT } from '../block/rule-block.js';
import { modeHolds } from '../block/test-mode.js';

/** A rule that looks at every packet goes by its header where that leaves no more of them than this share. */
const TELLING_SHARE = 1 / 1024;

/** The whole section: rows of classes, then entries and lists. */
export function packUnfiltered(given: readonly Unfiltered[]): number[] {
  const rules = given.map(withEveryEnd);
  const words = new Array<number>(TRANSPORT_COUNT * CLASS_WORDS).fill(0);
  const lists = new ListWriter(words);
  const headers = new HeaderIndexWriter(lists);
  for (let transport = 0; transport < TRANSPORT_COUNT; transport++) {
    packClass(
      words,
      lists,
      headers,
      transport,
      rules.filter((rule) => ((rule.transports >>> transport) & 1) === 1),
    );
  }
  return words;
}

function packClass(
  words: number[],
  lists: ListWriter,
  headers: HeaderIndexWriter,
  transport: number,
  rules: readonly Unfiltered[],
): void {
  const family: Family = transport === TRANSPORT.noIp ? 0 : 4;
  const alone: Unfiltered[] = [];
  const remarkable: Unfiltered[] = [];
  const telling: Unfiltered[] = [];
  const marked: Unfiltered[] = [];
  const rest: Unfiltered[] = [];
  for (const rule of rules) {
    if ((rule.flags & RULE_FLAG.headerAlone) !== 0) alone.push(rule);
    else if (rule.program.packetTests.some(asksForRemarkable)) remarkable.push(rule);
    else if (([4, 6] as const).every((each) => smallestShare(rule.program.header, each) <= TELLING_SHARE))
      telling.push(rule);
    else if (rule.program.bitTests.some(asksForMark)) marked.push(rule);
    else rest.push(rule);
  }
  const row = transport * CLASS_WORDS;
  words[row + CLASS.headerAlone] = headers.add(alone, family);
  words[row + CLASS.headerAlone6] = headers.add(alone, 6);
  words[row + CLASS.headers] = headers.add(telling, family);
  words[row + CLASS.headers6] = headers.add(telling, 6);
  [words[row + CLASS.remarkable], words[row + CLASS.remarkableEnd]] = lists.add(remarkable.map((rule) => rule.row));
  [words[row + CLASS.marked], words[row + CLASS.markedEnd]] = lists.add(marked.map((rule) => rule.row));
  const entries = Array.from({ length: 256 }, (_, byte) =>
    lists.add(rest.filter((rule) => bytePasses(rule, transport, byte)).map((rule) => rule.row)),
  );
  words[row + CLASS.byByte] = words.length;
  for (const [start, end] of entries) words.push(start, end);
}

/**
 * Whether the rule can match a packet whose header byte is this one. A fragment has none; it counts as 0, and rules
 * that ask for one do not match it.
 */
function bytePasses(rule: Unfiltered, transport: number, byte: number): boolean {
  if (transport === TRANSPORT.tcp) return rule.program.packetTests.every((test) => flagsPass(test, byte));
  if (transport === TRANSPORT.icmp || transport === TRANSPORT.icmpv6)
    return rule.program.packetTests.every((test) => typePasses(test, byte));
  return byte === 0;
}

const flagsPass = (test: PacketTest, flags: number): boolean =>
  test.kind !== 'tcp_flags' || modeHolds(flags & ~test.ignore, test.flags, TEST_MODE[test.mode]);

const typePasses = (test: PacketTest, type: number): boolean =>
  test.kind !== 'field' || test.field !== 'icmp_type' || holds(test, type) !== test.negated;

/** Whether a bit of the flow has to be set. */
const asksForMark = ({ scope, operation, integer, variable }: BitTest): boolean =>
  scope === 'flow' && operation === 'isset' && integer === undefined && variable?.of !== 'packet';

/** Whether the test passes only where `isRemarkable` (field-tests.ts) holds. */
function asksForRemarkable(test: PacketTest): boolean {
  if (test.kind === 'either') return test.tests.every(asksForRemarkable);
  if (test.kind === 'tcp_event') return true;
  return (
    test.kind === 'field' &&
    !test.negated &&
    test.ranges.every(([low]) => low > 0) &&
    (test.field === 'fault' || test.field === 'truncated')
  );
}
