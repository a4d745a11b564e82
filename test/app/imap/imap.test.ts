/** IMAP: commands and what is said until their responses, literals, and STARTTLS. */
import { describe, expect, it } from 'vitest';
import { IMAP_BUFFERS } from '../../../src/app/imap/buffers.js';
import { IMAP, IMAP_EVENTS } from '../../../src/app/imap/index.js';
import { toBytes } from '../../support/packet-builder.js';
import { Speaking } from '../../support/speaking.js';
import { describeParser, newTalk, seenOf, type ParserCase, type Said } from '../support/parser-suite.js';
import type { Seen } from '../support/talk.js';

const greeted = (...more: Said): Said => [['<', '* OK IMAP4rev1 ready\r\n'], ...more];

const CONVERSATIONS: Readonly<Record<string, Said>> = {
  login: greeted(
    ['>', 'a1 login bob secret\r\n'],
    ['<', '* CAPABILITY IMAP4rev1\r\na1 OK done\r\n'],
    ['>', 'a2 LOGOUT\r\n'],
    ['<', '* BYE\r\na2 OK bye\r\n'],
  ),
  literals: greeted(
    ['>', 'a1 LOGIN {3}\r\n'],
    ['<', '+ go on\r\n'],
    ['>', 'bob {6}\r\nsecret\r\n'],
    ['<', 'a1 OK done\r\n'],
    ['>', 'a2 APPEND INBOX {8+}\r\nx\r\na9 OK\r\n'],
    ['<', 'a2 OK\r\n'],
    ['>', 'a3 FETCH 1 BODY[]\r\n'],
    ['<', '* 1 FETCH (BODY[] {11}\r\na3 OK no\r\n\r)\r\na3 OK done\r\n'],
  ),
  pipelined: greeted(['>', 'a1 NOOP\r\na2 NOOP\r\n'], ['<', 'a2 OK\r\na1 BAD x\r\n']),
  talks: greeted(
    ['>', 'a1 AUTHENTICATE PLAIN\r\n'],
    ['<', '+ \r\n'],
    ['>', 'AGJvYgBzZWNyZXQ=\r\n'],
    ['<', 'a1 OK\r\n'],
    ['>', 'a2 IDLE\r\n'],
    ['<', '+ idling\r\n* 4 EXISTS\r\n'],
    ['>', 'DONE\r\n'],
    ['<', 'a2 OK\r\n'],
  ),
};

const CASE: ParserCase = { protocol: IMAP, specs: IMAP_BUFFERS, events: IMAP_EVENTS, conversations: CONVERSATIONS };
const objectOf = ({ eve }: Seen): unknown => (JSON.parse(`{${eve}}`) as { imap: unknown }).imap;
const seen = (...said: Said): readonly Seen[] => seenOf(CASE, greeted(...said)).slice(1);

describe('IMAP', () => {
  it('tells commands with their tags, and what was said until they were answered', () => {
    expect(seenOf(CASE, CONVERSATIONS['login']!).map(objectOf)).toEqual([
      { response: ['* OK IMAP4rev1 ready'] },
      {
        tag: 'a1',
        command: 'LOGIN',
        request: ['a1 login bob secret'],
        status: 'OK',
        response: ['* CAPABILITY IMAP4rev1', 'a1 OK done'],
      },
      { tag: 'a2', command: 'LOGOUT', request: ['a2 LOGOUT'], status: 'OK', response: ['* BYE', 'a2 OK bye'] },
    ]);
  });

  it('goes on behind literals, which go by', () => {
    const [login, append, fetch] = seenOf(CASE, CONVERSATIONS['literals']!)
      .slice(1)
      .map(({ values }) => values);
    expect(login!['> imap.request']).toEqual(['a1 LOGIN {3}', ' {6}']);
    expect(append!['> imap.request']).toEqual(['a2 APPEND INBOX {8+}']);
    expect(fetch!['< imap.response']).toEqual(['* 1 FETCH (BODY[] {11}', ')', 'a3 OK done']);
  });

  it('reads on where a server wants nothing of a literal', () => {
    const literal = '{999999999}';
    const refused: Said = [
      ['>', `a1 SELECT ${literal}\r\n`],
      ['<', 'a1 BAD too long\r\n'],
      ['>', 'a2 LOGIN bob x\r\n'],
    ];
    const requests = seen(...refused).map(({ values }) => values['> imap.request']);
    expect(requests).toEqual([[`a1 SELECT ${literal}`], ['a2 LOGIN bob x']]);
    // Nor does more go by than has come until then.
    const hurried = seen(['>', `a1 SELECT ${literal}\r\na2 X\r\n`], ['<', 'a1 BAD\r\n'], ['>', 'a3 NOOP\r\n']);
    expect(hurried.map(({ values }) => values['> imap.request'])).toEqual([[`a1 SELECT ${literal}`], ['a3 NOOP']]);
    // The answer to another command says nothing of it.
    const other = seen(['>', 'a0 NOOP\r\na1 LOGIN {5}\r\n'], ['<', 'a0 OK\r\n+ go on\r\n'], ['>', 'a2 X\n y\r\n']);
    expect(other.map(({ values }) => values['> imap.request'])).toEqual([['a0 NOOP'], ['a1 LOGIN {5}', ' y']]);
  });

  it('finds its place behind a gap in a literal', () => {
    const talk = newTalk(CASE);
    talk.stream('>', toBytes('a1 LOGIN {8}\r\n'));
    talk.gap('>', 3);
    talk.stream('>', toBytes('\nbcde x\r\na2 NOOP\r\n'));
    expect(talk.seen.map(({ values }) => values['> imap.request'])).toEqual([['a1 LOGIN {8}', ' x'], ['a2 NOOP']]);
  });

  it('gives a response to the command with its tag, in whatever order', () => {
    const statuses = seenOf(CASE, CONVERSATIONS['pipelined']!).map(({ values }) => values['< imap.response']);
    expect(statuses.slice(1)).toEqual([['a1 BAD x'], ['a2 OK']]);
  });

  it('takes lines of AUTHENTICATE and IDLE as no commands', () => {
    const requests = seenOf(CASE, CONVERSATIONS['talks']!).map(({ values }) => values['> imap.request']);
    expect(requests.slice(1)).toEqual([
      ['a1 AUTHENTICATE PLAIN', 'AGJvYgBzZWNyZXQ='],
      ['a2 IDLE', 'DONE'],
    ]);
  });

  it('says what is wrong', () => {
    expect(seen(['<', 'x9 OK\r\n'])[0]!.events).toEqual(['unknown_tag']);
    expect(seen(['>', `a ${'b'.repeat(9000)}\r\n`])[0]!.events).toEqual(['request_too_long']);
    expect(seen(['>', 'a B\r\n'], ['<', `${'* x\r\n'.repeat(400)}a OK\r\n`])[0]!.events).toEqual(['response_too_long']);
  });

  it('leads to TLS behind STARTTLS, where the server goes along', () => {
    for (const [answer, application] of [
      ['a1 OK begin\r\n', 'tls'],
      ['a1 NO\r\n', 'imap'],
    ] as const) {
      const speaking = new Speaking({ port: 143, protocols: [IMAP] });
      speaking.sayAll([
        ['<', '* OK ready\r\n'],
        ['>', 'a1 STARTTLS\r\n'],
        ['<', answer],
      ]);
      speaking.layer.settle(speaking.flow);
      speaking.sayAll([['>', '\x16\x03\x01\0\x05\x01\0\0\x01\0']]);
      expect(speaking.application).toBe(application);
    }
  });

  describeParser(CASE);
});
