/**
 * Decompresses LZMA in its oldest form (.lzma: 13 bytes of header, then one range-coded stream), which browsers once
 * took as a Content-Encoding and which no library of Node has. Stage: app. Reference: the LZMA specification of 7-Zip
 * (public domain). Output is bounded; a cut stream gives what it holds. Costs some 50 ns a byte: a body of that kind
 * is rare.
 */
const HEADER = 13;
/** Bits that choose a table for a literal: with more of them, to be made ready for each stream, they take 6 MB. */
const MOST_CONTEXT = 8;
const STATES = 12;
const TOP = 0x0100_0000;
const HALF = 1024;
/** Places in the table of probabilities. */
const IS_MATCH = 0;
const IS_REP = IS_MATCH + STATES * 16;
const IS_REP0 = IS_REP + STATES;
const IS_REP1 = IS_REP0 + STATES;
const IS_REP2 = IS_REP1 + STATES;
const IS_REP0_LONG = IS_REP2 + STATES;
const SLOTS = IS_REP0_LONG + STATES * 16;
const SPECIAL = SLOTS + 4 * 64;
const ALIGN = SPECIAL + 128;
const LENGTHS = ALIGN + 16;
const LENGTHS_OF_ONE = 2 + 16 * 8 * 2 + 256;
const LITERALS = LENGTHS + 2 * LENGTHS_OF_ONE;

/** @returns what is in it, at most `limit` bytes; null where it is no such stream. */
export function inflateLzma(input: Uint8Array, limit: number): Uint8Array | null {
  if (input.length < HEADER + 5 || input[0]! >= 9 * 5 * 5 || input[HEADER] !== 0) return null;
  if ((input[0]! % 9) + (Math.floor(input[0]! / 9) % 5) > MOST_CONTEXT) return null;
  const decoder = new LzmaDecoder(input, limit);
  decoder.run();
  return decoder.output.subarray(0, decoder.length);
}

class LzmaDecoder {
  readonly output: Uint8Array;
  length = 0;
  private readonly input: Uint8Array;
  private readonly limit: number;
  private readonly literalContext: number;
  private readonly literalMask: number;
  private readonly positionMask: number;
  private readonly odds: Uint16Array;
  private at = HEADER + 5;
  private range = 0xffff_ffff;
  private code: number;
  private state = 0;
  private readonly distances = new Uint32Array(4);

  constructor(input: Uint8Array, limit: number) {
    this.input = input;
    this.limit = limit;
    const properties = input[0]!;
    this.literalContext = properties % 9;
    const literalPosition = Math.floor(properties / 9) % 5;
    this.literalMask = (1 << literalPosition) - 1;
    this.positionMask = (1 << Math.floor(properties / 45)) - 1;
    this.odds = new Uint16Array(LITERALS + (0x300 << (this.literalContext + literalPosition))).fill(HALF);
    this.output = new Uint8Array(limit);
    this.code = ((input[14]! << 24) | (input[15]! << 16) | (input[16]! << 8) | input[17]!) >>> 0;
  }

  /** Decodes until the end is marked, or the input, the size of the header or the limit is reached. */
  run(): void {
    const end = Math.min(this.limit, this.declared());
    while (this.length < end && this.at <= this.input.length) {
      const position = this.length & this.positionMask;
      if (this.bit(IS_MATCH + this.state * 16 + position) === 0) this.literal();
      else if (!this.match(position, end)) return;
    }
  }

  private declared(): number {
    let size = 0;
    for (let index = 12; index >= 5; index--) size = size * 256 + this.input[index]!;
    return size === 0 ? Infinity : size;
  }

  private literal(): void {
    const before = this.length === 0 ? 0 : this.output[this.length - 1]!;
    const context = ((this.length & this.literalMask) << this.literalContext) + (before >>> (8 - this.literalContext));
    const base = LITERALS + 0x300 * context;
    let symbol = 1;
    if (this.state >= 7) {
      let matched = this.output[this.length - this.distances[0]! - 1]!;
      do {
        const wanted = (matched >>> 7) & 1;
        matched <<= 1;
        const bit = this.bit(base + ((1 + wanted) << 8) + symbol);
        symbol = (symbol << 1) | bit;
        if (wanted !== bit) break;
      } while (symbol < 0x100);
    }
    while (symbol < 0x100) symbol = (symbol << 1) | this.bit(base + symbol);
    this.output[this.length++] = symbol;
    this.state = this.state < 4 ? 0 : this.state < 10 ? this.state - 3 : this.state - 6;
  }

  /** @returns false at the end of the stream, or where it makes no sense. */
  private match(position: number, end: number): boolean {
    let count: number;
    if (this.bit(IS_REP + this.state) === 0) {
      this.distances.copyWithin(1, 0, 3);
      count = this.matchLength(LENGTHS, position);
      this.state = this.state < 7 ? 7 : 10;
      this.distances[0] = this.distance(Math.min(count - 2, 3));
      if (this.distances[0] === 0xffff_ffff) return false;
    } else {
      if (this.length === 0) return false;
      if (this.bit(IS_REP0 + this.state) === 0) {
        if (this.bit(IS_REP0_LONG + this.state * 16 + position) === 0) {
          this.state = this.state < 7 ? 9 : 11;
          return this.copy(1, end);
        }
      } else {
        this.repeat(this.bit(IS_REP1 + this.state) === 0 ? 1 : 2 + this.bit(IS_REP2 + this.state));
      }
      count = this.matchLength(LENGTHS + LENGTHS_OF_ONE, position);
      this.state = this.state < 7 ? 8 : 11;
    }
    return this.copy(count, end);
  }

  /** One of the last distances becomes the first. */
  private repeat(index: number): void {
    const distance = this.distances[index]!;
    this.distances.copyWithin(1, 0, index);
    this.distances[0] = distance;
  }

  private copy(count: number, end: number): boolean {
    const distance = this.distances[0]!;
    if (distance >= this.length) return false;
    for (let left = Math.min(count, end - this.length); left > 0; left--) {
      this.output[this.length] = this.output[this.length - distance - 1]!;
      this.length++;
    }
    return true;
  }

  private matchLength(base: number, position: number): number {
    if (this.bit(base) === 0) return 2 + this.tree(base + 2 + position * 8, 3);
    if (this.bit(base + 1) === 0) return 10 + this.tree(base + 2 + 128 + position * 8, 3);
    return 18 + this.tree(base + 2 + 256, 8);
  }

  private distance(lengthState: number): number {
    const slot = this.tree(SLOTS + lengthState * 64, 6);
    if (slot < 4) return slot;
    const bits = (slot >>> 1) - 1;
    const distance = ((2 | (slot & 1)) << bits) >>> 0;
    if (slot < 14) return distance + this.reverse(SPECIAL + distance - slot, bits);
    const high = this.direct(bits - 4) * 16;
    return (distance + high + this.reverse(ALIGN, 4)) >>> 0;
  }

  private tree(base: number, bits: number): number {
    let symbol = 1;
    for (let left = bits; left > 0; left--) symbol = (symbol << 1) | this.bit(base + symbol);
    return symbol - (1 << bits);
  }

  private reverse(base: number, bits: number): number {
    let symbol = 1;
    let value = 0;
    for (let index = 0; index < bits; index++) {
      const bit = this.bit(base + symbol);
      symbol = (symbol << 1) | bit;
      value |= bit << index;
    }
    return value;
  }

  private direct(bits: number): number {
    let value = 0;
    for (let left = bits; left > 0; left--) {
      this.range >>>= 1;
      const bit = this.code >= this.range ? 1 : 0;
      if (bit === 1) this.code -= this.range;
      value = value * 2 + bit;
      this.normalise();
    }
    return value;
  }

  private bit(place: number): number {
    const odds = this.odds[place]!;
    const bound = (this.range >>> 11) * odds;
    const bit = this.code < bound ? 0 : 1;
    if (bit === 0) {
      this.range = bound;
      this.odds[place] = odds + ((2048 - odds) >>> 5);
    } else {
      this.range = (this.range - bound) >>> 0;
      this.code = (this.code - bound) >>> 0;
      this.odds[place] = odds - (odds >>> 5);
    }
    this.normalise();
    return bit;
  }

  /** Behind the input, zeros: `run` stops there. */
  private normalise(): void {
    if (this.range >= TOP) return;
    this.range = (this.range << 8) >>> 0;
    this.code = ((this.code << 8) | (this.input[this.at++] ?? 0)) >>> 0;
  }
}
