/** Conversations of SSH up to where they are encrypted. */
import { concat, u32, type Payload } from '../../support/packet-builder.js';
import { toBytes } from '../../support/packet-builder.js';
import type { Said } from '../support/parser-suite.js';

/** A packet: its length, that of the padding, and what it holds. */
export function packet(body: Payload): Uint8Array {
  const length = toBytes(body).length;
  const padding = 8 + ((8 - ((length + 5) % 8)) % 8);
  return concat(u32(length + padding + 1), [padding], body, new Uint8Array(padding));
}

const list = (text: string): Uint8Array => concat(u32(text.length), text);

export const kexinit = (end: string): Uint8Array =>
  packet(
    concat(
      [20],
      'C'.repeat(16),
      ...[
        'curve25519-sha256,x',
        'ssh-ed25519',
        'aes128-ctr',
        `aes256-${end}`,
        'sha1',
        `sha2-${end}`,
        'none',
        'zlib',
      ].map(list),
      list(''),
      list(''),
      [0, 0, 0, 0, 0],
    ),
  );
const EXCHANGE = packet(concat([30], 'D'.repeat(40)));
const NEWKEYS = packet([21]);

export const CONVERSATIONS: Readonly<Record<string, Said>> = {
  whole: [
    ['>', 'SSH-2.0-client_1\r\n'],
    ['<', 'SSH-2.0-OpenSSH_8.0 Ubuntu-1\r\n'],
    ['>', kexinit('a')],
    ['<', kexinit('b')],
    ['>', EXCHANGE],
    ['<', EXCHANGE],
    ['<', NEWKEYS],
    ['>', NEWKEYS],
    ['>', 'encrypted'.repeat(9)],
    ['<', 'encrypted'.repeat(9)],
  ],
  'banner and exchange at once': [
    ['>', concat('SSH-2.0-client\r\n', kexinit('a'))],
    ['<', concat('SSH-2.0-server\r\n', kexinit('b'))],
  ],
  'older versions': [
    ['>', 'SSH-1.99-client\n'],
    ['<', 'SSH-1.5-server\n'],
  ],
  'a hyphen in the software': [
    ['>', 'SSH-2.0-x-y\r\n'],
    ['<', 'SSH-2.0-server comment here\r\n'],
  ],
};
