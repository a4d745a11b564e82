/**
 * Collects byte strings with a number each; of equal ones the first stays. Stage: load.
 *
 * Lists have millions of values, and as strings in a Map they would take several times the room. The hash has a seed
 * that nobody outside knows, so that no list is made to fall into one place; it is not seen in any result.
 */
import { randomBytes } from 'node:crypto';
import { ByteList } from '../block/word-list.js';
import type { DataEntries } from '../rule/buffer-match.js';
import { hashBytes, sameBytes } from '../util/hash.js';

export class DataList {
  private readonly seed = randomBytes(4).readInt32LE();
  private count = 0;
  private readonly bytes = new ByteList();
  private ends = new Uint32Array(64);
  private values = new Uint16Array(64);
  /** Open addressing: number of an entry + 1, or 0. A power of two, at least twice the entries. */
  private slots = new Int32Array(128);

  /** @returns whether it is new. */
  add(value: Uint8Array, number: number): boolean {
    const slot = this.slotOf(value);
    if (this.slots[slot] !== 0) return false;
    if (this.count === this.ends.length) this.grow();
    this.bytes.append(value);
    this.ends[this.count] = this.bytes.length;
    this.values[this.count] = number;
    this.slots[this.slotOf(value)] = ++this.count;
    return true;
  }

  entries(): DataEntries {
    const { count } = this;
    return {
      count,
      bytes: this.bytes.bytes().slice(),
      ends: this.ends.slice(0, count),
      values: this.values.slice(0, count),
    };
  }

  /** Where the value is, or where it would go. */
  private slotOf(value: Uint8Array): number {
    const mask = this.slots.length - 1;
    const held = this.bytes.bytes();
    let slot = hashBytes(value, 0, value.length, this.seed) & mask;
    for (; this.slots[slot] !== 0; slot = (slot + 1) & mask) {
      const entry = this.slots[slot]! - 1;
      const start = entry === 0 ? 0 : this.ends[entry - 1]!;
      if (this.ends[entry]! - start === value.length && sameBytes(held, start, value, 0, value.length)) return slot;
    }
    return slot;
  }

  private grow(): void {
    const [ends, values] = [this.ends, this.values];
    this.ends = new Uint32Array(2 * ends.length);
    this.values = new Uint16Array(2 * values.length);
    this.ends.set(ends);
    this.values.set(values);
    this.slots = new Int32Array(2 * this.slots.length);
    const held = this.bytes.bytes();
    const mask = this.slots.length - 1;
    for (let entry = 0; entry < this.count; entry++) {
      const start = entry === 0 ? 0 : ends[entry - 1]!;
      let slot = hashBytes(held, start, ends[entry]! - start, this.seed) & mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
      this.slots[slot] = entry + 1;
    }
  }
}

export const NO_ENTRIES: DataEntries = new DataList().entries();
