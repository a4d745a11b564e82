/** POP3: commands and their responses, and STLS; as Suricata 8 has them, by a table of its answers. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { POP3, POP3_EVENTS } from '../../../src/app/pop3/index.js';
import { POP3_BUFFERS } from '../../../src/app/pop3/buffers.js';
import { Speaking } from '../../support/speaking.js';
import { describeParser, seenOf, type ParserCase, type Said } from '../support/parser-suite.js';
import { describePeer } from '../support/peer-suite.js';
import type { Seen } from '../support/talk.js';

const greeted = (...more: Said): Said => [['<', '+OK POP3 ready <1.2@h>\r\n'], ...more];

const CONVERSATIONS: Readonly<Record<string, Said>> = {
  login: greeted(
    ['>', 'USER bob\r\n'],
    ['<', '+OK\r\n'],
    ['>', 'pass secret\r\n'],
    ['<', '-ERR [AUTH] no\r\n'],
    ['>', 'QUIT\r\n'],
    ['<', '+OK bye\r\n'],
  ),
  lists: greeted(
    ['>', 'STAT\r\n'],
    ['<', '+OK 2 320\r\n'],
    ['>', 'LIST\r\n'],
    ['<', '+OK 2 messages\r\n1 120\r\n2 200\r\n.\r\n'],
    ['>', 'LIST 2\r\n'],
    ['<', '+OK 2 200\r\n'],
    ['>', 'CAPA\r\n'],
    ['<', '+OK\r\nTOP\r\nSTLS\r\n.\r\n'],
  ),
  'a mail goes by': greeted(
    ['>', 'RETR 1\r\n'],
    ['<', '+OK 120 octets\r\nSubject: x\r\n\r\n+OK body\r\n..\r\n.\r\n'],
    ['>', 'NOOP\r\n'],
    ['<', '+OK\r\n'],
  ),
  'what is wrong': greeted(
    ['>', 'USER\r\n'],
    ['<', '-ERR\r\n'],
    ['>', 'XFOO a b\r\n'],
    ['<', '-ERR what\r\n'],
    ['>', 'PASS two words\r\n'],
    ['<', '-ERR\r\n'],
    ['>', 'AUTH\r\n'],
    ['<', '-ERR\r\n'],
  ),
  AUTH: greeted(
    ['>', 'AUTH PLAIN\r\n'],
    ['<', '+ \r\n'],
    ['>', 'QUJD\r\n'],
    ['<', '+OK welcome\r\n'],
    ['>', 'STAT\r\n'],
    ['<', '+OK 0 0\r\n'],
  ),
  pipelined: greeted(['>', 'USER bob\r\nPASS x\r\nSTAT\r\n'], ['<', '+OK a\r\n+OK b\r\n+OK 1 2\r\n']),
};

const CASE: ParserCase = { protocol: POP3, specs: POP3_BUFFERS, events: POP3_EVENTS, conversations: CONVERSATIONS };
const seen = (...said: Said): readonly Seen[] => seenOf(CASE, greeted(...said)).slice(1);

describe('POP3', () => {
  it('tells commands, arguments, responses and lists', () => {
    const all = seenOf(CASE, CONVERSATIONS['lists']!);
    expect(all.map(({ eve }) => (JSON.parse(`{${eve}}`) as { pop3: unknown }).pop3)).toEqual([
      { response: { success: true, status: 'OK', header: 'POP3 ready <1.2@h>', data: [] } },
      { request: { command: 'STAT', args: [] }, response: { success: true, status: 'OK', header: '2 320', data: [] } },
      {
        request: { command: 'LIST', args: [] },
        response: { success: true, status: 'OK', header: '2 messages', data: ['1 120', '2 200'] },
      },
      {
        request: { command: 'LIST', args: ['2'] },
        response: { success: true, status: 'OK', header: '2 200', data: [] },
      },
      {
        request: { command: 'CAPA', args: [] },
        response: { success: true, status: 'OK', header: '', data: ['TOP', 'STLS'] },
      },
    ]);
  });

  it('passes mails over, whatever their lines look like', () => {
    const [retr, noop] = seenOf(CASE, CONVERSATIONS['a mail goes by']!).slice(1);
    expect(retr!.values['< pop3.data']).toBeUndefined();
    expect(noop!.values['> pop3.command']).toEqual(['NOOP']);
  });

  it('takes what AUTH asks for as no commands', () => {
    const commands = seenOf(CASE, CONVERSATIONS['AUTH']!).map(({ values }) => values['> pop3.command']?.[0]);
    expect(commands).toEqual([undefined, 'AUTH', 'STAT']);
  });

  it('says what is wrong', () => {
    const events = seenOf(CASE, CONVERSATIONS['what is wrong']!).map((one) => one.events);
    expect(events).toEqual([
      [],
      ['incorrect_argument_count'],
      ['unknown_command'],
      ['incorrect_argument_count'],
      // RFC 5034: the mechanism is none that may be left out.
      ['incorrect_argument_count'],
    ]);
    expect(seen(['>', `USER ${'a'.repeat(5000)}\r\n`])[0]!.events).toEqual(['request_too_long']);
    expect(seen(['>', 'LIST\r\n'], ['<', `+OK\r\n${'1 2\r\n'.repeat(300)}.\r\n`])[0]!.events).toEqual([
      'response_too_long',
    ]);
  });

  it('leads to TLS behind STLS, where the server goes along', () => {
    for (const [answer, application] of [
      ['+OK begin\r\n', 'tls'],
      ['-ERR no\r\n', 'pop3'],
    ] as const) {
      const speaking = new Speaking({ port: 110, protocols: [POP3] });
      speaking.sayAll([
        ['<', '+OK POP3 ready\r\n'],
        ['>', 'STLS\r\n'],
        ['<', answer],
      ]);
      speaking.layer.settle(speaking.flow);
      speaking.sayAll([['>', '\x16\x03\x01\0\x05\x01\0\0\x01\0']]);
      expect(speaking.application).toBe(application);
    }
  });

  describeParser(CASE);

  describePeer({
    of: CASE,
    table: join(import.meta.dirname, 'answers.json'),
    port: 110,
    differs: {
      'a mail goes by': 'lines of mails end what is read of the connection there',
      AUTH: 'what AUTH asks for is a command of its own there',
    },
  });
});
