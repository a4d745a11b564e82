/**
 * Decompresses bodies, layer by layer. Stage: app; called at inspection points only.
 *
 * Servers and browsers are lax, so the reader is: a gzip header is read here and what follows is inflated without its
 * checksum, a body that is not what it is called is tried as the other formats, and given as it is where none fits.
 * What can be had of a cut or damaged body is had.
 *
 * Native zlib and brotli do the work of long bodies; of short ones, and of what comes before damage or a limit, our own
 * (util/inflate.ts), as a native call that fails costs 100 us and leaves memory to the event loop.
 *
 * What that may cost is bounded in bytes that are written: INFLATE_RATIO times what a body is, and beyond that what is
 * left of the INFLATED_LIMIT of its side of the connection (InflateCredit). So one bomb costs its bound, and the next
 * ones of its connection no more than ordinary bodies.
 */
import { brotliDecompressSync, constants, inflateRawSync } from 'node:zlib';
import type { TextBlock } from '../text-block.js';
import { gzipHeader, HEADER_CUT, INFLATED, inflateRaw, zlibHeader } from '../../util/inflate.js';
import { BLANK, isSpace, isText, holds, lower } from './characters.js';
import type { InflateCredit } from './inflate-credit.js';
import { inflateLzma } from './lzma.js';
import { INFLATED_LIMIT, INFLATE_RATIO, LAYER_LIMIT } from './settings.js';
import { zlibCalls } from '../../util/zlib-calls.js';

/** What may be wrong: bits. */
export const INFLATE_FAILED = 1;
export const INFLATE_BOMB = 2;
export const INFLATE_LIMIT = 4;
export const INFLATE_LAYERS = 8;
export const INFLATE_ABNORMAL = 16;

const GZIP = 1;
const DEFLATE = 2;
const BROTLI = 3;
const LZMA = 4;
const EMPTY = new Uint8Array(0);
const COMMA = 44;
/** Fewer bytes than that, before damage, are an accident. */
const LEAST = 16;
/** Deflated bytes up to which ours is about as fast as a native call. */
const SHORT = 512;
/** Bytes that are written in the time in which LZMA gives one. */
const LZMA_COST = 32;
/** What it counts as to find damage. */
const FAILED_COST = 16_384;
/** Bits of windows of Brotli: of the least that larger ones can be exchanged for, and of the largest used. */
const LEAST_WINDOW = 18;
const MOST_WINDOW = 19;
/** Bytes of a window that cannot be referred to. */
const WINDOW_GAP = 16;
/** What our own decoder writes: two, as one layer reads what the other has written. */
const SCRATCH = [new Uint8Array(INFLATED_LIMIT), new Uint8Array(INFLATED_LIMIT)] as const;

export class Inflater {
  /** How many times the body is compressed. */
  layers = 0;
  /** There is no more to be had, whatever comes. */
  isDone = false;
  private readonly formats = new Uint8Array(LAYER_LIMIT);
  private faults = 0;
  private tooLarge = false;
  private damaged = false;
  /** Bytes that may still be written in this call, and how many are of use in the end. */
  private left = 0;
  private wanted = 0;

  /** Reads a Content-Encoding. @returns faults. */
  begin(bytes: Uint8Array, from: number, end: number): number {
    let faults = 0;
    let at = from;
    while (at < end) {
      while (at < end && (bytes[at] === COMMA || isSpace(bytes[at]!))) at++;
      const start = at;
      while (at < end && bytes[at] !== COMMA && bytes[at] !== BLANK) at++;
      if (at > start) faults |= this.addLayer(bytes, start, at);
    }
    return faults;
  }

  reset(): void {
    this.layers = 0;
    this.isDone = false;
  }

  /** Decompresses the first `count` bytes of `packed`, and appends to `text` what is new. @returns faults. */
  inflate(
    packed: TextBlock,
    count: number,
    complete: boolean,
    text: TextBlock,
    limit: number,
    credit: InflateCredit,
  ): number {
    const usual = count * INFLATE_RATIO;
    this.faults = 0;
    this.tooLarge = this.damaged = false;
    this.left = usual + credit.left;
    this.wanted = limit;
    const output = this.decode(packed.view(0, count));
    credit.left = Math.min(credit.left, Math.max(0, this.left));
    if (this.tooLarge) this.faults |= INFLATE_LIMIT;
    if (output.length > usual || (this.tooLarge && usual < INFLATED_LIMIT)) this.faults |= INFLATE_BOMB;
    if (this.damaged) this.faults |= INFLATE_FAILED;
    text.appendBytes(output, text.length, Math.min(output.length, limit));
    if (complete || this.tooLarge || this.damaged) this.isDone = true;
    return this.faults;
  }

  private addLayer(bytes: Uint8Array, from: number, end: number): number {
    const format = formatOf(bytes, from, end);
    if (format === 0) return isPlain(bytes, from, end) ? 0 : INFLATE_ABNORMAL;
    if (this.layers === LAYER_LIMIT) return INFLATE_LAYERS;
    this.formats[this.layers++] = format;
    return isExact(bytes, from, end) ? 0 : INFLATE_ABNORMAL;
  }

  /** The last encoding that was named was applied last. */
  private decode(input: Uint8Array): Uint8Array {
    let data = input;
    for (let layer = this.layers - 1; layer >= 0; layer--) {
      const bound = Math.min(INFLATED_LIMIT, Math.max(0, this.left));
      data = this.decodeLayer(layer, data, bound, layer === 0 ? Math.min(bound, this.wanted) : bound);
    }
    return data;
  }

  /** @returns at most `bound` bytes, of which `wanted` are of use. */
  private decodeLayer(layer: number, input: Uint8Array, bound: number, wanted: number): Uint8Array {
    if (input.length === 0) return EMPTY;
    const format = this.formats[layer]!;
    if (format === LZMA) return this.lzma(layer, input, wanted);
    if (format === BROTLI) return this.brotli(layer, input, bound);
    const gzip = gzipHeader(input, input.length);
    if (gzip === HEADER_CUT) return EMPTY;
    const header = format === GZIP || gzip > 0 ? gzip : zlibHeader(input, input.length);
    // It may not be what it was called: with and without the two bytes that zlib begins with, behind gzip's, too.
    for (const start of header === 0 ? [0, 2] : header === 2 ? [2, 0] : [header, header + 2, 0, 2]) {
      const from = Math.min(start, input.length);
      const output = SCRATCH[layer & 1]!;
      const isShort = input.length <= SHORT || zlibCalls.areMany;
      const { length, ending } = inflateRaw(input, from, input.length, output, 0, isShort ? bound : LEAST);
      if (ending === INFLATED.damaged && length < LEAST) continue;
      return isShort ? this.took(output, length, ending) : this.deflated(layer, input, from, bound, wanted);
    }
    return this.asItIs(layer, input);
  }

  /** By a native call; where that has nothing to give, by our own. */
  private deflated(layer: number, input: Uint8Array, from: number, bound: number, wanted: number): Uint8Array {
    const data = new Uint8Array(input.buffer, input.byteOffset + from, input.length - from);
    zlibCalls.note();
    try {
      const inflated = inflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: bound });
      this.left -= inflated.length;
      return inflated;
    } catch (error) {
      const output = SCRATCH[layer & 1]!;
      const isLarge = error instanceof RangeError;
      const { length, ending } = inflateRaw(data, 0, data.length, output, 0, isLarge ? wanted : bound);
      if (isLarge) this.left -= bound - length;
      return this.took(output, length, ending);
    }
  }

  /** What our own decoder has written. */
  private took(output: Uint8Array, length: number, ending: number): Uint8Array {
    this.left -= length;
    if (ending === INFLATED.full) this.tooLarge = true;
    if (ending === INFLATED.damaged) {
      this.damaged = true;
      this.left -= FAILED_COST;
    }
    return output.subarray(0, length);
  }

  /** Where no way to read it gives anything, the layer is a lie: the body is looked at as it is. */
  private asItIs(layer: number, input: Uint8Array): Uint8Array {
    this.formats.copyWithin(layer, layer + 1, this.layers);
    this.layers--;
    this.faults |= INFLATE_FAILED;
    return input;
  }

  private brotli(layer: number, input: Uint8Array, bound: number): Uint8Array {
    const own = windowOf(input);
    const window = Math.min(own, MOST_WINDOW, 31 - Math.clz32(this.left));
    // However little it gives, its decoder may fill the window for it.
    if (this.left <= 0 || window < Math.min(own, LEAST_WINDOW)) return this.exceeded(0);
    const most = Math.min(bound, window < own ? (1 << window) - WINDOW_GAP : bound);
    const data = window < own ? withWindow(input, window) : input;
    const options = { finishFlush: constants.BROTLI_OPERATION_FLUSH, maxOutputLength: most };
    let sound: Uint8Array = EMPTY;
    let isDamaged = false;
    let low = 0;
    let high = data.length + 1;
    // Damage shows at one byte, and everything before it is sound: the first call takes all, the others look for it.
    for (let count = data.length; high - low > 1 && this.left > 0; count = (low + high) >>> 1) {
      zlibCalls.note();
      try {
        sound = brotliDecompressSync(new Uint8Array(data.buffer, data.byteOffset, count), options);
        this.left -= sound.length;
        low = count;
      } catch (error) {
        if (error instanceof RangeError) return this.exceeded(1 << window);
        this.left -= FAILED_COST;
        isDamaged = true;
        high = count;
      }
    }
    if (isDamaged && sound.length < LEAST) return this.asItIs(layer, input);
    this.damaged ||= isDamaged;
    return sound;
  }

  private lzma(layer: number, input: Uint8Array, wanted: number): Uint8Array {
    const bound = Math.min(wanted, Math.ceil(Math.max(0, this.left) / LZMA_COST));
    const output = inflateLzma(input, bound);
    if (output === null) return this.asItIs(layer, input);
    this.left -= output.length * LZMA_COST;
    if (output.length === bound && (layer > 0 || bound < this.wanted)) this.tooLarge = true;
    return output;
  }

  /** Nothing can be had of it, and that was `cost` bytes of work. */
  private exceeded(cost: number): Uint8Array {
    this.tooLarge = true;
    this.left -= cost;
    return EMPTY;
  }
}

/** Bits of the window that a stream of Brotli asks for: RFC 7932, section 9.1. Below LEAST_WINDOW it matters little. */
function windowOf(input: Uint8Array): number {
  const bits = input[0]! & 15;
  return (bits & 1) === 1 && bits > 1 ? LEAST_WINDOW - 1 + (bits >> 1) : LEAST_WINDOW - 1;
}

/**
 * The stream with a smaller window. Its decoder fills a window, of up to 16 MiB, before it gives the first byte; and as
 * long as a text is shorter than the smaller one, the same bytes come of both.
 */
function withWindow(input: Uint8Array, window: number): Uint8Array {
  const changed = input.slice();
  changed[0] = (changed[0]! & 0xf0) | ((window - LEAST_WINDOW + 1) << 1) | 1;
  return changed;
}

/** As browsers have it: what holds the name of a format is that format. */
function formatOf(bytes: Uint8Array, from: number, end: number): number {
  if (holds(bytes, from, end, 'gzip')) return GZIP;
  if (holds(bytes, from, end, 'deflate')) return DEFLATE;
  if (isText(bytes, from, end, 'br')) return BROTLI;
  return isText(bytes, from, end, 'lzma') ? LZMA : 0;
}

function isExact(bytes: Uint8Array, from: number, end: number): boolean {
  const start = lower(bytes[from]!) === 120 && bytes[from + 1] === 45 ? from + 2 : from;
  return ['gzip', 'deflate', 'br', 'lzma'].some((name) => isText(bytes, start, end, name));
}

function isPlain(bytes: Uint8Array, from: number, end: number): boolean {
  return ['identity', 'inflate', 'none'].some((name) => isText(bytes, from, end, name));
}
