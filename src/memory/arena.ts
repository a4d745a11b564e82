/**
 * Blocks of a few sizes in one range of memory, for what flows keep beside their records. Stage: memory.
 *
 *   ARENA   | page | page | page …       each of 256 KiB
 *   page      blocks of one size: 256 B, 2, 8, 32, 128 or 256 KiB; or given back, for any size
 *
 * A block is named by its byte offset in the memory; 0 is "none". A page whose last block is freed goes back, so that
 * what a flood of one size took serves any other size afterwards. Allocating and freeing take a constant time and touch
 * no page that is not in use: fresh blocks come off a page's end, freed ones off a list whose links lie in the blocks
 * themselves. Owned by one thread. A full arena refuses, counts that, and the caller goes on with less.
 *
 * What can be done without (`allocateSpare`) is given only while some of the pages, half of them by default, stay for
 * what is needed: whoever makes many flows that have it takes nothing from what rules need. What makes room for itself
 * (`allocateLoose`, windows of streams) leaves an eighth of the spare pages to the rest, what applications say, so that
 * neither can starve the other. Memory is scarce for each page that the rest takes of the last, and for each refusal,
 * until flows that gave way have freed as much as a page.
 */
export const BLOCK_BYTES = [256, 2048, 8192, 32_768, 131_072, 262_144] as const;
export const PAGE_BYTES = 262_144;
/** Where offsets end: they are kept in words of 32 bits. */
const OFFSETS_END = 2 ** 32;
const LEAST_ARENA_BYTES = 64 * PAGE_BYTES;
const MOST_ARENA_BYTES = 4096 * PAGE_BYTES;
/** Half for what rules need: a smallest block for each flow. */
const BYTES_PER_FLOW = 2 * BLOCK_BYTES[0];
/** Of the spare pages: those that may be in use for `allocateLoose` to take one more, and before memory is scarce. */
const LOOSE = 7 / 8;
const PLENTY = 15 / 16;
const NONE = -1;
/** A page that belongs to no size. */
const UNUSED = 255;

/** The arena of a table of `cap` flows: reserved, and taken as it is used. Of whole pages. */
export function arenaBytesFor(cap: number): number {
  const bytes = Math.ceil((cap * BYTES_PER_FLOW) / PAGE_BYTES) * PAGE_BYTES;
  return Math.min(MOST_ARENA_BYTES, Math.max(LEAST_ARENA_BYTES, bytes));
}

/** What rules may need of the arena of `cap` flows: a smallest block for each. Of whole pages. */
export function keptBytesFor(cap: number): number {
  const bytes = Math.ceil((cap * BLOCK_BYTES[0]) / PAGE_BYTES) * PAGE_BYTES;
  return Math.min(MOST_ARENA_BYTES, Math.max(LEAST_ARENA_BYTES, bytes));
}

export interface ArenaOptions {
  /** What `allocateSpare` leaves for the rest; half when left out. */
  readonly keptBytes?: number;
  /** View of the whole memory, where there is one to share. */
  readonly bytes?: Uint8Array;
}

export class Arena {
  /** The memory as words and as numbers of 8 bytes, and its bytes up to the arena's end; offsets are from its start. */
  readonly words: Uint32Array;
  readonly doubles: Float64Array;
  readonly bytes: Uint8Array;
  /** Bytes of all blocks in use. */
  usedBytes = 0;
  /** Blocks that were asked for and not there. */
  refused = 0;
  readonly totalBytes: number;

  /** Where its first block begins. */
  readonly start: number;
  private readonly pages: number;
  /** Up to so many pages may be in use for `allocateSpare` to give something. */
  private readonly sparePages: number;
  private readonly loosePages: number;
  private readonly plentyPages: number;
  /** What flows that give way are to free. */
  private owedBytes = 0;
  /**
   * By page: index into BLOCK_BYTES, blocks handed out, blocks ever handed out, first freed block, neighbours in a
   * list.
   */
  private readonly sizeOfPage: Uint8Array;
  private readonly live: Uint16Array;
  private readonly fresh: Uint16Array;
  private readonly freed: Uint32Array;
  private readonly next: Int32Array;
  private readonly before: Int32Array;
  /** By size: the first page with room. */
  private readonly open = new Int32Array(BLOCK_BYTES.length).fill(NONE);
  private firstUnused = NONE;
  private untouched = 0;
  private pagesInUse = 0;

  /**
   * Takes `[offset, offset + bytes)` of `memory`; `offset` is a multiple of 8 and not 0, `bytes` is rounded down to
   * pages.
   */
  constructor(memory: ArrayBufferLike, offset: number, bytes: number, options: ArenaOptions = {}) {
    if (offset <= 0 || offset % 8 !== 0) throw new Error(`an arena cannot begin at byte ${offset}`);
    this.start = offset;
    this.pages = Math.floor(bytes / PAGE_BYTES);
    this.totalBytes = this.pages * PAGE_BYTES;
    const end = offset + this.totalBytes;
    if (end > OFFSETS_END) throw new Error(`an arena cannot end at byte ${end}, beyond 4 GiB`);
    this.words = new Uint32Array(memory, 0, Math.floor(memory.byteLength / 4));
    this.doubles = new Float64Array(memory, 0, Math.floor(memory.byteLength / 8));
    this.bytes = options.bytes ?? new Uint8Array(memory, 0, end);
    this.sparePages = this.pages - Math.ceil((options.keptBytes ?? this.totalBytes / 2) / PAGE_BYTES);
    this.loosePages = Math.ceil(this.sparePages * LOOSE);
    this.plentyPages = Math.ceil(this.sparePages * PLENTY);
    this.sizeOfPage = new Uint8Array(this.pages).fill(UNUSED);
    this.live = new Uint16Array(this.pages);
    this.fresh = new Uint16Array(this.pages);
    this.freed = new Uint32Array(this.pages);
    this.next = new Int32Array(this.pages);
    this.before = new Int32Array(this.pages);
  }

  /** A block of BLOCK_BYTES[size] bytes with whatever was in it before, or 0. */
  allocate(size: number): number {
    const page = this.open[size] === NONE ? this.openPage(size) : this.open[size];
    if (page === NONE) {
      this.refused++;
      return 0;
    }
    const block = this.takeBlock(page, size);
    if (++this.live[page] === PAGE_BYTES / BLOCK_BYTES[size]) this.unlink(page, size);
    this.usedBytes += BLOCK_BYTES[size];
    return block;
  }

  /** The same for what can be done without: only while it leaves the pages that are kept to the rest. */
  allocateSpare(size: number): number {
    const opens = this.open[size] === NONE;
    const pages = opens ? this.pagesInUse + 1 : this.pagesInUse;
    if (pages <= this.sparePages) {
      if (opens && pages > this.plentyPages) this.owedBytes += PAGE_BYTES;
      return this.allocate(size);
    }
    this.refused++;
    this.owedBytes = Math.max(this.owedBytes, PAGE_BYTES);
    return 0;
  }

  /** The same for what can give way to its own kind: no page of the last eighth. Who asks counts what is refused. */
  allocateLoose(size: number): number {
    return this.open[size] === NONE && this.pagesInUse >= this.loosePages ? 0 : this.allocateSpare(size);
  }

  /** Whether flows are to give way, so that there is memory for others. */
  get isScarce(): boolean {
    return this.owedBytes > 0;
  }

  /** A flow has given way, and with it so many bytes. */
  noteRelief(bytes: number): void {
    this.owedBytes = Math.max(0, this.owedBytes - bytes);
  }

  /** Gives a block back. */
  free(block: number): void {
    const page = this.pageOf(block);
    const size = this.sizeOfPage[page];
    const capacity = PAGE_BYTES / BLOCK_BYTES[size];
    if (this.live[page]-- === capacity) this.link(page, size);
    this.words[block >>> 2] = this.freed[page];
    this.freed[page] = block;
    this.usedBytes -= BLOCK_BYTES[size];
    if (this.live[page] > 0) return;
    this.unlink(page, size);
    this.sizeOfPage[page] = UNUSED;
    this.next[page] = this.firstUnused;
    this.firstUnused = page;
    this.pagesInUse--;
  }

  /** Index into BLOCK_BYTES of the size of a block in use. */
  sizeOf(block: number): number {
    return this.sizeOfPage[this.pageOf(block)];
  }

  /** Frees all blocks at once. */
  clear(): void {
    this.sizeOfPage.fill(UNUSED);
    this.live.fill(0);
    this.open.fill(NONE);
    this.firstUnused = NONE;
    this.untouched = 0;
    this.pagesInUse = 0;
    this.usedBytes = 0;
    this.owedBytes = 0;
  }

  private pageOf(block: number): number {
    return Math.floor((block - this.start) / PAGE_BYTES);
  }

  private openPage(size: number): number {
    let page = this.firstUnused;
    if (page !== NONE) this.firstUnused = this.next[page];
    else if (this.untouched < this.pages) page = this.untouched++;
    else return NONE;
    this.pagesInUse++;
    this.sizeOfPage[page] = size;
    this.fresh[page] = 0;
    this.freed[page] = 0;
    this.link(page, size);
    return page;
  }

  private takeBlock(page: number, size: number): number {
    const block = this.freed[page];
    if (block === 0) return this.start + page * PAGE_BYTES + this.fresh[page]++ * BLOCK_BYTES[size];
    this.freed[page] = this.words[block >>> 2];
    return block;
  }

  private link(page: number, size: number): void {
    const first = this.open[size];
    this.next[page] = first;
    this.before[page] = NONE;
    if (first !== NONE) this.before[first] = page;
    this.open[size] = page;
  }

  private unlink(page: number, size: number): void {
    const { next, before } = this;
    if (before[page] === NONE) this.open[size] = next[page];
    else next[before[page]] = next[page];
    if (next[page] !== NONE) before[next[page]] = before[page];
  }
}
