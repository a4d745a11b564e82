/**
 * Names of DNS (RFC 1035, 4.1.4): labels, or a pointer to where the rest stands.
 *
 *   | 3 | w w w | 7 | e x a m p l e | 0      or      | 3 | w w w | 0xc0 offset
 *
 * Stage: app. Labels are joined by dots, their bytes taken as they are. Bounds: 1025 bytes are kept of a name, 255
 * labels and pointers followed; a loop of pointers ends there at the latest. Allocates nothing.
 */
const POINTER = 0xc0;
const DOT = 0x2e;
const MOST_STEPS = 255;
export const MOST_NAME_BYTES = 1025;

/** What may be said of a name besides; bits. */
export const NAME_FLAG = { truncated: 1, loop: 2, tooManyLabels: 4 } as const;

export class NameReader {
  /** The name that was read. */
  readonly name = new Uint8Array(MOST_NAME_BYTES);
  length = 0;
  /** A set of `NAME_FLAG`. */
  flags = 0;

  /**
   * Reads the name at `at` of the message in [start, end); up to its first pointer it stands ahead of `limit`.
   * @returns where the next field begins, or -1 where it is not well-formed.
   */
  read(bytes: Uint8Array, at: number, start: number, end: number, limit: number): number {
    this.length = 0;
    this.flags = 0;
    let behind = -1;
    for (let steps = 0; at < limit;) {
      const size = bytes[at];
      if (size === 0) return behind < 0 ? at + 1 : behind;
      if (size < 0x40) {
        if (at + 1 + size > limit) return -1;
        this.add(bytes, at + 1, size);
        at += 1 + size;
      } else {
        if (size < POINTER || at + 2 > limit) return -1;
        const to = start + (((size & 0x3f) << 8) | bytes[at + 1]);
        if (to > end) return -1;
        if (to === at) return this.giveUp(NAME_FLAG.loop, behind);
        if (behind < 0) behind = at + 2;
        limit = end;
        at = to;
      }
      if (++steps > MOST_STEPS) return this.giveUp(NAME_FLAG.tooManyLabels | NAME_FLAG.truncated, behind);
    }
    return -1;
  }

  /** What was read is the name where a pointer has told how it goes on behind it. */
  private giveUp(flags: number, behind: number): number {
    this.flags |= flags;
    return behind;
  }

  private add(bytes: Uint8Array, from: number, count: number): void {
    if ((this.flags & NAME_FLAG.truncated) !== 0) return;
    const { name } = this;
    let length = this.length;
    if (length > 0 && length < MOST_NAME_BYTES) name[length++] = DOT;
    const room = MOST_NAME_BYTES - length;
    if (count > room || this.length === MOST_NAME_BYTES) this.flags |= NAME_FLAG.truncated;
    const taken = Math.min(count, room);
    for (let index = 0; index < taken; index++) name[length++] = bytes[from + index];
    this.length = length;
  }
}
