/**
 * Where things lie in a shard's memory: drawn here and nowhere else. Stage: memory.
 *
 *   0           nothing, so that offset 0 is "none"
 *   RINGS       one frame ring per dispatcher (ring/record-ring.ts)   payload is scanned where it lies
 *   TABLES A|B  pattern tables and literals of two generations of rules: a reload fills the half that is not in use
 *   SCRATCH     | kernel's work | folded text | foreign text | output, output | decoded | seen | hits |
 *   ARENA       blocks of 256 B to 256 KiB (arena.ts): what flows keep, stream windows, texts of transactions
 *   FLOWS       records of flows (flow/record.ts)
 *   end         64 bytes that nobody has: who reads 16 bytes at a time may read behind a text
 *
 * Pure: numbers in, offsets out. The whole is reserved at once and taken by the page as it is used. It ends below 4
 * GiB, where offsets of 32 bits end; the arena comes before the records, so that blocks have the smaller offsets.
 */
const MIB = 1024 * 1024;
/** The page of WebAssembly. */
export const WASM_PAGE_BYTES = 65_536;
export const MOST_SHARD_BYTES = 65_536 * WASM_PAGE_BYTES;
const ALIGNMENT = 64;
const NOTHING_BYTES = 4096;
const TAIL_BYTES = 64;

/** Words before a ring's data: positions of its two sides, a cache line each. */
export const RING_HEAD_BYTES = 128;
const LEAST_RING_DATA = 4096;

/** Work space of the kernel (match/literal/kernel-scratch.ts). */
export const KERNEL_BYTES = 16_384;
/** Text that a scan folds at once: room for two of the longest patterns there can be. */
export const MAX_CHUNK_BYTES = 131_072;
/** Before and behind a text: scanners write the byte before it and read some bytes after it. */
export const TEXT_MARGIN = 64;
/** A transform's output: more than any datagram, and what a transform adds to it. */
export const OUTPUT_BYTES = 65_536 + 64;
/** What is kept of bytes that a rule decodes. */
export const DECODED_BYTES = 65_536;
/** The least that a pattern takes of tables: 4 bytes in the list of those that are equal to another. */
const LEAST_PATTERN_BYTES = 4;

/** What the settings say of one shard. */
export interface ShardSizes {
  readonly rings: number;
  /** Of a ring's data; rounded up to a power of two. */
  readonly ringBytes: number;
  /** Of one generation's pattern tables and literals. */
  readonly tableBytes: number;
  /** Of the arena: what is kept for rules' notes of flows, and what else there is, for streams first of all. */
  readonly keptBytes: number;
  readonly streamBytes: number;
  readonly recordBytes: number;
}

export interface ScratchLayout {
  readonly kernel: number;
  readonly folded: number;
  readonly foreign: number;
  readonly outputs: readonly [number, number];
  readonly decoded: number;
  /** One bit for each pattern of a set, and ids of 4 bytes. */
  readonly seen: number;
  readonly hits: number;
  /** Patterns that a set may have: more than the tables have room for. */
  readonly patterns: number;
}

export interface ShardParts {
  readonly rings: number;
  readonly tables: number;
  readonly scratch: number;
  readonly arena: number;
  readonly flows: number;
}

/** Byte offsets in the memory; structured-clone data. */
export interface ShardLayout {
  readonly sizes: ShardSizes;
  readonly rings: readonly number[];
  readonly tables: readonly [number, number];
  readonly scratch: ScratchLayout;
  readonly arena: number;
  readonly flows: number;
  /** Of the whole, in pages of WebAssembly. */
  readonly totalBytes: number;
  /** Of each part, for the plan of the process's memory (budget.ts). */
  readonly parts: ShardParts;
}

/** Bytes of a ring that holds at least `bytes` bytes of records, with its head. */
export function ringBytesFor(bytes: number): number {
  return RING_HEAD_BYTES + 2 ** Math.ceil(Math.log2(Math.max(bytes, LEAST_RING_DATA)));
}

/** Hands out ranges one behind the other. */
class Cursor {
  at = NOTHING_BYTES;

  take(bytes: number): number {
    const start = this.at;
    this.at = alignUp(start + bytes, ALIGNMENT);
    return start;
  }
}

/** Throws where the whole would not end below 4 GiB; the message names what to lower. */
export function shardLayout(sizes: ShardSizes): ShardLayout {
  const layout = layOut(sizes);
  if (layout.totalBytes > MOST_SHARD_BYTES) throw new Error(tooLarge(layout));
  return layout;
}

/** As `shardLayout`, however large it is. */
export function layOut(sizes: ShardSizes): ShardLayout {
  const cursor = new Cursor();
  const ringBytes = ringBytesFor(sizes.ringBytes);
  const ringsAt = cursor.at;
  const rings = Array.from({ length: sizes.rings }, () => cursor.take(ringBytes));
  const tablesAt = cursor.at;
  const tables = [cursor.take(sizes.tableBytes), cursor.take(sizes.tableBytes)] as const;
  const scratchAt = cursor.at;
  const scratch = scratchLayout(cursor, sizes.tableBytes);
  const arena = cursor.take(sizes.keptBytes + sizes.streamBytes);
  const flows = cursor.take(sizes.recordBytes);
  const end = cursor.at;
  const totalBytes = alignUp(end + TAIL_BYTES, WASM_PAGE_BYTES);
  const parts = {
    rings: tablesAt - ringsAt,
    tables: scratchAt - tablesAt,
    scratch: arena - scratchAt,
    arena: flows - arena,
    flows: end - flows,
  };
  return { sizes, rings, tables, scratch, arena, flows, totalBytes, parts };
}

function scratchLayout(cursor: Cursor, tableBytes: number): ScratchLayout {
  const text = (bytes: number): number => cursor.take(bytes + 2 * TEXT_MARGIN) + TEXT_MARGIN;
  const patterns = Math.ceil(tableBytes / LEAST_PATTERN_BYTES);
  return {
    kernel: cursor.take(KERNEL_BYTES),
    folded: text(MAX_CHUNK_BYTES),
    foreign: text(MAX_CHUNK_BYTES),
    outputs: [text(OUTPUT_BYTES), text(OUTPUT_BYTES)],
    decoded: text(DECODED_BYTES),
    seen: cursor.take(Math.ceil(patterns / 8)),
    hits: cursor.take(4 * patterns),
    patterns,
  };
}

/** By part, the setting that it follows. */
const SETTING_OF: Readonly<Record<keyof ShardParts, string>> = {
  rings: 'ring.bytes',
  tables: 'patterns.bytes',
  scratch: 'patterns.bytes',
  arena: 'stream.memory',
  flows: 'flow.cap',
};

function tooLarge({ totalBytes, parts }: ShardLayout): string {
  const largest = (Object.keys(parts) as (keyof ShardParts)[]).reduce((a, b) => (parts[b] > parts[a] ? b : a));
  const [whole, part] = [totalBytes, parts[largest]].map((bytes) => Math.ceil(bytes / MIB));
  return `a shard's memory would take ${whole} MiB and can have 4096: lower ${SETTING_OF[largest]}, which takes ${part} MiB of it`;
}

const alignUp = (value: number, alignment: number): number => Math.ceil(value / alignment) * alignment;
