/** The buffers that every packet may have. Stage: app; data only. Reference: Suricata, header keywords. */
import type { BufferSpec } from './buffer-spec.js';

const ofPackets = (name: string, what: string, more: Partial<BufferSpec> = {}): BufferSpec => ({
  name,
  what,
  applications: [],
  scope: 'packet',
  kind: 'single',
  ...more,
});

/** The longest are those that the length fields of headers allow (RFC 791, RFC 9293, RFC 768). */
export const PACKET_BUFFERS: readonly BufferSpec[] = [
  ofPackets('payload', 'the payload, which is current at the start of every rule', {
    keyword: 'pkt_data',
    aliases: ['raw_data'],
    example: 'ipv4.hdr; content:"|45|"; startswith; pkt_data; content:"abc";',
    differences: 'raw_data of Snort 3 means the same, as the payload is always the bytes as they came.',
  }),
  ofPackets('ipv4.hdr', 'the IPv4 header with its options', {
    longest: 60,
    example: 'ipv4.hdr; content:"|3A|"; offset:9; depth:1;',
  }),
  ofPackets('ipv6.hdr', 'the IPv6 header with its extension headers', {
    example: 'ipv6.hdr; content:"|06|"; offset:6; depth:1;',
  }),
  ofPackets('tcp.hdr', 'the TCP header with its options', {
    longest: 60,
    example: 'tcp.hdr; content:"|02 04|"; offset:20; byte_test:2,<,536,0,big,relative;',
  }),
  ofPackets('udp.hdr', 'the UDP header', { longest: 8, example: 'udp.hdr; content:"|00 08|"; offset:4; depth:2;' }),
  ofPackets('icmpv4.hdr', 'the ICMP header', { example: 'icmpv4.hdr; content:"|08 00|"; startswith;' }),
  ofPackets('icmpv6.hdr', 'the ICMPv6 header', { example: 'icmpv6.hdr; content:"|80|"; startswith;' }),
  ofPackets('base64_data', 'what base64_decode of the same rule has decoded', {
    example: 'content:"auth="; base64_decode:bytes 64,relative; base64_data; content:"root:";',
    differences:
      'Looked at once all other steps over the buffer that was decoded pass, with the first place that lets them.',
  }),
  ofPackets('ip.src', 'the source address of the packet, 4 bytes for IPv4 and 16 for IPv6', {
    example: 'ip.src; content:"|0A 01|"; startswith;',
  }),
  ofPackets('ip.dst', 'the destination address of the packet, 4 bytes for IPv4 and 16 for IPv6', {
    example: 'ip.dst; dataset:isset,bad,type ip,load bad.lst;',
  }),
];
