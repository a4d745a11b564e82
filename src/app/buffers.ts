/**
 * The buffers that rules inspect, by the names that rules use. Stage: app; rule and detect take the names from here.
 *
 * A buffer is a range of bytes that one packet (later: one stream, one transaction) offers to the rules.
 */

export const BUFFERS = [
  /** The packet's payload. The default of every rule. */
  'payload',
  'ipv4.hdr',
  'ipv6.hdr',
  'tcp.hdr',
  'udp.hdr',
  'icmpv4.hdr',
  'icmpv6.hdr',
  /** What base64_decode of the same rule has decoded. */
  'base64_data',
  /** The addresses of the packet's own IP header: 4 or 16 bytes. */
  'ip.src',
  'ip.dst',
] as const;

/** Not a part of the packet: its place in BUFFERS. */
export const BASE64_DATA = BUFFERS.indexOf('base64_data');

export type BufferName = (typeof BUFFERS)[number];
