/**
 * Numbers of ICMP and ICMPv6 messages: itype, icode, icmp_id, icmp_seq, icmpv6.mtu. Stage: rule. Reference: RFC 792,
 * RFC 4443.
 */
import { integerOption, UINT16, UINT32, UINT8 } from './integer-option.js';
import type { RuleOption } from './option.js';

export const icmpFieldOptions: readonly RuleOption[] = [
  integerOption({
    name: 'itype',
    field: 'icmp_type',
    maximum: UINT8,
    doc: { appliesTo: 'packet', summary: 'Compares the type of an ICMP or ICMPv6 message.', example: 'itype:8;' },
  }),
  integerOption({
    name: 'icode',
    field: 'icmp_code',
    maximum: UINT8,
    doc: { appliesTo: 'packet', summary: 'Compares the code of an ICMP or ICMPv6 message.', example: 'icode:>3;' },
  }),
  integerOption({
    name: 'icmp_id',
    field: 'icmp_id',
    maximum: UINT16,
    doc: {
      appliesTo: 'packet',
      summary: 'Compares the identifier of echo, timestamp, information and address mask messages.',
      example: 'icmp_id:0;',
    },
  }),
  integerOption({
    name: 'icmp_seq',
    field: 'icmp_seq',
    maximum: UINT16,
    doc: {
      appliesTo: 'packet',
      summary: 'Compares the sequence number of echo, timestamp, information and address mask messages.',
      example: 'icmp_seq:0;',
    },
  }),
  integerOption({
    name: 'icmpv6.mtu',
    field: 'icmpv6_mtu',
    maximum: UINT32,
    doc: {
      appliesTo: 'packet',
      summary: 'Compares the MTU of an ICMPv6 "packet too big" message.',
      example: 'icmpv6.mtu:<1280;',
    },
  }),
];
