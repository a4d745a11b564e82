/** A Packet as the pipeline would load it, from the bytes of an IP packet. */
import { DecodeCounts, decodeFrame } from '../../src/decode/decode.js';
import { DecodedFrame, LINK_TYPE, Packet } from '../../src/decode/packet.js';
import { ipv4, tcp, TCP_FLAG, type Payload, type TcpFields } from '../support/packet-builder.js';

export interface PacketContext {
  timeUs?: number;
  vni?: number;
}

export function packetOf(bytes: Uint8Array, context: PacketContext = {}, into = new Packet()): Packet {
  const frame = new DecodedFrame();
  decodeFrame(bytes, 0, bytes.length, LINK_TYPE.raw, frame, new DecodeCounts());
  into.loadFrame(bytes, frame, 0);
  into.timeUs = context.timeUs ?? 0;
  into.vni = context.vni ?? -1;
  return into;
}

export const CLIENT = '10.0.0.1';
export const SERVER = '10.0.0.2';
const FLAG_LETTERS: Record<string, number> = {
  F: TCP_FLAG.fin,
  S: TCP_FLAG.syn,
  R: TCP_FLAG.rst,
  P: TCP_FLAG.psh,
  A: TCP_FLAG.ack,
  U: TCP_FLAG.urg,
};

/** A TCP segment between client (port 40000) and server (port 80): `segment('>', 'SA', { seq: 1 }, 'data')`. */
export function segment(
  way: '>' | '<',
  flags: string,
  fields: TcpFields = {},
  data: Payload = '',
  context: PacketContext = {},
): Packet {
  const toServer = way === '>';
  const ports = toServer ? { srcPort: 40000, dstPort: 80 } : { srcPort: 80, dstPort: 40000 };
  const bits = [...flags].reduce((sum, letter) => sum | FLAG_LETTERS[letter], 0);
  const bytes = ipv4(
    { src: toServer ? CLIENT : SERVER, dst: toServer ? SERVER : CLIENT },
    tcp({ ack: 0, ...ports, ...fields, flags: bits }, data),
  );
  return packetOf(bytes, context);
}
