/**
 * The regular files of a tar archive. Stage: load. Reference: POSIX.1-2017, pax; GNU tar manual, "Basic Tar Format".
 *
 *   0      100    108   116   124   136    148   156   157       257     265 … 345     500   512
 *   | name | mode | uid | gid | size | mtime | sum | type | linkname | ustar | … | prefix |  -  | content, to 512 |
 *
 * Knows ustar, the pax headers that carry a path or size, and GNU's long names. Directories are passed over; links,
 * devices and unknown types are refused, as is a header whose checksum is wrong and a file that is cut short.
 */
import { ArchiveError, type ArchiveFile } from './archive-file.js';

const BLOCK = 512;
/** Of pax headers and long names. */
const MAXIMUM_EXTENSION = 65_536;

/** What extension headers say of the next file. */
interface Extension {
  path?: string;
  size?: number;
}

/** Contents are views on the archive. */
export function* tarEntries(bytes: Uint8Array): Generator<ArchiveFile> {
  const archive = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let extension: Extension = {};
  let at = 0;
  while (at + BLOCK <= archive.length) {
    const header = archive.subarray(at, at + BLOCK);
    // Two blocks of zeros end an archive; one is enough here.
    if (header.every((byte) => byte === 0)) return;
    checkSum(header);
    const type = String.fromCharCode(header[156]!);
    const isExtension = type === 'x' || type === 'g' || type === 'L' || type === 'K';
    const size = (isExtension ? undefined : extension.size) ?? number(header, 124, 12);
    const content = archive.subarray(at + BLOCK, at + BLOCK + size);
    if (content.length < size) throw new ArchiveError('it is cut short');
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    if (isExtension) {
      extension = extend(extension, type, content);
      continue;
    }
    const path = extension.path ?? nameOf(header);
    extension = {};
    if (type === '0' || type === '\0' || type === '7') yield { path, content };
    else if (type !== '5')
      throw new ArchiveError(`${JSON.stringify(path.slice(0, 100))} is a link or a device, which rules need not`);
  }
  throw new ArchiveError('it is cut short');
}

function extend(extension: Extension, type: string, content: Buffer): Extension {
  if (content.length > MAXIMUM_EXTENSION) throw new ArchiveError('a header is too long');
  if (type === 'L') return { ...extension, path: text(content) };
  // Settings for all files (g) and long names of links (K) do not matter.
  return type === 'x' ? { ...extension, ...paxRecords(content) } : extension;
}

/** Records are `<length> <key>=<value>\n`, the length that of the whole record. */
function paxRecords(content: Buffer): Extension {
  const extension: Extension = {};
  for (let at = 0; at < content.length;) {
    const length = /^(\d{1,6}) /.exec(content.toString('latin1', at, at + 8));
    const end = at + Number(length?.[1] ?? 0);
    if (length === null || end <= at + length[0].length || end > content.length)
      throw new ArchiveError('a pax header is damaged');
    const record = content.toString('utf8', at + length[0].length, end - 1);
    const equals = record.indexOf('=');
    if (record.slice(0, equals) === 'path') extension.path = record.slice(equals + 1);
    if (record.slice(0, equals) === 'size') extension.size = sizeOf(Number(record.slice(equals + 1)));
    at = end;
  }
  return extension;
}

function nameOf(header: Buffer): string {
  const prefix = header.toString('latin1', 257, 263) === 'ustar\0' ? text(header.subarray(345, 500)) : '';
  const name = text(header.subarray(0, 100));
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** The sum of the header's bytes, its own field counted as blanks. */
function checkSum(header: Buffer): void {
  let sum = 8 * 0x20;
  for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += header[i]!;
  if (number(header, 148, 8) !== sum) throw new ArchiveError('it is damaged: the checksum of a header is wrong');
}

/** Octal digits, ended by a blank or NUL. */
function number(header: Buffer, at: number, length: number): number {
  const digits = /^\s*([0-7]+)[\s\0]*$/.exec(header.toString('latin1', at, at + length))?.[1];
  if (digits === undefined) throw new ArchiveError('it is damaged: a header has no number where one must be');
  return sizeOf(Number.parseInt(digits, 8));
}

function sizeOf(size: number): number {
  if (!Number.isSafeInteger(size) || size < 0) throw new ArchiveError('it is damaged: a size is no number');
  return size;
}

function text(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}
