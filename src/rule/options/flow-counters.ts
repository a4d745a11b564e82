/**
 * Counts of a flow, compared at each of its packets: flow.age, flow.pkts, flow.bytes. Stage: rule.
 * Reference: Suricata, flow keywords.
 */
import type { OptionNode } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import type { PacketField } from '../../block/terms.js';
import type { FlowTest } from '../program.js';
import type { RuleBuilder } from '../compile/rule-builder.js';
import { integerOption, UINT32 } from './integer-option.js';
import { compared, parseIntegerTest, printIntegerTest, type IntegerTest } from './integer-test.js';
import { defineOption, type RuleOption } from './option.js';
import { requireValue, slice } from './value.js';

type Counter = 'pkts' | 'bytes';
const DIRECTIONS = ['toserver', 'toclient', 'either', 'both'] as const;
type Direction = (typeof DIRECTIONS)[number];

interface CounterTest {
  readonly direction: Direction;
  readonly test: IntegerTest;
}

const MAXIMUM: Readonly<Record<Counter, number>> = { pkts: UINT32, bytes: Number.MAX_SAFE_INTEGER };

/** docs/decisions: bytes of a flow are bytes of IP. */
const DIFFERENCES: Readonly<Record<Counter, string | undefined>> = {
  pkts: undefined,
  bytes:
    'Bytes of IP packets with their headers, the same wherever they are captured; Suricata counts frames, with their padding.',
};

function parse(counter: Counter, node: OptionNode, diagnostics: Diagnostics): CounterTest | undefined {
  const value = requireValue(node, diagnostics);
  if (value === undefined) return undefined;
  const comma = value.text.indexOf(',');
  const word = slice(value, 0, comma < 0 ? value.text.length : comma);
  const direction = DIRECTIONS.find((each) => each === word.text);
  if (comma < 0 || direction === undefined) {
    diagnostics.error(
      'unknown-argument',
      `'${word.text}' is no direction followed by a number`,
      word.span,
      `write flow.${counter}:<${DIRECTIONS.join('|')}>,<number>;`,
    );
    return undefined;
  }
  const test = parseIntegerTest(
    slice(value, comma + 1, value.text.length),
    node.name.text,
    MAXIMUM[counter],
    diagnostics,
  );
  return test && { direction, test };
}

function compile(counter: Counter, { direction, test }: CounterTest, builder: RuleBuilder): void {
  const of = (side: 'toserver' | 'toclient'): FlowTest => ({
    kind: 'field',
    field: `flow_${counter}_${side}`,
    ...compared(test, MAXIMUM[counter]),
    negated: false,
  });
  if (direction === 'either') {
    builder.addFlowTest({ kind: 'either', tests: [of('toserver'), of('toclient')] });
    return;
  }
  for (const side of direction === 'both' ? (['toserver', 'toclient'] as const) : [direction])
    builder.addFlowTest(of(side));
}

function counterOption(counter: Counter, unit: string): RuleOption {
  return defineOption<CounterTest>({
    name: `flow.${counter}`,
    value: 'required',
    repeatable: true,
    parse: (node, diagnostics) => parse(counter, node, diagnostics),
    compile: (value, builder) => compile(counter, value, builder),
    print: ({ direction, test }) => `${direction},${printIntegerTest(test)}`,
    doc: {
      appliesTo: 'flow',
      summary: `Compares the ${unit} of the flow so far, this packet included; either asks one direction to pass, both asks both.`,
      syntax: `flow.${counter}:<toserver|toclient|either|both>,[!|=|<|<=|>|>=]<number>;`,
      example: `flow.${counter}:toserver,>1000;`,
      differences: DIFFERENCES[counter],
    },
  });
}

function directedOption(counter: Counter, side: 'toserver' | 'toclient', unit: string): RuleOption {
  return integerOption({
    name: `flow.${counter}_${side}`,
    field: `flow_${counter}_${side}` satisfies PacketField,
    maximum: MAXIMUM[counter],
    doc: {
      appliesTo: 'flow',
      summary: `Compares the ${unit} that the flow has sent ${side === 'toserver' ? 'to its server' : 'to its client'}; the same as flow.${counter}:${side}.`,
      example: `flow.${counter}_${side}:>10;`,
      differences: DIFFERENCES[counter],
    },
  });
}

export const flowCounterOptions: readonly RuleOption[] = [
  integerOption({
    name: 'flow.age',
    field: 'flow_age',
    maximum: UINT32,
    doc: {
      appliesTo: 'flow',
      summary: "Compares the seconds since the flow's first packet, by the seconds of the clock: 1 from 0.9 to 1.1.",
      example: 'flow.age:>3600;',
    },
  }),
  counterOption('pkts', 'packets'),
  directedOption('pkts', 'toserver', 'packets'),
  directedOption('pkts', 'toclient', 'packets'),
  counterOption('bytes', 'bytes'),
  directedOption('bytes', 'toserver', 'bytes'),
  directedOption('bytes', 'toclient', 'bytes'),
];
