/**
 * Random talks of HTTP/1.x: pipelined or in turn, bodies by length, in chunks and to the end, compressed, folded and
 * repeated headers, odd line ends, responses without body, interim ones. What is odd is rare, so that most messages are
 * in order and a rule may find something.
 */
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import type { Said } from '../../support/conversation.js';
import { nameOf, type Chance, type Talk } from './chance.js';
import { inPieces } from './pieces.js';

export const METHODS = ['GET', 'GET', 'GET', 'POST', 'POST', 'PUT', 'HEAD', 'OPTIONS', 'DELETE'];
export const URIS = [
  '/',
  '/index.html',
  '/a/b.php?id=1&cmd=ls',
  '/evil.exe',
  '/cgi-bin/login?user=admin',
  '/%65vil/x%2ey',
  '/a/../b/./c',
  '/a//b///c',
  '/win\\dir\\x.dll',
  '/q?x=a%20b+c',
  '/long/' + 'p'.repeat(60),
];
export const FIELDS: readonly (readonly [name: string, value: string])[] = [
  ['User-Agent', 'Mozilla/5.0 (evil)'],
  ['User-Agent', 'curl/8.0'],
  ['Accept', 'text/html, */*'],
  ['Accept-Encoding', 'gzip, deflate'],
  ['Accept-Language', 'en-US'],
  ['Referer', 'http://www.example.com/login'],
  ['Cookie', 'sid=abc; user=admin'],
  ['Content-Type', 'text/plain'],
  ['Content-Type', 'application/x-www-form-urlencoded'],
  ['Connection', 'keep-alive'],
  ['X-Evil', 'login update'],
  ['X-Empty', ''],
];
export const ANSWER_FIELDS: readonly (readonly [name: string, value: string])[] = [
  ['Server', 'nginx/1.2'],
  ['Server', 'Evil Server'],
  ['Content-Type', 'text/html; charset=utf-8'],
  ['Content-Type', 'application/octet-stream'],
  ['Set-Cookie', 'sid=xyz; path=/'],
  ['Location', 'http://evil.example/login'],
  ['Date', 'Mon, 01 Jan 2024 00:00:00 GMT'],
  ['Connection', 'close'],
  ['X-Evil', 'login update'],
  ['X-Empty', ''],
];
export const STATUS: readonly (readonly [code: number, text: string])[] = [
  [200, 'OK'],
  [200, 'OK'],
  [200, ''],
  [301, 'Moved Permanently'],
  [302, 'Found'],
  [404, 'Not Found'],
  [500, 'Internal Server Error'],
  [204, 'No Content'],
  [304, 'Not Modified'],
];
export const WORDS = ['evil', 'login', 'update', 'MZ', 'PK', '<html>', 'a=1&b=2', 'Mail', 'passwd', 'x', 'ABCDEFGH'];

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

export function bodyOf(chance: Chance): string {
  const words = Array.from({ length: 1 + chance.below(6) }, () => chance.one(WORDS)).join(
    chance.one([' ', '', '\r\n']),
  );
  return chance.often(8) ? words.repeat(1 + chance.below(400)) : words;
}

function chunked(chance: Chance, body: string): string {
  const extension = chance.often(12) ? ';name=evil' : '';
  const out: string[] = [];
  for (let at = 0; at < body.length;) {
    const size = 1 + chance.below(body.length - at);
    const digits = chance.often(10) ? `0${size.toString(16).toUpperCase()}` : size.toString(16);
    out.push(`${digits}${extension}\r\n${body.slice(at, at + size)}\r\n`);
    at += size;
  }
  return `${out.join('')}0\r\n\r\n`;
}

/** One header as it is sent, now and then folded, in other letters, or with blanks. */
function fieldLine(chance: Chance, [name, value]: readonly [string, string]): string {
  const written = chance.often(6) ? name.toLowerCase() : name;
  const gap = chance.often(6) ? chance.one(['', '  ', '\t']) : ' ';
  const folded = chance.often(4) ? value.replace(' ', chance.one(['\r\n ', '\r\n\t', '\r\n  '])) : value;
  return `${written}:${gap}${folded}${chance.often(3) ? ' ' : ''}`;
}

/** What is behind the first line: headers in some order, and the body that they announce. */
function restOf(chance: Chance, fields: readonly (readonly [string, string])[], body: string, end: string): string {
  const all = [...fields];
  let sent = body;
  if (body.length > 0 && chance.often(15)) {
    const [name, pack] = chance.one([
      ['gzip', gzipSync],
      ['gzip', gzipSync],
      ['deflate', deflateSync],
      ['br', brotliCompressSync],
    ] as const);
    sent = latin1(pack(Buffer.from(sent, 'latin1')));
    all.push(['Content-Encoding', name]);
  }
  if (sent.length > 0 && chance.often(30)) {
    all.push(['Transfer-Encoding', 'chunked']);
    sent = chunked(chance, sent);
  } else all.push(['Content-Length', `${sent.length}`]);
  const lines = all.map((field) => fieldLine(chance, field));
  return `${lines.join(end)}${end}${end}${sent}`;
}

const pick = (chance: Chance, fields: typeof FIELDS): (readonly [string, string])[] =>
  fields.filter(() => chance.often(30));

const lineEnd = (chance: Chance): string => (chance.often(4) ? '\n' : '\r\n');

function multipart(chance: Chance): readonly [type: string, body: string] {
  const part = (name: string, more: string) =>
    `--XX\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${bodyOf(chance)}\r\n`;
  return [
    'multipart/form-data; boundary=XX',
    `${part('a', '')}${part('f', '; filename="evil.exe"')}${chance.often(40) ? part('g', '; filename="b.txt"') : ''}--XX--\r\n`,
  ];
}

function requestOf(chance: Chance, method: string): string {
  const end = lineEnd(chance);
  const uri = chance.often(5) ? `http://${nameOf(chance)}/abs?x=1` : chance.one(URIS);
  const protocol = chance.often(10) ? 'HTTP/1.0' : 'HTTP/1.1';
  const host = chance.often(95)
    ? [['Host', chance.often(15) ? `${nameOf(chance)}:8080` : nameOf(chance)] as const]
    : [];
  const line = `${method} ${uri} ${protocol}${end}`;
  const fields = [...host, ...pick(chance, FIELDS)];
  if (method !== 'POST' && method !== 'PUT') {
    const lines = fields.map((field) => fieldLine(chance, field));
    return `${line}${lines.join(end)}${lines.length > 0 ? end : ''}${end}`;
  }
  if (method === 'POST' && chance.often(20)) {
    const [type, body] = multipart(chance);
    const others = fields.filter(([name]) => name !== 'Content-Type');
    return `${line}${restOf(chance, [...others, ['Content-Type', type]], body, end)}`;
  }
  return `${line}${restOf(chance, fields, bodyOf(chance), end)}`;
}

function responseOf(chance: Chance, method: string, isLast: boolean): string {
  const end = lineEnd(chance);
  const [code, text] = chance.one(STATUS);
  const interim = chance.often(4) ? `HTTP/1.1 100 Continue${end}${end}` : '';
  const line = `${interim}${chance.often(10) ? 'HTTP/1.0' : 'HTTP/1.1'} ${code} ${text}${end}`;
  const fields = pick(chance, ANSWER_FIELDS);
  const disposition = chance.often(8) ? [['Content-Disposition', 'attachment; filename="evil.exe"'] as const] : [];
  const all = [...fields, ...disposition];
  if (method === 'HEAD' || code === 204 || code === 304) {
    const length = method === 'HEAD' && code !== 204 && code !== 304 ? [['Content-Length', '12'] as const] : [];
    const lines = [...all, ...length].map((field) => fieldLine(chance, field));
    return `${line}${lines.join(end)}${lines.length > 0 ? end : ''}${end}`;
  }
  if (isLast && chance.often(25)) {
    const lines = all.map((field) => fieldLine(chance, field));
    return `${line}${lines.join(end)}${lines.length > 0 ? end : ''}${end}${bodyOf(chance)}`;
  }
  return `${line}${restOf(chance, all, chance.often(90) ? bodyOf(chance) : '', end)}`;
}

export function httpTalk(chance: Chance): Talk {
  const methods = Array.from({ length: 1 + chance.below(3) }, () => chance.one(METHODS));
  const asked = methods.map((method) => requestOf(chance, method));
  const said = methods.map((method, index) => responseOf(chance, method, index === methods.length - 1));
  const parts: Said[] = chance.often(20)
    ? [
        ['>', Buffer.from(asked.join(''), 'latin1')],
        ['<', Buffer.from(said.join(''), 'latin1')],
      ]
    : methods.flatMap((_, index): Said[] => [
        ['>', Buffer.from(asked[index]!, 'latin1')],
        ['<', Buffer.from(said[index]!, 'latin1')],
      ]);
  return { serverPort: 80, said: inPieces(chance, parts) };
}
