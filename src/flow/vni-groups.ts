/**
 * Mirror sessions that show the same connections from both ends: they share flows, and each packet counts once. Stage:
 * flow. From the configuration (`vni.groups`); nothing is allocated after construction.
 */

/** Sessions of one group: a set of them is a word of bits. */
export const MOST_GROUP_VNIS = 32;
export const MOST_GROUPS = 64;

interface Place {
  readonly group: readonly number[];
  readonly bit: number;
}

export class VniGroups {
  private readonly places = new Map<number, Place>();

  /** Each list is a group; a session is in one of them at most. */
  constructor(groups: readonly (readonly number[])[]) {
    for (const group of groups) for (const [i, vni] of group.entries()) this.places.set(vni, { group, bit: 1 << i });
  }

  get isEmpty(): boolean {
    return this.places.size === 0;
  }

  /** The session that stands for all of its group in keys of flows. */
  keyOf(vni: number): number {
    const place = this.places.get(vni);
    return place === undefined ? vni : place.group[0];
  }

  /** Of a session in sets of its group; 0 where it is in none. */
  bitOf(vni: number): number {
    return this.places.get(vni)?.bit ?? 0;
  }

  /** The sessions of a set, of the group of one of them. Allocates. */
  vnisOf(vni: number, bits: number): number[] {
    return this.places.get(vni)?.group.filter((_, i) => (bits & (1 << i)) !== 0) ?? [];
  }
}
