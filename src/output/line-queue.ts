/**
 * Lines waiting to be written, in blocks of a fixed size, bounded in all by the limit and one line more. Stage: output.
 *
 * A line costs a copy, not an object: many go into one block, and one block is one write.
 */

const BLOCK_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

/** Bytes of whole lines; `from` moves on as they are written. */
export interface Block {
  readonly bytes: Buffer;
  from: number;
  to: number;
}

export class LineQueue {
  private readonly limitBytes: number;
  private readonly blocks: Block[] = [];
  private heldBytes = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  get isEmpty(): boolean {
    return this.heldBytes === 0;
  }

  get bytes(): number {
    return this.heldBytes;
  }

  /** Half full or more: a caller that may wait should. Otherwise the next line fits, whatever its length. */
  get isCrowded(): boolean {
    return 2 * this.heldBytes >= this.limitBytes;
  }

  /** Copies a line and ends it. @returns false when the queue is full; until then a line of any length fits. */
  push(line: Uint8Array): boolean {
    if (this.heldBytes >= this.limitBytes) return false;
    const size = line.length + 1;
    const block = this.roomFor(size);
    block.bytes.set(line, block.to);
    block.bytes[block.to + line.length] = NEWLINE;
    block.to += size;
    this.heldBytes += size;
    return true;
  }

  /** The block to write next; the queue must not be empty. It may grow at its end until it is taken off. */
  front(): Block {
    return this.blocks[0];
  }

  /** `count` bytes of the front are written. @returns how many lines ended in them. */
  written(count: number): number {
    const block = this.blocks[0];
    const lines = countLines(block.bytes, block.from, block.from + count);
    block.from += count;
    this.heldBytes -= count;
    if (block.from === block.to) this.blocks.shift();
    return lines;
  }

  /** Whether the front is in the middle of a line, the beginning of which is written. */
  get isTorn(): boolean {
    const block = this.blocks[0];
    return block !== undefined && block.from > 0 && block.bytes[block.from - 1] !== NEWLINE;
  }

  /** Bytes of a torn line that are not written yet; 0 where none is torn. */
  get tornRest(): number {
    if (!this.isTorn) return 0;
    const { bytes, from } = this.blocks[0];
    return bytes.indexOf(NEWLINE, from) + 1 - from;
  }

  /** Has a torn line written again from its beginning. @returns how many of its bytes were written. */
  rewind(): number {
    if (!this.isTorn) return 0;
    const block = this.blocks[0];
    // No line reaches over two blocks, so its beginning is still there.
    const written = block.from - (block.bytes.lastIndexOf(NEWLINE, block.from - 1) + 1);
    block.from -= written;
    this.heldBytes += written;
    return written;
  }

  /** Drops everything. @returns lines lost, one torn among them. */
  clear(): number {
    const lines = this.blocks.reduce((sum, { bytes, from, to }) => sum + countLines(bytes, from, to), 0);
    this.blocks.length = 0;
    this.heldBytes = 0;
    return lines;
  }

  private roomFor(size: number): Block {
    const last = this.blocks.at(-1);
    if (last !== undefined && last.bytes.length - last.to >= size) return last;
    const block = { bytes: Buffer.allocUnsafe(Math.max(size, BLOCK_BYTES)), from: 0, to: 0 };
    this.blocks.push(block);
    return block;
  }
}

function countLines(bytes: Buffer, from: number, to: number): number {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE, from); at >= 0 && at < to; at = bytes.indexOf(NEWLINE, at + 1)) lines++;
  return lines;
}
