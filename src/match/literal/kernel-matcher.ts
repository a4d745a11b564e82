/**
 * Scans with any of the pattern sets in a shared memory, by the WebAssembly kernel. Stage: detect (prefilter). Allocates
 * nothing a scan, except a view for a buffer that is not among the last few it met: keep texts in few, long-lived buffers.
 *
 * The text lies outside the kernel's memory and is copied into scratch first, whole words at a time: between shared buffers
 * TypedArray.set() and Buffer.copy() take over 50 ns a call and copy slower (400 ns for 1 400 bytes against 150 ns).
 * Texts longer than a chunk are scanned in chunks that overlap by the longest pattern less one byte.
 */
import { WORK_BYTES } from './kernel-scratch.js';
import type { HitList, SetMatcher } from './matcher.js';
import { ScalarMatcher } from './scalar-matcher.js';
import { AT_MAX_LENGTH, AT_PATTERN_COUNT, TEXT_PADDING } from './table-format.js';

interface Kernel {
  scan(set: number, raw: number, folded: number, length: number, hits: number, count: number, seen: number, work: number): number;
}

/** Room for two of the longest patterns there can be. */
const MAX_CHUNK_BYTES = 131_072;
/** What is used of it for sets whose patterns are shorter, so that text and tables stay in the nearer caches. */
const USUAL_CHUNK_BYTES = 16_384;
/** Text is copied by whole words, so it begins up to 3 bytes later; the kernel writes the byte before the folded text. */
const TEXT_BYTES = MAX_CHUNK_BYTES + TEXT_PADDING + 32;
const FIXED_BYTES = WORK_BYTES + 2 * TEXT_BYTES;
/** Patterns come in groups: 4 bytes of hit and one bit of seen for each. */
const GROUP = 512;
const GROUP_BYTES = 4 * GROUP + GROUP / 8;
const KNOWN_BUFFERS = 8;

/** Bytes of shared memory that a shard's scratch takes, for sets of up to `maxPatterns` patterns; a multiple of 64. */
export function scratchBytes(maxPatterns: number): number {
  return FIXED_BYTES + GROUP_BYTES * Math.max(1, Math.ceil(maxPatterns / GROUP));
}

export class KernelMatcher implements SetMatcher {
  readonly #kernel: Kernel | undefined;
  readonly #scalar: ScalarMatcher | undefined;
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  readonly #maxPatterns: number;
  readonly #work: number;
  readonly #raw: number;
  readonly #folded: number;
  readonly #hits: number;
  readonly #seen: number;
  readonly #knownBuffers: (ArrayBufferLike | null)[] = new Array<null>(KNOWN_BUFFERS).fill(null);
  readonly #knownWords: Int32Array[] = new Array<Int32Array>(KNOWN_BUFFERS).fill(new Int32Array(0));
  #nextKnown = 0;

  /**
   * Takes over [scratchOffset, scratchOffset + scratchLength) of the memory: as many bytes as scratchBytes() says, 64-byte
   * aligned, used by nobody else. Without a kernel (compileKernel) it scans in JavaScript.
   */
  constructor(kernel: WebAssembly.Module | undefined, memory: WebAssembly.Memory, scratchOffset: number, scratchLength: number) {
    this.#bytes = new Uint8Array(memory.buffer);
    this.#words = new Int32Array(memory.buffer);
    this.#maxPatterns = GROUP * Math.floor((scratchLength - FIXED_BYTES) / GROUP_BYTES);
    this.#work = scratchOffset;
    this.#raw = this.#work + WORK_BYTES;
    this.#folded = this.#raw + TEXT_BYTES;
    this.#hits = this.#folded + TEXT_BYTES;
    this.#seen = this.#hits + 4 * this.#maxPatterns;
    this.#bytes.fill(0, scratchOffset, scratchOffset + scratchLength);
    if (kernel) this.#kernel = new WebAssembly.Instance(kernel, { env: { memory } }).exports as unknown as Kernel;
    else this.#scalar = new ScalarMatcher(memory.buffer, this.#maxPatterns);
  }

  scan(setOffset: number, bytes: Uint8Array, start: number, end: number, hits: HitList): void {
    const kernel = this.#kernel;
    if (kernel === undefined) return this.#scalar!.scan(setOffset, bytes, start, end, hits);
    if (this.#words[(setOffset + AT_PATTERN_COUNT) >>> 2]! > this.#maxPatterns) {
      throw new Error(`pattern set at ${setOffset} is larger than the scratch was made for`);
    }
    const overlap = Math.max(0, this.#words[(setOffset + AT_MAX_LENGTH) >>> 2]! - 1);
    const chunk = overlap < USUAL_CHUNK_BYTES / 2 ? USUAL_CHUNK_BYTES : MAX_CHUNK_BYTES;
    let count = 0;
    for (let from = start; from < end; from += chunk - overlap) {
      const to = Math.min(end, from + chunk);
      const raw = this.#copyIn(bytes, from, to);
      count = kernel.scan(setOffset, raw, this.#folded + 32, to - from, this.#hits, count, this.#seen, this.#work);
      if (to === end) break;
    }
    this.#takeHits(hits, count);
  }

  /** Copies the bytes into scratch at the alignment that they have, and answers where they begin. */
  #copyIn(bytes: Uint8Array, start: number, end: number): number {
    const from = bytes.byteOffset + start;
    const to = bytes.byteOffset + end;
    const source = this.#wordsOf(bytes.buffer);
    const words = this.#words;
    const first = from >>> 2;
    const last = Math.min((to + 3) >>> 2, source.length);
    const shift = (this.#raw >>> 2) - first;
    for (let i = first; i < last; i++) words[i + shift] = source[i]!;
    // The bytes after a buffer's last whole word.
    const target = this.#raw - (first << 2);
    for (let at = Math.max(from, last << 2); at < to; at++) this.#bytes[target + at] = bytes[at - bytes.byteOffset]!;
    return target + from;
  }

  #wordsOf(buffer: ArrayBufferLike): Int32Array {
    for (let i = 0; i < KNOWN_BUFFERS; i++) if (this.#knownBuffers[i] === buffer) return this.#knownWords[i]!;
    const words = new Int32Array(buffer, 0, buffer.byteLength >>> 2);
    this.#knownBuffers[this.#nextKnown] = buffer;
    this.#knownWords[this.#nextKnown] = words;
    this.#nextKnown = (this.#nextKnown + 1) % KNOWN_BUFFERS;
    return words;
  }

  /** Hands the ids over and unmarks them: the next scan starts with nothing seen. */
  #takeHits(hits: HitList, count: number): void {
    const list = this.#hits >>> 2;
    for (let i = 0; i < count; i++) {
      const id = this.#words[list + i]!;
      hits.ids[i] = id;
      this.#bytes[this.#seen + (id >>> 3)] = 0;
    }
    hits.count = count;
  }
}
