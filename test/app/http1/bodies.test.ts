/** Bodies: how long they are, chunks, compression and what lies about it, limits. */
import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { zlibCalls } from '../../../src/util/zlib-calls.js';
import { HTTP1_DEFAULTS } from '../../../src/app/http1/settings.js';
import { answers, asks, GET, newTalk, OK, read, viewsOf, type Part } from './reading.js';
import { LZMA_TEXT, LZMA_STREAM } from './lzma-sample.js';

const latin = (data: Uint8Array): string => Buffer.from(data).toString('latin1');
const respond = (head: string, body: string) => read([GET, answers(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n${body}`)])[0]!;
const bodyOf = (head: string, body: string) => respond(head, body).buffers['<http.response_body'];
const chunked = (body: string) => bodyOf('Transfer-Encoding: chunked', body);

describe('the length of a body', () => {
  it.each([
    ['Content-Length: 3', 'abc', 'abc'],
    ['Content-Length: +3x', 'abc', 'abc'],
    ['Content-Length: 3\r\n 4', 'abc', 'abc'],
    ['Content-Length: x', 'to the end', 'to the end'],
    ['Content-Length: 3', 'abcdef', 'abcdef'],
    ['Content\0-Length: 3', 'abc', 'abc'],
    ['X: y', 'to the end', 'to the end'],
    ['Content-Length: 0', '', undefined],
    ['Content-Type: multipart/byteranges; boundary=x', '--x', '--x'],
  ])('is said by %j of %j: %j', (head, body, seen) => {
    expect(bodyOf(head, body)).toBe(seen);
  });

  it.each(['Content-Length: 12', 'Transfer-Encoding: chunked'])(
    'is none of 304 with %s where a response follows',
    (said) => {
      const parts = [GET, answers(`HTTP/1.1 304 N\r\n${said}\r\n\r\n`), GET, answers('HTTP/1.1 200 X\r\n\r\nHTTP/')];
      for (const size of [1, 2, 1000]) {
        expect(
          read(parts, { size }).map(({ buffers }) => [buffers['<http.stat_code'], buffers['<http.response_body']]),
        ).toEqual([
          ['304', undefined],
          ['200', 'HTTP/'],
        ]);
      }
      const lost = newTalk();
      for (const [side, bytes] of parts.slice(0, 3)) lost.stream(side, bytes);
      lost.gap('<', 10);
      lost.stream('>', GET[1]);
      lost.stream('<', OK[1]);
      expect(viewsOf(lost).map(({ buffers }) => buffers['<http.stat_code'])).toEqual(['304', undefined, '200']);
    },
  );

  it.each(['102 P', '103 E', '204 N', '304 N'])('of %s is unpacked where it follows after all', (line) => {
    const head = `HTTP/1.1 ${line}\r\nContent-Encoding: gzip\r\n\r\n`;
    for (const size of [1, 1000]) {
      const [seen] = read([GET, answers(head + latin(gzipSync('packed')))], { size });
      expect(seen!.buffers['<http.response_body']).toBe('packed');
      const [next] = read([GET, answers(`${head}HTTP/1.1 200 X\r\n\r\n${latin(gzipSync('packed'))}`)], { size });
      const isInterim = line.startsWith('10');
      expect(next!.buffers['<http.stat_code']).toBe(isInterim ? '200' : line.slice(0, 3));
    }
  });

  it('is none of a response to HEAD, of 204 and 304, unless headers say so', () => {
    const head = read([
      asks('HEAD / HTTP/1.1\r\n\r\n'),
      answers('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'),
      GET,
      OK,
    ]);
    expect(head.map(({ progress }) => progress)).toEqual([
      [6, 6],
      [6, 6],
    ]);
    const two = read([GET, answers('HTTP/1.1 204 N\r\n\r\nHTTP/1.1 200 X\r\n\r\nz')]);
    expect(two.map(({ buffers }) => buffers['<http.stat_code'])).toEqual(['204', '200']);
    const [unmodified] = read([GET, answers('HTTP/1.1 304 N\r\nContent-Length: 2\r\n\r\nab')]);
    expect(unmodified!.buffers['<http.response_body']).toBe('ab');
  });

  it('of a request is said the same way', () => {
    const [seen, next] = read([asks('POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /2 HTTP/1.1\r\n\r\n')]);
    expect([seen!.buffers['http.request_body'], seen!.buffers['file.data'], next!.buffers['http.uri']]).toEqual([
      'abc',
      'abc',
      '/2',
    ]);
    const body = '2\r\nab\r\n1\r\nc\r\n0\r\n\r\n';
    const chunks = read([asks(`POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n${body}GET /2 HTTP/1.1\r\n\r\n`)]);
    expect([chunks[0]!.buffers['http.request_body'], chunks[1]!.buffers['http.uri']]).toEqual(['abc', '/2']);
  });

  describe('that is longer than it says, in a line that later segments go on with,', () => {
    const short = answers('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcde');
    const post = asks('POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcde');
    const seenOf = (parts: readonly Part[]) =>
      read(parts).map(({ buffers }) => [
        buffers['http.method'],
        buffers['http.request_body'],
        buffers['<http.stat_code'],
        buffers['<http.response_body'],
      ]);

    it('is all of that in a response', () => {
      const next = answers('HTTP/1.1 404 No\r\nContent-Length: 1\r\n\r\nx');
      expect(seenOf([GET, short, answers('fgh')])).toEqual([['GET', undefined, '200', 'abcdefgh']]);
      expect(seenOf([GET, short, answers('fgh'), answers('i\r\nj'), answers('k\r\n'), GET, next])).toEqual([
        ['GET', undefined, '200', 'abcdefghi\r\njk\r\n'],
        ['GET', undefined, '404', 'x'],
      ]);
    });

    it('is all of that in a request', () => {
      expect(seenOf([post, asks('fgh'), OK, GET, OK])).toEqual([
        ['POST', 'abcdefgh', '200', undefined],
        ['GET', undefined, '200', undefined],
      ]);
      expect(seenOf([post, asks('f\r\nghi jkl\r\n'), OK])).toEqual([
        ['POST', 'abcdef\r\nghi jkl\r\n', '200', undefined],
      ]);
    });

    it('ends where a segment begins another message', () => {
      expect(seenOf([GET, short, GET, answers('HT'), answers('TP/1.1 404 No\r\nContent-Length: 1\r\n\r\nx')])).toEqual([
        ['GET', undefined, '200', 'abcde'],
        ['GET', undefined, '404', 'x'],
      ]);
      expect(seenOf([post, GET]).map(([method, body]) => [method, body])).toEqual([
        ['POST', 'abcde'],
        ['GET', undefined],
      ]);
    });
  });

  it.each([1, 5, 20, 23, 24, 30])('without a status line ends at one behind lines of any end, when cut at %i', (at) => {
    const sent = 'X: of no response\r\n\r\nx\rHTTP/1.1 200 X\r\nContent-Length: 1\r\n\r\nx';
    const seen = read([GET, answers(sent.slice(0, at)), answers(sent.slice(at))]);
    const { buffers } = seen.at(-1)!;
    expect([buffers['<http.stat_code'], buffers['<http.response_body']]).toEqual(['200', 'x']);
  });

  it('without a status line ends where one follows: that begins the next response', () => {
    const late = answers('HTTP/1.1 200 X\r\nContent-Length: 1\r\n\r\nx');
    const seen = read([GET, answers('junk\r\n'), late, GET, answers('HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n')]);
    expect(
      seen.map(({ buffers }) => [buffers['http.method'], buffers['<http.stat_code'], buffers['<file.data']]),
    ).toEqual([
      ['GET', undefined, 'junk\r\n'],
      [undefined, '200', 'x'],
      ['GET', '404', undefined],
    ]);
  });

  it('ends where a request begins that comes with it', () => {
    const [first, second] = read([asks('GET / HTTP/1.1\r\n\r\njunk\r\n\r\nGET /2 HTTP/1.1\r\n\r\n')]);
    expect([first!.buffers['http.request_body'], second!.buffers['http.uri']]).toEqual(['junk\r\n\r\n', '/2']);
  });
});

describe('chunks', () => {
  it.each([
    ['3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n', 'abcde'],
    ['3;name=value\r\nabc\r\n0\r\nTrailer: t\r\n\r\n', 'abc'],
    [' 3 \r\nabc\r\n0\r\n\r\n', 'abc'],
    ['f'.repeat(16) + '\r\nabc', 'abc'],
    ['f'.repeat(17) + '\r\nabc', 'f'.repeat(17) + '\r\nabc'],
    ['\r\n\r\n<abc>', '<abc>'],
    ['\r\n\r\n3\nabc\n\n0\n\n', 'abc'],
    ['003\r\nabc0\r\n\r\n', 'abc'],
    ['A\r\n0123456789\r\n0\r\n\r\n', '0123456789'],
    ['3\r\nabcde\r\n2\r\nfg\r\n0\r\n\r\n', 'abcfg'],
    ['zz\r\nabc', 'zz\r\nabc'],
    ['3\r\nabc\r\nq\r\nxyz', 'abcq\r\nxyz'],
    ['5\r\nab', 'ab'],
  ])('%j are %j', (body, seen) => {
    expect(chunked(body)).toBe(seen);
  });

  it('count before Content-Length, under any name that holds theirs', () => {
    expect(bodyOf('Content-Length: 1\r\nTransfer-Encoding: xCHUNKED, y', '2\r\nab\r\n0\r\n\r\n')).toBe('ab');
    expect(bodyOf('Transfer-Encoding\f: chunked', '2\r\nab\r\n0\r\n\r\n')).toBe('ab');
  });
});

describe('a compressed body', () => {
  const text = 'compressed text, quite compressed '.repeat(30);
  const coded = (encoding: string, data: Uint8Array) => {
    const seen = respond(`Content-Encoding: ${encoding}\r\nContent-Length: ${data.length}`, latin(data));
    return [seen.buffers['<file.data'], seen.events] as const;
  };

  it.each([
    ['gzip', gzipSync(text)],
    ['X-GZIP', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['deflate', deflateRawSync(text)],
    ['br', brotliCompressSync(text)],
    ['gzip, deflate', deflateSync(gzipSync(text))],
    ['gzip,gzip, gzip ,gzip,gzip', [0, 1, 2, 3, 4].reduce<Uint8Array>((data) => gzipSync(data), Buffer.from(text))],
    ['identity', Buffer.from(text)],
    ['none', Buffer.from(text)],
  ])('in %s is seen as it is meant', (encoding, data) => {
    expect(coded(encoding, data)).toEqual([text, []]);
  });

  it('in LZMA is seen as it is meant', () => {
    expect(coded('lzma', Buffer.from(LZMA_STREAM, 'base64'))).toEqual([LZMA_TEXT, []]);
  });

  it.each([
    ['gzip', deflateRawSync(text)],
    ['gzip', deflateSync(text)],
    ['gzip', Buffer.concat([gzipSync('').subarray(0, 10), deflateSync(text), Buffer.alloc(8)])],
    ['deflate', gzipSync(text)],
    ['gzip', Buffer.from(text)],
    ['deflate', Buffer.from(text)],
    ['br', Buffer.from(text)],
    ['lzma', Buffer.from(text)],
  ])('that is not the %s it is called is seen all the same', (encoding, data) => {
    expect(coded(encoding, data)[0]).toBe(text);
  });

  it('that is cut or damaged gives what is before the damage', () => {
    let state = 1;
    const next = (): number => (state = (state * 48_271) % 2_147_483_647);
    const noise = Array.from({ length: 3000 }, () => String.fromCharCode(33 + (next() % 90))).join('');
    const whole = gzipSync(noise);
    const cut = coded('gzip', whole.subarray(0, whole.length / 2))[0]!;
    expect(cut.length).toBeGreaterThan(500);
    expect(noise.startsWith(cut)).toBe(true);
    const damaged = Buffer.concat([
      deflateRawSync(noise, { finishFlush: 2 }),
      Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff]),
    ]);
    const [seen, events] = coded('deflate', damaged);
    expect(seen).toBe(noise);
    expect(events).toContain('gzip_decompression_failed');
    expect(coded('gzip', Buffer.concat([whole.subarray(0, -8), Buffer.from('notsumno')]))).toEqual([noise, []]);
  });

  it('may have a gzip header with everything in it', () => {
    const plain = gzipSync(text);
    const header = Buffer.from([0x1f, 0x8b, 8, 0xff, 0, 0, 0, 0, 0, 3, 2, 0, 120, 121]);
    expect(
      coded(
        'gzip',
        Buffer.concat([header, Buffer.from('name\0comment\0'), Buffer.from([1, 2]), plain.subarray(10)]),
      )[0],
    ).toBe(text);
  });

  it('of more than five layers is not opened to its core, and says so', () => {
    const six = [0, 1, 2, 3, 4, 5].reduce<Uint8Array>((data) => gzipSync(data), Buffer.from(text));
    expect(coded('gzip,gzip,gzip,gzip,gzip,gzip', six)[1]).toContain('too_many_encoding_layers');
  });

  it('that is a bomb costs its bound: some of it is seen', () => {
    const [seen, events] = coded('gzip', gzipSync(Buffer.alloc(20_000_000, 'A')));
    expect([seen!.length, seen!.replaceAll('A', '')]).toEqual([102_400, '']);
    expect(events).toContain('compression_bomb');
    const [, layered] = coded('gzip, gzip', gzipSync(gzipSync(Buffer.alloc(20_000_000, 'A'))));
    expect(layered).toContain('compression_bomb_limit_reached');
  });

  describe('that is a bomb, of whatever format,', () => {
    const zeros = new Uint8Array(8 << 20);
    const deflated = deflateSync(zeros);
    it.each([
      ['gzip', gzipSync(zeros), 2],
      ['deflate', deflated, 2],
      ['br', brotliCompressSync(zeros), 1],
      ['gzip, gzip', gzipSync(gzipSync(zeros)), 2],
      ['deflate, br', brotliCompressSync(deflated), 3],
      // Damage behind what unpacks to no end: it is met with by no call.
      ['deflate', Buffer.concat([deflated, deflated]), 2],
    ])('of %s costs no more calls the larger it is', (encoding, data, most) => {
      const calls = vi.spyOn(zlibCalls, 'note');
      try {
        expect(coded(encoding, data)[1]).toContain('compression_bomb_limit_reached');
        expect(calls.mock.calls.length).toBeLessThanOrEqual(most);
      } finally {
        calls.mockRestore();
      }
    });
  });

  describe('beside others on its connection', () => {
    const zeros = brotliCompressSync(new Uint8Array(64 << 20), { params: { [constants.BROTLI_PARAM_LGWIN]: 24 } });
    const respondWith = (bodies: readonly (readonly [string, Uint8Array])[]) => {
      const answer = ([encoding, data]: readonly [string, Uint8Array]) =>
        `HTTP/1.1 200 OK\r\nContent-Encoding: ${encoding}\r\nContent-Length: ${data.length}\r\n\r\n${latin(data)}`;
      return read([...bodies.map(() => GET), answers(bodies.map(answer).join(''))]);
    };
    const callsOf = (bodies: readonly (readonly [string, Uint8Array])[]): number => {
      const calls = vi.spyOn(zlibCalls, 'note');
      try {
        respondWith(bodies);
        return calls.mock.calls.length;
      } finally {
        calls.mockRestore();
      }
    };

    it('costs the bound of one bomb, not of each', () => {
      expect(callsOf(Array.from({ length: 40 }, () => ['br', zeros] as const))).toBeLessThanOrEqual(4);
    });

    it('is still seen behind bombs, up to a hundred times what it is', () => {
      const bombs = Array.from({ length: 40 }, () => ['br', zeros] as const);
      const bomb = gzipSync(Buffer.alloc(20_000_000, 'A')).subarray(0, 400);
      const seen = respondWith([...bombs, ['gzip', gzipSync(text)], ['deflate', deflateSync(text)], ['gzip', bomb]]);
      const [short, other, cut] = seen.slice(-3).map(({ buffers }) => buffers['<file.data']!.length);
      expect([short, other]).toEqual([text.length, text.length]);
      // And what the last bomb has left, as it was smaller than a window.
      expect(cut).toBeGreaterThanOrEqual(40_000);
      expect(cut).toBeLessThan(60_000);
      expect(seen.at(-1)!.events).toEqual(
        expect.arrayContaining(['compression_bomb', 'compression_bomb_limit_reached']),
      );
    });

    it('makes few native calls where it is damaged, or no such body', () => {
      const noise = ['gzip,gzip,gzip,gzip,gzip', Buffer.from('<p>not compressed at all</p>')] as const;
      const damaged = [
        'deflate',
        Buffer.concat([deflateRawSync(text, { finishFlush: 2 }), Buffer.alloc(9, 255)]),
      ] as const;
      expect(callsOf([noise, damaged, noise, damaged])).toBe(0);
      expect(respondWith([noise, damaged]).map(({ buffers }) => buffers['<file.data'])).toEqual([
        '<p>not compressed at all</p>',
        text,
      ]);
    });

    it('is the same whether or not native calls may be made', () => {
      const long = Array.from({ length: 4000 }, (_, index) => `line ${(index * 7919) % 1000}\n`).join('');
      const bodies = [
        ['gzip', gzipSync(long)],
        ['gzip', gzipSync(long).subarray(0, 5000)],
        ['deflate', Buffer.concat([deflateRawSync(long, { finishFlush: 2 }), Buffer.alloc(9, 255)])],
        ['gzip', gzipSync(Buffer.alloc(20_000_000, 'A'))],
        ['gzip, deflate', deflateSync(gzipSync(long))],
      ] as const;
      const expected = respondWith(bodies);
      const many = vi.spyOn(zlibCalls, 'areMany', 'get').mockReturnValue(true);
      try {
        expect(respondWith(bodies)).toEqual(expected);
      } finally {
        many.mockRestore();
      }
    });
  });

  it('in Brotli is the same with a smaller window than it asks for', () => {
    const long = Array.from({ length: 9000 }, (_, index) => `line ${(index * 7919) % 10_007}\n`).join('');
    for (const window of [10, 16, 17, 18, 19, 20, 22, 24]) {
      const data = brotliCompressSync(long, { params: { [constants.BROTLI_PARAM_LGWIN]: window } });
      expect(coded('br', data)).toEqual([long.slice(0, 102_400), []]);
    }
  });

  it('of a request is opened as well', () => {
    const data = latin(gzipSync(text));
    const head = `Content-Encoding: gzip\r\nContent-Length: ${data.length}\r\n`;
    const [seen] = read([asks(`POST / HTTP/1.1\r\n${head}\r\n${data}`)]);
    expect(seen!.buffers['http.request_body']).toBe(text);
  });
});

describe('a long body', () => {
  it('is seen up to its limit, and the message behind it is found', () => {
    const settings = { ...HTTP1_DEFAULTS, requestBody: 10, responseBody: 5 };
    const seen = read(
      [
        asks(`POST / HTTP/1.1\r\nContent-Length: 1000\r\n\r\n${'a'.repeat(1000)}GET /2 HTTP/1.1\r\n\r\n`),
        answers(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'5\r\nbcdef\r\n'.repeat(50)}0\r\n\r\n`),
        OK,
      ],
      { settings },
    );
    expect(
      seen.map(({ buffers }) => [buffers['http.uri'], buffers['http.request_body'], buffers['<http.response_body']]),
    ).toEqual([
      ['/', 'a'.repeat(10), 'bcdef'],
      ['/2', undefined, undefined],
    ]);
  });
});
