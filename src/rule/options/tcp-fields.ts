/**
 * Numbers of the TCP header and its options: seq, ack, window, tcp.mss, tcp.wscale, tcp.sack. Stage: rule. Reference:
 * RFC 9293, RFC 7323, RFC 2018.
 */
import { integerOption, UINT16, UINT32, UINT8 } from './integer-option.js';
import type { RuleOption } from './option.js';

export const tcpFieldOptions: readonly RuleOption[] = [
  integerOption({
    name: 'seq',
    aliases: ['tcp.seq'],
    field: 'tcp_seq',
    maximum: UINT32,
    doc: { appliesTo: 'packet', summary: 'Compares the TCP sequence number.', example: 'seq:0;' },
  }),
  integerOption({
    name: 'ack',
    aliases: ['tcp.ack'],
    field: 'tcp_ack',
    maximum: UINT32,
    doc: { appliesTo: 'packet', summary: 'Compares the TCP acknowledgement number.', example: 'ack:0;' },
  }),
  integerOption({
    name: 'window',
    aliases: ['tcp.window'],
    field: 'tcp_window',
    maximum: UINT16,
    doc: {
      appliesTo: 'packet',
      summary: 'Compares the TCP window as in the header, not scaled.',
      example: 'window:1024;',
    },
  }),
  integerOption({
    name: 'tcp.mss',
    field: 'tcp_mss',
    maximum: UINT16,
    doc: {
      appliesTo: 'packet',
      summary: 'Compares the maximum segment size option; a packet without it never matches.',
      example: 'tcp.mss:<536;',
    },
  }),
  integerOption({
    name: 'tcp.wscale',
    field: 'tcp_wscale',
    maximum: UINT8,
    doc: {
      appliesTo: 'packet',
      summary: 'Compares the window scale option; a packet without it never matches.',
      example: 'tcp.wscale:>10;',
    },
  }),
  integerOption({
    name: 'tcp.sack',
    field: 'tcp_sack',
    maximum: UINT8,
    doc: {
      appliesTo: 'packet',
      summary: 'Compares the number of blocks in a selective acknowledgement; a packet without one never matches.',
      example: 'tcp.sack:>2;',
      differences: 'New with Periscope.',
    },
  }),
];
