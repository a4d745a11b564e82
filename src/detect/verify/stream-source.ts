/** A range of a stream as the payload that rules look at. Stage: detect. Allocates nothing. */
import type { Span } from '../../memory/span.js';
import type { BufferSource } from './buffer-source.js';
import { PAYLOAD } from './packet-source.js';

export class StreamSource implements BufferSource {
  readonly littleEndian = false;
  readonly bytes: Uint8Array;
  /** Place of the range's first byte in the stream: positions of rules count from the stream's start. */
  origin = 0;
  private start = 0;
  private length = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  use(start: number, length: number, origin: number): this {
    this.start = start;
    this.length = length;
    this.origin = origin;
    return this;
  }

  locate(buffer: number, instance: number, span: Span): boolean {
    return buffer === PAYLOAD && instance === 0 && this.length > 0 && span.set(this.start, this.length);
  }

  mayHave(): boolean {
    return true;
  }

  number(): number {
    return NaN;
  }
}
