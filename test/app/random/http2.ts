/** Random talks of HTTP/2 in clear text, with prior knowledge or behind an upgrade, and random rules over them. */
import { concat, u32 } from '../../support/packet-builder.js';
import type { Said } from '../../support/conversation.js';
import { block, END_HEADERS, END_STREAM, frame, number, PADDED, PREFACE } from '../http2/frames.js';
import { LABELS, nameOf, type Chance, type Talk } from './chance.js';
import { bodyOf, WORDS } from './http.js';
import { inPieces } from './pieces.js';
import { oneOf, rulesOver, upTo, type Keyword } from './rules.js';

type Field = readonly [name: string, value: string];
const METHODS = ['GET', 'GET', 'POST', 'PUT', 'HEAD', 'OPTIONS'];
const PATHS = ['/', '/index.html', '/a/b.php?id=1&cmd=ls', '/evil.exe', '/cgi-bin/login?user=admin'];
const FIELDS: readonly Field[] = [
  ['user-agent', 'Mozilla/5.0 (evil)'],
  ['accept', 'text/html, */*'],
  ['accept-encoding', 'gzip, deflate'],
  ['accept-language', 'en-US'],
  ['referer', 'http://www.example.com/login'],
  ['cookie', 'sid=abc'],
  ['content-type', 'text/plain'],
  ['x-evil', 'login update'],
];
const ANSWER_FIELDS: readonly Field[] = [
  ['server', 'Evil Server'],
  ['content-type', 'text/html; charset=utf-8'],
  ['set-cookie', 'sid=xyz; path=/'],
  ['location', 'http://evil.example/login'],
  ['x-evil', 'login update'],
];
const STATUS = ['200', '200', '404', '302', '500'];
/** Into the table of headers, at its front. */
const kept = (name: string, value: string): Uint8Array =>
  concat([0x40], number(name.length, 7, 0), name, number(value.length, 7, 0), value);
const STATIC: Readonly<Record<string, number>> = {
  ':method GET': 2,
  ':method POST': 3,
  ':path /': 4,
  ':status 200': 8,
};

function headerBlock(chance: Chance, fields: readonly Field[]): Uint8Array {
  return concat(
    ...fields.map(([name, value]) => {
      const place = STATIC[`${name} ${value}`];
      if (place !== undefined && chance.often(70)) return number(place, 7, 0x80);
      return chance.often(30) ? kept(name, value) : block([[name, value]]);
    }),
  );
}

/** HEADERS and what belongs to it, in frames. */
function message(chance: Chance, stream: number, fields: readonly Field[], body: string): Uint8Array {
  const headers = headerBlock(chance, fields);
  const cut = body !== '' && chance.often(15) ? 1 + chance.below(headers.length - 1) : headers.length;
  const end = body === '' ? END_STREAM : 0;
  const frames = [frame('headers', end | (cut === headers.length ? END_HEADERS : 0), stream, headers.slice(0, cut))];
  if (cut < headers.length) frames.push(frame('continuation', END_HEADERS, stream, headers.slice(cut)));
  for (let at = 0; at < body.length;) {
    const size = chance.often(60) ? body.length - at : 1 + chance.below(body.length - at);
    const data = body.slice(at, at + size);
    at += size;
    const last = at === body.length ? END_STREAM : 0;
    frames.push(
      chance.often(10)
        ? frame('data', last | PADDED, stream, concat([3], data, [0, 0, 0]))
        : frame('data', last, stream, concat(data)),
    );
  }
  return concat(...frames);
}

const pick = (chance: Chance, fields: readonly Field[]): Field[] => fields.filter(() => chance.often(30));
const setting = (chance: Chance): Uint8Array =>
  frame('settings', 0, 0, concat([0, chance.one([3, 4, 5])], u32(20_000 + chance.below(40_000))));

/** What is said of the connection and not of a stream. */
const aside = (chance: Chance): Uint8Array =>
  chance.one([
    frame('ping', 0, 0, new Uint8Array(8)),
    frame('window_update', 0, 0, concat(u32(1 + chance.below(1000)))),
    frame('settings', 1, 0, new Uint8Array()),
    frame('goaway', 0, 0, concat(u32(0), u32(chance.below(14)))),
  ]);

export function http2Talk(chance: Chance): Talk {
  const isUpgrade = chance.often(15);
  const said: Said[] = [];
  if (isUpgrade) {
    const wants = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n';
    said.push(['>', `GET ${chance.one(PATHS)} HTTP/1.1\r\nHost: ${nameOf(chance)}\r\n${wants}`]);
    said.push(['<', 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n']);
  }
  said.push(['>', concat(PREFACE, setting(chance))], ['<', setting(chance)]);
  const streams = 1 + chance.below(3);
  for (let index = 0; index < streams; index++) {
    const stream = 2 * index + (isUpgrade ? 3 : 1);
    const method = chance.one(METHODS);
    const asks: Field[] = [
      [':method', method],
      [':path', chance.one(PATHS)],
      [':scheme', 'http'],
      [':authority', nameOf(chance)],
      ...pick(chance, FIELDS),
    ];
    const asked = message(chance, stream, asks, method === 'POST' || method === 'PUT' ? bodyOf(chance) : '');
    said.push(['>', chance.often(15) ? concat(aside(chance), asked) : asked]);
    if (chance.often(6)) {
      said.push(['<', frame('rst_stream', 0, stream, concat(u32(chance.below(14))))]);
      continue;
    }
    const answers: Field[] = [[':status', chance.one(STATUS)], ...pick(chance, ANSWER_FIELDS)];
    const answered = message(chance, stream, answers, method === 'HEAD' ? '' : bodyOf(chance));
    said.push(['<', chance.often(15) ? concat(aside(chance), answered) : answered]);
  }
  return { serverPort: 80, said: inPieces(chance, said) };
}

const value = (name: string) => (chance: Chance) =>
  chance.one([...FIELDS, ...ANSWER_FIELDS].filter((field) => field[0] === name))[1];
const word = (chance: Chance): string => chance.one(WORDS);

const ASKED: readonly Keyword[] = [
  ['http.method', (chance) => chance.one(METHODS)],
  ['http.uri.raw', (chance) => chance.one(PATHS)],
  ['http.uri', (chance) => chance.one(PATHS)],
  ['http.host', (chance) => chance.one(LABELS).toLowerCase()],
  ['http.host.raw', (chance) => chance.one(LABELS)],
  ['http.user_agent', value('user-agent')],
  ['http.accept', value('accept')],
  ['http.accept_enc', value('accept-encoding')],
  ['http.accept_lang', value('accept-language')],
  ['http.referer', value('referer')],
  ['http.content_type', () => 'text/plain'],
  ['http.cookie', () => 'sid=abc'],
  ['http.header', (chance) => chance.one(FIELDS).join(': ')],
  ['http.request_header', (chance) => chance.one(FIELDS).join(': ')],
  ['http2.header_name', (chance) => chance.one(FIELDS)[0]],
  ['http.request_body', word],
  ['http2.window', upTo(1000), true],
  ['http2.settings', (chance) => `SETTINGS_MAX_FRAME_SIZE >${20_000 + chance.below(40_000)}`, true],
  ['urilen', upTo(30), true],
];
/** Neither `http2.header_name` nor `http.response_header`: Suricata 8.0.7 finds none in responses. */
const ANSWERED: readonly Keyword[] = [
  ['http.content_type', () => 'text/html'],
  ['http.cookie', () => 'sid=xyz'],
  ['http.server', value('server')],
  ['http.location', value('location')],
  ['http.stat_code', (chance) => chance.one(STATUS)],
  ['http.header', (chance) => chance.one(ANSWER_FIELDS).join(': ').replace(';', '')],
  ['http.response_body', word],
  ['file.data', word],
  ['http2.errorcode', oneOf('NO_ERROR', 'CANCEL', 'PROTOCOL_ERROR', 'REFUSED_STREAM'), true],
];
const ofClients = rulesOver('http2', ASKED, 'flow:to_server; ');
const ofServers = rulesOver('http2', ANSWERED, 'flow:to_client; ');

export const http2Rule = (chance: Chance, sid: number): string =>
  chance.often(55) ? ofClients(chance, sid) : ofServers(chance, sid);
