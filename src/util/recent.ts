/**
 * What came of the last few texts. Rules that stand next to each other say many things in the same words, so that a
 * memory of this size meets nearly as many of them as one of everything.
 */
export class Recent<K, V> {
  private readonly known = new Map<K, V>();
  private readonly most: number;

  constructor(most: number) {
    this.most = most;
  }

  get(key: K): V | undefined {
    return this.known.get(key);
  }

  /** Forgets all others where there are too many. */
  set(key: K, value: V): void {
    if (this.known.size >= this.most) this.known.clear();
    this.known.set(key, value);
  }
}
