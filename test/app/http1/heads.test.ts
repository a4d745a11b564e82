/** Request lines, status lines and headers: what rules see of them. Compared with what Suricata 8.0.7 sees. */
import { describe, expect, it } from 'vitest';
import { answers, asks, GET, newTalk, OK, read, viewsOf, type Part } from './reading.js';

const request = (text: string) => read([asks(text)])[0]!;
const headers = (text: string) => request(`POST / HTTP/1.1\r\n${text}`).buffers;
const response = (text: string) => read([GET, answers(text)])[0]!;

describe('a request', () => {
  it('is seen in all its parts', () => {
    const sent = 'Host: Example.com:8080\r\nUser-Agent: u\r\nCookie: k=v\r\nAccept: a\r\nReferer: r\r\n\r\n';
    const text = `GET /a?b=c HTTP/1.1\r\n${sent}`;
    expect(request(text).buffers).toEqual({
      'http.method': 'GET',
      'http.uri': '/a?b=c',
      'http.uri.raw': '/a?b=c',
      urilen: '6',
      'urilen.raw': '6',
      'http.request_line': 'GET /a?b=c HTTP/1.1',
      'http.protocol': 'HTTP/1.1',
      'http.start': text,
      'http.header': 'Host: Example.com:8080\r\nUser-Agent: u\r\nAccept: a\r\nReferer: r\r\n',
      'http.header.raw': 'Host: Example.com:8080\r\nUser-Agent: u\r\nCookie: k=v\r\nAccept: a\r\nReferer: r\r\n\r\n',
      'http.header_names': '\r\nHost\r\nUser-Agent\r\nCookie\r\nAccept\r\nReferer\r\n\r\n',
      'http.request_header': 'Host: Example.com:8080 | User-Agent: u | Cookie: k=v | Accept: a | Referer: r',
      'http.cookie': 'k=v',
      'http.host': 'example.com',
      'http.host.raw': 'Example.com:8080',
      'http.user_agent': 'u',
      'http.accept': 'a',
      'http.referer': 'r',
    });
  });

  it('whose headers have no end when its answer comes has those that are there', () => {
    const [{ buffers }] = read([asks('G\nA: b\r\nCookie: \r\nR'), answers('P')]) as [ReturnType<typeof request>];
    expect([buffers['http.header'], buffers['http.cookie']]).toEqual(['A: b\r\n', '']);
    const [first] = read([asks('G\nCookie: \r\nR'), answers('P')]) as [ReturnType<typeof request>];
    expect(first.buffers).not.toHaveProperty('http.header');
  });

  it.each([
    ['GET  /a  HTTP/1.1', 'GET', '/a', 'HTTP/1.1'],
    ['GET\t/a\tHTTP/1.1', 'GET', '/a', 'HTTP/1.1'],
    [' GET /a HTTP/1.1', 'GET', '/a', 'HTTP/1.1'],
    ['GET /a b c HTTP/1.1', 'GET', '/a b c', 'HTTP/1.1'],
    ['GET /a HTTP/1.0 x', 'GET', '/a HTTP/1.0', 'x'],
    ['GET /a HTTP /1.1', 'GET', '/a HTTP', '/1.1'],
    ['GET /a\0b HTTP/1.1', 'GET', '/a\0b', 'HTTP/1.1'],
    ['GET /a\vb HTTP/1.1', 'GET', '/a\vb', 'HTTP/1.1'],
    ['GET /a HTTP/1.1\r', 'GET', '/a', 'HTTP/1.1'],
    ['GET  HTTP/1.1', 'GET', 'HTTP/1.1', undefined],
    ['GET /a', 'GET', '/a', undefined],
    ['get', 'get', undefined, undefined],
  ])('with the line %j is taken apart', (line, method, uri, protocol) => {
    const { buffers } = request(`${line}\r\nHost: h\r\n\r\n`);
    expect([buffers['http.method'], buffers['http.uri.raw'], buffers['http.protocol']]).toEqual([
      method,
      uri,
      protocol,
    ]);
    expect(buffers['http.request_line']).toBe(line.replace(/\r$/, ''));
  });

  it('without an end is seen as far as it came, but for a header that is cut', () => {
    expect(request('GET /abc').buffers).toMatchObject({ 'http.method': 'GET', 'http.uri': '/abc' });
    const { buffers } = request('GET / HTTP/1.1\r\nHost: h\r\nUser-Agent: cu');
    expect([buffers['http.header'], buffers['http.user_agent']]).toEqual(['Host: h\r\n', undefined]);
  });

  it('has the host of its URI before that of the header', () => {
    const { buffers, events } = request('GET http://u:p@A.b:81/p?q HTTP/1.1\r\nHost: c\r\n\r\n');
    expect([buffers['http.host'], buffers['http.host.raw'], buffers['http.uri']]).toEqual(['a.b', 'a.b', '/p?q']);
    expect(events).toContain('host_header_ambiguous');
    expect(request('CONNECT h.com:443 HTTP/1.1\r\nHost: h.com\r\n\r\n').buffers['http.host']).toBe('h.com');
    expect(request('GET http://[::1]:8/x HTTP/1.1\r\n\r\n').buffers['http.host']).toBe('[::1]');
  });

  it('has a host in small letters, and as it was sent', () => {
    const { buffers } = request('GET / HTTP/1.1\r\nHost: A.B.:8\r\n\r\n');
    expect([buffers['http.host'], buffers['http.host.raw']]).toEqual(['a.b.', 'A.B.:8']);
    const twice = request('GET / HTTP/1.1\r\nHost: A\r\nHost: B\r\n\r\n').buffers;
    expect([twice['http.host'], twice['http.host.raw']]).toEqual(['a, b', 'A, B']);
  });
});

describe('headers', () => {
  it.each([
    ['A: 1\r\n folded\r\nB: 2\r\n\r\n', 'A: 1 folded\r\nB: 2\r\n'],
    ['A: 1\r\n\tfolded\r\n  more \r\nB: 2\r\n\r\n', 'A: 1\tfolded  more\r\nB: 2\r\n'],
    ['A:1\nB:2\n\n', 'A: 1\r\nB: 2\r\n'],
    ['A: 1\rB: 2\r\n\r\n', 'A: 1\rB: 2\r\n'],
    ['A : 1\r\nB: 2\r\n\r\n', 'A: 1\r\nB: 2\r\n'],
    [' A: 1\r\nB: 2\r\n\r\n', 'A: 1\r\nB: 2\r\n'],
    ['A\r\nB: 2\r\n\r\n', ': A\r\nB: 2\r\n'],
    ['A:\r\nB:  2 \r\n\r\n', 'A: \r\nB: 2\r\n'],
    ['A: x\0y\r\nB\0: 2\r\n\r\n', 'A: x\0y\r\nB\0: 2\r\n'],
    ['A: 1\r\n \r\nB: 2\r\n\r\n', 'A: 1\r\nB: 2\r\n'],
    ['A: 1\r\n\0B: 2\r\nC: 3\r\n\r\n', 'A: 1\0B: 2\r\nC: 3\r\n'],
    ['A: 1\r\r\nB: 2\r\n\r\n', 'A: 1\r\nB: 2\r\n'],
    ['A: 1\n\r\r\n\r\n', 'A: 1\r\n'],
    ['a: 1\r\nB: x\r\nA: 2\r\na: 3\r\n\r\n', 'a: 1, 2, 3\r\nB: x\r\n'],
    ['Na\r\n me: x\r\nB: 2\r\n\r\n', 'Na\r\n me: x\r\nB: 2\r\n'],
  ])('of a request, %j, are %j', (text, seen) => {
    expect(headers(text)['http.header']).toBe(seen);
  });

  it.each([
    ['A: 1\rB: 2\r\n\r\n', 'A: 1\r\nB: 2\r\n', ''],
    ['A: 1\n\rB: 2\n\r\n\rbody', 'A: 1\r\nB: 2\r\n', 'body'],
    ['A: 1\r\n B: 2\r\n\r\nbody', 'A: 1\r\nB: 2\r\n', 'body'],
    ['A: 1\r\r\nB: 2\r\n\r\n', 'A: 1\r\n', 'B: 2\r\n\r\n'],
    ['A: 1\r\n\r \r\nB: 2\r\n\r\nbody', 'A: 1\r\nB: 2\r\n', 'body'],
    ['A: 1\n \nB: 2\n\n', 'A: 1\r\n', 'B: 2\n\n'],
    ['A: 1\n\r\r\n\r\nbody', 'A: 1\r\n', 'body'],
  ])('of a response, %j, are %j before %j', (text, seen, body) => {
    const { buffers } = response(`HTTP/1.1 200 OK\r\n${text}`);
    expect([buffers['<http.header'], buffers['<http.response_body'] ?? '']).toEqual([seen, body]);
  });

  it('of one name are one value; of several lengths the first counts', () => {
    const sent = 'Set-Cookie: a\r\nX: y\r\nSet-Cookie: b\r\nServer: s\r\nServer: t\r\n\r\n';
    const { buffers } = response(`HTTP/1.1 200 OK\r\n${sent}`);
    expect(buffers).toMatchObject({
      '<http.cookie': 'a, b',
      '<http.header': 'X: y\r\nServer: s, t\r\n',
      '<http.server': 's, t',
      '<http.header_names': '\r\nSet-Cookie\r\nX\r\nServer\r\n\r\n',
      '<http.response_header': 'Set-Cookie: a, b | X: y | Server: s, t',
    });
    expect(headers('Content-Length: 1\r\nContent-Length: 2\r\n\r\nx')['http.content_len']).toBe('1');
  });

  it.each([': h:80', '// h', '/h'])('with the host %j have it as it was sent', (sent) => {
    const { buffers, events } = request(`GET / HTTP/1.1\r\nHost: ${sent}\r\n\r\n`);
    expect([buffers['http.host.raw'], buffers['http.host'] || undefined]).toEqual([sent, undefined]);
    expect(events).toContain('request_header_host_invalid');
  });

  it('that are cookies only leave none', () => {
    const { buffers } = request('GET / HTTP/1.1\r\nCookie: a\r\n\r\n');
    expect([buffers['http.header'], buffers['http.cookie']]).toEqual([undefined, 'a']);
  });

  it.each([
    'Cookie: a\r\nB: 1\r\nC: 2\r\n',
    'B: 1\r\nCookie: a\r\nC: 2\r\n',
    'B: 1\r\nC: 2\r\nCookie: a\r\n',
    'B:1\r\ncookie: a\r\nC: 2\r\n',
  ])('are seen without cookies, wherever these stand: %j', (text) => {
    expect(headers(`${text}\r\n`)['http.header']).toBe('B: 1\r\nC: 2\r\n');
  });
});

describe('a response', () => {
  it('is seen in all its parts', () => {
    const sent = 'Server: s\r\nLocation: /l\r\nContent-Type: t; c\r\nContent-Length: 2\r\n\r\n';
    const { buffers } = response(`HTTP/1.1 302 Found\r\n${sent}no`);
    expect(buffers).toMatchObject({
      '<http.response_line': 'HTTP/1.1 302 Found\r\n',
      '<http.stat_code': '302',
      '<http.stat_msg': 'Found',
      '<http.protocol': 'HTTP/1.1',
      '<http.start': `HTTP/1.1 302 Found\r\n\r\n${sent}`,
      '<http.server': 's',
      '<http.location': '/l',
      '<http.content_type': 't; c',
      '<http.content_len': '2',
      '<http.response_body': 'no',
      '<file.data': 'no',
    });
  });

  it.each([
    ['HTTP/1.1  200  Very  OK \r\n', '200', 'Very  OK '],
    ['HTTP/1.1 200\r\n', '200', ''],
    ['HTTP/1.1\t200\tOK\r\n', '200', 'OK'],
    [' HTTP/1.1 200 OK\r\n', '200', 'OK'],
    ['\0HTTP/1.1 200 OK\r\n', '200', 'OK'],
    ['\r\n\r\rHTTP/1.1 200 OK\r\n', '200', 'OK'],
    ['HTTP/1.1 200 OK\n\r', '200', 'OK'],
    ['HTTP/1.1 abc x\r\n', 'abc', 'x'],
    ['junk\r\nHTTP/1.1 200 OK\r\n', '200', 'OK'],
    ['junk\rHTTP/1.1 200 OK\r\n', '200', 'OK'],
  ])('with the line %j has status and text', (line, status, text) => {
    const { buffers } = response(`${line}Content-Length: 1\r\n\r\nx`);
    expect([buffers['<http.stat_code'], buffers['<http.stat_msg'], buffers['<http.response_body']]).toEqual([
      status,
      text,
      'x',
    ]);
  });

  it.each([
    ['200 OK\n', '\nServer: s\r\n\r\n', 's'],
    ['200 OK\r\n', '\nServer: s\r\n\r\n', 's'],
    ['200 OK\n', '\n\rServer : s\n\n', 's'],
    ['200 OK\r\n', '\nHTTP/1.1 201 X\r\nServer: s\r\n\r\n', 's'],
    ['200 OK\r\n', '\n\r\n', undefined],
    ['200 OK\r\n', '\n\n', undefined],
    ['200 OK\r\n', '\n', undefined],
    ['200 OK\r\n', '\n\r', undefined],
    ['200 OK\r\n', '\r \n', undefined],
    ['200 OK\r\n', '\r\t\n', undefined],
    ['200 OK\n\r', ' \r', undefined],
    ['200 OK\r\nServer: s\r\n', '\n\r', 's'],
    ['200 OK\r\nServer: s\n', '\n\r', 's'],
  ])('with odd line ends has its headers and its body: %j %j', (line, end, server) => {
    const parts = [GET, answers(`HTTP/1.1 ${line}${end}body`)];
    for (const size of [1, 2, 1000]) {
      const [seen] = read(parts, { size });
      expect([seen!.buffers['<http.server'], seen!.buffers['<http.response_body']]).toEqual([server, 'body']);
    }
  });

  it('that does not begin with "http" is body', () => {
    const { buffers } = read([asks('GET /old\r\n'), answers('<html>\r\n\r\nHello')])[0]!;
    expect([buffers['http.uri'], buffers['<http.response_body'], buffers['<http.stat_code']]).toEqual([
      '/old',
      '<html>\r\n\r\nHello',
      undefined,
    ]);
  });
});

describe('requests and responses', () => {
  it('belong together in their order', () => {
    const seen = read([
      asks('GET /1 HTTP/1.1\r\n\r\nHEAD /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\n\r\n'),
      answers('HTTP/1.1 201 A\r\nContent-Length: 1\r\n\r\naHTTP/1.1 202 B\r\nContent-Length: 9\r\n\r\n'),
      answers('HTTP/1.1 204 C\r\n\r\n'),
    ]);
    const pairs = seen.map(({ buffers }) => [
      buffers['http.uri'],
      buffers['<http.stat_code'],
      buffers['<http.response_body'],
    ]);
    expect(pairs).toEqual([
      ['/1', '201', 'a'],
      ['/2', '202', undefined],
      ['/3', '204', undefined],
    ]);
    expect(seen.map(({ progress }) => progress)).toEqual([
      [6, 6],
      [6, 6],
      [6, 6],
    ]);
  });

  it('pass over interim responses', () => {
    const interim = 'HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.1 103 Hints\r\nLink: l\r\n\r\n';
    const parts = [GET, answers(`${interim}HTTP/1.1 200 OK\r\nA: b\r\n\r\nx`)];
    const seen = read(parts);
    expect(seen).toHaveLength(1);
    expect(seen[0]!.buffers).toMatchObject({
      '<http.stat_code': '200',
      '<http.header': 'A: b\r\n',
      '<http.response_body': 'x',
    });
  });

  it('need not come in pairs', () => {
    const seen = read([answers('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na'), GET, OK]);
    expect(seen.map(({ buffers }) => [buffers['http.uri'], buffers['<http.response_body']])).toEqual([
      [undefined, 'a'],
      ['/', undefined],
    ]);
    expect(seen[0]!.events).toEqual(['unable_to_match_response_to_request']);
  });

  it('without an answer are complete when the server is done, and wait until then', () => {
    expect(read([GET], { open: true })[0]!.progress).toEqual([6, 0]);
    expect(read([GET])[0]!.progress).toEqual([6, 6]);
  });

  it('are printed in events as Suricata prints them', () => {
    const [seen] = read([
      asks(
        'GET /e HTTP/1.1\r\nHost: H.com:8080\r\nUser-Agent: u "a"\r\n' +
          'Referer: r\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n',
      ),
      answers('HTTP/1.1 302 F\r\nLocation: /x\r\nContent-Type: text/html; charset=x\r\nContent-Length: 3\r\n\r\nabc'),
    ]);
    expect(JSON.parse(`{${seen!.eve}}`)).toEqual({
      http: {
        hostname: 'h.com',
        http_port: 8080,
        url: '/e',
        http_user_agent: 'u "a"',
        xff: '1.2.3.4',
        http_content_type: 'text/html',
        http_refer: 'r',
        http_method: 'GET',
        protocol: 'HTTP/1.1',
        status: 302,
        redirect: '/x',
        length: 3,
      },
    });
    const location = 'HTTP/1.1 307 F\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n';
    expect(read([GET, answers(location)])[0]!.eve).toContain('"redirect":"/y"');
    expect(read([asks('GET /\xe9a HTTP/1.1\r\n\r\n')])[0]!.eve).toContain('"url":"/\\\\xe9a"');
  });

  it.each([
    ['bytes 0-1/9', { start: 0, end: 1, size: 9 }],
    ['BYTES  5-3/9x', { start: 5, end: 3, size: 9 }],
    ['bytes */34', { size: 34 }],
    ['bytes 0-1/*', { start: 0, end: 1 }],
    ['bytes=0-1/9', {}],
    ['bytes 0-1', {}],
    ['bytes 0--5/*', {}],
    ['bytes 0-9223372036854775807/9223372036854775808', {}],
  ])('a Content-Range %j is printed as what it names', (raw, named) => {
    const [seen] = read([GET, answers(`HTTP/1.1 206 P\r\nContent-Range: ${raw}\r\nContent-Length: 0\r\n\r\n`)]);
    expect((JSON.parse(`{${seen!.eve}}`) as { http: object }).http).toMatchObject({ content_range: { raw, ...named } });
    expect(
      Object.keys((JSON.parse(`{${seen!.eve}}`) as { http: { content_range: object } }).http.content_range),
    ).toEqual(['raw', ...Object.keys(named)]);
  });

  it('may be printed at any time, and rules see the same behind that', () => {
    const parts: Part[] = [
      asks('GET / HTTP/1.1\r\nHost: h\r\nUser-Agent: a\r\nUser-Agent: b\r\nX-A: 1\r\nX-A: 2\r\nX-B: 3\r\n\r\n'),
      answers(
        'HTTP/1.1 302 F\r\nLocation: /x\r\nLocation: /y\r\nContent-Type: t\r\nContent-Type: u\r\nX: 1\r\nX: 2\r\n\r\n',
      ),
    ];
    const [whole] = read(parts);
    const talk = newTalk();
    const printed = new Set<string>();
    for (const [side, text] of parts)
      for (const byte of text) {
        talk.stream(side, Uint8Array.of(byte));
        for (const eve of talk.print()) printed.add(eve);
      }
    for (const side of ['>', '<'] as const) talk.close(side);
    expect(viewsOf(talk)[0]!.buffers).toEqual(whole!.buffers);
    expect([...printed].some((eve) => eve.includes('"http_user_agent":"a"'))).toBe(true);
    expect([...printed].at(-1)).toContain('"http_user_agent":"a, b"');
  });
});
