/**
 * Addresses and ports of a header as sets, `$VARIABLES` included. Stage: rule (compile).
 *
 *   HOME_NET      [192.168.0.0/16,10.0.0.0/8]
 *   EXTERNAL_NET  !$HOME_NET
 *
 * A list is the union of its positive items (everything when it has none) without its negative ones, wherever they
 * stand; a positive list or variable within a list adds its items to that list, a negated one is evaluated by itself
 * first. That is Suricata's reading. Values are worked out once and shared: equal text gives the identical set.
 */
import {
  addressDifference,
  addressUnion,
  EVERY_ADDRESS,
  isEveryAddress,
  isNoAddress,
  NO_ADDRESS,
  parseAddressWord,
} from './address-set.js';
import type { AddressNode, PortNode } from '../ast.js';
import { DEFAULT_VARIABLES } from './default-variables.js';
import { Diagnostics, type Diagnostic, type Span } from '../diagnostics/diagnostic.js';
import { addressHint, portHint } from './header-hints.js';
import { nearest } from '../../util/nearest.js';
import { parseAddress, parsePort } from '../parse/parser.js';
import { printAddress, printPort } from '../parse/printer.js';
import type { AddressSet, Ranges } from '../../block/terms.js';
import { rangeDifference, rangeUnion } from './range-set.js';

const LAST_PORT = 65535;
/** Variables within variables. */
const MAXIMUM_NESTING = 64;
const NO_SPAN: Span = { start: 0, end: 0 };
const EVERY_PORT: Ranges = [[0, LAST_PORT]];
const BAD = { address: 'bad-address', port: 'bad-port' } as const;

/** What addresses and ports have in common. */
interface Kind<N extends HeaderNode, S> {
  readonly what: 'address' | 'port';
  readonly every: S;
  readonly none: S;
  union(sets: readonly S[]): S;
  difference(from: S, without: S): S;
  isEmpty(set: S): boolean;
  isEvery(set: S): boolean;
  parse(text: string, diagnostics: Diagnostics): N | undefined;
  print(node: N): string;
  /** The set of a single address, block, port or range; a string says what is wrong. */
  single(node: N): S | string;
  /** What to write instead of a single one that is wrong. */
  hint(text: string, isVariable: (name: string) => boolean): string;
}

type HeaderNode = AddressNode | PortNode;

const ADDRESSES: Kind<AddressNode, AddressSet> = {
  what: 'address',
  every: EVERY_ADDRESS,
  none: NO_ADDRESS,
  union: addressUnion,
  difference: addressDifference,
  isEmpty: isNoAddress,
  isEvery: isEveryAddress,
  parse: parseAddress,
  print: printAddress,
  single: (node) => (node.kind === 'address' ? parseAddressWord(node.text) : ''),
  hint: addressHint,
};

const PORTS: Kind<PortNode, Ranges> = {
  what: 'port',
  every: EVERY_PORT,
  none: [],
  union: (sets) => rangeUnion(sets.flat()),
  difference: rangeDifference,
  isEmpty: (set) => set.length === 0,
  isEvery: (set) => set.length === 1 && set[0]![0] === 0 && set[0]![1] === LAST_PORT,
  parse: parsePort,
  print: printPort,
  single: (node) => (node.kind === 'range' ? portRange(node) : ''),
  hint: portHint,
};

function portRange({ low, high, text }: PortNode & { kind: 'range' }): Ranges | string {
  if (low <= high && high <= LAST_PORT) return [[low, high]];
  if (!/^(\d+|\d*:\d*)$/.test(text) || text === ':') return `'${text}' is no port or range of ports`;
  return high > LAST_PORT || low > LAST_PORT
    ? `'${text}' is beyond port ${LAST_PORT}`
    : `the range ${text} runs backward`;
}

/** What a list asks for before the negative is taken from the positive. */
interface Parts<S> {
  /** Undefined when nothing positive was said. */
  readonly positive: S | undefined;
  readonly negative: S;
}

/** What is said about a variable itself; its span stands for nothing. */
export interface VariableProblem extends Diagnostic {
  readonly variable: string;
}

export class Variables {
  /** What deserves a word about the variables themselves. */
  readonly notes: readonly VariableProblem[];
  private readonly values: ReadonlyMap<string, string>;
  private readonly addressTable = new Map<string, Parts<AddressSet> | string>();
  private readonly portTable = new Map<string, Parts<Ranges> | string>();
  private readonly addressSets = new Map<string, AddressSet>();
  private readonly portSets = new Map<string, Ranges>();
  private readonly addressNodes = new WeakMap<HeaderNode, AddressSet>();
  private readonly portNodes = new WeakMap<HeaderNode, Ranges>();

  /** Defaults, with `values` (names without the dollar sign) over them. */
  constructor(values: Readonly<Record<string, string>> = {}) {
    const all = new Map(Object.entries({ ...DEFAULT_VARIABLES, ...values }));
    this.values = all;
    this.notes = openExternalNet(all, values);
  }

  /** What is wrong with the values given, whether a rule uses them or not. */
  check(names: Iterable<string>): readonly VariableProblem[] {
    const problems: VariableProblem[] = [];
    for (const name of names) {
      const node = { kind: 'variable' as const, name, negated: false, span: NO_SPAN };
      const asAddresses = new Diagnostics();
      const asPorts = new Diagnostics();
      this.addresses(node, asAddresses);
      this.ports(node, asPorts);
      if (asAddresses.hasErrors && asPorts.hasErrors)
        problems.push({ ...(/PORT/i.test(name) ? asPorts : asAddresses).list[0]!, variable: name });
    }
    return problems;
  }

  /** Undefined stands for any, or (with an error reported) for what cannot be read. */
  addresses(node: AddressNode, diagnostics: Diagnostics): AddressSet | undefined {
    return evaluate(ADDRESSES, node, {
      values: this.values,
      parts: this.addressTable,
      sets: this.addressSets,
      nodes: this.addressNodes,
      diagnostics,
      path: [],
    });
  }

  /** As `addresses`, for ports. */
  ports(node: PortNode, diagnostics: Diagnostics): Ranges | undefined {
    return evaluate(PORTS, node, {
      values: this.values,
      parts: this.portTable,
      sets: this.portSets,
      nodes: this.portNodes,
      diagnostics,
      path: [],
    });
  }
}

/** Where HOME_NET is any, nothing is outside: EXTERNAL_NET is then any too. */
function openExternalNet(
  all: Map<string, string>,
  given: Readonly<Record<string, string>>,
): readonly VariableProblem[] {
  if (given['EXTERNAL_NET'] !== undefined || all.get('HOME_NET')?.trim().toLowerCase() !== 'any') return [];
  all.set('EXTERNAL_NET', 'any');
  return [
    {
      variable: 'HOME_NET',
      code: 'external-net-any',
      severity: 'hint',
      message: 'HOME_NET is any, so EXTERNAL_NET is any too',
      hint: 'name your networks in HOME_NET to tell directions apart',
      span: NO_SPAN,
    },
  ];
}

interface Context<S> {
  readonly values: ReadonlyMap<string, string>;
  /** What variables were worked out to; a string says why one could not be. */
  readonly parts: Map<string, Parts<S> | string>;
  /** What header fields were worked out to, by their text, and by their node for headers that share it. */
  readonly sets: Map<string, S>;
  readonly nodes: WeakMap<HeaderNode, S>;
  readonly diagnostics: Diagnostics;
  /** Variables being worked out. */
  readonly path: readonly string[];
}

function evaluate<N extends HeaderNode, S>(kind: Kind<N, S>, node: N, context: Context<S>): S | undefined {
  if (node.kind === 'any' && !node.negated) return undefined;
  const same = context.nodes.get(node);
  if (same !== undefined) return kind.isEvery(same) ? undefined : same;
  const text = kind.print(node);
  const known = context.sets.get(text);
  if (known !== undefined) {
    context.nodes.set(node, known);
    return kind.isEvery(known) ? undefined : known;
  }
  const parts = collect(kind, node, context);
  if (parts === undefined) return undefined;
  const set = resolve(kind, parts);
  if (kind.isEmpty(set)) {
    if (text.includes('$') && kind.what === 'address' && (node.negated || node.kind === 'list')) {
      context.diagnostics.warning(
        'never-matches',
        `${text} stands for no address at all, so the rule never matches`,
        node.span,
        'what is negated covers everything; name your networks in HOME_NET and the like',
      );
      return set;
    }
    const hint = node.negated
      ? 'what is negated covers everything; HOME_NET and the like must not be any then'
      : 'its exclusions leave nothing over';
    context.diagnostics.error('never-matches', `${text} stands for no ${kind.what} at all`, node.span, hint);
    return undefined;
  }
  context.sets.set(text, set);
  return kind.isEvery(set) ? undefined : set;
}

function resolve<N extends HeaderNode, S>(kind: Kind<N, S>, { positive, negative }: Parts<S>): S {
  return kind.difference(positive ?? kind.every, negative);
}

function collect<N extends HeaderNode, S>(kind: Kind<N, S>, node: N, context: Context<S>): Parts<S> | undefined {
  const parts = collectPositive(kind, node, context);
  if (parts === undefined || !node.negated) return parts;
  return { positive: undefined, negative: resolve(kind, parts) };
}

/** As if the node were not negated. */
function collectPositive<N extends HeaderNode, S>(
  kind: Kind<N, S>,
  node: N,
  context: Context<S>,
): Parts<S> | undefined {
  if (node.kind === 'any') return { positive: kind.every, negative: kind.none };
  if (node.kind === 'variable') return lookUp(kind, node.name, node.span, context);
  if (node.kind === 'list') return collectList(kind, node.items as readonly N[], context);
  const set = kind.single(node);
  if (typeof set === 'string') {
    context.diagnostics.error(
      BAD[kind.what],
      set,
      node.span,
      kind.hint('text' in node ? node.text : '', (name) => context.values.has(name)),
    );
    return undefined;
  }
  return { positive: set, negative: kind.none };
}

function collectList<N extends HeaderNode, S>(
  kind: Kind<N, S>,
  items: readonly N[],
  context: Context<S>,
): Parts<S> | undefined {
  const parts = items.map((item) => collect(kind, item, context)).filter((part) => part !== undefined);
  if (parts.length < items.length) return undefined;
  const positive = parts.flatMap((part) => (part.positive === undefined ? [] : [part.positive]));
  return {
    positive: positive.length === 0 ? undefined : kind.union(positive),
    negative: kind.union(parts.map((part) => part.negative)),
  };
}

/** A variable's parts, worked out at its first use; what is wrong with its value is reported at each use. */
function lookUp<N extends HeaderNode, S>(
  kind: Kind<N, S>,
  name: string,
  span: Span,
  context: Context<S>,
): Parts<S> | undefined {
  let parts = context.parts.get(name);
  if (parts === undefined) {
    const value = context.values.get(name);
    if (value === undefined) return reportUnknown(kind.what, name, span, context);
    if (context.path.includes(name) || context.path.length > MAXIMUM_NESTING) {
      const path = [...context.path.slice(context.path.indexOf(name)), name].map((each) => `$${each}`);
      context.diagnostics.error('bad-variable', `a variable cannot contain itself: ${path.join(' → ')}`, span);
      return undefined;
    }
    parts = evaluateVariable(kind, name, value, context);
    context.parts.set(name, parts);
  }
  if (typeof parts !== 'string') return parts;
  context.diagnostics.error(
    'bad-variable',
    `$${name} cannot be used: ${parts}`,
    span,
    `it is set to ${context.values.get(name)}`,
  );
  return undefined;
}

function evaluateVariable<N extends HeaderNode, S>(
  kind: Kind<N, S>,
  name: string,
  value: string,
  context: Context<S>,
): Parts<S> | string {
  const diagnostics = new Diagnostics();
  const node = kind.parse(value, diagnostics);
  const parts = node && collect(kind, node, { ...context, diagnostics, path: [...context.path, name] });
  return parts ?? diagnostics.list[0]?.message ?? 'its value cannot be read';
}

function reportUnknown<S>(what: string, name: string, span: Span, context: Context<S>): undefined {
  const close = nearest(name, context.values.keys());
  const set = `set it with --var ${name}=<${what} or list>`;
  context.diagnostics.error(
    'unknown-variable',
    `$${name} is not set`,
    span,
    close === undefined ? set : `did you mean $${close}? Otherwise ${set}`,
  );
  return undefined;
}
