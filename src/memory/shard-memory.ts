/**
 * The one memory of a shard (layout.ts): made by the main thread, kept while the process runs. Stage: memory.
 *
 * It outlives the shard's thread and every generation of rules, so views of it never go stale: they are made once in
 * each thread and shared by all that look at it. What is in the rings outlives a thread, the rest its successor starts
 * anew.
 */
import { WASM_PAGE_BYTES, type ShardLayout } from './layout.js';

/** As it crosses threads: the memory is shared, not copied. */
export interface ShardMemoryHandle {
  readonly memory: WebAssembly.Memory;
  readonly layout: ShardLayout;
}

/** What lies in one half of TABLES. */
export interface InstalledTables {
  readonly half: 0 | 1;
  /** Offsets of the pattern tables and of the literals. */
  readonly patterns: number;
  readonly literals: number;
}

const MIB = 1024 * 1024;
const ALIGNMENT = 64;

/** Reserves the memory; nothing of it is taken before it is used. */
export function allocateShardMemory(layout: ShardLayout): ShardMemoryHandle {
  const pages = layout.totalBytes / WASM_PAGE_BYTES;
  return { memory: new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }), layout };
}

export class ShardMemory {
  readonly memory: WebAssembly.Memory;
  readonly layout: ShardLayout;
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly doubles: Float64Array;

  constructor({ memory, layout }: ShardMemoryHandle) {
    this.memory = memory;
    this.layout = layout;
    this.bytes = new Uint8Array(memory.buffer);
    this.words = new Int32Array(memory.buffer);
    this.doubles = new Float64Array(memory.buffer);
  }

  /** Copies a rule set's tables and literals into a half that is not in use. Throws where it is too small. */
  installTables(half: 0 | 1, patterns: Uint8Array, literals: Uint8Array): InstalledTables {
    const at = this.layout.tables[half];
    const literalsAt = at + Math.ceil(patterns.length / ALIGNMENT) * ALIGNMENT;
    const room = this.layout.sizes.tableBytes;
    const needed = literalsAt + literals.length - at;
    if (needed > room) {
      const [takes, allowed] = [needed, room].map((bytes) => Math.round((bytes / MIB) * 10) / 10);
      throw new Error(
        `patterns of the rules take ${takes} MiB, and patterns.bytes allows ${allowed} MiB: raise it and start anew`,
      );
    }
    this.bytes.set(patterns, at);
    this.bytes.set(literals, literalsAt);
    return { half, patterns: at, literals: literalsAt };
  }
}
