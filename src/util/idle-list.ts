/**
 * Objects, or their numbers, that wait to be used again, the latest first. A plain list that is emptied and filled in
 * turn gives its memory back and takes it anew each time; this one keeps it. Stage: any.
 */
export class IdleList<T> {
  length = 0;
  private readonly all: T[] = [];

  push(one: T): void {
    this.all[this.length++] = one;
  }

  pop(): T | undefined {
    return this.length === 0 ? undefined : this.all[--this.length];
  }

  /** Lets go of all, and of the memory of the list. */
  clear(): void {
    this.all.length = 0;
    this.length = 0;
  }
}
