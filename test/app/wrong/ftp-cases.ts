/** Commands of FTP that are wrong, each in its own way. */
import { FTP, FTP_EVENTS } from '../../../src/app/ftp/index.js';
import type { Said } from '../../support/conversation.js';
import type { EventCases } from './event-cases.js';

const LONG = 'a'.repeat(5000);
const talk = (...steps: readonly (readonly [command: string, reply: string])[]): Said[] =>
  steps.flatMap(([command, reply]): Said[] => [
    ['>', `${command}\r\n`],
    ['<', `${reply}\r\n`],
  ]);
const PASV = ['PASV', '227 Entering Passive Mode (10,9,0,1,8,1)'] as const;
const PORT = ['PORT 10,8,0,1,8,1', '200 ok'] as const;
const NOOP = ['NOOP', '200 ok'] as const;
const transfers = ['RETR', 'STOR', 'APPE', 'STOU', 'LIST', 'NLST'];

export const FTP_CASES: EventCases = {
  application: 'ftp',
  protocol: FTP,
  events: FTP_EVENTS,
  port: 21,
  first: [['<', '220 ready\r\n'], ...talk(['USER a', '230 in'])],
  cases: {
    ...Object.fromEntries(
      transfers.flatMap((command): [string, Said[]][] => [
        [`${command} without a name`, talk(PASV, [command, '150 ok'], NOOP)],
        [`${command} with a name`, talk(PASV, [`${command} a.txt`, '150 ok'], NOOP)],
        [`${command} without a name, in active mode`, talk(PORT, [command, '150 ok'], NOOP)],
        [`${command} without a port`, talk([`${command} a.txt`, '425 no'], NOOP)],
      ]),
    ),
    'a name of blanks': talk(PASV, ['RETR   ', '150 ok'], NOOP),
    'a long command': talk([`CWD ${LONG}`, '250 ok'], NOOP),
    'a long line of a reply': talk(['CWD a', `250 ${LONG}`], NOOP),
    'a reply of many lines': talk(['FEAT', `211-Features\r\n${' MDTM\r\n'.repeat(120)}211 End`], NOOP),
  },
  differs: {
    'a reply of many lines': 'there all lines are kept',
  },
};
