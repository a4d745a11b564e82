/** Whether a SYN offers TCP Fast Open (RFC 7413), also by an option of experiments. Stage: stream. */
import type { Packet } from '../decode/packet.js';

const END = 0;
const NOP = 1;
const FAST_OPEN = 34;
const EXPERIMENTS: readonly number[] = [253, 254];
const HEADER_LENGTH = 20;

export function offersFastOpen({ bytes, l4Offset, payloadOffset }: Packet): boolean {
  let at = l4Offset + HEADER_LENGTH;
  while (at + 1 < payloadOffset && bytes[at] !== END) {
    const kind = bytes[at]!;
    if (kind === NOP) {
      at++;
      continue;
    }
    const size = bytes[at + 1]!;
    if (size < 2) return false;
    if (kind === FAST_OPEN) return true;
    if (EXPERIMENTS.includes(kind) && size >= 4 && bytes[at + 2] === 0xf9 && bytes[at + 3] === 0x89) return true;
    at += size;
  }
  return false;
}
