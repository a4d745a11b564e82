/** A part of a message's first line: where it begins in the message's text, and how long it is. Stage: app. */
export class Part {
  at = 0;
  length = 0;
  isThere = false;

  /** It is [start, end) of the message's text, which begins at `base`. */
  set(base: number, start: number, end: number): void {
    this.at = start - base;
    this.length = end - start;
    this.isThere = true;
  }

  clear(): void {
    this.length = 0;
    this.isThere = false;
  }
}
