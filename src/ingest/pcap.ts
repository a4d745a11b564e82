/**
 * Reads pcap files: both byte orders, microseconds and nanoseconds, and Kuznetzov's variant with longer record headers.
 * Stage: ingest, captures. Format: draft-ietf-opsawg-pcap. Allocates nothing per frame.
 *
 *   file header (24)                                 record header (16; 24 in Kuznetzov's)
 *    0 magic   4 major (2) minor (2)   8 zone         0 seconds   4 fraction   8 captured length   12 original length
 *   12 sigfigs  16 snap length  20 link type (16 bits)
 */
import { MAX_FRAME_BYTES, linkTypeOf } from './capture-format.js';
import type { FileWindow } from './file-window.js';
import type { FrameBatch } from './source.js';

const HEADER_BYTES = 24;
const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const MAGIC_NANOSECONDS = 0xa1b23c4d;
const MAGIC_KUZNETZOV = 0xa1b2cd34;
const MAGICS: readonly number[] = [MAGIC_MICROSECONDS, MAGIC_NANOSECONDS, MAGIC_KUZNETZOV];

function swap(word: number): number {
  return ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}

/** `magic`: the first 4 bytes, read as little-endian. */
export function isPcapMagic(magic: number): boolean {
  return MAGICS.includes(magic) || MAGICS.includes(swap(magic));
}

export class PcapReader {
  error: string | undefined;
  private readonly window: FileWindow;
  private littleEndian = true;
  private recordHeaderBytes = 16;
  private fractionPerUs = 1;
  private linkType = 0;
  private ended = false;

  constructor(window: FileWindow) {
    this.window = window;
  }

  /** Reads the file header; false, with `error` set, when it cannot be used. */
  start(): boolean {
    const { window } = this;
    if (!window.fill(HEADER_BYTES)) return this.fail('cut within the file header');
    const { view } = window;
    const first = view.getUint32(0, true);
    this.littleEndian = MAGICS.includes(first);
    const magic = this.littleEndian ? first : swap(first);
    const major = view.getUint16(4, this.littleEndian);
    if (major !== 2) return this.fail(`pcap version ${major}.${view.getUint16(6, this.littleEndian)} is not supported`);
    if (magic === MAGIC_NANOSECONDS) this.fractionPerUs = 1000;
    if (magic === MAGIC_KUZNETZOV) this.recordHeaderBytes = 24;
    // The upper half says how long the frame check sequence is; it lies behind the IP packet and hurts nobody.
    this.linkType = linkTypeOf(view.getUint32(20, this.littleEndian) & 0xffff);
    window.skip(HEADER_BYTES);
    return true;
  }

  read(batch: FrameBatch): number {
    const { window, littleEndian, recordHeaderBytes } = this;
    const { view } = window;
    let count = 0;
    while (!this.ended && count < batch.capacity) {
      if (window.available < recordHeaderBytes) {
        if (count > 0) break;
        if (!window.fill(recordHeaderBytes)) {
          this.end(window.available === 0 ? undefined : 'cut within a record header');
          break;
        }
      }
      const at = window.position;
      const length = view.getUint32(at + 8, littleEndian);
      if (length > MAX_FRAME_BYTES) {
        this.end(`a record claims ${length} captured bytes, more than ${MAX_FRAME_BYTES}`);
        break;
      }
      if (window.available < recordHeaderBytes + length) {
        if (count > 0) break;
        if (!window.fill(recordHeaderBytes + length)) this.end('cut within a frame');
        continue;
      }
      batch.offset[count] = at + recordHeaderBytes;
      batch.length[count] = length;
      batch.wireLength[count] = Math.max(length, view.getUint32(at + 12, littleEndian) & 0x7fffffff);
      batch.timeUs[count] =
        view.getUint32(at, littleEndian) * 1e6 + Math.floor(view.getUint32(at + 4, littleEndian) / this.fractionPerUs);
      batch.linkType[count] = this.linkType;
      window.skip(recordHeaderBytes + length);
      count++;
    }
    return count;
  }

  private end(error: string | undefined): void {
    this.ended = true;
    if (error !== undefined) this.fail(error);
  }

  private fail(what: string): false {
    this.error = `${what} (at byte ${this.window.fileOffset})`;
    return false;
  }
}
