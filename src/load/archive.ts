/**
 * The files in a downloaded archive of rules: tar (also gzipped), zip, or a single rule file. Stage: load.
 *
 * Archives come from elsewhere, so nothing they say is believed: what they unpack to is bounded in files and bytes, and
 * one with a path that leaves the folder, a link, a device or a name that is there twice is refused whole. Which kind
 * it is says the content, not the name. Works in memory; the bounds are what it takes at most.
 */
import { gunzipSync } from 'node:zlib';
import { ArchiveError, type ArchiveFile, type ArchiveLimits } from './archive-file.js';
import { tarEntries } from './tar.js';
import { zipEntries } from './zip.js';

const ARCHIVE_LIMITS: ArchiveLimits = { files: 4096, bytes: 256 * 1024 * 1024 };

/** What headers and padding of a file add in a tar archive, and what the archive is filled up to. */
const TAR_OVERHEAD = 2048;
const TAR_RECORD = 10_240;
const MAXIMUM_DEPTH = 16;
const MAXIMUM_NAME = 255;

/** `name` is what a single rule file is called. Throws an ArchiveError with the reason. */
export function unpackArchive(bytes: Uint8Array, name: string, limits: ArchiveLimits = ARCHIVE_LIMITS): ArchiveFile[] {
  if (startsWith(bytes, [0x50, 0x4b, 0x03, 0x04]) || startsWith(bytes, [0x50, 0x4b, 0x05, 0x06]))
    return checked(zipEntries(bytes, limits), limits);
  const plain = startsWith(bytes, [0x1f, 0x8b])
    ? gunzip(bytes, limits.bytes + TAR_RECORD + limits.files * TAR_OVERHEAD)
    : bytes;
  if (isTar(plain)) return checked(tarEntries(plain), limits);
  if (plain.includes(0)) throw new ArchiveError('it is neither a tar or zip archive nor a text file');
  return checked([{ path: plainName(name), content: plain }], limits);
}

function checked(entries: Iterable<ArchiveFile>, limits: ArchiveLimits): ArchiveFile[] {
  const files: ArchiveFile[] = [];
  const paths = new Set<string>();
  let bytes = 0;
  for (const entry of entries) {
    const path = safePath(entry.path);
    bytes += entry.content.length;
    if (files.length >= limits.files) throw new ArchiveError(`it holds more than ${limits.files} files`);
    if (bytes > limits.bytes) throw new ArchiveError(`it unpacks to more than ${limits.bytes} bytes`);
    // On some file systems case makes no difference.
    if (paths.has(path.toLowerCase())) throw new ArchiveError(`it holds ${shown(path)} twice`);
    paths.add(path.toLowerCase());
    files.push({ path, content: entry.content });
  }
  return files;
}

/** The path without `./`; throws for one that is absolute, goes up, or has what file names do not. */
function safePath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '.' && part !== '');
  // eslint-disable-next-line no-control-regex
  const bad = path.startsWith('/') || /[\x00-\x1f\\:]/.test(path) || parts.includes('..');
  if (bad || parts.length === 0) throw new ArchiveError(`the path ${shown(path)} is not one within a folder`);
  if (parts.length > MAXIMUM_DEPTH || parts.some((part) => part.length > MAXIMUM_NAME))
    throw new ArchiveError(`the path ${shown(path)} is too long`);
  return parts.join('/');
}

function gunzip(bytes: Uint8Array, limit: number): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: limit });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ArchiveError(
      code === 'ERR_BUFFER_TOO_LARGE' ? `it unpacks to more than ${limit} bytes` : `it is damaged (${message})`,
    );
  }
}

/** The magic of ustar and GNU tar. */
function isTar(bytes: Uint8Array): boolean {
  return bytes.length >= 512 && Buffer.from(bytes.subarray(257, 262)).toString('latin1') === 'ustar';
}

function plainName(name: string): string {
  const base = (/[^/\\]*$/.exec(name)?.[0] ?? '').replace(/\.gz$/i, '').replace(/[^\w.-]/g, '_');
  return /\.rules$/i.test(base) ? base : 'downloaded.rules';
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}

const shown = (path: string): string => JSON.stringify(path.slice(0, 100));
