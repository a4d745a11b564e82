/** Random talks of all protocols that Suricata tells, whole or in part; random rules over what their sides speak. */
import { APPLICATION_SAMPLES } from '../../support/application-samples.js';
import type { Said } from '../../support/conversation.js';
import * as tls from '../support/tls-messages.js';
import type { Chance, Talk } from './chance.js';

/** What it does not tell, or not by these bytes. */
const NOT_TOLD =
  /^(?:llmnr|smb over netbios|nfs over udp|mysql|redis|socks|bittorrent$|bittorrent tracker|ntp control|ntp private)/;
const SAMPLES = APPLICATION_SAMPLES.filter(({ name }) => !NOT_TOLD.test(name));
const TOLD_ANYWHERE = [
  'http',
  'http 1.0',
  'http2',
  'tls',
  'ssh',
  'smtp',
  'imap',
  'ftp',
  'smb1',
  'smb2',
  'dcerpc',
  'rfb',
];
const NAMES = [
  ...new Set(SAMPLES.map(({ application }) => application).filter((name) => name !== 'bittorrent')),
  'failed',
  'failed',
  'http',
  'tls',
];
const MODES = ['', '', '', ',to_server', ',to_client', ',either', ',final', ',original', ',exact'];
const NOISE = '\x99'.repeat(90);

const HELLO = tls.handshake(1, tls.clientHello({ ciphers: [0x1301] }), 0x0301);
const CHANGES: readonly (readonly [port: number, said: readonly Said[]])[] = [
  [
    25,
    [
      ['<', '220 a ESMTP\r\n'],
      ['>', 'EHLO b\r\n'],
      ['<', '250-a\r\n250 STARTTLS\r\n'],
      ['>', 'STARTTLS\r\n'],
      ['<', '220 go\r\n'],
      ['>', HELLO],
    ],
  ],
  [
    8080,
    [
      ['>', 'CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n'],
      ['<', 'HTTP/1.1 200 OK\r\n\r\n'],
      ['>', HELLO],
    ],
  ],
  [
    21,
    [
      ['<', '220 (vsFTPd 3.0.5)\r\n'],
      ['>', 'AUTH TLS\r\n'],
      ['<', '234 go\r\n'],
      ['>', HELLO],
    ],
  ],
];

export function identifiedTalk(chance: Chance): Talk {
  if (chance.often(15)) {
    const [serverPort, said] = chance.one(CHANGES);
    return { serverPort, said };
  }
  const { said, port, udp = false, name } = chance.one(SAMPLES);
  const isElsewhere = TOLD_ANYWHERE.includes(name) && chance.often(30);
  const spoiled = chance.often(20) ? chance.one<'>' | '<'>(['>', '<']) : undefined;
  const parts = said.map(([side, text]): Said => (side === spoiled ? [side, NOISE] : [side, text]));
  const again = chance.often(30) ? parts.slice(0, 1 + chance.below(2)) : [];
  return {
    serverPort: isElsewhere ? 17_777 : port,
    said: [...parts, ...again],
    udp,
    open: chance.often(30),
    ...(udp || chance.often(70) ? {} : { cut: 1 + chance.below(40) }),
  };
}

export function identifiedRule(chance: Chance, sid: number): string {
  // It refuses what cannot be together.
  const isNegated = chance.often(40);
  const asked = `app-layer-protocol:${isNegated ? '!' : ''}${chance.one(NAMES)}${chance.one(MODES)};`;
  const header = chance.one(['tcp', 'tcp', 'udp', 'ip', 'tcp-pkt']);
  const flow = chance.one(['', '', 'flow:to_server; ', 'flow:to_client; ', 'flow:established; ']);
  const also = isNegated ? ` app-layer-protocol:!${chance.one(NAMES)};` : '';
  const more = chance.one(['', '', ' content:"e";', ' content:"|99|";', ' dsize:>3;', also]);
  return `alert ${header} any any -> any any (${flow}${asked}${more} sid:${sid};)`;
}
