/** The buffers that every packet may have. Stage: app; data only. Reference: Suricata, header keywords. */
import type { BufferSpec } from './buffer-spec.js';

const ofPackets = (name: string, what: string): BufferSpec => ({ name, what, applications: [], scope: 'packet', kind: 'single' });

export const PACKET_BUFFERS: readonly BufferSpec[] = [
  // The default of every rule.
  ofPackets('payload', 'the payload'),
  ofPackets('ipv4.hdr', 'the IPv4 header with its options'),
  ofPackets('ipv6.hdr', 'the IPv6 header with its extension headers'),
  ofPackets('tcp.hdr', 'the TCP header with its options'),
  ofPackets('udp.hdr', 'the UDP header'),
  ofPackets('icmpv4.hdr', 'the ICMP header'),
  ofPackets('icmpv6.hdr', 'the ICMPv6 header'),
  ofPackets('base64_data', 'what base64_decode of the same rule has decoded'),
  ofPackets('ip.src', 'the source address of the packet, 4 bytes for IPv4 and 16 for IPv6'),
  ofPackets('ip.dst', 'the destination address of the packet, 4 bytes for IPv4 and 16 for IPv6'),
];
