/** Packets for the benchmarks, by hand: the packet builder of the tests is TypeScript. */

/** The UDP payload of a mirrored TCP segment: VXLAN (VNI 7), Ethernet, IPv4, TCP. In memory that starts on a word. */
export function mirroredTcp(payloadBytes, sourcePort = 40000) {
  const bytes = new Uint8Array(8 + 14 + 20 + 20 + payloadBytes);
  const view = new DataView(bytes.buffer);
  bytes[0] = 0x08;
  view.setUint32(4, 7 << 8);
  view.setUint16(8 + 12, 0x0800);
  const ip = 22;
  bytes[ip] = 0x45;
  view.setUint16(ip + 2, 40 + payloadBytes);
  bytes[ip + 8] = 64;
  bytes[ip + 9] = 6;
  bytes.set([10, 0, 0, 1, 10, 0, 0, 2], ip + 12);
  view.setUint16(ip + 20, sourcePort);
  view.setUint16(ip + 22, 80);
  view.setUint32(ip + 24, 1000);
  bytes[ip + 32] = 0x50;
  bytes[ip + 33] = 0x18;
  for (let i = 0; i < payloadBytes; i++) bytes[ip + 40 + i] = 97 + ((i * 7) % 26);
  return bytes;
}
