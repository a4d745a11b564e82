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
