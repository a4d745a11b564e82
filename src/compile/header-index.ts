/**
 * The index of headers: from a packet's addresses and ports to the rules whose header it may fit. Stage: load writes
 * it, detect reads it (header-lookup.ts); without it thousands of block lists would be searched one by one.
 *
 * A rule stands under the end that tells most: the address or the port of which it names the smallest share; a `<>`
 * rule under that end of either side. The ranges of all rules cut the addresses, or ports, into intervals in which the
 * same rules apply. An interval of many rules has a node of its own, which tells them apart by another end. What no end
 * tells apart is a plain list.
 *
 * A node is a row of NODE_WORDS; entries of its splits are the interval's first value (four words for an IPv6 address),
 * then start and end of its list, or a node and NODE_FOLLOWS. Lists are rule rows, ascending.
 */
import type { AddressSet, Ranges } from '../block/terms.js';
import { addressUnion } from '../rule/compile/address-set.js';
import { rangeUnion } from '../rule/compile/range-set.js';
import type { RuleHeader, RuleProgram } from '../rule/program.js';
import { ipv6Words } from '../block/address-set.js';
import { NODE, NODE_FOLLOWS, NODE_WORDS } from '../block/index-layout.js';
import type { ListWriter } from './list-writer.js';

/** A rule as the index sees it. */
export interface Unfiltered {
  readonly row: number;
  readonly transports: number;
  readonly flags: number;
  readonly program: RuleProgram;
}

/** IP version of the packets of an index; 0 for those without addresses. */
export type Family = 0 | 4 | 6;

/** A list that is shorter is looked at as it is. */
const MIN_SPLIT = 8;
/** A rule for a larger share of all addresses or ports is not told by them. */
const MAX_SHARE = 0.5;
/** Intervals that a rule may spread over, in the root and below, beside two for each of its ranges. */
const MAX_SPREAD = 256;
const MAX_SPREAD_BELOW = 16;
/** Words of all lists together; from then on lists are not told apart further. */
const MAX_WORDS = 2 ** 24;

const ENDS = ['sources', 'destinations', 'sourcePorts', 'destinationPorts'] as const;
type End = (typeof ENDS)[number];
const OPPOSITE: Readonly<Record<End, End>> = {
  sources: 'destinations',
  destinations: 'sources',
  sourcePorts: 'destinationPorts',
  destinationPorts: 'sourcePorts',
};

type Point = number | bigint;
type Bounds = readonly (readonly [low: Point, high: Point])[];
type Pair = [first: number, second: number];

interface Interval {
  readonly low: Point;
  readonly high: Point;
  readonly rule: Unfiltered;
}

/** The smallest share of all values that one end of the header names; 1 where none is named. */
export const smallestShare = (header: RuleHeader, family: Family): number =>
  Math.min(...ENDS.map((end) => shareOf(header, family, end)));

/** The rule by all that its header's ends may be: what a tenant has of its own is told apart when the rule is tried. */
export function withEveryEnd(rule: Unfiltered): Unfiltered {
  const { header } = rule.program;
  if (header.tenants === undefined) return rule;
  const all = [header, ...header.tenants.filter((ends) => ends !== undefined)];
  const addresses = (sets: readonly (AddressSet | undefined)[]): AddressSet | undefined =>
    sets.every((set) => set !== undefined) ? addressUnion(sets) : undefined;
  const ports = (sets: readonly (Ranges | undefined)[]): Ranges | undefined =>
    sets.every((set) => set !== undefined) ? rangeUnion(sets.flat()) : undefined;
  const ends = {
    source: addresses(all.map(({ source }) => source)),
    sourcePorts: ports(all.map(({ sourcePorts }) => sourcePorts)),
    destination: addresses(all.map(({ destination }) => destination)),
    destinationPorts: ports(all.map(({ destinationPorts }) => destinationPorts)),
  };
  return { ...rule, program: { ...rule.program, header: { ...header, ...ends } } };
}

export class HeaderIndexWriter {
  private readonly lists: ListWriter;
  private readonly nodes = new Map<string, number>();

  constructor(lists: ListWriter) {
    this.lists = lists;
  }

  /** The root over rules in ascending order of rows. */
  add(rules: readonly Unfiltered[], family: Family): number {
    return this.addNode(
      rules.filter(({ program }) => fits(program.header, family)),
      family,
      ENDS,
    );
  }

  private addNode(rules: readonly Unfiltered[], family: Family, ends: readonly End[]): number {
    const key = `${family} ${ends.join()} ${rules.map(({ row }) => row).join()}`;
    let node = this.nodes.get(key);
    if (node === undefined) this.nodes.set(key, (node = this.writeNode(rules, family, ends)));
    return node;
  }

  private writeNode(rules: readonly Unfiltered[], family: Family, ends: readonly End[]): number {
    const intervals: Record<End, Interval[]> = { sources: [], destinations: [], sourcePorts: [], destinationPorts: [] };
    const rest = new Set<Unfiltered>();
    for (const rule of rules) {
      const { header } = rule.program;
      const end = mostTelling(header, family, ends);
      if (end === undefined) rest.add(rule);
      else
        for (const each of header.bidirectional ? [end, OPPOSITE[end]] : [end])
          addIntervals(intervals[each], boundsOf(header, family, end)!, rule);
    }
    const row = new Array<number>(NODE_WORDS).fill(0);
    const spread = ends === ENDS ? MAX_SPREAD : MAX_SPREAD_BELOW;
    for (const end of ends) {
      const narrow = withoutWide(intervals[end], spread, rest);
      [row[NODE[end]], row[NODE[end] + 1]] = this.writeSplit(
        narrow,
        family,
        end,
        ends.filter((each) => each !== end),
      );
    }
    [row[NODE.rest], row[NODE.rest + 1]] = this.lists.add(rowsOf(rest));
    return this.append(row);
  }

  /** Sweeps over the ends of all ranges; an interval lasts as long as the same rules apply. */
  private writeSplit(intervals: readonly Interval[], family: Family, end: End, below: readonly End[]): Pair {
    const edges = intervals
      .flatMap(({ low, high, rule }) => [
        { at: low, rule, opens: 1 },
        { at: behind(high), rule, opens: -1 },
      ])
      .sort((a, b) => compare(a.at, b.at));
    const beyond = 2 ** bitsOf(family, end);
    const open = new Map<Unfiltered, number>();
    const entries: number[] = [];
    let count = 0;
    for (let i = 0; i < edges.length; i++) {
      const { at, rule, opens } = edges[i];
      const left = (open.get(rule) ?? 0) + opens;
      if (left === 0) open.delete(rule);
      else open.set(rule, left);
      // Behind the last value there is no interval.
      if (at >= beyond || (i + 1 < edges.length && edges[i + 1].at === at)) continue;
      entries.push(...wordsOf(at), ...this.writeChild(new Set(open.keys()), family, below));
      count++;
    }
    return [this.append(entries), count];
  }

  private writeChild(rules: ReadonlySet<Unfiltered>, family: Family, ends: readonly End[]): Pair {
    const sorted = inOrder(rules);
    if (this.isWorthSplitting(sorted, family, ends)) return [this.addNode(sorted, family, ends), NODE_FOLLOWS];
    return this.lists.add(sorted.map(({ row }) => row));
  }

  private isWorthSplitting(rules: readonly Unfiltered[], family: Family, ends: readonly End[]): boolean {
    if (rules.length <= MIN_SPLIT || this.lists.words.length > MAX_WORDS) return false;
    return (
      rules.filter(({ program }) => mostTelling(program.header, family, ends) !== undefined).length > rules.length / 2
    );
  }

  private append(added: readonly number[]): number {
    const { words } = this.lists;
    const start = words.length;
    for (const word of added) words.push(word);
    return start;
  }
}

/** Whether packets with addresses of the family can fit the header at all. */
const fits = ({ source, destination }: RuleHeader, family: Family): boolean =>
  [source, destination].every(
    (set) => set === undefined || (family === 4 ? set.ipv4.length > 0 : family === 6 && set.ipv6.length > 0),
  );

function boundsOf(header: RuleHeader, family: Family, end: End): Bounds | undefined {
  if (end === 'sourcePorts' || end === 'destinationPorts') return header[end];
  const set = end === 'sources' ? header.source : header.destination;
  return family === 4 ? set?.ipv4 : set?.ipv6;
}

function bitsOf(family: Family, end: End): number {
  if (end === 'sourcePorts' || end === 'destinationPorts') return 16;
  return family === 4 ? 32 : 128;
}

function shareOf(header: RuleHeader, family: Family, end: End): number {
  const bounds = boundsOf(header, family, end);
  if (bounds === undefined) return 1;
  const size = bounds.reduce((sum, [low, high]) => sum + Number(high) - Number(low) + 1, 0);
  return size / 2 ** bitsOf(family, end);
}

function mostTelling(header: RuleHeader, family: Family, ends: readonly End[]): End | undefined {
  let best: End | undefined;
  let least = MAX_SHARE;
  for (const end of ends) {
    if (header.bidirectional && !ends.includes(OPPOSITE[end])) continue;
    const share = shareOf(header, family, end);
    if (share > least || (share === least && best !== undefined)) continue;
    best = end;
    least = share;
  }
  return best;
}

function addIntervals(intervals: Interval[], bounds: Bounds, rule: Unfiltered): void {
  for (const [low, high] of bounds) intervals.push({ low, high, rule });
}

/** The intervals of rules that the others do not cut into too many pieces; the other rules go to `rest`. */
function withoutWide(intervals: readonly Interval[], spread: number, rest: Set<Unfiltered>): readonly Interval[] {
  const starts = [...new Set(intervals.flatMap(({ low, high }) => [low, behind(high)]))].sort(compare);
  const pieces = new Map<Unfiltered, number>();
  for (const { low, high, rule } of intervals)
    pieces.set(rule, (pieces.get(rule) ?? 0) + placeOf(starts, behind(high)) - placeOf(starts, low) - 2);
  const wide = new Set([...pieces].filter(([, count]) => count > spread).map(([rule]) => rule));
  for (const rule of wide) rest.add(rule);
  return wide.size === 0 ? intervals : intervals.filter(({ rule }) => !wide.has(rule));
}

/** Index of a value that is in the list. */
function placeOf(sorted: readonly Point[], value: Point): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

const behind = (high: Point): Point => (typeof high === 'bigint' ? high + 1n : high + 1);
const compare = (a: Point, b: Point): number => (a < b ? -1 : a > b ? 1 : 0);
const inOrder = (rules: Iterable<Unfiltered>): Unfiltered[] => [...rules].sort((a, b) => a.row - b.row);
const rowsOf = (rules: Iterable<Unfiltered>): number[] => inOrder(rules).map(({ row }) => row);
const wordsOf = (at: Point): number[] => (typeof at === 'bigint' ? ipv6Words(at) : [at]);
