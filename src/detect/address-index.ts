/**
 * The index of rules that look at addresses alone: from an IPv4 address to the rules whose list it is in. Stage: load writes
 * it, detect reads it, once per flow and direction; without it thousands of block lists would be searched one by one.
 *
 * A rule stands under the end with the fewer addresses, a `<>` rule under either end. The ranges of all rules cut the
 * address space into intervals in which the same rules apply: entries are the interval's first address, then start and end
 * of its list. Rules on nearly all addresses, and for IPv6 all that can match, are plain lists.
 */
import type { AddressSet } from '../rule/program.js';
import type { ListWriter } from './list-writer.js';
import type { Unfiltered } from './unfiltered-index.js';

export const INTERVAL_WORDS = 3;

const LAST_ADDRESS = 0xffffffff;
/** Sets of more addresses than this tell too little. */
const MAX_ADDRESSES = 2 ** 31;

type Range = [start: number, end: number];
export interface AddressIndex {
  /** First entry and number of entries. */
  readonly bySource: Range;
  readonly byDestination: Range;
  /** Lists of the rules to look at for every IPv4 packet, and for every IPv6 packet. */
  readonly rest4: Range;
  readonly rest6: Range;
}

interface Interval {
  readonly low: number;
  readonly high: number;
  readonly row: number;
}

export function packAddressIndex(rules: readonly Unfiltered[], lists: ListWriter): AddressIndex {
  const source: Interval[] = [];
  const destination: Interval[] = [];
  const rest: number[] = [];
  for (const { row, program } of rules) {
    const { header } = program;
    const sourceSize = sizeOf(header.source);
    const destinationSize = sizeOf(header.destination);
    const key = sourceSize <= destinationSize ? header.source : header.destination;
    if (key === undefined || Math.min(sourceSize, destinationSize) > MAX_ADDRESSES) {
      rest.push(row);
      continue;
    }
    for (const [low, high] of key.ipv4) {
      if (key === header.source || header.bidirectional) source.push({ low, high, row });
      if (key !== header.source || header.bidirectional) destination.push({ low, high, row });
    }
  }
  const fits6 = (set: AddressSet | undefined): boolean => set === undefined || set.ipv6.length > 0;
  return {
    rest4: lists.add(rest),
    rest6: lists.add(rules.filter(({ program }) => fits6(program.header.source) && fits6(program.header.destination)).map(({ row }) => row)),
    bySource: packIntervals(source, lists),
    byDestination: packIntervals(destination, lists),
  };
}

const sizeOf = (set: AddressSet | undefined): number => set?.ipv4.reduce((sum, [low, high]) => sum + high - low + 1, 0) ?? Infinity;

/** Sweeps over the ends of all ranges; an interval lasts as long as the same rules apply. */
function packIntervals(intervals: readonly Interval[], lists: ListWriter): Range {
  const edges = intervals.flatMap(({ low, high, row }) => [{ at: low, row, opens: 1 }, { at: high + 1, row, opens: -1 }]).sort((a, b) => a.at - b.at);
  const open = new Map<number, number>();
  const entries: number[][] = [];
  for (let i = 0; i < edges.length; i++) {
    const { at, row, opens } = edges[i];
    const count = (open.get(row) ?? 0) + opens;
    if (count === 0) open.delete(row);
    else open.set(row, count);
    // Behind the last address there is no interval.
    if (at > LAST_ADDRESS || (i + 1 < edges.length && edges[i + 1].at === at)) continue;
    entries.push([at, ...lists.add([...open.keys()].sort((a, b) => a - b))]);
  }
  const first = lists.words.length;
  for (const entry of entries) lists.words.push(...entry);
  return [first, entries.length];
}

/** Index of the interval that holds the address among `count` entries from `first` on, or -1 before the first. */
export function findInterval(words: Int32Array, first: number, count: number, address: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (words[first + middle * INTERVAL_WORDS] >>> 0 <= address) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? -1 : first + (low - 1) * INTERVAL_WORDS;
}
