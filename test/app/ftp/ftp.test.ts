/** FTP as rules see it: commands and replies, what they agree on, and what becomes of lines of all kinds. */
import { describe, expect, it } from 'vitest';
import { FTP_BUFFERS } from '../../../src/app/ftp/buffers.js';
import { FILE_BUFFERS } from '../../../src/app/file/buffers.js';
import { FTP, FTP_DATA, FTP_EVENTS } from '../../../src/app/ftp/index.js';
import { conversationTarget } from '../../fuzz/conversation-target.js';
import { describeFuzz } from '../../fuzz/fuzz-target.js';
import { describeParser, newTalk, partsOf, seenOf, type ParserCase, type Said } from '../support/parser-suite.js';
import type { Seen } from '../support/talk.js';
import { CONVERSATIONS } from './conversations.js';

const CASE: ParserCase = { protocol: FTP, specs: FTP_BUFFERS, events: FTP_EVENTS, conversations: CONVERSATIONS };
const seen = (...said: Said): readonly Seen[] => seenOf(CASE, said);
const objectOf = ({ eve }: Seen): Record<string, unknown> =>
  (JSON.parse(`{${eve}}`) as { ftp: Record<string, unknown> }).ftp;

describe('a command', () => {
  it('is told with what follows it, and with its reply', () => {
    const [tx] = seen(['>', 'user  anon \r\n'], ['<', '331 ok\r\n']);
    expect(tx!.values).toEqual({
      '> ftp.command': ['USER'],
      '> ftp.command_data': [' anon'],
      '< ftp.reply': ['ok'],
      '< ftp.completion_code': ['331'],
      '< ftp.reply_received': [1],
    });
    expect(objectOf(tx!)).toEqual({
      command: 'USER',
      command_data: ' anon',
      command_truncated: false,
      completion_code: ['331'],
      reply: ['ok'],
      reply_received: 'yes',
      reply_truncated: false,
    });
  });

  it('that is not known is one as well, and one behind signs of Telnet', () => {
    const commands = seen(['>', 'XFOO bar\r\n\r\n\xff\xf4\xff\xf2ABOR\r\n']).map(
      ({ values }) => values['> ftp.command'],
    );
    expect(commands).toEqual([['XFOO'], ['ABOR']]);
  });

  it('waits for its reply behind a preliminary one', () => {
    const talk = newTalk(CASE);
    for (const [side, bytes] of partsOf([
      ['>', 'RETR a\r\nNOOP\r\n'],
      ['<', '150 opening\r\n'],
    ]))
      talk.stream(side, bytes as Uint8Array);
    expect(talk.seen.map(({ progress }) => progress)).toEqual([
      [2, 0],
      [1, 0],
    ]);
    talk.stream('<', Buffer.from('226 done\r\n200 ok\r\n'));
    expect(talk.seen.map(({ values }) => values['< ftp.completion_code'])).toEqual([['150', '226'], ['200']]);
  });

  it('has the reply of several lines to itself', () => {
    const [, feat, help] = seenOf(CASE, CONVERSATIONS['replies of several lines to commands one after the other']!);
    expect(feat!.values['< ftp.reply']).toEqual(['211-Features', ' MDTM', 'not the end', 'End']);
    expect(help!.values['< ftp.completion_code']).toEqual(['', '214']);
  });

  it('without reply says so at the end', () => {
    expect(seen(['>', 'NOOP\r\n'])[0]!.values['< ftp.reply_received']).toEqual([0]);
  });
});

describe('a port', () => {
  const portOf = (...said: Said): unknown => {
    const { values } = seen(...said)[0]!;
    return [values['> ftp.dynamic_port']?.[0], values['< ftp.mode']?.[0], values['> ftp.bounce']?.[0]];
  };
  const passive = (reply: string): unknown => portOf(['>', 'PASV\r\n'], ['<', reply]);
  const extended = (reply: string): unknown => portOf(['>', 'EPSV\r\n'], ['<', reply]);
  const active = (command: string): unknown => portOf(['>', command], ['<', '200 ok\r\n']);

  it('is what the sides name', () => {
    expect(active('PORT 0,0,0,0,4,1\r\n')).toEqual([1025, 1, undefined]);
    expect(active('EPRT |1|0.0.0.0|1025|\r\n')).toEqual([1025, 1, undefined]);
    expect(active('EPRT |2|2001:db8::1|1025|\r\n')).toEqual([1025, 1, undefined]);
    expect(passive('227 Entering Passive Mode (1,2,3,4,4,1).\r\n')).toEqual([1025, 0, undefined]);
    expect(passive('227 =1,2,3,4,4,1\r\n')).toEqual([1025, 0, undefined]);
    expect(extended('229 Entering Extended Passive Mode (|||1025|)\r\n')).toEqual([1025, 0, undefined]);
    expect(extended('229 (!!!1025!)\r\n')).toEqual([1025, 0, undefined]);
  });

  it('may be that of another host than the client', () => {
    expect(active('PORT 1,2,3,4,4,1\r\n')).toEqual([1025, 1, 1]);
    expect(active('EPRT |1|1.2.3.4|1025|\r\n')).toEqual([1025, 1, 1]);
  });

  it.each([
    'PORT 1,2,3,4,5\r\n',
    'PORT 1,2,3,4,256,1\r\n',
    'PORT\r\n',
    'EPRT |1|1.2.3|5|\r\n',
    'EPRT xx\r\n',
    'EPRT\r\n',
  ])('is none in %j', (command) => expect((active(command) as unknown[])[2]).toBeUndefined());

  it.each(['227 no\r\n', '227 (1,2,3,4,0,0)\r\n', '228 (1,2,3,4,5,6)\r\n', '229 (|||1|)\r\n'])(
    'is none in %j',
    (reply) => {
      expect(passive(reply)).toEqual([undefined, undefined, undefined]);
    },
  );

  it('that a transfer needs and nobody named is an event', () => {
    expect(seen(['>', 'STOR a\r\n'])[0]!.events).toEqual(['file_before_port']);
    expect(seen(['>', 'PORT 1,2,3,4,4,1\r\nSTOR a\r\nLIST\r\n']).map(({ events }) => events)).toEqual([
      [],
      [],
      ['file_before_port'],
    ]);
  });
});

describe('AUTH', () => {
  it('leads to TLS where the server agrees', () => {
    const after = (reply: string): string => {
      const talk = newTalk(CASE);
      talk.stream('>', Buffer.from('AUTH TLS\r\n'));
      talk.stream('<', Buffer.from(reply));
      return talk.connection.successor;
    };
    expect([after('234 go\r\n'), after('500 no\r\n'), after('334 more\r\n')]).toEqual(['tls', '', '']);
  });
});

describe('bounds', () => {
  it('cut lines, and say so', () => {
    const [, tx, next] = seen(
      ['<', '220 x\r\n'],
      ['>', `USER ${'a'.repeat(9000)}\r\nNOOP\r\n`],
      ['<', `331 ${'b'.repeat(9000)}\r\n200 ok\r\n`],
    );
    expect(tx!.events).toEqual(['request_command_too_long', 'response_command_too_long']);
    expect(tx!.values['> ftp.command_data']![0]).toHaveLength(4096 - 5);
    expect(tx!.values['< ftp.reply']![0]).toHaveLength(4096 - 4);
    expect(next!.values['> ftp.command']).toEqual(['NOOP']);
    expect(objectOf(tx!)['command_truncated']).toBe(true);
  });

  it('hold the lines of a reply', () => {
    const [tx] = seen(['>', 'HELP\r\n'], ['<', `214-x\r\n${' y\r\n'.repeat(500)}214 end\r\n`]);
    expect(tx!.events).toEqual(['too_many_reply_lines']);
    expect(tx!.values['< ftp.reply']).toHaveLength(100);
    expect(tx!.progress).toEqual([2, 2]);
  });

  it('hold what waits for inspection', () => {
    const talk = newTalk(CASE);
    talk.stream('>', Buffer.from('NOOP\r\n'.repeat(2000)));
    expect([talk.connection.count, talk.waiting]).toEqual([1280, (2000 - 1280) * 6]);
  });

  it('let lines behind a gap be read', () => {
    const talk = newTalk(CASE);
    talk.stream('>', Buffer.from('USER a\r\nPASS'));
    talk.gap('>', 10);
    talk.stream('>', Buffer.from('rest of it\r\nSYST\r\n'));
    expect(talk.seen.map(({ values }) => values['> ftp.command'])).toEqual([['USER'], ['SYST']]);
  });
});

describeParser(CASE);
describeFuzz(
  conversationTarget({
    protocol: FTP_DATA,
    specs: [...FTP_BUFFERS, ...FILE_BUFFERS],
    events: [],
    said: [
      [['<', 'a file']],
      [
        ['>', 'PK\x03\x04 another'],
        ['<', 'and back'],
      ],
    ],
  }),
);
