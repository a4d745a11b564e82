/**
 * A packet that stands for a flow of which none is at hand, for what is said of the flow as a whole. Stage: shard. It
 * has the flow's addresses, ports and time, what is known of its origin, and no payload. One object, loaded again for
 * each flow; nothing is allocated.
 */
import { IP_PROTOCOL, Packet } from '../decode/packet.js';
import type { Flow } from '../flow/flow.js';
import type { FlowOrigins } from '../flow/flow-origins.js';

/** One tag, as a packet counts them. */
const ONE_TAG = 1 << 24;
/** Where decoded packets have their addresses: what comes before them in an IP header is not looked at. */
const HEADER_BYTES = { 4: 20, 6: 40 } as const;
/** Behind headers: addresses of the mirror session. */
const ORIGIN_AT = 64;
const { tcp, udp, sctp, icmp, icmpv6 } = IP_PROTOCOL;
const TRANSPORT_BYTES: Readonly<Record<number, number>> = { [tcp]: 20, [udp]: 8, [sctp]: 12, [icmp]: 8, [icmpv6]: 8 };

export class FlowPacket {
  readonly packet = new Packet();
  private readonly bytes = new Uint8Array(ORIGIN_AT + 32);
  private readonly origins: FlowOrigins;

  constructor(origins: FlowOrigins) {
    this.origins = origins;
    this.packet.bytes = this.bytes;
  }

  /** Loads the flow, as a packet that its client has sent. */
  load(flow: Flow, seq: number, capture: number): Packet {
    const { packet } = this;
    const version = flow.ipVersion === 6 ? 6 : 4;
    packet.seq = seq;
    packet.capture = capture;
    packet.timeUs = flow.lastUs;
    packet.vni = flow.vni;
    packet.vlans = flow.vlan === 0 ? 0 : ONE_TAG | flow.vlan;
    packet.ipVersion = version;
    packet.ipHeaderLength = HEADER_BYTES[version];
    packet.protocol = flow.protocol;
    packet.l4Offset = packet.ipHeaderLength;
    packet.l4HeaderLength = TRANSPORT_BYTES[flow.protocol] ?? 0;
    this.loadEnds(flow);
    this.origins.load(flow, packet, ORIGIN_AT);
    return packet;
  }

  private loadEnds(flow: Flow): void {
    const { packet } = this;
    const client = flow.clientIsLower ? 0 : 1;
    flow.copyAddress(client, this.bytes, packet.srcIpOffset);
    flow.copyAddress(1 - client, this.bytes, packet.dstIpOffset);
    packet.srcPort = flow.port(client);
    packet.dstPort = flow.port(1 - client);
    // ICMP has its type where others have ports.
    this.bytes[packet.l4Offset] = packet.srcPort;
    this.bytes[packet.l4Offset + 1] = flow.icmpCode;
  }
}
