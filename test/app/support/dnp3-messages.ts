/** Frames of DNP3 for tests. */
import { concat } from '../../support/packet-builder.js';

/** A link frame: its header and blocks of 16 bytes, each with its CRC. */
export function frame(control: number, to: number, from: number, data: Uint8Array): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < data.length; at += 16) blocks.push(checked(data.slice(at, at + 16)));
  const head = concat([5, 0x64, data.length + 5, control, to & 255, to >>> 8, from & 255, from >>> 8]);
  return concat(checked(head), ...blocks);
}

/** The CRC of IEEE 1815. */
export function checked(bytes: Uint8Array): Uint8Array {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) !== 0 ? (crc >>> 1) ^ 0xa6bc : crc >>> 1;
  }
  crc = ~crc & 0xffff;
  return concat(bytes, [crc & 255, crc >>> 8]);
}
