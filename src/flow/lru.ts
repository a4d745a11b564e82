/**
 * Lists of slots in the order of their last use, as two index arrays. Stage: flow.
 *
 * A slot is in one list at most. Ends of a list are the rows behind the slots, so that linking has no special cases.
 * No allocation after construction.
 */
export class LruLists {
  private readonly older: Int32Array;
  private readonly newer: Int32Array;
  private readonly listOf: Int8Array;
  private readonly sizes: Int32Array;
  private readonly slots: number;

  constructor(slots: number, lists: number) {
    this.slots = slots;
    this.older = new Int32Array(slots + lists);
    this.newer = new Int32Array(slots + lists);
    this.listOf = new Int8Array(slots);
    this.sizes = new Int32Array(lists);
    this.clear();
  }

  clear(): void {
    this.listOf.fill(-1);
    this.sizes.fill(0);
    for (let list = 0; list < this.sizes.length; list++) {
      this.older[this.slots + list] = this.slots + list;
      this.newer[this.slots + list] = this.slots + list;
    }
  }

  size(list: number): number {
    return this.sizes[list];
  }

  /** Makes `slot` the most recent of `list`, from wherever it was. */
  touch(slot: number, list: number): void {
    this.remove(slot);
    const head = this.slots + list;
    const second = this.older[head];
    this.older[head] = slot;
    this.newer[slot] = head;
    this.older[slot] = second;
    this.newer[second] = slot;
    this.listOf[slot] = list;
    this.sizes[list]++;
  }

  remove(slot: number): void {
    const list = this.listOf[slot];
    if (list < 0) return;
    const newer = this.newer[slot];
    const older = this.older[slot];
    this.older[newer] = older;
    this.newer[older] = newer;
    this.listOf[slot] = -1;
    this.sizes[list]--;
  }

  /** The least recently touched slot of `list`, or -1. */
  oldest(list: number): number {
    const slot = this.newer[this.slots + list];
    return slot < this.slots ? slot : -1;
  }
}
