/**
 * Reads a file whole, also one that is a pipe: `<(gunzip -c x)`, /dev/stdin, or one with a name. A pipe is opened
 * without waiting (fifo(7)), as a plain `open` of one that nobody writes to never comes back.
 */
import { closeSync, constants, openSync, readFileSync, readSync, statSync } from 'node:fs';

/** How long a writer may take to appear; programs of a shell's line are started at about the same time. */
const WRITER_MS = 2_000;
const LOOK_MS = 5;
const CHUNK_BYTES = 65_536;
const MAXIMUM_BYTES = 512 * 1024 * 1024;
const NEVER_RUNG = new Int32Array(new SharedArrayBuffer(4));

/** Throws what the system says, and where a pipe has no writer, or brings more than `maximumBytes`. */
export function readWhole(path: string, maximumBytes = MAXIMUM_BYTES): Buffer {
  if (!statSync(path).isFIFO()) return readFileSync(path);
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return readPipe(file, maximumBytes);
  } finally {
    closeSync(file);
  }
}

/** While a pipe has a writer, a read that finds nothing fails with EAGAIN; without one it returns no bytes. */
function readPipe(file: number, maximumBytes: number): Buffer {
  const chunks: Buffer[] = [];
  const until = performance.now() + WRITER_MS;
  let bytes = 0;
  let written = false;
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const taken = readOrWait(file, chunk);
    if (taken === 0 && written) return Buffer.concat(chunks);
    if (taken === 0 && performance.now() > until)
      throw new Error(`it is a pipe, and nobody has written to it within ${WRITER_MS / 1000} s`);
    written ||= taken !== 0;
    if (taken === undefined || taken === 0) {
      Atomics.wait(NEVER_RUNG, 0, 0, LOOK_MS);
      continue;
    }
    chunks.push(chunk.subarray(0, taken));
    bytes += taken;
    if (bytes > maximumBytes) throw new Error(`it is a pipe that brings more than ${maximumBytes} bytes`);
  }
}

/** The bytes that were read, or undefined while a writer has none yet. */
function readOrWait(file: number, into: Buffer): number | undefined {
  try {
    return readSync(file, into);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}
