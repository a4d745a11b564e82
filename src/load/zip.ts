/**
 * The regular files of a zip archive, as its central directory lists them. Stage: load. Reference: PKWARE APPNOTE 6.3.
 *
 * Stored and deflated entries; encrypted ones, links, Zip64 and archives in several parts are refused. The sizes that
 * an entry states bound what it is unpacked to, and its CRC must be right.
 */
import { crc32, inflateRawSync } from 'node:zlib';
import { ArchiveError, type ArchiveFile, type ArchiveLimits } from './archive-file.js';

const END_MAGIC = 0x06054b50;
const ENTRY_MAGIC = 0x02014b50;
const LOCAL_MAGIC = 0x04034b50;
const END_BYTES = 22;
const MAXIMUM_COMMENT = 65_535;
const ENCRYPTED = 1;
const STORED = 0;
const DEFLATED = 8;
/** Of the Unix mode in an entry's attributes. */
const TYPE_MASK = 0o170000;
const REGULAR = 0o100000;

export function* zipEntries(bytes: Uint8Array, limits: ArchiveLimits): Generator<ArchiveFile> {
  const archive = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = findEnd(archive);
  const count = archive.readUInt16LE(end + 10);
  if (count > limits.files) throw new ArchiveError(`it holds more than ${limits.files} files`);
  let at = archive.readUInt32LE(end + 16);
  let left = limits.bytes;
  for (let i = 0; i < count; i++) {
    if (at + 46 > end || archive.readUInt32LE(at) !== ENTRY_MAGIC)
      throw new ArchiveError('it is damaged: an entry is not where it should be');
    const nameBytes = archive.readUInt16LE(at + 28);
    const path = archive.toString('utf8', at + 46, at + 46 + nameBytes);
    const size = archive.readUInt32LE(at + 24);
    left -= size;
    if (left < 0) throw new ArchiveError(`it unpacks to more than ${limits.bytes} bytes`);
    if (!path.endsWith('/')) yield { path, content: readContent(archive, at, path, size) };
    at += 46 + nameBytes + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
}

function findEnd(archive: Buffer): number {
  const from = Math.max(0, archive.length - END_BYTES - MAXIMUM_COMMENT);
  for (let at = archive.length - END_BYTES; at >= from; at--) if (archive.readUInt32LE(at) === END_MAGIC) return at;
  throw new ArchiveError('it is cut short: the directory at its end is missing');
}

function readContent(archive: Buffer, entry: number, path: string, size: number): Uint8Array {
  const refuse = (reason: string): never => {
    throw new ArchiveError(`${JSON.stringify(path.slice(0, 100))} ${reason}`);
  };
  const type = (archive.readUInt32LE(entry + 38) >>> 16) & TYPE_MASK;
  if (type !== 0 && type !== REGULAR) return refuse('is a link or a device, which rules need not');
  if ((archive.readUInt16LE(entry + 8) & ENCRYPTED) !== 0) return refuse('is encrypted');
  const packedBytes = archive.readUInt32LE(entry + 20);
  const local = archive.readUInt32LE(entry + 42);
  if (local + 30 > archive.length || archive.readUInt32LE(local) !== LOCAL_MAGIC)
    return refuse('is not where the directory says');
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const packed = archive.subarray(start, start + packedBytes);
  if (packed.length < packedBytes) return refuse('is cut short');
  const method = archive.readUInt16LE(entry + 10);
  if (method !== STORED && method !== DEFLATED) return refuse('is packed in a way that is not supported');
  let content: Uint8Array;
  try {
    content = method === STORED ? packed : inflateRawSync(packed, { maxOutputLength: Math.max(1, size) });
  } catch {
    return refuse('is damaged, or longer than it says');
  }
  return content.length === size && crc32(content) === archive.readUInt32LE(entry + 16)
    ? content
    : refuse('is damaged');
}
