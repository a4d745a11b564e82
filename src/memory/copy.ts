/**
 * Copying bytes between ranges of memory without an object a call. Stage: memory. Within a shard's memory, which is the
 * case that counts, that is one move; from it to other memories Node copies, and before Node 22 makes a view for that.
 */

/** Below this a loop is faster than the call. */
const SHORT = 32;
// Node's own, which takes any array of bytes: `set` would need a view of the source.
const copyLong = Buffer.prototype.copy as (
  this: Uint8Array,
  target: Uint8Array,
  targetStart: number,
  sourceStart: number,
  sourceEnd: number,
) => number;

type Move = (to: number, from: number, length: number) => void;

/**
 * A module of one function, in sections: header, types, imports, functions, exports, code. As text:
 *
 *   (module (import "m" "m" (memory 0 65536 shared))
 *     (func (export "move") (param i32 i32 i32)
 *       local.get 0  local.get 1  local.get 2  memory.copy))
 */
// prettier-ignore
const MOVE_WASM = Uint8Array.of(
  0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
  1, 7, 1, 0x60, 3, 0x7f, 0x7f, 0x7f, 0,
  2, 11, 1, 1, 0x6d, 1, 0x6d, 2, 3, 0, 0x80, 0x80, 4,
  3, 2, 1, 0,
  7, 8, 1, 4, 0x6d, 0x6f, 0x76, 0x65, 0, 0,
  10, 14, 1, 12, 0, 0x20, 0, 0x20, 1, 0x20, 2, 0xfc, 10, 0, 0, 0x0b,
);

/** The memory of the thread's shard. */
let shardBytes: Uint8Array | undefined;
let moveInShard: Move = () => undefined;

/**
 * From now on copies within `bytes`, a view of the whole `memory`, are WebAssembly's. PERF: `copyWithin` is a call of
 * V8's runtime, and slow in shared memory (test/bench/pair.mjs, mixed capture: 0.99).
 */
export function moveBy(memory: WebAssembly.Memory, bytes: Uint8Array): void {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(MOVE_WASM), { m: { m: memory } });
  shardBytes = bytes;
  moveInShard = exports['move'] as Move;
}

/** Copies `length` bytes; the ranges are there, and do not overlap. */
export function copyBytes(
  target: Uint8Array,
  targetStart: number,
  source: Uint8Array,
  sourceStart: number,
  length: number,
): void {
  if (length < SHORT) for (let i = 0; i < length; i++) target[targetStart + i] = source[sourceStart + i];
  else if (target !== source) copyLong.call(source, target, targetStart, sourceStart, sourceStart + length);
  else if (target === shardBytes) moveInShard(targetStart, sourceStart, length);
  else target.copyWithin(targetStart, sourceStart, sourceStart + length);
}
