/**
 * ip_proto: the protocol that the IP header carries. Stage: rule. Reference: IANA protocol numbers; Suricata, IP
 * keywords.
 */
import { IP_PROTOCOL_NUMBERS } from '../../block/ip-protocols.js';
import { numberSetOption } from './number-set.js';
import { UINT8 } from './integer-option.js';
import type { RuleOption } from './option.js';
import { parseNumber } from './value.js';

const RULES = {
  what: 'protocol',
  maximum: UINT8,
  number: (text: string) =>
    IP_PROTOCOL_NUMBERS.get(text.toLowerCase()) ?? (/^[0-9]/.test(text) ? parseNumber(text) : undefined),
  hint: 'write a number from 0 to 255, a name such as TCP, ICMP or GRE, <n, >n, or a list [1,6]; ! negates',
};

const ipProto = numberSetOption('ip_proto', 'ip_proto', RULES, {
  appliesTo: 'packet',
  summary: "The IP header carries this protocol, by number or IANA's name.",
  syntax: 'ip_proto:[!|<|>]<number|name>; or ip_proto:[!][<number|name>,…];',
  example: 'ip_proto:!TCP;',
  differences: 'Lists and ranges go beyond Suricata.',
});

export const ipProtoOptions: readonly RuleOption[] = [ipProto];
