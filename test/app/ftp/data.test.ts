/** Transfers of FTP in rules: their files, and what asked for them, over connections that they agree on. */
import { describe, expect } from 'vitest';
import { builtIt } from '../../support/built.js';
import { framesOf, type Conversation } from '../../support/conversation.js';
import type { CapturedFrame } from '../../support/pcap-writer.js';
import { eventsOfFrames } from '../../support/reading.js';

const STEP_NS = 1_000_000n;

/** One after the other, whatever their own times: each host has a control connection, and then one for data. */
function inTurn(...conversations: Conversation[]): CapturedFrame[] {
  return conversations
    .flatMap((conversation) => framesOf(conversation))
    .map(({ bytes }, index) => ({ bytes, timeNs: 1_700_000_000_000_000_000n + BigInt(index) * STEP_NS }));
}

const control = (host: number, ...said: Conversation['said']): Conversation => ({
  host,
  serverPort: 21,
  open: true,
  said: [['<', '220 ready\r\n'], ['>', 'USER a\r\n'], ['<', '230 in\r\n'], ...said],
});
const FETCHED = control(
  1,
  ['>', 'PASV\r\n'],
  ['<', '227 Entering Passive Mode (10,9,0,1,4,0)\r\n'],
  ['>', 'RETR plans.txt\r\n'],
  ['<', '150 opening\r\n'],
);
const STORED = control(
  2,
  ['>', 'EPSV\r\n'],
  ['<', '229 Entering (|||1025|)\r\n'],
  ['>', 'STOR loot.zip\r\n'],
  ['<', '150 go on\r\n'],
);
const RULES = [
  'file.data; content:"top secret"; startswith;',
  'file.name; content:"plans.txt";',
  'ftpdata_command:retr;',
  'filesize:15;',
  'file.data; content:"PK|03 04|"; startswith;',
  'file.name; content:"loot.zip";',
  'ftpdata_command:stor;',
  'fileext:"zip"; filesize:>100;',
].map((options, index) => `alert ftp-data any any -> any any (${options} sid:${index + 1};)`);

const LISTED = control(
  3,
  ['>', 'PASV\r\n'],
  ['<', '227 Entering Passive Mode (10,9,0,3,4,2)\r\n'],
  ['>', 'NLST\r\n'],
  ['<', '150 here it comes\r\n'],
);

describe('a transfer', () => {
  builtIt('is known by the command that asked for it', () => {
    const transfer = { host: 3, clientPort: 40_001, serverPort: 1026, said: [['<', 'a.txt\r\n']] } as const;
    const rules = ['list', 'nlst', 'retr'].map(
      (command, index) => `alert ftp-data any any -> any any (ftpdata_command:${command}; sid:${index + 1};)`,
    );
    const sids = eventsOfFrames(inTurn(LISTED, transfer), rules).flatMap(({ alert }) => alert?.signature_id ?? []);
    expect([...new Set(sids)]).toEqual([2]);
  });

  builtIt('is a file with a name, either way', () => {
    const events = eventsOfFrames(
      inTurn(FETCHED, { host: 1, clientPort: 40_001, serverPort: 1024, said: [['<', 'top secret plan']] }, STORED, {
        host: 2,
        clientPort: 40_001,
        serverPort: 1025,
        said: [['>', 'PK\x03\x04']],
      }),
      RULES,
    );
    const alerts = events.flatMap(({ alert, src_ip }) =>
      alert === undefined ? [] : [`${alert.signature_id} from ${src_ip}`],
    );
    expect(alerts.sort()).toEqual([
      '1 from 10.9.0.1',
      '2 from 10.9.0.1',
      '3 from 10.8.0.1',
      '3 from 10.9.0.1',
      '4 from 10.9.0.1',
      '5 from 10.8.0.2',
      '6 from 10.8.0.2',
      '7 from 10.8.0.2',
      '7 from 10.9.0.1',
    ]);
  });
});
