/**
 * Scans with any of the pattern sets in a shard's memory, and searches it, by the WebAssembly kernel. Stage: detect.
 * Allocates nothing a scan.
 *
 * A text of the shard's memory is scanned where it lies; any other is copied into scratch first. Texts longer than a
 * chunk are scanned in chunks that overlap by the longest pattern less one byte.
 */
import { MAX_CHUNK_BYTES, type ScratchLayout } from '../../memory/layout.js';
import type { ShardMemory } from '../../memory/shard-memory.js';
import { KERNEL_WASM } from './generated/kernel-wasm.js';
import { AT_COMPARED, MEMO_ENTRIES } from './kernel-scratch.js';
import type { HitList, MemoryMatcher } from './matcher.js';
import { ScalarMatcher } from './scalar-matcher.js';
import { AT_MAX_LENGTH } from './table-format.js';

/** assembly/kernel.ts; offsets come back as signed numbers. */
interface Kernel {
  scan(
    set: number,
    raw: number,
    folded: number,
    length: number,
    fresh: number,
    hits: number,
    count: number,
    seen: number,
    work: number,
  ): number;
  find(
    from: number,
    to: number,
    literal: number,
    length: number,
    anchor: number,
    nocase: boolean,
    mayCompare: number,
    work: number,
  ): number;
  copy(to: number, from: number, length: number): void;
  fold(from: number, to: number, length: number): void;
}

/** What is used of a chunk for sets whose patterns are shorter, so that text and tables stay in the nearer caches. */
const USUAL_CHUNK_BYTES = 16_384;
const MOST_COMPARED = 0x7fff_ffff;

/** The kernel, to be compiled once and sent to all shards; undefined where the scalar matcher is to be used instead. */
export function compileKernel(preference = process.env['PERISCOPE_MATCHER']): WebAssembly.Module | undefined {
  // Without SIMD or threads the module is not valid.
  if (preference === 'scalar' || !WebAssembly.validate(KERNEL_WASM)) return undefined;
  return new WebAssembly.Module(KERNEL_WASM);
}

/** By the kernel, or in JavaScript where there is none. Takes over the memory's scratch: one matcher a memory. */
export function openMatcher(kernel: WebAssembly.Module | undefined, memory: ShardMemory): MemoryMatcher {
  return kernel === undefined ? new ScalarMatcher(memory) : new KernelMatcher(kernel, memory);
}

class KernelMatcher implements MemoryMatcher {
  readonly bytes: Uint8Array;
  readonly #kernel: Kernel;
  readonly #words: Int32Array;
  readonly #scratch: ScratchLayout;

  constructor(kernel: WebAssembly.Module, { memory, layout, bytes, words }: ShardMemory) {
    this.bytes = bytes;
    this.#words = words;
    this.#scratch = layout.scratch;
    // What a dead thread has left behind.
    bytes.fill(0, layout.scratch.kernel, layout.scratch.kernel + 8 * MEMO_ENTRIES);
    bytes.fill(0, layout.scratch.seen, layout.scratch.hits);
    this.#kernel = new WebAssembly.Instance(kernel, { env: { memory } }).exports as unknown as Kernel;
  }

  get compared(): number {
    return this.#words[(this.#scratch.kernel + AT_COMPARED) >>> 2]!;
  }

  /** Throws RangeError for a text that is not all there: the kernel would trap, which ends a shard. */
  scan(setOffset: number, bytes: Uint8Array, start: number, end: number, hits: HitList, fresh = start): void {
    if (end > bytes.length) throw new RangeError(`a text that ends at ${end} of ${bytes.length} bytes`);
    const scratch = this.#scratch;
    const inPlace = bytes === this.bytes;
    const overlap = Math.max(0, this.#words[(setOffset + AT_MAX_LENGTH) >>> 2]! - 1);
    const chunk = overlap < USUAL_CHUNK_BYTES / 2 ? USUAL_CHUNK_BYTES : MAX_CHUNK_BYTES;
    let count = 0;
    // What begins before that ends before `fresh`, too.
    for (let from = Math.max(start, fresh - overlap); from < end; from += chunk - overlap) {
      const to = Math.min(end, from + chunk);
      if (!inPlace) copyIn(bytes, from, to, this.bytes, scratch.foreign);
      const freshFrom = Math.min(Math.max(0, fresh - from), to - from);
      count = this.#kernel.scan(
        setOffset,
        inPlace ? from : scratch.foreign,
        scratch.folded,
        to - from,
        freshFrom,
        scratch.hits,
        count,
        scratch.seen,
        scratch.kernel,
      );
      if (to === end) break;
    }
    this.#takeHits(hits, count);
  }

  find(
    from: number,
    to: number,
    literal: number,
    length: number,
    anchor: number,
    nocase: boolean,
    mayCompare: number,
  ): number {
    const limit = Math.min(mayCompare, MOST_COMPARED);
    return this.#kernel.find(from, to, literal, length, anchor, nocase, limit, this.#scratch.kernel) >>> 0;
  }

  copy(to: number, from: number, length: number): void {
    this.#kernel.copy(to, from, length);
  }

  fold(to: number, from: number, length: number): void {
    this.#kernel.fold(from, to, length);
  }

  /** Hands the ids over and unmarks them: the next scan starts with nothing seen. */
  #takeHits(hits: HitList, count: number): void {
    const list = this.#scratch.hits >>> 2;
    for (let i = 0; i < count; i++) {
      const id = this.#words[list + i]!;
      hits.ids[i] = id;
      this.bytes[this.#scratch.seen + (id >>> 3)] = 0;
    }
    hits.count = count;
  }
}

function copyIn(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): void {
  const shift = at - start;
  for (let i = start; i < end; i++) to[i + shift] = from[i]!;
}
