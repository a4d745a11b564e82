/**
 * Where the buffers of what is inspected lie: of a packet, of a range of a stream, of a transaction. Stage: detect.
 * Rules' steps look at nothing else.
 */
import type { Span } from '../../memory/span.js';

export interface BufferSource {
  /** The bytes that spans are in. */
  readonly bytes: Uint8Array;
  /**
   * Points `span` at a buffer, by its number (app/buffers.ts). `instance` counts those of a multi buffer from 0.
   * @returns false where there is none, or no further one.
   */
  locate(buffer: number, instance: number, span: Span): boolean;
  /** Whether what is inspected is of a kind that can have the buffer: only there is it missed (`absent`). */
  mayHave(buffer: number): boolean;
  /**
   * Value of a buffer that is a number, or the least that it can be (app/at-least.ts); NaN where there is none, or no
   * further one.
   */
  number(buffer: number, instance: number): number;
  /**
   * Bytes that the buffer just located has lost at its start: a range of a stream begins somewhere in it, and positions
   * of rules count from the stream's start.
   */
  readonly origin: number;
  /** The order of bytes that the message says it has; false where it says nothing. */
  readonly littleEndian: boolean;
}
