/** Whether a SYN offers TCP Fast Open (RFC 7413), also by an option of experiments. Stage: stream. */
import type { Packet } from '../decode/packet.js';
import { u16 } from '../decode/protocol.js';
import { findTcpOption } from '../decode/tcp-options.js';

const FAST_OPEN = 34;
/** Kinds of experiments, and what begins the one of fast open (RFC 7413, A). */
const [EXPERIMENT_1, EXPERIMENT_2] = [253, 254];
const MAGIC = 0xf989;

export function offersFastOpen(packet: Packet): boolean {
  if (findTcpOption(packet, FAST_OPEN) >= 0) return true;
  return isExperiment(packet, EXPERIMENT_1) || isExperiment(packet, EXPERIMENT_2);
}

function isExperiment(packet: Packet, kind: number): boolean {
  const { bytes } = packet;
  for (let at = findTcpOption(packet, kind); at >= 0; at = findTcpOption(packet, kind, at + bytes[at + 1]!)) {
    if (bytes[at + 1]! >= 4 && u16(bytes, at + 2) === MAGIC) return true;
  }
  return false;
}
