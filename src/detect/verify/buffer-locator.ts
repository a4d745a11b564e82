/**
 * Where the buffers that rules inspect lie in a packet. Stage: detect. The stream, and the application's buffers, will be
 * further places to find them. Allocates nothing.
 */
import { bufferNumber } from '../../app/buffers.js';
import { IP_PROTOCOL, LAYER_FLAG, type Packet } from '../../decode/packet.js';


export const PAYLOAD = bufferNumber('payload');
const IPV4_HEADER = bufferNumber('ipv4.hdr');
const IPV6_HEADER = bufferNumber('ipv6.hdr');
const TCP_HEADER = bufferNumber('tcp.hdr');
const UDP_HEADER = bufferNumber('udp.hdr');
const ICMPV4_HEADER = bufferNumber('icmpv4.hdr');
const ICMPV6_HEADER = bufferNumber('icmpv6.hdr');
const SOURCE = bufferNumber('ip.src');
const DESTINATION = bufferNumber('ip.dst');

export class BufferLocator {
  start = 0;
  length = 0;
  private readonly fragmentPayload: boolean;

  /** With `fragmentPayload`, single fragments offer their payload too, and their datagram offers it once more. */
  constructor(fragmentPayload: boolean) {
    this.fragmentPayload = fragmentPayload;
  }

  /** Sets `start` (absolute in `packet.bytes`) and `length`; false where the packet does not offer the buffer. */
  locate(packet: Packet, buffer: number): boolean {
    switch (buffer) {
      case PAYLOAD:
        return this.locatePayload(packet);
      case IPV4_HEADER:
        return this.take(packet.ipVersion === 4, packet.ipOffset, packet.ipHeaderLength);
      case IPV6_HEADER:
        return this.take(packet.ipVersion === 6, packet.ipOffset, packet.ipHeaderLength);
      case TCP_HEADER:
        return this.takeTransport(packet, IP_PROTOCOL.tcp);
      case UDP_HEADER:
        return this.takeTransport(packet, IP_PROTOCOL.udp);
      case ICMPV4_HEADER:
        return this.takeTransport(packet, IP_PROTOCOL.icmp);
      case ICMPV6_HEADER:
        return this.takeTransport(packet, IP_PROTOCOL.icmpv6);
      case SOURCE:
        return this.takeAddress(packet, packet.srcIpOffset);
      case DESTINATION:
        return this.takeAddress(packet, packet.dstIpOffset);
      default:
        return false;
    }
  }

  private locatePayload(packet: Packet): boolean {
    // A malformed layer has no payload, but for one with a wrong checksum: that is inspected, and only kept out of TCP state.
    if ((packet.flags & LAYER_FLAG.fragment) !== 0 && !this.fragmentPayload) return false;
    return this.take(packet.payloadLength > 0, packet.payloadOffset, packet.payloadLength);
  }

  private takeTransport(packet: Packet, protocol: number): boolean {
    return this.take(packet.protocol === protocol && packet.l4HeaderLength > 0, packet.l4Offset, packet.l4HeaderLength);
  }

  private takeAddress({ ipVersion }: Packet, start: number): boolean {
    return this.take(ipVersion !== 0, start, ipVersion === 4 ? 4 : 16);
  }

  private take(present: boolean, start: number, length: number): boolean {
    this.start = start;
    this.length = present ? length : 0;
    return present;
  }
}
