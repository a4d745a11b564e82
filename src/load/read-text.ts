/**
 * Reading a text file whole, `.gz` or not. Stage: load.
 *
 * Text is latin1, one character per byte, so that offsets are bytes and contents survive; a UTF-8 byte order mark is cut.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** A rule file may unpack to this much; ET Open has 28 MB. */
const MAXIMUM_BYTES = 512 * 1024 * 1024;
const GZIP_MAGIC = 0x1f8b;
const BYTE_ORDER_MARK = '\xef\xbb\xbf';

export type TextOrReason = { readonly text: string } | { readonly reason: string };

/** The text, or in a few words why there is none. */
export function readText(path: string): TextOrReason {
  try {
    let bytes: Buffer = readFileSync(path);
    if (bytes.length > 2 && bytes.readUInt16BE(0) === GZIP_MAGIC) bytes = gunzipSync(bytes, { maxOutputLength: MAXIMUM_BYTES });
    const text = bytes.toString('latin1');
    return { text: text.startsWith(BYTE_ORDER_MARK) ? text.slice(BYTE_ORDER_MARK.length) : text };
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT': return 'no such file or directory';
    case 'EACCES': return 'permission denied';
    case 'EISDIR': return 'is a directory';
    case 'ERR_BUFFER_TOO_LARGE': return `unpacks to more than ${MAXIMUM_BYTES} bytes`;
    default: return code?.startsWith('Z_') ? `damaged archive (${message})` : message;
  }
}
