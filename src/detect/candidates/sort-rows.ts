/**
 * Sorts the first numbers of an array in place, ascending, without allocating: shellsort, which for the few and mostly
 * sorted candidates of a packet is an insertion sort, and for thousands still fast enough. Stage: detect.
 */
const GAPS = [29524, 9841, 3280, 1093, 364, 121, 40, 13, 4, 1] as const;

export function sortRows(rows: Int32Array, count: number): void {
  for (let g = 0; g < GAPS.length; g++) {
    const gap = GAPS[g];
    for (let i = gap; i < count; i++) {
      const row = rows[i];
      let at = i;
      for (; at >= gap && rows[at - gap] > row; at -= gap) rows[at] = rows[at - gap];
      rows[at] = row;
    }
  }
}
