/**
 * ipv4-csum, tcpv4-csum and their like: whether a checksum is right. Stage: rule. Reference: Suricata, header keywords.
 */
import type { PacketField } from '../../block/terms.js';
import { defineOption, type RuleOption } from './option.js';
import { requireValue } from './value.js';

function checksumOption(name: string, what: string, field: PacketField, version: 4 | 6): RuleOption {
  return defineOption<'valid' | 'invalid'>({
    name,
    value: 'required',
    repeatable: false,
    parse(node, diagnostics) {
      const word = requireValue(node, diagnostics);
      if (word === undefined) return undefined;
      const state = word.text.replace(/^"(.*)"$/, '$1').toLowerCase();
      if (state === 'valid' || state === 'invalid') return state;
      diagnostics.error(
        'unknown-argument',
        `${name} does not know '${word.text}'`,
        word.span,
        `write ${name}:valid; or ${name}:invalid;`,
      );
      return undefined;
    },
    compile(state, builder) {
      const right = state === 'valid' ? 1 : 0;
      builder.addPacketTest({ kind: 'field', field, ranges: [[right, right]], negated: false });
      builder.addPacketTest({ kind: 'field', field: 'ip_version', ranges: [[version, version]], negated: false });
    },
    print: (state) => state,
    doc: {
      appliesTo: 'packet',
      summary: `The checksum of ${what} is right, or is not.`,
      syntax: `${name}:<valid|invalid>;`,
      example: `${name}:invalid;`,
      differences:
        'Computed where a rule asks for it, whatever the setting checksums says. A packet of which bytes are missing and a fragment match neither; what cannot be told is valid: no checksum, no total length, or a routing header that hides the destination.',
    },
  });
}

export const checksumOptions: readonly RuleOption[] = [
  checksumOption('ipv4-csum', 'an IPv4 header', 'checksum_ipv4', 4),
  checksumOption('tcpv4-csum', 'TCP over IPv4', 'checksum_tcp', 4),
  checksumOption('tcpv6-csum', 'TCP over IPv6', 'checksum_tcp', 6),
  checksumOption('udpv4-csum', 'UDP over IPv4', 'checksum_udp', 4),
  checksumOption('udpv6-csum', 'UDP over IPv6', 'checksum_udp', 6),
  checksumOption('icmpv4-csum', 'ICMP', 'checksum_icmp', 4),
  checksumOption('icmpv6-csum', 'ICMPv6', 'checksum_icmpv6', 6),
];
