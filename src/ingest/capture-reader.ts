/**
 * What the readers of capture formats have in common, and how one is chosen. Stage: ingest, captures.
 *
 * A reader fills a batch with ranges of the window, without copying. It refills the window only while the batch is
 * empty, so that ranges stay valid until the batch has been used.
 */
import type { FileWindow } from './file-window.js';
import { PcapReader, isPcapMagic } from './pcap.js';
import { PcapngReader, SECTION_HEADER } from './pcapng.js';
import type { FrameBatch } from './source.js';

export interface CaptureReader {
  /**
   * Fills `batch` from its start and returns the number of frames: 0 at the end, or at damage, which `error` describes.
   */
  read(batch: FrameBatch): number;
  readonly error: string | undefined;
}

/** Looks at the first bytes and returns the reader for them, or what is wrong with the file. */
export function openCapture(window: FileWindow): CaptureReader | string {
  if (!window.fill(4))
    return window.available === 0 ? 'the file is empty' : 'not a capture: the file is shorter than a header';
  const magic = window.view.getUint32(0, true);
  const reader =
    magic === SECTION_HEADER ? new PcapngReader(window) : isPcapMagic(magic) ? new PcapReader(window) : undefined;
  if (reader !== undefined) return reader.start() ? reader : (reader.error ?? 'damaged header');
  if ((magic & 0xffff) === 0x8b1f) return 'compressed with gzip: decompress it first';
  if (magic === 0xfd2fb528) return 'compressed with zstd: decompress it first';
  return 'not a pcap or pcapng file';
}
