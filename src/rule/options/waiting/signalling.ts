/**
 * Keywords of SOCKS and of what lies below IP.
 * Stage: rule; data only. Reference: Suricata and Snort 3, keywords of each.
 */
import { numberOrWords, pattern, text, UINT16, UINT8 } from './value-syntax.js';
import type { WaitingProtocol } from './waiting-keyword.js';

export const SOCKS: WaitingProtocol = {
  protocol: 'socks',
  buffers: [
    ['socks_remote_address', 'where the client wants to go (Snort)', text('part of the address', 'example.com', true)],
  ],
  conditions: [
    ['socks_version', 'names the version (Snort)', pattern(/^[45]$/, '<4|5>', '5')],
    [
      'socks_state',
      'names how far the connection is (Snort)',
      numberOrWords(4, 'auth request_response established error'),
    ],
    ['socks_command', 'names the command (Snort)', pattern(/^[1-3]$/, '<1|2|3>', '1')],
    ['socks_address_type', 'names the type of address (Snort)', pattern(/^[134]$/, '<1|3|4>', '3')],
    ['socks_remote_port', 'names the port that the client wants to go to (Snort)', UINT16],
  ],
};

export const ETHERNET: WaitingProtocol = { protocol: 'ether', buffers: [['ether.hdr eth.hdr', 'the Ethernet header']] };

export const IGMP: WaitingProtocol = {
  protocol: 'igmp',
  buffers: [['igmp.hdr', 'the IGMP header']],
  conditions: [['igmp.type', 'compares the type of message', UINT8]],
};
