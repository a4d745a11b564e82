/**
 * Lists of rule rows in a section of words, equal ones stored once. Stage: load.
 */
export class ListWriter {
  readonly words: number[];
  private readonly known = new Map<string, [number, number]>();

  constructor(words: number[]) {
    this.words = words;
  }

  /** Start and end of the list in the section. */
  add(rows: readonly number[]): [start: number, end: number] {
    const key = rows.join();
    let range = this.known.get(key);
    if (range === undefined) {
      range = [this.words.length, this.words.length + rows.length];
      for (const row of rows) this.words.push(row);
      this.known.set(key, range);
    }
    return range;
  }
}
