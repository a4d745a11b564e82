/** What all messages of ONC RPC are made of (RFC 4506). Stage: app. */
import { Span } from '../../memory/span.js';
import type { ByteReader } from '../fields/byte-reader.js';

/** Zeros behind so many bytes, to a multiple of four (4.10). */
export const paddingOf = (length: number): number => (4 - (length & 3)) & 3;

const found = new Span();

/** The next `length` bytes. The span is used again. */
export function readBytes(reader: ByteReader, length: number): Span {
  found.set(reader.skip(length), length);
  if (reader.failed) found.length = 0;
  return found;
}

/** Bytes behind their number, padded to four. The span is used again. */
export function readOpaque(reader: ByteReader): Span {
  const length = reader.u32();
  const read = readBytes(reader, length);
  reader.skip(paddingOf(length));
  return read;
}

export function skipOpaque(reader: ByteReader): void {
  const length = reader.u32();
  reader.skip(length + paddingOf(length));
}
