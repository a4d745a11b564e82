/**
 * "Did you mean": the nearest of many names by edit distance. Stage: rule, for diagnostics only.
 */

/** The candidate with the fewest edits (at most a third of its length), undefined when all are farther. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    const limit = Math.min(bestDistance - 1, Math.max(1, Math.floor(Math.max(name.length, candidate.length) / 3)));
    const distance = editDistance(name, candidate, limit);
    if (distance <= limit) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/**
 * Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment); Infinity for more than
 * `limit`. Looks only at what `limit` edits can reach: files full of unknown names are to be read as well.
 */
export function editDistance(a: string, b: string, limit = a.length + b.length): number {
  if (Math.abs(a.length - b.length) > limit) return Infinity;
  let beforeLast = new Int32Array(0);
  let last = Int32Array.from({ length: b.length + 1 }, (_, column) => column);
  let leastBefore = 0;
  for (let row = 1; row <= a.length; row++) {
    const current = new Int32Array(b.length + 1).fill(FAR);
    current[0] = row;
    let least = row;
    const end = Math.min(b.length, row + limit);
    for (let column = Math.max(1, row - limit); column <= end; column++) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) cost = Math.min(cost, beforeLast[column - 2]! + 1);
      current[column] = Math.min(cost, FAR);
      least = Math.min(least, cost);
    }
    // A swap goes two rows back.
    if (least > limit && leastBefore > limit) return Infinity;
    leastBefore = least;
    beforeLast = last;
    last = current;
  }
  const distance = last[b.length]!;
  return distance <= limit ? distance : Infinity;
}

/** Of what is out of reach; it leaves room for more. */
const FAR = 2 ** 30;
