/** FTP as Suricata 8 has it, but for what docs/protocols/ftp.md says. */
import { join } from 'node:path';
import { describe } from 'vitest';
import { FTP_BUFFERS } from '../../../src/app/ftp/buffers.js';
import { FTP, FTP_EVENTS } from '../../../src/app/ftp/index.js';
import { describePeer } from '../support/peer-suite.js';
import { CONVERSATIONS } from './conversations.js';

const hex = (value: string): string => Buffer.from(value, 'latin1').toString('hex').replace(/../g, '$& ').trim();

describe('FTP beside Suricata', () => {
  describePeer({
    of: { protocol: FTP, specs: FTP_BUFFERS, events: FTP_EVENTS, conversations: CONVERSATIONS },
    table: join(import.meta.dirname, 'answers.json'),
    port: 21,
    asked: {
      'ftp.mode': (value) => `ftp.mode:${value === 1 ? 'active' : 'passive'};`,
      'ftp.reply_received': (value) => `ftp.reply_received:${value === 1 ? 'yes' : 'no'};`,
      // It has a zero byte behind the text.
      'ftp.command_data': (value) =>
        value === undefined
          ? 'ftp.command_data; content:!"|00 fe|";'
          : `ftp.command_data; content:"|${hex(`${value}`)} 00|"; startswith;`,
    },
    differs: {
      greeting: 'what is read before the first command is never looked at there',
      PORT: 'the object of the command before has the port, too',
      EPRT: 'the object of the command before has the port, too',
      'a long line': 'contents of rules are shorter than that',
      'replies of several lines to commands one after the other': 'there the second line ends the reply',
    },
  });
});
