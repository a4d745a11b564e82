/** Packets for what looks at nothing but their payload. */
import { Packet } from '../../src/decode/packet.js';
import { PacketSource } from '../../src/detect/verify/packet-source.js';
import type { Verifier } from '../../src/detect/verify/verify.js';

/**
 * A packet of which only the payload matters; noise around it shows reads beyond. Its addresses, if it has any, are
 * noise too.
 */
export function payloadPacket(payload: Uint8Array, ipVersion: 0 | 4 = 4): Packet {
  const packet = new Packet();
  packet.bytes = new Uint8Array(payload.length + 16).fill(0x61);
  packet.bytes.set(payload, 8);
  packet.ipVersion = ipVersion;
  packet.payloadOffset = 8;
  packet.payloadLength = payload.length;
  return packet;
}

/** Points the verifier at such a packet, as the first and only unit of it. */
export function beginPacket(verifier: Verifier, packet: Packet): void {
  verifier.begin();
  verifier.use(new PacketSource(false).use(packet));
}
