/** Calls and answers of NFS for tests. */
import { concat, toBytes, u32, type Payload } from '../../support/packet-builder.js';

/** Bytes behind their number, padded to four. */
export function opaque(text: Payload): Uint8Array {
  const bytes = toBytes(text);
  return concat(u32(bytes.length), bytes, new Uint8Array((4 - (bytes.length & 3)) & 3));
}
export const HANDLE = opaque('handle12');

export const call = (id: number, version: number, procedure: number, given: Payload = HANDLE): Uint8Array =>
  concat(u32(id), u32(0), u32(2), u32(100003), u32(version), u32(procedure), u32(0), u32(0), u32(0), u32(0), given);
export const answer = (id: number, status = 0): Uint8Array =>
  concat(u32(id), u32(1), u32(0), u32(0), u32(0), u32(0), u32(status), new Uint8Array(88));
/** The server does not take the call: it does not know who calls. */
export const denied = (id: number): Uint8Array => concat(u32(id), u32(1), u32(1), u32(1), u32(1));
/** As it goes over TCP. */
export const record = (message: Uint8Array): Uint8Array => concat(u32((0x80000000 | message.length) >>> 0), message);
/** A record, mark and all, in fragments of these sizes, again and again (RFC 5531, 11). */
export function inFragments(whole: Uint8Array, sizes: readonly number[]): Uint8Array {
  const message = whole.subarray(4);
  const parts: Uint8Array[] = [];
  for (let at = 0, n = 0; at < message.length || n === 0; n++) {
    const part = message.subarray(at, at + sizes[n % sizes.length]!);
    at += part.length;
    parts.push(concat(u32(((at < message.length ? 0 : 0x8000_0000) | part.length) >>> 0), part));
  }
  return concat(...parts);
}
