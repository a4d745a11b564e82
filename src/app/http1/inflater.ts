/**
 * Decompresses bodies, layer by layer, with native zlib and brotli. Stage: app; called at inspection points only.
 *
 * Servers and browsers are lax, so the reader is: a gzip header is read here and what follows is inflated without its
 * checksum, a body that is not what it is called is tried as the other formats, and given as it is where none fits.
 * What can be had of a cut or damaged body is had. One call gives at most 1 MiB; a body that wants more costs one more
 * call with less input, and ends there.
 */
import { brotliDecompressSync, constants, inflateRawSync } from 'node:zlib';
import type { TextBlock } from '../text-block.js';
import { BLANK, isSpace, isText, holds, lower } from './characters.js';
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
/** Calls that look for the last byte before damage, with the one that finds it damaged. */
const CALLS = 19;
/** Fewer bytes than that, before damage, are an accident. */
const LEAST = 16;
/** A gzip header that goes on behind the input. */
const CUT = -1;
/** Bytes that give no more than the limit, however well they are compressed: deflate has 1 032 to 1 at most. */
const SAFE = Math.floor(INFLATED_LIMIT / 1032);
const PARTIAL = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: INFLATED_LIMIT };
const PARTIAL_BROTLI = { finishFlush: constants.BROTLI_OPERATION_FLUSH, maxOutputLength: INFLATED_LIMIT };

type Native<Options> = (data: Uint8Array, options: Options) => Uint8Array;

export class Inflater {
  /** How many times the body is compressed. */
  layers = 0;
  /** There is no more to be had, whatever comes. */
  isDone = false;
  private readonly formats = new Uint8Array(LAYER_LIMIT);
  private faults = 0;
  private tooLarge = false;
  private damaged = false;

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
  inflate(packed: TextBlock, count: number, complete: boolean, text: TextBlock, limit: number): number {
    this.faults = 0;
    this.damaged = false;
    let output = this.decode(packed.view(0, count));
    if (this.tooLarge) {
      this.faults |= INFLATE_LIMIT;
      // What is that small gives no less with another call.
      if (count > SAFE) output = this.decode(packed.view(0, SAFE));
      this.isDone = true;
    }
    if (output.length > count * INFLATE_RATIO) this.faults |= INFLATE_BOMB;
    if (this.damaged) {
      this.isDone = true;
      this.faults |= INFLATE_FAILED;
    }
    text.appendBytes(output, text.length, Math.min(output.length, limit));
    if (complete) this.isDone = true;
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
    this.tooLarge = false;
    let data = input;
    for (let layer = this.layers - 1; layer >= 0 && !this.tooLarge; layer--) data = this.decodeLayer(layer, data);
    return this.tooLarge ? EMPTY : data;
  }

  private decodeLayer(layer: number, input: Uint8Array): Uint8Array {
    const format = this.formats[layer]!;
    if (format === LZMA) return this.lzma(layer, input);
    if (format === BROTLI) {
      return this.orAsItIs(layer, input, this.attempt(brotliDecompressSync, input, PARTIAL_BROTLI));
    }
    const gzip = gzipHeader(input);
    if (gzip === CUT) return EMPTY;
    const header = format === GZIP || gzip > 0 ? gzip : zlibHeader(input);
    let output = this.attempt(inflateRawSync, from(input, header), PARTIAL);
    // It is not what it was called: with and without the two bytes that zlib begins with.
    if (this.isNothing(output) && header !== 0) output = this.attempt(inflateRawSync, input, PARTIAL);
    if (this.isNothing(output) && header !== 2) output = this.attempt(inflateRawSync, from(input, 2), PARTIAL);
    return this.orAsItIs(layer, input, output);
  }

  private isNothing(output: Uint8Array): boolean {
    return this.damaged && output.length < LEAST && !this.tooLarge;
  }

  /** Where no way to read it gives anything, the layer is a lie: the body is looked at as it is. */
  private orAsItIs(layer: number, input: Uint8Array, output: Uint8Array): Uint8Array {
    if (!this.isNothing(output)) return output;
    this.formats.copyWithin(layer, layer + 1, this.layers);
    this.layers--;
    this.damaged = false;
    this.faults |= INFLATE_FAILED;
    return input;
  }

  /** What can be had: of damaged input what is before the damage. */
  private attempt<Options>(inflate: Native<Options>, data: Uint8Array, options: Options): Uint8Array {
    this.damaged = false;
    if (data.length === 0) return EMPTY;
    let sound: Uint8Array = EMPTY;
    let low = 0;
    let high = data.length + 1;
    // Damage shows at one byte, and everything before it is sound: the first call takes all, the others look for it.
    for (let calls = 0, count = data.length; calls < CALLS && high - low > 1; calls++, count = (low + high) >>> 1) {
      zlibCalls.note();
      try {
        sound = inflate(new Uint8Array(data.buffer, data.byteOffset, count), options);
        low = count;
      } catch (error) {
        if (error instanceof RangeError) return this.exceeded();
        this.damaged = true;
        high = count;
      }
    }
    return sound;
  }

  private lzma(layer: number, input: Uint8Array): Uint8Array {
    const output = inflateLzma(input, INFLATED_LIMIT);
    this.damaged = output === null;
    if (output === null) return this.orAsItIs(layer, input, EMPTY);
    return output.length === INFLATED_LIMIT ? this.exceeded() : output;
  }

  private exceeded(): Uint8Array {
    this.tooLarge = true;
    return EMPTY;
  }
}

function from(input: Uint8Array, skip: number): Uint8Array {
  const taken = Math.min(skip, input.length);
  return new Uint8Array(input.buffer, input.byteOffset + taken, input.length - taken);
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

/** Bytes of a zlib header: 2, or 0 where there is none. */
function zlibHeader(input: Uint8Array): number {
  if (input.length < 2 || (input[0]! & 15) !== 8 || ((input[0]! << 8) | input[1]!) % 31 !== 0) return 0;
  return (input[1]! & 32) === 0 ? 2 : 6;
}

/** Bytes of a gzip header; 0 where there is none, CUT where that is open. Its flags are taken as they are. */
function gzipHeader(input: Uint8Array): number {
  if (input.length < 3 || input[0] !== 0x1f || input[1] !== 0x8b || input[2] !== 8) return 0;
  if (input.length < 10) return CUT;
  const flags = input[3]!;
  let at = 10;
  if ((flags & 4) !== 0) at += 2 + ((input[at] ?? 0) | ((input[at + 1] ?? 0) << 8));
  if ((flags & 8) !== 0) at = afterNul(input, at);
  if ((flags & 16) !== 0) at = afterNul(input, at);
  if ((flags & 2) !== 0) at += 2;
  return at < input.length ? at : CUT;
}

function afterNul(input: Uint8Array, from: number): number {
  let at = from;
  while (at < input.length && input[at] !== 0) at++;
  return at + 1;
}
