/**
 * Numbers of the IP header: ttl, tos, id, fragoffset. Stage: rule. Reference: RFC 791, RFC 8200; Suricata, IP keywords.
 */
import { integerOption, UINT16, UINT8 } from './integer-option.js';
import type { RuleOption } from './option.js';

export const ipFieldOptions: readonly RuleOption[] = [
  integerOption({
    name: 'ttl',
    field: 'ttl',
    maximum: UINT8,
    doc: { appliesTo: 'packet', summary: 'Compares the time to live (IPv4) or hop limit (IPv6).', example: 'ttl:<5;' },
  }),
  integerOption({
    name: 'tos',
    field: 'tos',
    maximum: UINT8,
    // Suricata writes hexadecimal numbers here without the 0.
    rewrite: ({ text, span }) => ({ text: text.replace(/(^|[!=<>])x/i, '$10x'), span }),
    doc: {
      appliesTo: 'packet',
      summary: 'Compares the type of service (IPv4) or traffic class (IPv6) byte.',
      example: 'tos:!0;',
      differences: 'x88 is 0x88, as in Suricata, which does not look at IPv6: write alert ipv4 for IPv4 alone.',
    },
  }),
  integerOption({
    name: 'id',
    field: 'ip_id',
    maximum: UINT16,
    doc: { appliesTo: 'packet', summary: 'Compares the identification of an IPv4 header.', example: 'id:0;' },
  }),
  integerOption({
    name: 'fragoffset',
    field: 'fragoffset',
    maximum: 0x1fff,
    doc: {
      appliesTo: 'packet',
      summary: 'Compares the fragment offset, counted in units of eight bytes as in the header.',
      example: 'fragoffset:>0;',
      differences:
        'Fragments are inspected one by one by rules without a flow; their datagram follows as a packet with offset 0.',
    },
  }),
];
