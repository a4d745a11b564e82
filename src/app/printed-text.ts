/** Bytes as text in events. Stage: app; called for events alone, so it may allocate. */
import { isUtf8 } from 'node:buffer';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const latin1 = Buffer.prototype.latin1Slice;

/** UTF-8 as it is; of what is none, each byte that is not ASCII as `\xe9`, as Suricata prints it. */
export function printedText(bytes: Uint8Array, start: number, length: number): string {
  const end = start + length;
  let at = start;
  while (at < end && bytes[at]! < 0x80) at++;
  // PERF: nearly all texts are ASCII, and are made without a copy in between (test/bench/pair.mjs).
  if (at === end) return latin1.call(bytes, start, end);
  const copy = bytes.slice(start, end);
  return isUtf8(copy) ? utf8.decode(copy) : Array.from(copy, printedByte).join('');
}

const printedByte = (byte: number): string => (byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16)}`);

/** As Suricata prints payloads and bodies: what is neither printable nor a line's end is a dot. */
export function printedPayload(bytes: Uint8Array, start: number, length: number): string {
  let text = '';
  for (let i = start; i < start + length; i++) {
    const byte = bytes[i]!;
    const isShown = (byte >= 0x20 && byte < 0x7f) || byte === LINE_FEED || byte === CARRIAGE_RETURN;
    text += isShown ? String.fromCharCode(byte) : '.';
  }
  return text;
}

/** Bytes as hexadecimal digits, with something between them. */
export function printedHex(bytes: Uint8Array, start: number, length: number, between = ''): string {
  return Array.from(bytes.slice(start, start + length), (byte) => byte.toString(16).padStart(2, '0')).join(between);
}

/** The first of a list of texts, as many as that many characters have room for, with quotes and a comma for each. */
export function firstOf(texts: readonly string[], characters: number): string[] {
  let room = characters;
  return texts.filter((text) => (room -= text.length + 3) > 0);
}

/** As many texts as `room` characters hold with a comma behind each. */
export function takeFitting(texts: Iterable<string>, room: number): string[] {
  const taken: string[] = [];
  let left = room;
  for (const text of texts) {
    left -= text.length + 1;
    if (left < 0) break;
    taken.push(text);
  }
  return taken;
}

/** Dotted IPv4 (`size` 4), or IPv6 (16) as eight groups of four digits. */
export function addressText(bytes: Uint8Array, at: number, size: number): string {
  if (size === 4) return bytes.subarray(at, at + size).join('.');
  return printedHex(bytes, at, size).replace(/(.{4})(?=.)/g, '$1:');
}
