/**
 * Syntax trees of rules as fast-check makes them up: anything that the grammar can produce. Places are left out (zero).
 */
import fc from 'fast-check';
import type { AddressNode, OptionNode, PortNode, RuleNode, Word } from '../../../src/rule/ast.js';

const span = { start: 0, end: 0 };

function word(text: fc.Arbitrary<string>): fc.Arbitrary<Word> {
  return text.map((each) => ({ text: each, span }));
}

const variableName = fc.stringMatching(/^[A-Z][A-Z0-9_]{0,8}$/);
const addressText = fc.oneof(
  fc.ipV4(),
  fc.tuple(fc.ipV4(), fc.nat(32)).map(([address, prefix]) => `${address}/${prefix}`),
  fc.ipV6(),
  fc.tuple(fc.ipV6(), fc.nat(128)).map(([address, prefix]) => `${address}/${prefix}`),
);

export const arbitraryAddress: fc.Arbitrary<AddressNode> = fc.letrec<{ node: AddressNode }>((tie) => ({
  node: fc
    .tuple(
      fc.boolean(),
      fc.oneof(
        { depthSize: 'small' },
        fc.constant({ kind: 'any' as const }),
        addressText.map((text) => ({ kind: 'address' as const, text })),
        variableName.map((name) => ({ kind: 'variable' as const, name })),
        fc.array(tie('node'), { minLength: 1, maxLength: 4 }).map((items) => ({ kind: 'list' as const, items })),
      ),
    )
    .map(([negated, node]) => ({ ...node, negated, span }) as AddressNode),
})).node;

const portRange = fc.oneof(
  fc.nat(65535).map((port) => ({ low: port, high: port, text: String(port) })),
  fc.nat(65535).map((port) => ({ low: port, high: 65535, text: `${port}:` })),
  fc.nat(65535).map((port) => ({ low: 0, high: port, text: `:${port}` })),
  fc.tuple(fc.nat(1000), fc.nat(1000)).map(([low, more]) => ({ low, high: low + more, text: `${low}:${low + more}` })),
);

export const arbitraryPort: fc.Arbitrary<PortNode> = fc.letrec<{ node: PortNode }>((tie) => ({
  node: fc
    .tuple(
      fc.boolean(),
      fc.oneof(
        { depthSize: 'small' },
        fc.constant({ kind: 'any' as const }),
        portRange.map((range) => ({ kind: 'range' as const, ...range })),
        variableName.map((name) => ({ kind: 'variable' as const, name })),
        fc.array(tie('node'), { minLength: 1, maxLength: 4 }).map((items) => ({ kind: 'list' as const, items })),
      ),
    )
    .map(([negated, node]) => ({ ...node, negated, span }) as PortNode),
})).node;

/** Text between double quotes: anything, with backslash and quote escaped, and semicolons escaped or not. */
export const quotedText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom('\\\\', '\\"', '\\;', ';', '|0d 0a|', ',', '(', ')', '!', ' '),
      fc.stringMatching(/^[^"\\;|]{0,6}$/),
    ),
  )
  .map((parts) => `"${parts.join('')}"`);
const plainValue = fc.stringMatching(/^[\w.!<>=/-][\w.!<>=/ ,-]{0,20}$/).map((text) => text.trim());
const value = fc.oneof(
  plainValue,
  quotedText,
  quotedText.map((text) => `!${text}`),
  fc.tuple(quotedText, plainValue).map(([text, more]) => `${text},${more}`),
);

const option: fc.Arbitrary<OptionNode> = fc.record({
  name: word(fc.stringMatching(/^[a-z][\w.-]{0,12}$/)),
  value: fc.option(word(value), { nil: undefined }),
});

const addresses = fc.record({
  source: arbitraryAddress,
  sourcePort: arbitraryPort,
  direction: word(fc.constantFrom('->', '<>', '<-')),
  destination: arbitraryAddress,
  destinationPort: arbitraryPort,
});
const noAddresses = fc.constant({
  source: undefined,
  sourcePort: undefined,
  direction: undefined,
  destination: undefined,
  destinationPort: undefined,
});

export const arbitraryRule: fc.Arbitrary<RuleNode> = fc
  .tuple(
    fc.record({
      action: word(fc.constantFrom('alert', 'pass', 'drop', 'reject', 'log')),
      protocol: word(fc.constantFrom('tcp', 'udp', 'ip', 'http', 'tcp-pkt', 'tcp:flow_start')),
      options: fc.array(option, { maxLength: 8 }),
    }),
    fc.oneof({ arbitrary: addresses, weight: 9 }, { arbitrary: noAddresses, weight: 1 }),
  )
  .map(([rule, header]) => ({ ...rule, ...header, span, disabled: false }));

/** The same tree with every place set to zero, to compare trees of different texts. */
export function withoutPlaces<T>(node: T): T {
  return JSON.parse(JSON.stringify(node, (key, each: unknown) => (key === 'span' ? span : each))) as T;
}
