/**
 * Sets of integers as sorted, disjoint, inclusive ranges: the algebra behind address and port lists. Stage: rule
 * (compile).
 *
 * Works on numbers (ports, IPv4) and on bigints (IPv6) alike. Neighbouring ranges are joined, so equal sets are equal
 * lists.
 */

export type Range<T extends number | bigint> = readonly [low: T, high: T];
export type RangeSet<T extends number | bigint> = readonly Range<T>[];

/** All members of ranges in any order, overlapping or not. */
export function rangeUnion<T extends number | bigint>(ranges: RangeSet<T>): RangeSet<T> {
  const sorted = ranges.toSorted((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
  const result: [T, T][] = [];
  for (const [low, high] of sorted) {
    const last = result.at(-1);
    if (last !== undefined && low <= plus(last[1], 1)) {
      if (high > last[1]) last[1] = high;
    } else {
      result.push([low, high]);
    }
  }
  return result;
}

/** The members of one set that are not in another; both sorted and disjoint. */
export function rangeDifference<T extends number | bigint>(from: RangeSet<T>, without: RangeSet<T>): RangeSet<T> {
  const result: Range<T>[] = [];
  let index = 0;
  for (const [low, high] of from) {
    while (index < without.length && without[index]![1] < low) index++;
    let start = low;
    for (let i = index; i < without.length && without[i]![0] <= high && start <= high; i++) {
      const [cutLow, cutHigh] = without[i]!;
      if (cutLow > start) result.push([start, plus(cutLow, -1)]);
      start = plus(cutHigh, 1);
    }
    if (start <= high) result.push([start, high]);
  }
  return result;
}

function plus<T extends number | bigint>(value: T, by: 1 | -1): T {
  return (typeof value === 'bigint' ? value + BigInt(by) : (value as number) + by) as T;
}
