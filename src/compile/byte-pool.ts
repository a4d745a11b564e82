/**
 * Byte strings one behind the other, equal ones stored once. Stage: load.
 *
 * PERF: a set of rules has a hundred thousand literals; as keys of a Map, each would be made a string first.
 */
import { randomBytes } from 'node:crypto';
import { ByteList } from '../block/word-list.js';
import { hashBytes } from '../util/hash.js';

export class BytePool {
  private readonly list = new ByteList();
  /** So that nobody can make literals fall into one place; it is not seen in the result. */
  private readonly seed = randomBytes(4).readInt32LE();
  private count = 0;
  /** Open addressing: offset of a literal + 1, or 0, and its length. A power of two, at least twice the literals. */
  private offsets = new Int32Array(1024);
  private lengths = new Int32Array(1024);

  /** Offset of the literal. */
  add(bytes: Uint8Array): number {
    if (2 * this.count >= this.offsets.length) this.grow();
    const mask = this.offsets.length - 1;
    let slot = hashBytes(bytes, 0, bytes.length, this.seed) & mask;
    for (let known = this.offsets[slot]!; known !== 0; known = this.offsets[slot]!) {
      if (this.lengths[slot] === bytes.length && this.list.hasAt(known - 1, bytes)) return known - 1;
      slot = (slot + 1) & mask;
    }
    const at = this.list.length;
    this.list.append(bytes);
    this.offsets[slot] = at + 1;
    this.lengths[slot] = bytes.length;
    this.count++;
    return at;
  }

  bytes(): Uint8Array {
    return this.list.bytes();
  }

  private grow(): void {
    const [offsets, lengths] = [this.offsets, this.lengths];
    const size = 2 * offsets.length;
    this.offsets = new Int32Array(size);
    this.lengths = new Int32Array(size);
    const held = this.list.bytes();
    for (let old = 0; old < offsets.length; old++) {
      if (offsets[old] === 0) continue;
      let slot = hashBytes(held, offsets[old]! - 1, lengths[old]!, this.seed) & (size - 1);
      while (this.offsets[slot] !== 0) slot = (slot + 1) & (size - 1);
      this.offsets[slot] = offsets[old]!;
      this.lengths[slot] = lengths[old]!;
    }
  }
}
