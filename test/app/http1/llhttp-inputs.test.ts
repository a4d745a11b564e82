/**
 * Messages of the kinds that llhttp's own tests have, made anew: what a passive observer makes of them, however they
 * are cut. llhttp refuses much of this, as a server may; an observer has to say what a server that does not would read.
 */
import { describe, expect, it } from 'vitest';
import { answers, asks, read, type Part } from './reading.js';

const HOST = 'Host: h\r\n';
const OK = answers('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
const req = (text: string): Part[] => [asks(text), OK];
const res = (text: string): Part[] => [asks(`GET /r HTTP/1.1\r\n${HOST}\r\n`), answers(text)];

/** Of each transaction: method and URI, the request's body, status and the response's body. */
function told(parts: readonly Part[], size: number): string[] {
  return read(parts, { size }).map(({ buffers }) =>
    [
      `${buffers['http.method'] ?? '-'} ${buffers['http.uri'] ?? '-'}`,
      buffers['http.request_body'] ?? '',
      buffers['<http.stat_code'] ?? '-',
      buffers['<http.response_body'] ?? '',
    ].join('|'),
  );
}

type Case = readonly [name: string, parts: readonly Part[], told: readonly string[]];

const METHODS = ['REPORT', 'M-SEARCH', 'MKACTIVITY', 'PROPFIND', 'SEARCH', 'SOURCE', 'QUERY', 'PATCH', 'PURGE', 'LINK'];

const REQUESTS: readonly Case[] = [
  ...METHODS.map((method): Case => [method, req(`${method} /m HTTP/1.1\r\n${HOST}\r\n`), [`${method} /m||200|ok`]]),
  ['a method in small letters', req(`get /m HTTP/1.1\r\n${HOST}\r\n`), ['get /m||200|ok']],
  ['empty lines before a request', req(`\r\n\r\nGET /e HTTP/1.1\r\n${HOST}\r\n`), ['GET /e||200|ok']],
  ['line ends without CR', req('GET /lf HTTP/1.1\nHost: h\n\n'), ['GET /lf||200|ok']],
  [
    'a URI with a query that has a question mark',
    req(`GET /q?a=?b=%20 HTTP/1.1\r\n${HOST}\r\n`),
    ['GET /q?a=?b= ||200|ok'],
  ],
  ['a fragment', req(`GET /f#part?x HTTP/1.1\r\n${HOST}\r\n`), ['GET /f#part?x||200|ok']],
  ['an absolute URI', req(`GET http://u:p@h:81/a?b HTTP/1.1\r\n${HOST}\r\n`), ['GET /a?b||200|ok']],
  ['two slashes at the start', req(`GET //a HTTP/1.1\r\n${HOST}\r\n`), ['GET /a||200|ok']],
  ['OPTIONS of all', req(`OPTIONS * HTTP/1.1\r\n${HOST}\r\n`), ['OPTIONS *||200|ok']],
  ['bytes beyond ASCII', req(`GET /\xe9 HTTP/1.1\r\n${HOST}\r\n`), ['GET /?||200|ok']],
  ['a folded value', req(`GET /v HTTP/1.1\r\n${HOST}X: a\r\n b\r\n\tc\r\n\r\n`), ['GET /v||200|ok']],
  ['a body by length', req(`POST /l HTTP/1.1\r\n${HOST}Content-Length: 5\r\n\r\nabcde`), ['POST /l|abcde|200|ok']],
  ['a length of zero', req(`POST /z HTTP/1.1\r\n${HOST}Content-Length: 0\r\n\r\n`), ['POST /z||200|ok']],
  [
    'a length twice',
    req(`PUT /t HTTP/1.1\r\n${HOST}Content-Length: 1\r\nContent-Length: 2\r\n\r\na`),
    ['PUT /t|a|200|ok'],
  ],
  ['blanks behind a length', req(`PUT /b HTTP/1.1\r\n${HOST}Content-Length: 2  \r\n\r\nab`), ['PUT /b|ab|200|ok']],
  [
    'a length and chunks',
    req(`POST /s HTTP/1.1\r\n${HOST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`),
    ['POST /s|abc|200|ok'],
  ],
  [
    'chunks with extensions, digits of either case and leading zeros',
    req(
      `POST /c HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n` +
        `000A;a;b=c\r\n0123456789\r\na;d="e f"\r\nabcdefghij\r\n0\r\n\r\n`,
    ),
    ['POST /c|0123456789abcdefghij|200|ok'],
  ],
  [
    'chunks with trailers',
    req(`POST /t HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nVary: *\r\nX: y\r\n\r\n`),
    ['POST /t|ab|200|ok'],
  ],
  [
    'an encoding before chunked',
    req(`POST /d HTTP/1.1\r\n${HOST}Transfer-Encoding: deflate, chunked\r\n\r\n1\r\na\r\n0\r\n\r\n`),
    ['POST /d|a|200|ok'],
  ],
  [
    'pipelined requests',
    [
      asks(
        `GET /1 HTTP/1.1\r\n${HOST}\r\nPOST /2 HTTP/1.1\r\n${HOST}Content-Length: 1\r\n\r\nxGET /3 HTTP/1.1\r\n${HOST}\r\n`,
      ),
      OK,
      OK,
      OK,
    ],
    ['GET /1||200|ok', 'POST /2|x|200|ok', 'GET /3||200|ok'],
  ],
  ['a close that is asked for', req(`GET /k HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`), ['GET /k||200|ok']],
  [
    'several tokens of Connection',
    req(`GET /k HTTP/1.1\r\n${HOST}Connection: a, keep-alive\r\n\r\n`),
    ['GET /k||200|ok'],
  ],
  ['a request of HTTP/0.9', [asks('GET /9\r\n'), answers('plain')], ['GET /9||-|plain']],
  ['an end amid a head', [asks(`GET /cut HTTP/1.1\r\nHost`)], ['GET /cut||-|']],
];

const RESPONSES: readonly Case[] = [
  ['one without reason', res('HTTP/1.1 200\r\nContent-Length: 1\r\n\r\na'), ['GET /r||200|a']],
  ['one without blank behind the status', res('HTTP/1.1 404\nContent-Length: 1\n\na'), ['GET /r||404|a']],
  ['a body to the end', res('HTTP/1.1 200 OK\r\n\r\nall of it'), ['GET /r||200|all of it']],
  ['a body by length', res('HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc'), ['GET /r||200|abc']],
  [
    'chunks',
    res('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n'),
    ['GET /r||200|abc'],
  ],
  [
    'chunks with line ends of LF',
    res('HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\nab\n0\n\n'),
    ['GET /r||200|ab'],
  ],
  ['an end amid chunks', res('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab'), ['GET /r||200|ab']],
  ['no content', res('HTTP/1.1 204 No Content\r\n\r\n'), ['GET /r||204|']],
  ['not modified', res('HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'), ['GET /r||304|']],
  [
    'an interim one',
    res('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 C\r\nContent-Length: 1\r\n\r\na'),
    ['GET /r||201|a'],
  ],
  [
    'early hints',
    res('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na'),
    ['GET /r||200|a'],
  ],
  ['a header without value', res('HTTP/1.1 200 OK\r\nServer:\r\nContent-Length: 1\r\n\r\na'), ['GET /r||200|a']],
  ['a header without name', res('HTTP/1.1 200 OK\r\n: x\r\nContent-Length: 1\r\n\r\na'), ['GET /r||200|a']],
  ['bytes beyond ASCII in the reason', res('HTTP/1.1 500 Ori\xeb\r\nContent-Length: 1\r\n\r\na'), ['GET /r||500|a']],
  ['one of RTSP, which is body', res('RTSP/1.1 200 OK\r\n\r\n'), ['GET /r||-|RTSP/1.1 200 OK\r\n\r\n']],
];

describe.each([
  ['requests', REQUESTS],
  ['responses', RESPONSES],
] as const)('%s', (_kind, cases) => {
  it.each(cases)('%s', (_name, parts, expected) => {
    for (const size of [1, 3, 100_000]) expect(told(parts, size)).toEqual(expected);
  });
});
