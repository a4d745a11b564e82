/**
 * Damages frames as nothing else would: bits, lengths, cuts, splices. Seeded, so that a failure can be repeated; writes
 * straight into the batch, as a million frames should cost little more than the path they test.
 */

/** xorshift32: the same numbers for the same seed. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 0 || 1;
  }

  /** An integer from 0 to below `limit`. */
  below(limit: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return (this.state >>> 0) % limit;
  }

  /** True once in `n` times. */
  oneIn(n: number): boolean {
    return this.below(n) === 0;
  }

  pick<Item>(list: readonly Item[]): Item {
    return list[this.below(list.length)];
  }
}

/** Values at the edges of what length, offset and type fields can be. */
const BYTES = [0, 1, 4, 5, 6, 0x0f, 0x10, 0x11, 0x20, 0x2f, 0x40, 0x45, 0x46, 0x4f, 0x60, 0x7f, 0x80, 0xfe, 0xff];
const HALVES = [
  0, 1, 7, 8, 20, 28, 40, 53, 80, 0x0800, 0x0806, 0x1fff, 0x2000, 0x3fff, 0x6558, 0x7fff, 0x8000, 0x8100, 0x86dd,
  0x8847, 0x8864, 4789, 6081, 0xfff8, 0xffff,
];
const MOST_CHANGES = 6;
/** Most changes go to where headers are. */
const HEADER_BYTES = 120;

export class Mutator {
  private readonly random: Random;
  private readonly bytes: Uint8Array;
  private start = 0;
  private length = 0;
  private capacity = 0;
  private readonly mostChanges: number;

  /** Writes into `bytes`. */
  constructor(random: Random, bytes: Uint8Array, mostChanges = MOST_CHANGES) {
    this.random = random;
    this.bytes = bytes;
    this.mostChanges = mostChanges;
  }

  /**
   * Writes a copy of `frame` at `at`, mostly a damaged one; parts of `other` may get into it. @returns its length,
   * `capacity` at most.
   */
  write(frame: Uint8Array, other: Uint8Array, at: number, capacity: number): number {
    this.start = at;
    this.capacity = capacity;
    this.length = Math.min(frame.length, capacity);
    for (let i = 0; i < this.length; i++) this.bytes[at + i] = frame[i];
    if (this.random.oneIn(3)) return this.length;
    for (let changes = 1 + this.random.below(this.mostChanges); changes > 0; changes--) this.change(other);
    return this.length;
  }

  private change(other: Uint8Array): void {
    const { random } = this;
    if (this.length < 2) return this.extend();
    const at = this.place();
    switch (random.below(10)) {
      case 0:
      case 1:
        this.bytes[at] ^= 1 << random.below(8);
        break;
      case 2:
      case 3:
        this.bytes[at] = random.pick(BYTES);
        break;
      case 4:
        this.bytes[at] = random.below(256);
        break;
      case 5:
      case 6:
        this.setHalf(Math.min(at, this.start + this.length - 2), random.pick(HALVES));
        break;
      case 7:
        this.length = random.below(this.length);
        break;
      case 8:
        this.splice(other);
        break;
      default:
        this.extend();
    }
  }

  private place(): number {
    const { random, length } = this;
    return this.start + random.below(random.oneIn(4) ? length : Math.min(length, HEADER_BYTES));
  }

  private setHalf(at: number, value: number): void {
    this.bytes[at] = value >>> 8;
    this.bytes[at + 1] = value & 0xff;
  }

  /** Puts a part of the other frame over this one; what does not fit makes it longer. */
  private splice(other: Uint8Array): void {
    if (other.length === 0) return;
    const from = this.random.below(other.length);
    const to = this.random.below(this.length);
    const length = Math.min(1 + this.random.below(other.length - from), this.capacity - to);
    for (let i = 0; i < length; i++) this.bytes[this.start + to + i] = other[from + i];
    this.length = Math.max(this.length, to + length);
  }

  private extend(): void {
    const length = Math.min(this.random.below(64), this.capacity - this.length);
    for (let i = 0; i < length; i++) this.bytes[this.start + this.length + i] = this.random.below(256);
    this.length += length;
  }
}
