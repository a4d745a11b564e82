/** HTTP/1.x as Suricata 8 has it: the same buffers, events and objects, but for what docs/protocols/http1.md says. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gzipSync } from 'node:zlib';
import { HTTP1_EVENTS } from '../../../src/app/http1/events.js';
import { HTTP1 } from '../../../src/app/http1/index.js';
import { hasSuricata } from '../../support/suricata.js';
import {
  askAbout,
  differences,
  factsOf,
  isWriting,
  readTable,
  writeTable,
  type PeerCase,
  type TableOptions,
} from '../support/peer-table.js';
import { describeDamaged } from '../support/protocol-suite.js';
import type { Seen } from '../support/talk.js';
import { answers, asks, GET, HTTP_AND_FILES, newTalk, OK, type Part } from './reading.js';

const TABLE = join(import.meta.dirname, 'answers.json');
/** Our own events: it cannot be asked for them. */
const OWN = new Set(['too_many_open_transactions', 'gap']);
const OPTIONS: TableOptions = {
  application: 'http',
  specs: HTTP_AND_FILES,
  events: HTTP1_EVENTS.filter(({ name }) => !OWN.has(name)),
  keywords: new Set(HTTP_AND_FILES.map(({ name }) => name)),
  asked: {
    urilen: (value) => `urilen:${value};`,
    'urilen.raw': (value) => `urilen:${value},raw;`,
    filesize: (value) => `filesize:${value};`,
  },
  object: 'http',
};

const MORE = 'reading goes on where the peer stops';
const TRAILER = 'trailers are not added to the headers';
const EVENT = 'an event that is never raised there';

const said = (name: string, parts: readonly Part[], differs = ''): PeerCase => ({
  name,
  differs,
  talk: { serverPort: 80, said: parts.map(([side, bytes]) => [side, bytes] as const) },
});
/** Asked on a connection that is known to be HTTP already. */
const line = (text: string, differs = ''): PeerCase =>
  said(`line ${JSON.stringify(text)}`, [GET, OK, asks(`${text}\r\nHost: h\r\n\r\n`), OK], differs);
const uri = (text: string, differs = ''): PeerCase =>
  said(`uri ${JSON.stringify(text)}`, [asks(`GET ${text} HTTP/1.1\r\nHost: h\r\n\r\n`)], differs);
const request = (text: string, differs = ''): PeerCase =>
  said(`request ${JSON.stringify(text)}`, [asks(`POST / HTTP/1.1\r\nHost: h\r\n${text}`), OK], differs);
const response = (text: string, differs = ''): PeerCase =>
  said(`response ${JSON.stringify(text)}`, [GET, answers(`HTTP/1.1 200 OK\r\n${text}`)], differs);
const status = (text: string, differs = ''): PeerCase =>
  said(`status ${JSON.stringify(text)}`, [GET, OK, GET, answers(`${text}Content-Length: 1\r\n\r\nx`)], differs);
const packed = (name: string, encoding: string, data: Uint8Array, differs = ''): PeerCase =>
  said(
    name,
    [
      GET,
      answers(
        `HTTP/1.1 200 OK\r\nContent-Encoding: ${encoding}\r\nContent-Length: ${data.length}\r\n\r\n` +
          Buffer.from(data).toString('latin1'),
      ),
    ],
    differs,
  );

const TEXT = 'quite compressed '.repeat(8);
const CASES: readonly PeerCase[] = [
  said('all parts', [
    asks('GET /a?b=c HTTP/1.1\r\nHost: H.com:8080\r\nUser-Agent: u\r\nCookie: k=v\r\nReferer: r\r\nAccept: a\r\n\r\n'),
    answers(
      'HTTP/1.1 302 F\r\nServer: s\r\nLocation: /x\r\nSet-Cookie: c\r\nContent-Type: t; c\r\n' +
        'Content-Length: 2\r\n\r\nno',
    ),
  ]),
  said('pipelined', [
    asks('GET /1 HTTP/1.1\r\nHost: h\r\n\r\nHEAD /2 HTTP/1.1\r\nHost: h\r\n\r\n'),
    answers('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 201 OK\r\nContent-Length: 5\r\n\r\n'),
  ]),
  said(
    'no body but its length',
    [GET, answers('HTTP/1.1 304 N\r\nContent-Length: 12\r\n\r\n'), GET, OK],
    'what follows 304 is no body',
  ),
  said('no body', [GET, answers('HTTP/1.1 204 N\r\nX: y\r\n\r\n'), GET, answers('HTTP/1.1 304 N\r\nX: y\r\n\r\n')]),
  said('to the end', [GET, answers('HTTP/1.0 200 OK\r\nX: y\r\n\r\nbody to the end')]),
  said('cut line', [asks('GET /abc')], EVENT),
  said('cut body', [GET, answers('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc')]),
  said(
    'connect',
    [asks('CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n'), answers('HTTP/1.1 200 OK\r\nX: y\r\n\r\n')],
    MORE,
  ),
  said(
    'byte ranges',
    [GET, answers('HTTP/1.1 206 P\r\nContent-Type: multipart/byteranges; boundary=x\r\n\r\n--x')],
    MORE,
  ),
  ...['/a%20b/../c', '/a%2fb%5cc\\d//e///f', '/%61%4g%zz%', '/%u0041%u2215x%uff0f%u00zz%U0042', '/a+b?c+d=%2B'].map(
    (text) => uri(text),
  ),
  ...[
    '/x?y=%2541&z=%u0041',
    'http://u:p@Host.COM:81/p%41th?q#frag',
    '/a?b#c%41',
    '*',
    '/%00a\0b',
    '/..%2f..%2fetc',
  ].map((text) => uri(text)),
  ...['http://h?x=1', '/a b c', './a/../b', '../x', '/c0%c0%af%c1%9c', '/%c3%a9%ff', '/%ef%bc%8fx', '/a;b=1/..;/c'].map(
    (text) => uri(text),
  ),
  uri('/a/..', 'the path keeps its slash'),
  ...[
    'GET  /a  HTTP/1.1',
    'GET\t/a\tHTTP/1.1',
    ' GET /a HTTP/1.1',
    'GET /a HTTP/1.0 x',
    'GET /a HTTP /1.1',
    'GET /a\0b HTTP/1.1',
  ].map((text) => line(text)),
  ...[
    'GET /a\vb HTTP/1.1',
    'GET  HTTP/1.1',
    'GET /a',
    'get /a HTTP/1.1',
    'GET /a HTTP/3.0',
    'FOO /a HTTP/1.1',
    'FOO',
  ].map((text) => line(text)),
  line('FOO /a BAR/1', EVENT),
  ...[
    'A: 1\r\n folded\r\nB: 2\r\n\r\n',
    'A:1\nB:2\n\n',
    'A: 1\rB: 2\r\n\r\n',
    'A : 1\r\nB: 2\r\n\r\n',
    ' A: 1\r\n\r\n',
    'A\r\nB: 2\r\n\r\n',
  ].map((text) => request(text)),
  ...[
    'A:\r\nB: 2\r\n\r\n',
    'A: x\0y\r\nB\0: 2\r\n\r\n',
    'A: 1\r\n \r\nB: 2\r\n\r\n',
    'a: 1\r\nA: 2\r\na: 3\r\n\r\n',
    'A(b): 1\r\n\r\n',
  ].map((text) => request(text)),
  ...[
    'Cookie: a\r\nX: y\r\nCookie: b\r\n\r\n',
    'A: 1\r\n\0B: 2\r\n\r\n',
    'User-Agent:\r\n\r\n',
    'Host: B\r\n\r\n',
    'A: 1\n\r\r\n\r\n',
  ].map((text) => request(text)),
  ...['Content-Length: 3\r\n\r\nabc', 'Content-Length: +3x\r\n\r\nabc'].map((text) => request(text)),
  request('Transfer-Encoding: chunked\r\nX: y\r\n\r\n3\r\nabc\r\n0\r\n\r\n', TRAILER),
  request('Content-Length: x\r\n\r\nabc', MORE),
  request('Transfer-Encoding: identity\r\nContent-Length: 3\r\n\r\nabc', MORE),
  request('Transfer-Encoding: chunked\r\n\r\nzz\r\nabc', MORE),
  ...[
    'A: 1\r\n folded\r\nB: 2\r\n\r\n',
    'A: 1\rB: 2\r\n\r\n',
    'A: 1\n\rB: 2\n\r\n\rbody',
    'A: 1\r\n B: 2\r\n\r\nbody',
    'A: 1\r\r\nB: 2\r\n\r\n',
  ].map((text) => response(text)),
  ...[
    'A: 1\r\n\r \r\nB: 2\r\n\r\nbody',
    'A: 1\n\r\r\n\r\nbody',
    'A: 1\n \nB: 2\n\n',
    'Set-Cookie: a\r\nX: y\r\nSet-Cookie: b\r\n\r\n',
  ].map((text) => response(text)),
  response('Transfer-Encoding: xchunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n', TRAILER),
  response('A(b): 1\r\n\r\n', EVENT),
  response('Content-Length: x\r\n\r\nabc', MORE),
  ...[
    'HTTP/1.1  200  Very  OK \r\n',
    'HTTP/1.1 200\r\n',
    'HTTP/1.1\t200\tOK\r\n',
    ' HTTP/1.1 200 OK\r\n',
    '\0HTTP/1.1 200 OK\r\n',
  ].map((text) => status(text)),
  ...['http/1.1 200 ok\r\n', 'junk\r\nHTTP/1.1 200 OK\r\n', '\r\rHTTP/1.1 200 OK\r\n'].map((text) => status(text)),
  ...[' \t\r\r\n', ' \n', '\t \r\n \r\n', '\0\r\n', ' \r'].map((blank) => status(`${blank}HTTP/1.1 200 OK\r\n`)),
  status('HTTP/1.1 200 OK\n\r', 'an empty line among the headers is none'),
  status('HTTP/1.1 abc x\r\n', EVENT),
  status('HTTP/7.1 200 OK\r\n', EVENT),
  packed('gzip', 'gzip', gzipSync(TEXT)),
  packed('gzip twice', 'gzip, gzip', gzipSync(gzipSync(TEXT))),
  packed('gzip that is called deflate', 'deflate', gzipSync(TEXT)),
  packed('gzip that is cut', 'x-gzip', gzipSync(TEXT).subarray(0, 30)),
  packed('a text that is called gzip', 'gzip', Buffer.from(TEXT), EVENT),
];

/** A transaction is said by both: what each side has of it. */
function sidesOf(seen: Seen): Seen[] {
  return (['>', '<'] as const).map((side) => ({
    ...seen,
    values: Object.fromEntries(Object.entries(seen.values).filter(([key]) => key.startsWith(side))),
    events: seen.events.filter((name) => isOfResponse(name) === (side === '<')),
  }));
}

const isOfResponse = (event: string): boolean =>
  /response|gzip|compression|encoding_layers|abnormal_ce|100_continue|protocol_change/.test(event);

function see({ talk: { said: parts } }: PeerCase): readonly Seen[] {
  const talk = newTalk();
  for (const [side, bytes] of parts) talk.stream(side, bytes as Uint8Array);
  for (const side of ['>', '<'] as const) talk.close(side);
  return talk.seen;
}

const factsOfBoth = (seen: readonly Seen[]): string[] => {
  const [asked, answered] = [0, 1].map((index) => seen.map((one) => sidesOf(one)[index]!));
  return [...factsOf(asked!, () => '>'), ...factsOf(answered!, () => '<')].sort();
};
const objectsOf = (seen: readonly Seen[]): unknown[] =>
  seen.map(({ eve }) => (JSON.parse(`{${eve}}`) as { http: unknown }).http);

/** Not told apart: which side an event is of, which follows from inspection there; and empty values. */
function unlike(differing: readonly string[], ours: readonly string[]): string[] {
  const isOurs = (event: string): boolean => ours.some((fact) => fact.endsWith(` event ${event}`));
  return differing.filter((fact) => {
    const event = /^- [<>] event (.*)$/.exec(fact)?.[1];
    return !fact.endsWith(' = ') && (event === undefined || !isOurs(event));
  });
}

// Bytes that begin no message are judged by what has come so far.
describeDamaged(HTTP1, OPTIONS, CASES, { anyCut: false });

describe('HTTP/1.x beside Suricata', () => {
  const seen = CASES.map(see);
  const ours = seen.map(factsOfBoth);
  if (hasSuricata && isWriting) writeTable(TABLE, CASES, askAbout(CASES, ours, OPTIONS));
  const table = readTable(TABLE);

  it.each(CASES.map(({ name }, index) => [name, index] as const))('%s', (name, index) => {
    const { facts, differences: known, objects } = table[name]!;
    const differs = CASES[index]!.differs ?? '';
    expect(differences(ours[index]!, facts, OPTIONS)).toEqual(known);
    expect(unlike(known, ours[index]!).length > 0).toBe(differs !== '');
    if (differs === '') expect(objectsOf(seen[index]!)).toEqual(objects);
  });

  it.skipIf(!hasSuricata)(
    'is what Suricata answers today',
    () => {
      const told = askAbout(CASES, ours, OPTIONS);
      expect(Object.fromEntries(CASES.map(({ name }, index) => [name, told[index]]))).toEqual(table);
    },
    120_000,
  );
});
