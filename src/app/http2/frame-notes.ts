/**
 * What frames have said on a stream beside headers and bodies: types, error codes, weights, windows, sizes of tables,
 * settings. Stage: app. MOST_NOTES are kept of a transaction.
 */
import type { Direction } from '../../flow/flow.js';

/** What a number is of; settings are their identifier behind the last one. */
export const NOTE = { type: 0, error: 1, priority: 2, window: 3, size: 4, setting: 16 } as const;
export const MOST_NOTES = 64;
const FIRST_NOTES = 8;

export class FrameNotes {
  private count = 0;
  /** Kind, and << 1 of it the direction in the lowest bit. */
  private keys = new Uint32Array(FIRST_NOTES);
  private values = new Float64Array(FIRST_NOTES);

  /** @returns false where there are too many. */
  add(kind: number, value: number, direction: Direction): boolean {
    const key = (kind << 1) | direction;
    // Of frames of a type that follow one another one tells as much.
    const last = this.count - 1;
    if (last >= 0 && this.keys[last] === key && this.values[last] === value) return true;
    if (this.count === MOST_NOTES) return false;
    if (this.count === this.keys.length) this.grow();
    this.keys[this.count] = key;
    this.values[this.count++] = value;
    return true;
  }

  /** The value of that kind that is `instance`th in a direction; NaN behind the last one. */
  value(kind: number, instance: number, direction: Direction): number {
    const key = (kind << 1) | direction;
    let seen = -1;
    for (let index = 0; index < this.count; index++) {
      if (this.keys[index] === key && ++seen === instance) return this.values[index]!;
    }
    return NaN;
  }

  clear(): void {
    this.count = 0;
  }

  private grow(): void {
    const { keys, values } = this;
    this.keys = new Uint32Array(2 * keys.length);
    this.values = new Float64Array(2 * values.length);
    this.keys.set(keys);
    this.values.set(values);
  }
}
