/**
 * Inflates deflated texts (RFC 1951) as far as they go: to their end, to damage, to where they are cut, or to a limit,
 * and says which. Headers of RFC 1950 (zlib) and RFC 1952 (gzip) are read, checksums are passed over.
 *
 * It stands beside Node's zlib for what that cannot do: give what comes before damage or a limit, and cost no more than
 * that. Nothing is thrown or allocated, and nothing is left for the event loop to free. Of texts of a few hundred bytes
 * it is faster, too; of long ones zlib is, three times.
 */

/** Why it ended. Behind damage `length` still says what came before it. */
export const INFLATED = { whole: 0, cut: 1, full: 2, damaged: 3 } as const;
export type InflateEnding = (typeof INFLATED)[keyof typeof INFLATED];

/** `length` bytes were written; `taken` bytes of input were looked at. The next call sets the same object. */
export interface Inflated {
  readonly length: number;
  readonly taken: number;
  readonly ending: InflateEnding;
}

const { whole, cut, full, damaged } = INFLATED;
/** A block has ended, and another one follows. */
const MORE = -1;
const LONGEST_CODE = 15;
/** Codes of up to so many bits are looked up, longer ones are searched for. */
const QUICK_BITS = 9;
const QUICK_MASK = (1 << QUICK_BITS) - 1;
const LITERALS = 288;
const DISTANCES = 32;
const END_OF_BLOCK = 256;
/** What is used of the code's symbols where a block brings its own. */
const MOST_LITERALS = 286;
const MOST_DISTANCES = 30;
const NO_SYMBOL = -1;
const NOT_THERE = -2;
const CODE_LENGTH_ORDER = Uint8Array.of(16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15);
/** Bits behind the symbols of lengths: none behind the first eight, nor behind the last one, the longest copy. */
const LENGTH_EXTRA = Uint8Array.from({ length: 29 }, (_, index) => (index < 8 || index === 28 ? 0 : (index >> 2) - 1));
const DISTANCE_EXTRA = Uint8Array.from({ length: 30 }, (_, index) => Math.max(0, (index >> 1) - 1));
const LENGTH_BASE = bases(3, LENGTH_EXTRA);
const DISTANCE_BASE = bases(1, DISTANCE_EXTRA);
// The last one stands for itself, though one before it would reach as far.
LENGTH_BASE[LENGTH_BASE.length - 1] = 258;

/** The first value of each symbol. */
function bases(first: number, extra: Uint8Array): Uint16Array {
  const values = new Uint16Array(extra.length);
  for (let index = 0, value = first; index < extra.length; value += 1 << extra[index++]!) values[index] = value;
  return values;
}

/** A canonical Huffman code. */
class Code {
  private readonly counts = new Uint16Array(LONGEST_CODE + 1);
  private readonly offsets = new Uint16Array(LONGEST_CODE + 2);
  private readonly symbols: Uint16Array;
  /** By the next bits, where a code of up to QUICK_BITS is among them: its symbol, and in the low 4 bits its length. */
  readonly quick = new Uint16Array(1 << QUICK_BITS);

  constructor(most: number) {
    this.symbols = new Uint16Array(most);
  }

  /** Of these lengths, 0 for a symbol that has no code. @returns false where they make none, as zlib sees it. */
  build(lengths: Uint8Array, from: number, count: number, mayBeSingle: boolean): boolean {
    const { counts, offsets, symbols, quick } = this;
    counts.fill(0);
    for (let index = 0; index < count; index++) counts[lengths[from + index]!]!++;
    quick.fill(0);
    const used = count - counts[0]!;
    counts[0] = 0;
    offsets[1] = 0;
    let left = 1;
    for (let length = 1; length <= LONGEST_CODE; length++) {
      left = 2 * left - counts[length]!;
      if (left < 0) return false;
      offsets[length + 1] = offsets[length]! + counts[length]!;
    }
    // Codes that are left over are a mistake, but for a code of one symbol, and none at all.
    if (left > 0 && used > 0 && !(mayBeSingle && used === counts[1])) return false;
    if (left > 0 && used === 0 && !mayBeSingle) return false;
    for (let index = 0; index < count; index++) {
      const length = lengths[from + index]!;
      if (length > 0) symbols[offsets[length]!++] = index;
    }
    this.lookUp();
    return true;
  }

  /**
   * The entry, as in `quick`, of the code that begins with these bits; NO_SYMBOL, or NOT_THERE where more are needed.
   */
  search(hold: number, bits: number): number {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length <= LONGEST_CODE; length++) {
      if (length > bits) return NOT_THERE;
      code |= (hold >>> (length - 1)) & 1;
      const count = this.counts[length]!;
      if (code - count < first) return (this.symbols[index + code - first]! << 4) | length;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    return NO_SYMBOL;
  }

  private lookUp(): void {
    const { counts, symbols, quick } = this;
    let code = 0;
    let index = 0;
    for (let length = 1; length <= QUICK_BITS; length++) {
      for (let nth = 0; nth < counts[length]!; nth++, code++) {
        const entry = (symbols[index++]! << 4) | length;
        for (let at = reversed(code, length); at <= QUICK_MASK; at += 1 << length) quick[at] = entry;
      }
      code <<= 1;
    }
  }
}

function reversed(code: number, length: number): number {
  let turned = 0;
  for (let bit = 0; bit < length; bit++) turned |= ((code >>> bit) & 1) << (length - 1 - bit);
  return turned;
}

class RawInflater implements Inflated {
  length = 0;
  taken = 0;
  ending: InflateEnding = whole;
  private input: Uint8Array = new Uint8Array(0);
  private output: Uint8Array = this.input;
  private at = 0;
  private end = 0;
  private hold = 0;
  private bits = 0;
  private out = 0;
  private limit = 0;
  private floor = 0;
  private readonly lengths = new Uint8Array(LITERALS + DISTANCES);
  private readonly codeLengths = new Code(CODE_LENGTH_ORDER.length);
  private readonly ownLiterals = new Code(LITERALS);
  private readonly ownDistances = new Code(DISTANCES);
  private readonly fixedLiterals = new Code(LITERALS);
  private readonly fixedDistances = new Code(DISTANCES);

  constructor() {
    const { lengths } = this;
    lengths.fill(8, 0, 144).fill(9, 144, 256).fill(7, 256, 280).fill(8, 280, LITERALS).fill(5, LITERALS);
    this.fixedLiterals.build(lengths, 0, LITERALS, true);
    this.fixedDistances.build(lengths, LITERALS, DISTANCES, true);
  }

  /** Of input[from, end), to output[start, limit); it may refer back to output[floor, start). */
  run(
    input: Uint8Array,
    from: number,
    end: number,
    output: Uint8Array,
    start: number,
    limit: number,
    floor: number,
  ): Inflated {
    this.input = input;
    this.output = output;
    this.at = from;
    this.end = end;
    this.hold = this.bits = 0;
    this.out = start;
    this.limit = limit;
    this.floor = floor;
    let ending = MORE;
    while (ending === MORE) ending = this.block();
    this.ending = ending as InflateEnding;
    this.length = this.out - start;
    this.taken = this.at - from;
    return this;
  }

  private block(): number {
    const isLast = this.take(1);
    const kind = this.take(2);
    if (kind < 0) return cut;
    let ending: number = damaged;
    if (kind === 0) ending = this.stored();
    else if (kind === 1) ending = this.packed(this.fixedLiterals, this.fixedDistances);
    else if (kind === 2) ending = this.dynamic();
    return ending === MORE && isLast === 1 ? whole : ending;
  }

  /** The next `count` bits as a number, 16 at most; -1 where they are not there. */
  private take(count: number): number {
    while (this.bits < count) {
      if (this.at === this.end) return -1;
      this.hold |= this.input[this.at++]! << this.bits;
      this.bits += 8;
    }
    const value = this.hold & ((1 << count) - 1);
    this.hold >>>= count;
    this.bits -= count;
    return value;
  }

  private stored(): number {
    this.at -= this.bits >>> 3;
    this.hold = this.bits = 0;
    const length = this.take(16);
    const inverse = this.take(16);
    if (inverse < 0) return cut;
    if ((length ^ inverse) !== 0xffff) return damaged;
    const there = Math.min(length, this.end - this.at);
    const count = Math.min(there, this.limit - this.out);
    const { input, output } = this;
    for (let index = 0; index < count; index++) output[this.out++] = input[this.at++]!;
    if (count < there) return full;
    return there < length ? cut : MORE;
  }

  private dynamic(): number {
    const literals = this.take(5) + 257;
    const distances = this.take(5) + 1;
    const codes = this.take(4) + 4;
    if (codes < 4) return cut;
    if (literals > MOST_LITERALS || distances > MOST_DISTANCES) return damaged;
    const { lengths } = this;
    lengths.fill(0);
    for (let index = 0; index < codes; index++) {
      const length = this.take(3);
      if (length < 0) return cut;
      lengths[CODE_LENGTH_ORDER[index]!] = length;
    }
    if (!this.codeLengths.build(lengths, 0, CODE_LENGTH_ORDER.length, false)) return damaged;
    const ending = this.readLengths(literals + distances);
    if (ending !== MORE) return ending;
    if (lengths[END_OF_BLOCK] === 0) return damaged;
    const areCodes =
      this.ownLiterals.build(lengths, 0, literals, true) && this.ownDistances.build(lengths, literals, distances, true);
    return areCodes ? this.packed(this.ownLiterals, this.ownDistances) : damaged;
  }

  private readLengths(count: number): number {
    const { lengths } = this;
    for (let index = 0; index < count;) {
      const symbol = this.symbol(this.codeLengths);
      if (symbol < 0) return endingOf(symbol);
      if (symbol < 16) {
        lengths[index++] = symbol;
        continue;
      }
      const more = this.take(symbol === 16 ? 2 : symbol === 17 ? 3 : 7);
      if (more < 0) return cut;
      const times = more + (symbol === 18 ? 11 : 3);
      if (index + times > count || (symbol === 16 && index === 0)) return damaged;
      lengths.fill(symbol === 16 ? lengths[index - 1]! : 0, index, index + times);
      index += times;
    }
    return MORE;
  }

  /** Literals, and copies of what came before, to the end of the block. */
  private packed(literals: Code, distances: Code): number {
    for (;;) {
      const symbol = this.symbol(literals);
      if (symbol === END_OF_BLOCK) return MORE;
      if (symbol < 0) return endingOf(symbol);
      if (symbol < END_OF_BLOCK) {
        if (this.out === this.limit) return full;
        this.output[this.out++] = symbol;
        continue;
      }
      const ending = this.copy(symbol - END_OF_BLOCK - 1, distances);
      if (ending !== MORE) return ending;
    }
  }

  /** Copies as many bytes as the symbol of a length says, from as far back as the symbol behind it. */
  private copy(lengthSymbol: number, distances: Code): number {
    if (lengthSymbol >= LENGTH_EXTRA.length) return damaged;
    const more = this.take(LENGTH_EXTRA[lengthSymbol]!);
    if (more < 0) return cut;
    const symbol = this.symbol(distances);
    if (symbol < 0) return endingOf(symbol);
    if (symbol >= DISTANCE_EXTRA.length) return damaged;
    const further = this.take(DISTANCE_EXTRA[symbol]!);
    if (further < 0) return cut;
    const { output, limit } = this;
    let { out } = this;
    let from = out - DISTANCE_BASE[symbol]! - further;
    if (from < this.floor) return damaged;
    const end = out + LENGTH_BASE[lengthSymbol]! + more;
    while (out < end && out < limit) output[out++] = output[from++]!;
    this.out = out;
    return out < end ? full : MORE;
  }

  /** The next symbol; NO_SYMBOL or NOT_THERE. */
  private symbol(code: Code): number {
    while (this.bits < LONGEST_CODE && this.at < this.end) {
      this.hold |= this.input[this.at++]! << this.bits;
      this.bits += 8;
    }
    let entry = code.quick[this.hold & QUICK_MASK]!;
    if (entry === 0 || (entry & 15) > this.bits) entry = code.search(this.hold, this.bits);
    if (entry < 0) return entry;
    this.hold >>>= entry & 15;
    this.bits -= entry & 15;
    return entry >>> 4;
  }
}

const endingOf = (symbol: number): number => (symbol === NOT_THERE ? cut : damaged);

const inflater = new RawInflater();

/**
 * Inflates a text without a header, input[from, end), to output[start, limit). It may refer back to what stands in
 * output[floor, start).
 */
export function inflateRaw(
  input: Uint8Array,
  from: number,
  end: number,
  output: Uint8Array,
  start: number,
  limit: number,
  floor = start,
): Inflated {
  return inflater.run(input, from, end, output, start, limit, floor);
}

/** Bytes of a zlib header: 2, or 6 with the number of a dictionary; 0 where there is none. */
export function zlibHeader(input: Uint8Array, length: number): number {
  if (length < 2 || (input[0]! & 15) !== 8 || ((input[0]! << 8) | input[1]!) % 31 !== 0) return 0;
  return (input[1]! & 32) === 0 ? 2 : 6;
}

/** A gzip header that goes on behind the input. */
export const HEADER_CUT = -1;

/** Bytes of a gzip header; 0 where there is none, HEADER_CUT where that is open. Its flags are taken as they are. */
export function gzipHeader(input: Uint8Array, length: number): number {
  if (length < 3 || input[0] !== 0x1f || input[1] !== 0x8b || input[2] !== 8) return 0;
  if (length < 10) return HEADER_CUT;
  const flags = input[3]!;
  let at = 10;
  if ((flags & 4) !== 0) at = at + 2 > length ? length : at + 2 + (input[at]! | (input[at + 1]! << 8));
  if ((flags & 8) !== 0) at = afterNul(input, at, length);
  if ((flags & 16) !== 0) at = afterNul(input, at, length);
  if ((flags & 2) !== 0) at += 2;
  return at < length ? at : HEADER_CUT;
}

function afterNul(input: Uint8Array, from: number, length: number): number {
  let at = from;
  while (at < length && input[at] !== 0) at++;
  return at + 1;
}

/** `length` bytes came of it; `work` is what that took, in bytes. The next call sets the same object. */
export interface Unpacked {
  readonly length: number;
  readonly work: number;
}
const unpacked = { length: 0, work: 0 };

/** Inflates a gzip file of `length` bytes into at most `limit` bytes; none come of what is no such file, or damaged. */
export function gunzip(input: Uint8Array, length: number, output: Uint8Array, limit: number): Unpacked {
  return unpack(gzipHeader(input, length), input, length, output, limit);
}

/** As `gunzip`, for zlib's format. */
export function unzlib(input: Uint8Array, length: number, output: Uint8Array, limit: number): Unpacked {
  const header = zlibHeader(input, length);
  return unpack(header === 2 ? header : 0, input, length, output, limit);
}

function unpack(header: number, input: Uint8Array, length: number, output: Uint8Array, limit: number): Unpacked {
  unpacked.length = unpacked.work = 0;
  if (header <= 0) return unpacked;
  const inflated = inflateRaw(input, header, length, output, 0, limit);
  unpacked.work = inflated.taken + inflated.length;
  if (inflated.ending !== damaged) unpacked.length = inflated.length;
  return unpacked;
}
