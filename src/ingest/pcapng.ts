/**
 * Reads pcapng files: sections of either byte order, any number of interfaces, enhanced, simple and obsolete packet
 * blocks; other blocks are passed over. Stage: ingest, captures. Format: draft-ietf-opsawg-pcapng. Allocates nothing
 * per frame.
 *
 *   block            0 type   4 total length   8 body   (total length - 4) total length again
 *   section header   8 byte-order magic   12 major (2) minor (2)   16 section length (8)   24 options
 *   interface        8 link type (2)   12 snap length   16 options
 *   enhanced packet  8 interface   12 time, upper half   16 lower   20 captured length   24 original length   28 frame
 *   obsolete packet  8 interface (2) drops (2)   then as the enhanced one
 *   simple packet    8 original length   12 frame
 */
import { MAX_FRAME_BYTES, linkTypeOf } from './capture-format.js';
import type { FileWindow } from './file-window.js';
import { TimeResolution } from './pcapng-time.js';
import type { FrameBatch } from './source.js';

export const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE = 1;
const OBSOLETE_PACKET = 2;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const OPTION_TSRESOL = 9;
const OPTION_TSOFFSET = 14;
const MICROSECONDS = 6;

/** The longest block there may be, as Wireshark has it; comments make them long. */
const MAX_BLOCK_BYTES = 16 * 1024 * 1024;
/** As much of a block is read: a frame, its header, and as much again for options. The rest is passed over. */
const MAX_READ_BYTES = 2 * MAX_FRAME_BYTES;
const MAX_INTERFACES = 65_536;
/** Shortest total length of each block that is read. */
const MIN_BYTES: Readonly<Record<number, number>> = {
  [SECTION_HEADER]: 28,
  [INTERFACE]: 20,
  [OBSOLETE_PACKET]: 32,
  [SIMPLE_PACKET]: 16,
  [ENHANCED_PACKET]: 32,
};

interface Interface {
  readonly linkType: number;
  readonly snapLength: number;
  readonly resolution: TimeResolution;
}

export class PcapngReader {
  error: string | undefined;
  private readonly window: FileWindow;
  private littleEndian = true;
  private interfaces: Interface[] = [];
  /** Time of the last frame that had one: simple packets carry none. */
  private lastTimeUs = 0;
  private ended = false;
  /** Length of the block of which the last 4 bytes, which repeat it, are next; 0 between blocks. */
  private unfinished = 0;

  constructor(window: FileWindow) {
    this.window = window;
  }

  /** Reads the first section header; false, with `error` set, when it cannot be used. */
  start(): boolean {
    if (!this.window.fill(12)) return this.fail('cut within the section header');
    const length = this.blockLength();
    if (length === 0) return false;
    if (!this.window.fill(Math.min(length, MAX_READ_BYTES))) return this.fail('cut within the section header');
    return this.startSection() && this.finishBlock(length);
  }

  read(batch: FrameBatch): number {
    const { window } = this;
    let count = 0;
    while (!this.ended && count < batch.capacity) {
      if (this.unfinished > 0) {
        if (count > 0) break;
        this.finishLongBlock();
        continue;
      }
      // 12 bytes: the byte order of a section header has to be known before its length.
      if (window.available < 12) {
        if (count > 0) break;
        if (!window.fill(12)) {
          if (window.available !== 0) this.fail('cut within a block');
          this.ended = true;
          break;
        }
      }
      const length = this.blockLength();
      if (length === 0) break;
      const type = window.view.getUint32(window.position, this.littleEndian);
      if (MIN_BYTES[type] === undefined) {
        if (!this.passOver(length, count)) break;
        continue;
      }
      const present = Math.min(length, MAX_READ_BYTES);
      if (window.available < present) {
        if (count > 0) break;
        if (!window.fill(present)) this.fail('cut within a block');
        continue;
      }
      const frames = this.readBlock(type, length, batch, count);
      if (frames >= 0 && this.finishBlock(length)) count += frames;
    }
    return count;
  }

  /**
   * Total length of the block at `position`, of which 12 bytes are present; 0, with `error` set, when it cannot be
   * right.
   */
  private blockLength(): number {
    const { view, position } = this.window;
    if (view.getUint32(position, true) === SECTION_HEADER && !this.takeByteOrder(view.getUint32(position + 8, true)))
      return 0;
    const type = view.getUint32(position, this.littleEndian);
    const length = view.getUint32(position + 4, this.littleEndian);
    const minimum = MIN_BYTES[type];
    if (length % 4 !== 0 || length < (minimum ?? 12) || (minimum !== undefined && length > MAX_BLOCK_BYTES)) {
      this.fail(`a block of type ${type} claims a length of ${length} bytes`);
      return 0;
    }
    return length;
  }

  private takeByteOrder(magic: number): boolean {
    if (magic !== BYTE_ORDER_MAGIC && magic !== 0x4d3c2b1a)
      return this.fail('a section header has no byte-order magic');
    this.littleEndian = magic === BYTE_ORDER_MAGIC;
    return true;
  }

  /** Frames that the block yields (0 or 1), or -1 with `error` set. */
  private readBlock(type: number, length: number, batch: FrameBatch, index: number): number {
    switch (type) {
      case SECTION_HEADER:
        return this.startSection() ? 0 : -1;
      case INTERFACE:
        return this.addInterface(length) ? 0 : -1;
      case SIMPLE_PACKET:
        return this.simplePacket(length, batch, index) ? 1 : -1;
      default:
        return this.timedPacket(type, length, batch, index) ? 1 : -1;
    }
  }

  private startSection(): boolean {
    const { view, position } = this.window;
    const major = view.getUint16(position + 12, this.littleEndian);
    if (major !== 1) return this.fail(`pcapng version ${major} is not supported`);
    this.interfaces = [];
    return true;
  }

  private addInterface(length: number): boolean {
    const { view, position } = this.window;
    if (this.interfaces.length >= MAX_INTERFACES) return this.fail(`more than ${MAX_INTERFACES} interfaces`);
    const { resolution, offsetSeconds } = this.interfaceTime(
      position + 16,
      position + Math.min(length - 4, MAX_READ_BYTES),
    );
    this.interfaces.push({
      linkType: linkTypeOf(view.getUint16(position + 8, this.littleEndian)),
      snapLength: view.getUint32(position + 12, this.littleEndian),
      resolution: new TimeResolution(resolution, offsetSeconds),
    });
    return true;
  }

  /** Looks for the two options that time stamps depend on; options that do not fit the block end the search. */
  private interfaceTime(start: number, end: number): { resolution: number; offsetSeconds: number } {
    const { view } = this.window;
    let resolution = MICROSECONDS;
    let offsetSeconds = 0;
    for (let at = start; at + 4 <= end;) {
      const code = view.getUint16(at, this.littleEndian);
      const length = view.getUint16(at + 2, this.littleEndian);
      if (code === 0 || at + 4 + length > end) break;
      if (code === OPTION_TSRESOL && length === 1) resolution = view.getUint8(at + 4);
      if (code === OPTION_TSOFFSET && length === 8) offsetSeconds = Number(view.getBigInt64(at + 4, this.littleEndian));
      at += 4 + ((length + 3) & ~3);
    }
    return { resolution, offsetSeconds };
  }

  private timedPacket(type: number, length: number, batch: FrameBatch, index: number): boolean {
    const { window, littleEndian } = this;
    const { view, position } = window;
    const number =
      type === ENHANCED_PACKET
        ? view.getUint32(position + 8, littleEndian)
        : view.getUint16(position + 8, littleEndian);
    const source = this.interfaces[number];
    if (source === undefined) return this.fail(`a packet names interface ${number}, which is not described`);
    const captured = view.getUint32(position + 20, littleEndian);
    if (captured > Math.min(MAX_FRAME_BYTES, length - 32))
      return this.fail(`a packet block of ${length} bytes claims ${captured} captured bytes`);
    this.lastTimeUs = source.resolution.toUs(
      view.getUint32(position + 12, littleEndian),
      view.getUint32(position + 16, littleEndian),
    );
    this.addFrame(batch, index, position + 28, captured, view.getUint32(position + 24, littleEndian), source.linkType);
    return true;
  }

  private simplePacket(length: number, batch: FrameBatch, index: number): boolean {
    const { view, position } = this.window;
    const source = this.interfaces[0];
    if (source === undefined) return this.fail('a simple packet comes before any interface');
    const original = view.getUint32(position + 8, this.littleEndian);
    const snapLength = source.snapLength === 0 ? MAX_FRAME_BYTES : source.snapLength;
    const captured = Math.min(original, snapLength, length - 16);
    if (captured > MAX_FRAME_BYTES) return this.fail(`a simple packet claims ${captured} captured bytes`);
    this.addFrame(batch, index, position + 12, captured, original, source.linkType);
    return true;
  }

  private addFrame(
    batch: FrameBatch,
    index: number,
    offset: number,
    length: number,
    original: number,
    linkType: number,
  ): void {
    batch.offset[index] = offset;
    batch.length[index] = length;
    batch.wireLength[index] = Math.max(length, original & 0x7fffffff);
    batch.timeUs[index] = this.lastTimeUs;
    batch.linkType[index] = linkType;
  }

  /**
   * Checks the length that is repeated at the end of a block, of which `rest` bytes are left, and goes on behind it.
   */
  private endBlock(rest: number, length: number): boolean {
    const { window } = this;
    const trailer = window.view.getUint32(window.position + rest - 4, this.littleEndian);
    if (trailer !== length) return this.fail(`a block of ${length} bytes ends with the length ${trailer}`);
    window.skip(rest);
    return true;
  }

  /** Goes behind a block that has been read; of a long one the end is still to come. */
  private finishBlock(length: number): boolean {
    if (length <= MAX_READ_BYTES) return this.endBlock(length, length);
    this.unfinished = length;
    this.window.skip(length - 4);
    return true;
  }

  private finishLongBlock(): void {
    const length = this.unfinished;
    this.unfinished = 0;
    if (this.window.fill(4)) this.endBlock(4, length);
    else this.fail('cut within a block');
  }

  /** Goes past a block of any length that is not read; false to come back with an empty batch, or at the end. */
  private passOver(length: number, count: number): boolean {
    const { window } = this;
    if (window.available >= length) return this.endBlock(length, length);
    if (count > 0) return false;
    window.skip(length - 4);
    return window.fill(4) ? this.endBlock(4, length) : this.fail('cut within a block');
  }

  private fail(what: string): false {
    this.error = `${what} (at byte ${this.window.fileOffset})`;
    this.ended = true;
    return false;
  }
}
