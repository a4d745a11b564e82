/** However messages are cut into pieces, rules see the same. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { answers, asks, read, type Part } from './reading.js';

const compressed = Buffer.from(gzipSync('body text '.repeat(400))).toString('latin1');
const CONVERSATIONS: Readonly<Record<string, readonly Part[]>> = {
  plain: [
    asks(
      'GET /a%20b HTTP/1.1\r\nHost: H\r\nCookie: c\r\nUser-Agent: u\r\n\r\n' +
        'POST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody',
    ),
    answers('HTTP/1.1 200 OK\r\nServer: s\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n'),
  ],
  'odd lines': [
    asks(
      'GET /1 HTTP/1.1\nA: 1\r\n folded\r\n\tmore\r\nA : 2\r\nno colon\r\nNa\r\n me: x\r\n' +
        'B: \r\n \r\n \r\nC:3\n\r\n',
    ),
    answers(
      'HTTP/1.1 200 OK\r\nA: 1\rB: 2\r\n C: 3\n\rD: 4\r\n\r \r\nE: 5\r\n folded: no\r\n\x00x\r\n' +
        'Content-Length: 2\r\n\r\nab',
    ),
  ],
  'line ends of all kinds': [
    asks('GET /1 HTTP/1.1\r\nA: 1\n\r\r\n\r\n'),
    answers('HTTP/1.1 200 OK\n\rA: 1\n\rB: 2\n\r\n\rto the end\r\n'),
  ],
  chunks: [
    asks(
      'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n 2 \r\nde\r\n0\r\n' +
        'Trailer: t\r\n u\r\n\r\nGET /2 HTTP/1.1\r\n\r\n',
    ),
    answers('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n1\na\n2\r\nbc\r\nnothing\r\nlike a chunk'),
  ],
  compressed: [
    asks('GET / HTTP/1.1\r\nHost: h\r\n\r\n'),
    answers(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${compressed.length}\r\n\r\n${compressed}`),
  ],
  interim: [
    asks('POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n'),
    answers('HTTP/1.1 100 Continue\r\nA: b\r\n\r\n'),
    asks('x'),
    answers('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\ny'),
  ],
  old: [asks('GET /old\r\n'), answers('<html>\r\n\r\nbody\nline')],
  'no request': [answers('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na'), asks('GET / HTTP/1.1\r\n\r\n')],
  cut: [asks('GET / HTTP/1.1\r\nHost: h\r\nUser-Ag'), answers('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc')],
  connect: [
    asks('CONNECT h:1 HTTP/1.1\r\n\r\n'),
    answers('HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n'),
    asks('GET / HTTP/1.1\r\n\r\n'),
  ],
};

describe.each(Object.entries(CONVERSATIONS))('a conversation: %s', (_, parts) => {
  const whole = read(parts);

  it('is seen', () => {
    expect(whole.length).toBeGreaterThan(0);
    for (const { progress } of whole) expect(progress).toEqual([6, 6]);
  });

  it.each([1, 2, 3, 5, 7, 11, 64])('is the same in pieces of %i bytes', (size) => {
    expect(read(parts, { size })).toEqual(whole);
  });

  it('is the same when one message is cut in two, at any place', () => {
    parts.forEach(([side, bytes], index) => {
      for (let at = 1; at < bytes.length; at++) {
        const cut: Part[] = [
          [side, bytes.subarray(0, at)],
          [side, bytes.subarray(at)],
        ];
        expect(read([...parts.slice(0, index), ...cut, ...parts.slice(index + 1)])).toEqual(whole);
      }
    });
  });
});
