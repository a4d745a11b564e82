/**
 * The keywords that make a buffer the current one: what follows inspects it, until the next of them. Stage: rule.
 * Reference: Suricata, header keywords.
 */
import type { BufferName } from '../../app/buffers.js';
import { defineOption, type OptionDoc, type RuleOption } from './option.js';

function stickyBuffer(name: string, buffer: BufferName, doc: Pick<OptionDoc, 'summary' | 'example' | 'differences'>, aliases?: readonly string[]): RuleOption {
  return defineOption<true>({
    name,
    aliases,
    value: 'none',
    repeatable: true,
    parse: () => true,
    compile(_value, builder, node) {
      builder.selectBuffer(buffer, node);
    },
    print: () => undefined,
    doc: { ...doc, syntax: `${name};`, appliesTo: 'buffer' },
  });
}

export const stickyBufferOptions: readonly RuleOption[] = [
  stickyBuffer('pkt_data', 'payload', {
    summary: 'Back to the payload, which is current at the start of every rule.',
    example: 'ipv4.hdr; content:"|45|"; startswith; pkt_data; content:"abc";',
    differences: 'raw_data of Snort 3 means the same, as the payload is always the bytes as they came.',
  }, ['raw_data']),
  stickyBuffer('ipv4.hdr', 'ipv4.hdr', { summary: 'The IPv4 header with its options.', example: 'ipv4.hdr; content:"|3A|"; offset:9; depth:1;' }),
  stickyBuffer('ipv6.hdr', 'ipv6.hdr', { summary: 'The IPv6 header with its extension headers.', example: 'ipv6.hdr; content:"|06|"; offset:6; depth:1;' }),
  stickyBuffer('tcp.hdr', 'tcp.hdr', { summary: 'The TCP header with its options.', example: 'tcp.hdr; content:"|02 04|"; offset:20; byte_test:2,<,536,0,big,relative;' }),
  stickyBuffer('udp.hdr', 'udp.hdr', { summary: 'The UDP header.', example: 'udp.hdr; content:"|00 08|"; offset:4; depth:2;' }),
  stickyBuffer('icmpv4.hdr', 'icmpv4.hdr', { summary: 'The ICMP header.', example: 'icmpv4.hdr; content:"|08 00|"; startswith;' }),
  stickyBuffer('ip.src', 'ip.src', { summary: 'The source address of the packet, 4 bytes for IPv4 and 16 for IPv6.', example: 'ip.src; content:"|0A 01|"; startswith;' }),
  stickyBuffer('ip.dst', 'ip.dst', { summary: 'The destination address of the packet, 4 bytes for IPv4 and 16 for IPv6.', example: 'ip.dst; dataset:isset,bad,type ip,load bad.lst;' }),
  stickyBuffer('base64_data', 'base64_data', {
    summary: 'What base64_decode of this rule has decoded.',
    example: 'content:"auth="; base64_decode:bytes 64,relative; base64_data; content:"root:";',
    differences: 'Looked at once all other steps over the buffer that was decoded pass, with the first place that lets them.',
  }),
  stickyBuffer('icmpv6.hdr', 'icmpv6.hdr', { summary: 'The ICMPv6 header.', example: 'icmpv6.hdr; content:"|80|"; startswith;' }),
];
