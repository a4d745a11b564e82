/**
 * The memory in which pattern sets lie, and the kernel that scans with them. Stage: load.
 *
 *   0                the loader's block; pattern sets at multiples of 64 bytes in it
 *   scratchOffset    scratch of shard 0 | of shard 1 | ...          (kernel-scratch.ts)
 *
 * One memory for each generation of the rule set: WebAssembly memory never shrinks, so a reload makes a new one and drops
 * the old. All of it is structured-clone data: the memory is shared, the module cloned without compiling it again.
 */
import { KERNEL_WASM } from './generated/kernel-wasm.js';
import { scratchBytes } from './kernel-matcher.js';
import { TABLE_ALIGNMENT } from './table-format.js';

const PAGE_BYTES = 65_536;

export interface MatcherMemory {
  readonly memory: WebAssembly.Memory;
  /** Of shard 0; the scratch of shard n starts n * scratchBytes later. */
  readonly scratchOffset: number;
  readonly scratchBytes: number;
}

/** Memory that begins with a copy of `block` and has scratch for every shard, for sets of up to `maxPatterns` patterns. */
export function createMatcherMemory(block: Uint8Array, shards: number, maxPatterns: number): MatcherMemory {
  const matcher = allocateMatcherMemory(block.length, shards, maxPatterns);
  new Uint8Array(matcher.memory.buffer).set(block);
  return matcher;
}

/** As `createMatcherMemory`, for a block of so many bytes that is yet to be written. */
export function allocateMatcherMemory(blockBytes: number, shards: number, maxPatterns: number): MatcherMemory {
  const scratchOffset = Math.ceil(blockBytes / TABLE_ALIGNMENT) * TABLE_ALIGNMENT;
  const perShard = scratchBytes(maxPatterns);
  const pages = Math.max(1, Math.ceil((scratchOffset + shards * perShard) / PAGE_BYTES));
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  return { memory, scratchOffset, scratchBytes: perShard };
}

/** The kernel, to be compiled once and sent to all shards; undefined where the scalar matcher is to be used instead. */
export function compileKernel(preference = process.env['PERISCOPE_MATCHER']): WebAssembly.Module | undefined {
  // Without SIMD or threads the module is not valid.
  if (preference === 'scalar' || !WebAssembly.validate(KERNEL_WASM)) return undefined;
  return new WebAssembly.Module(KERNEL_WASM);
}
