/** Calls and answers of NFS for tests. */
import { concat, u32 } from '../../support/packet-builder.js';

export const call = (id: number, version: number, procedure: number): Uint8Array =>
  concat(
    u32(id),
    u32(0),
    u32(2),
    u32(100003),
    u32(version),
    u32(procedure),
    u32(0),
    u32(0),
    u32(0),
    u32(0),
    u32(8),
    'handle12',
  );
export const answer = (id: number): Uint8Array =>
  concat(u32(id), u32(1), u32(0), u32(0), u32(0), u32(0), u32(0), new Uint8Array(88));
/** As it goes over TCP. */
export const record = (message: Uint8Array): Uint8Array => concat(u32((0x80000000 | message.length) >>> 0), message);
