/**
 * Reading a text file whole, `.gz` or not. Stage: load.
 *
 * Text is latin1, one character per byte, so that offsets are bytes and contents survive; a UTF-8 byte order mark is
 * cut.
 */
import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { nearest } from '../util/nearest.js';
import { readWhole } from '../util/read-whole.js';
import { reasonOf } from '../util/reason.js';

/** A rule file may unpack to this much; ET Open has 28 MB. */
const MAXIMUM_BYTES = 512 * 1024 * 1024;
const GZIP_MAGIC = 0x1f8b;
const BYTE_ORDER_MARK = '\xef\xbb\xbf';
const TAR_MAGIC_AT = 257;
/** Characters by which binary files are told: a tenth of them are control characters. */
const LOOKED_AT = 512;
const UNPACK = 'periscope update --source FILE unpacks and checks it';

export type TextOrReason = { readonly text: string } | { readonly reason: string; readonly hint?: string | undefined };

export type BytesOrReason = { readonly bytes: Buffer } | { readonly reason: string; readonly error: unknown };

/** The content as it is, or in a few words why there is none. */
export function readBytes(path: string): BytesOrReason {
  try {
    return { bytes: readWhole(path) };
  } catch (error) {
    return { reason: reasonOf(error), error };
  }
}

/** The text, or in a few words why there is none and what to do about it. */
export function readText(path: string): TextOrReason {
  return textOf(path, readBytes(path));
}

/** What was read from a path, as text. */
export function textOf(path: string, read: BytesOrReason): TextOrReason {
  if ('reason' in read) return { reason: read.reason, hint: hintFor(path, read.error) };
  try {
    let { bytes } = read;
    if (bytes.length > 2 && bytes.readUInt16BE(0) === GZIP_MAGIC)
      bytes = gunzipSync(bytes, { maxOutputLength: MAXIMUM_BYTES });
    const text = bytes.toString('latin1');
    return binary(text) ?? { text: text.startsWith(BYTE_ORDER_MARK) ? text.slice(BYTE_ORDER_MARK.length) : text };
  } catch (error) {
    return { reason: reasonNotUnpacked(error), hint: hintFor(path, error) };
  }
}

/** What somebody may have taken for a text file. */
function binary(text: string): TextOrReason | undefined {
  if (text.startsWith('PK\x03\x04')) return { reason: 'it is a zip archive', hint: UNPACK };
  if (text.slice(TAR_MAGIC_AT, TAR_MAGIC_AT + 5) === 'ustar') return { reason: 'it is a tar archive', hint: UNPACK };
  if (/^(?:\xff\xfe|\xfe\xff)/.test(text)) return { reason: 'it is text in UTF-16', hint: 'save it as UTF-8' };
  const start = text.slice(0, LOOKED_AT);
  // eslint-disable-next-line no-control-regex
  const controls = start.length - start.replace(/[\0-\x08\x0e-\x1f]/g, '').length;
  return controls * 10 > start.length ? { reason: 'it is no text' } : undefined;
}

function reasonNotUnpacked(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ERR_BUFFER_TOO_LARGE') return `it unpacks to more than ${MAXIMUM_BYTES} bytes`;
  return code?.startsWith('Z_') === true ? `the gzip archive is damaged or cut (${message})` : reasonOf(error);
}

function hintFor(path: string, error: unknown): string | undefined {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return path === '-' ? 'write /dev/stdin for standard input' : whatIsThere(path);
    case 'EACCES':
      return 'it must be readable by the user who runs periscope';
    case 'Z_BUF_ERROR':
    case 'Z_DATA_ERROR':
      return 'fetch or copy it again';
    default:
      return undefined;
  }
}

/** Where a link leads that leads nowhere, or a file beside the one that is missing whose name is like it. */
function whatIsThere(path: string): string | undefined {
  const directory = dirname(path);
  try {
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true)
      return `it is a link to ${readlinkSync(path)}, which is not there`;
    const name = nearest(basename(path), readdirSync(directory));
    return name === undefined ? undefined : `did you mean ${join(directory, name)}?`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
      ? `the directory ${directory} is not there either`
      : undefined;
  }
}
