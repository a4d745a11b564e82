/** The buffers of a packet. Stage: detect. Allocates nothing. */
import { bufferNumber } from '../../app/buffers.js';
import { IP_PROTOCOL, LAYER_FLAG, type Packet } from '../../decode/packet.js';
import type { Span } from '../../memory/span.js';
import type { BufferSource } from './buffer-source.js';

export const PAYLOAD = bufferNumber('payload');
const IPV4_HEADER = bufferNumber('ipv4.hdr');
const IPV6_HEADER = bufferNumber('ipv6.hdr');
const TCP_HEADER = bufferNumber('tcp.hdr');
const UDP_HEADER = bufferNumber('udp.hdr');
const ICMPV4_HEADER = bufferNumber('icmpv4.hdr');
const ICMPV6_HEADER = bufferNumber('icmpv6.hdr');
const SOURCE = bufferNumber('ip.src');
const DESTINATION = bufferNumber('ip.dst');

export class PacketSource implements BufferSource {
  readonly littleEndian = false;
  bytes: Uint8Array = new Uint8Array(0);
  readonly origin = 0;
  private packet!: Packet;
  private readonly fragmentPayload: boolean;

  /** With `fragmentPayload`, single fragments offer their payload too, and their datagram offers it once more. */
  constructor(fragmentPayload: boolean) {
    this.fragmentPayload = fragmentPayload;
  }

  /** Takes in the packet that is then asked for its buffers. */
  use(packet: Packet): this {
    this.packet = packet;
    this.bytes = packet.bytes;
    return this;
  }

  /** Whether there is a payload to inspect. */
  get hasPayload(): boolean {
    // A malformed layer has no payload, but for one with a wrong checksum: that is inspected, and only kept out of TCP
    // state. That of a tunnel is the next layer, which is inspected by itself.
    const { flags, payloadLength } = this.packet;
    if (payloadLength === 0 || (flags & (LAYER_FLAG.tunnel | LAYER_FLAG.concealed)) !== 0) return false;
    return (flags & LAYER_FLAG.fragment) === 0 || this.fragmentPayload;
  }

  locate(buffer: number, instance: number, span: Span): boolean {
    const { packet } = this;
    if (instance > 0) return false;
    switch (buffer) {
      case PAYLOAD:
        return this.hasPayload && span.set(packet.payloadOffset, packet.payloadLength);
      case IPV4_HEADER:
        return packet.ipVersion === 4 && span.set(packet.ipOffset, packet.ipHeaderLength);
      case IPV6_HEADER:
        return packet.ipVersion === 6 && span.set(packet.ipOffset, packet.ipHeaderLength);
      case TCP_HEADER:
        return this.locateTransport(IP_PROTOCOL.tcp, span);
      case UDP_HEADER:
        return this.locateTransport(IP_PROTOCOL.udp, span);
      case ICMPV4_HEADER:
        return this.locateTransport(IP_PROTOCOL.icmp, span);
      case ICMPV6_HEADER:
        return this.locateTransport(IP_PROTOCOL.icmpv6, span);
      case SOURCE:
        return this.locateAddress(packet.srcIpOffset, span);
      case DESTINATION:
        return this.locateAddress(packet.dstIpOffset, span);
      default:
        return false;
    }
  }

  mayHave(): boolean {
    return true;
  }

  number(): number {
    return NaN;
  }

  private locateTransport(protocol: number, span: Span): boolean {
    const { packet } = this;
    return (
      packet.protocol === protocol && packet.l4HeaderLength > 0 && span.set(packet.l4Offset, packet.l4HeaderLength)
    );
  }

  private locateAddress(start: number, span: Span): boolean {
    const { ipVersion } = this.packet;
    return ipVersion !== 0 && span.set(start, ipVersion === 4 ? 4 : 16);
  }
}
