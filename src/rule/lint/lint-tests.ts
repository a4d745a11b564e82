/**
 * Tests of one number, of TCP flags or of state that exclude each other. Stage: rule (lint).
 */
import type { OptionNode } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import type { Ranges } from '../../block/terms.js';
import type { BitTest, FlowTest, PacketTest, RuleProgram } from '../program.js';
import type { RuleTrace } from '../compile/rule-builder.js';
import { integerRanges } from '../options/integer-test.js';
import { rangeDifference } from '../compile/range-set.js';
import { never, optionNamed, optionText, valueSpan, type LintedRule } from './lint-context.js';

type Test = PacketTest | FlowTest;
type NumberTest = Test & { readonly kind: 'field' };
type FieldTest = NumberTest | (FlowTest & { readonly kind: 'stream_size' });

/** Types of ICMP (RFC 792, RFC 950) and ICMPv6 (RFC 4443) messages that have an identifier and a sequence number. */
const WITH_ID: Ranges = [
  [0, 0],
  [8, 8],
  [13, 18],
  [128, 129],
];
const WITH_MTU: Ranges = [[2, 2]];
const LARGEST = Number.MAX_SAFE_INTEGER;
const EVERY_NUMBER: Ranges = [[0, LARGEST]];
const SYN_OR_RST = 0x06;
const SYN = 0x02;

export function lintTests({ program, trace, node }: LintedRule, diagnostics: Diagnostics): void {
  const { bitTests } = program;
  const { tests, testNodes } = trace;
  if (tests.length > 0) {
    if (tests.length > 1) lintNumbers(tests, testNodes, diagnostics);
    lintFlags(program, trace, diagnostics);
    lintFragmentBits(tests, testNodes, diagnostics);
  }
  if (bitTests.length > 1) lintBits(bitTests, trace.bitTests, diagnostics);
  if (program.effects.length > 0) lintMarks(program, trace.effects, diagnostics);
  if (program.flow?.established === true) lintOpening(trace, node.options, diagnostics);
}

// ---------------------------------------------------------------- numbers

function lintNumbers(tests: readonly Test[], nodes: readonly OptionNode[], diagnostics: Diagnostics): void {
  for (let i = 1; i < tests.length; i++) {
    const test = tests[i]!;
    if (test.kind !== 'field' && test.kind !== 'stream_size') continue;
    const other = tests
      .slice(0, i)
      .findIndex((each) => (each.kind === 'field' || each.kind === 'stream_size') && exclude(each, test));
    if (other < 0) continue;
    never(
      diagnostics,
      `${optionText(nodes[i]!)} leaves out all that ${optionText(nodes[other]!)} lets pass`,
      valueSpan(nodes[i]!),
      'let the two overlap, or write two rules',
    );
    return;
  }
}

/** Whether no packet passes both. */
function exclude(a: FieldTest, b: FieldTest): boolean {
  if (a.kind === 'stream_size' || b.kind === 'stream_size') {
    return (
      a.kind === 'stream_size' &&
      b.kind === 'stream_size' &&
      a.side === b.side &&
      a.side !== 'either' &&
      a.mask === b.mask &&
      areDisjoint(a.ranges, b.ranges)
    );
  }
  // A packet may have several malformations.
  if (a.field === b.field) return a.field !== 'fault' && a.mask === b.mask && areDisjoint(passing(a), passing(b));
  return needsOtherType(a, b) || needsOtherType(b, a);
}

/** Whether a test of the message's type leaves out those that have the field. */
function needsOtherType(type: NumberTest, { field }: NumberTest): boolean {
  if (type.field !== 'icmp_type' || type.mask !== undefined) return false;
  if (field === 'icmp_id' || field === 'icmp_seq') return areDisjoint(passing(type), WITH_ID);
  return field === 'icmpv6_mtu' && areDisjoint(passing(type), WITH_MTU);
}

const passing = ({ ranges, negated }: NumberTest): Ranges => (negated ? rangeDifference(EVERY_NUMBER, ranges) : ranges);

function areDisjoint(a: Ranges, b: Ranges): boolean {
  return a.every(([low, high]) => b.every((other) => high < other[0] || low > other[1]));
}

// ------------------------------------------------------------ sets of bits

type LetterTest = Pick<PacketTest & { kind: 'fragbits' }, 'bits' | 'mode'> & {
  readonly ignore: number;
  readonly node: OptionNode;
};

function lintFlags({ flow, header }: RuleProgram, { tests, testNodes }: RuleTrace, diagnostics: Diagnostics): void {
  const letters: LetterTest[] = [];
  tests.forEach((test, i) => {
    if (test.kind === 'tcp_flags')
      letters.push({ bits: test.flags, mode: test.mode, ignore: test.ignore, node: testNodes[i]! });
  });
  const streamOnly = flow?.source === 'only_stream' || header.protocol === 'tcp-stream';
  if (letters.length === 0 || (letters.length === 1 && !streamOnly)) return;
  const culprit = impossibleLetters(letters, 0xff, () => true);
  const inStream =
    culprit ?? (streamOnly ? impossibleLetters(letters, 0xff, (flags) => (flags & SYN_OR_RST) === 0) : undefined);
  if (inStream === undefined) return;
  const reason =
    culprit === undefined
      ? 'data of a stream comes without SYN and RST'
      : `no flags pass ${optionText(letters[0]!.node)} and this`;
  never(
    diagnostics,
    reason,
    valueSpan(inStream),
    culprit === undefined
      ? 'write tcp-pkt in the header to look at single packets'
      : 'write one flags option with what a packet must have',
  );
}

function lintFragmentBits(tests: readonly Test[], nodes: readonly OptionNode[], diagnostics: Diagnostics): void {
  const letters: LetterTest[] = [];
  tests.forEach((test, i) => {
    if (test.kind === 'fragbits') letters.push({ bits: test.bits, mode: test.mode, ignore: 0, node: nodes[i]! });
  });
  const culprit = letters.length < 2 ? undefined : impossibleLetters(letters, 7, () => true);
  if (culprit !== undefined)
    never(
      diagnostics,
      `no bits pass ${optionText(letters[0]!.node)} and this`,
      valueSpan(culprit),
      'write one fragbits option',
    );
}

/** The test with which no combination of bits is left. */
function impossibleLetters(
  tests: readonly LetterTest[],
  last: number,
  isAllowed: (bits: number) => boolean,
): OptionNode | undefined {
  let left: number[] = [];
  for (let bits = 0; bits <= last; bits++) if (isAllowed(bits)) left.push(bits);
  for (const test of tests) {
    left = left.filter((bits) => passes(bits & ~test.ignore, test));
    if (left.length === 0) return test.node;
  }
  return undefined;
}

function passes(seen: number, { bits, mode }: LetterTest): boolean {
  switch (mode) {
    case 'exact':
      return seen === bits;
    case 'all':
      return (seen & bits) === bits;
    case 'any':
      return (seen & bits) !== 0;
    case 'not':
      return (seen & bits) === 0;
  }
}

/** A SYN without ACK opens a connection, and comes before it is established. */
function lintOpening({ tests, testNodes }: RuleTrace, options: readonly OptionNode[], diagnostics: Diagnostics): void {
  const at = tests.findIndex((test) => test.kind === 'tcp_flags' && test.mode === 'exact' && test.flags === SYN);
  if (at < 0) return;
  const flow = optionNamed(options, 'flow');
  diagnostics.warning(
    'hardly-matches',
    'a SYN alone opens a connection, which is established only later',
    valueSpan(testNodes[at]!),
    `leave out established${flow === undefined ? '' : ` in ${optionText(flow)}`}, or the flags`,
  );
}

// ------------------------------------------------------------------- state

/** A bit that must be set and not set at once; a number compared in two ways that exclude each other. */
function lintBits(tests: readonly BitTest[], nodes: readonly OptionNode[], diagnostics: Diagnostics): void {
  for (let i = 1; i < tests.length; i++) {
    const test = tests[i]!;
    const other = tests.slice(0, i).findIndex((each) => contradicts(each, test));
    if (other < 0) continue;
    never(
      diagnostics,
      `this and ${optionText(nodes[other]!)} exclude each other`,
      valueSpan(nodes[i]!),
      'keep one of the two',
    );
    return;
  }
}

function contradicts(a: BitTest, b: BitTest): boolean {
  if (a.scope !== b.scope || a.names.length === 0 || a.names[0] !== b.names[0]) return false;
  if (a.integer !== undefined && b.integer !== undefined) {
    const [compared, with_] = [numbersOf(a), numbersOf(b)];
    return compared !== undefined && with_ !== undefined && areDisjoint(compared, with_);
  }
  return a.integer === b.integer && a.names.length === 1 && b.names.length === 1 && a.operation !== b.operation;
}

/** Marks of transactions in a rule that looks at none. */
function lintMarks({ kind, effects }: RuleProgram, nodes: readonly OptionNode[], diagnostics: Diagnostics): void {
  const index = effects.findIndex(({ scope }) => scope === 'tx');
  if (index < 0 || kind === 'tx' || kind === 'txPayload') return;
  diagnostics.warning(
    'without-effect',
    'the rule looks at no transaction, so it marks none',
    valueSpan(nodes[index]!),
    'name a hook behind the protocol, as in http1:request_complete, or a buffer of messages',
  );
}

const UNSET: Ranges = [[-1, -1]];
const LAST_UINT32 = 0xffff_ffff;

/** The numbers that pass, -1 for one that was never set; undefined where it is compared with another. */
function numbersOf({ names, integer }: BitTest): Ranges | undefined {
  const { operator, value } = integer!;
  switch (operator) {
    case 'isnotset':
      return UNSET;
    case 'isset':
      return [[0, LAST_UINT32]];
    default:
      return names.length > 1
        ? [[0, LAST_UINT32]]
        : integerRanges({ operator: operator === '==' ? '=' : operator, value }, LAST_UINT32);
  }
}
