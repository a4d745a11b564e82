/** Each event of the protocol, raised by a conversation that breaks that rule. */
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { HTTP1_EVENTS, type Http1EventName } from '../../../src/app/http1/events.js';
import { HTTP1_DEFAULTS } from '../../../src/app/http1/settings.js';
import { answers, asks, GET, OK, read, type Part } from './reading.js';

const line = (text: string): Part[] => [asks(`${text}\r\nHost: h\r\n\r\n`)];
const request = (headers: string): Part[] => [asks(`GET / HTTP/1.1\r\n${headers}\r\n\r\n`)];
const response = (text: string): Part[] => [GET, answers(text)];
const coded = (encoding: string, data: Uint8Array): Part[] =>
  response(
    `HTTP/1.1 200 OK\r\nContent-Encoding: ${encoding}\r\nContent-Length: ${data.length}\r\n\r\n` +
      Buffer.from(data).toString('latin1'),
  );
const ok = (headers: string, body = ''): Part[] => response(`HTTP/1.1 200 OK\r\n${headers}\r\n\r\n${body}`);
const bomb = Buffer.alloc(3_000_000, 'A');
const manyHeaders = Array.from({ length: 300 }, (_, index) => `H${index}: ${index}\r\n`).join('');

const CASES: Readonly<Record<Exclude<Http1EventName, 'gap'>, readonly Part[]>> = {
  gzip_decompression_failed: coded('gzip', Buffer.from('this is no gzip at all, is it?')),
  compression_bomb: coded('br', brotliCompressSync(bomb.subarray(0, 900_000))),
  compression_bomb_limit_reached: coded('gzip', gzipSync(bomb)),
  too_many_encoding_layers: ok('Content-Encoding: gzip, gzip, gzip, gzip, gzip, gzip'),
  abnormal_ce_header: ok('Content-Encoding: foo'),
  request_line_leading_whitespace: line(' GET / HTTP/1.1'),
  method_delim_non_compliant: line('GET\t/ HTTP/1.1'),
  uri_delim_non_compliant: line('GET /a\tb HTTP/1.1'),
  request_line_incomplete: [asks('GET / HTT')],
  request_line_invalid: line('FOO / BAR/1'),
  request_line_missing_protocol: line('GET /'),
  double_encoded_uri: line('GET /%2541 HTTP/1.1'),
  request_field_missing_colon: request('Host: h\r\nno colon'),
  response_field_missing_colon: ok('no colon'),
  request_header_invalid: request('Host: h\r\nA(b): c'),
  response_header_invalid: ok('A(b): c'),
  invalid_request_field_folding: request(' Host: h'),
  invalid_response_field_folding: ok(' A: b'),
  request_field_too_long: request(`Host: h\r\nA: ${'b'.repeat(70_000)}`),
  response_field_too_long: ok(`A: ${'b'.repeat(70_000)}`),
  request_too_many_headers: request(`Host: h\r\n${manyHeaders}Last: x`),
  response_too_many_headers: ok(`${manyHeaders}Last: x`),
  request_header_repetition: request('Host: h\r\nA: 1\r\na: 2'),
  response_header_repetition: ok('A: 1\r\na: 2'),
  missing_host_header: request('A: b'),
  host_header_ambiguous: line('GET http://other/ HTTP/1.1'),
  request_header_host_invalid: request('Host: a b'),
  request_uri_host_invalid: line('GET http://a_b..c/ HTTP/1.1'),
  request_auth_unrecognized: request('Host: h\r\nAuthorization: Foo bar'),
  invalid_content_length_field_in_request: request('Host: h\r\nContent-Length: x'),
  invalid_content_length_field_in_response: ok('Content-Length: x'),
  duplicate_content_length_field_in_request: request('Host: h\r\nContent-Length: 0\r\nContent-Length: 1'),
  duplicate_content_length_field_in_response: ok('Content-Length: 0\r\nContent-Length: 1'),
  invalid_transfer_encoding_value_in_request: request('Host: h\r\nTransfer-Encoding: identity'),
  invalid_transfer_encoding_value_in_response: ok('Transfer-Encoding: identity'),
  response_abnormal_transfer_encoding: ok('Transfer-Encoding: xchunked'),
  response_chunked_old_proto: response('HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
  invalid_request_chunk_len: [asks('POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n')],
  invalid_response_chunk_len: ok('Transfer-Encoding: chunked', 'zz\r\n'),
  request_chunk_extension: [asks('POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0;a=b\r\n\r\n')],
  response_chunk_extension: ok('Transfer-Encoding: chunked', '0;a=b\r\n\r\n'),
  request_body_unexpected: [asks('GET / HTTP/1.1\r\nHost: h\r\n\r\nno request')],
  response_body_unexpected: ok('Content-Length: 1', 'abc'),
  range_invalid: ok('Content-Range: bytes foo-bar/baz', 'x'),
  response_multipart_byteranges: ok('Content-Type: multipart/byteranges; boundary=x', '--x'),
  response_invalid_protocol: response('HTTP/7.0 200 OK\r\n\r\n'),
  response_invalid_status: response('HTTP/1.1 20 OK\r\n\r\n'),
  '100_continue_already_seen': response('HTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\n'),
  unable_to_match_response_to_request: [OK],
  failed_protocol_change: response('HTTP/1.1 101 Switching\r\nUpgrade: foo\r\n\r\n'),
  too_many_open_transactions: [asks('GET / HTTP/1.1\r\nHost: h\r\n\r\n'.repeat(257))],
};

const raised = (parts: readonly Part[]): string[] => {
  const settings = { ...HTTP1_DEFAULTS, uri: { ...HTTP1_DEFAULTS.uri, twiceInPath: true } };
  return read(parts, { settings }).flatMap(({ events }) => events);
};

describe('an event', () => {
  it.each(Object.entries(CASES))('%s is raised', (name, parts) => {
    expect(raised(parts)).toContain(name);
  });

  it('is not raised by messages that are in order', () => {
    const text = 'GET /a?b=%41 HTTP/1.1\r\nHost: h.com:8080\r\nUser-Agent: u\r\nAccept: a\r\n\r\n';
    expect(
      raised([
        asks(text + text),
        answers('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na'),
        answers('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n'),
      ]),
    ).toEqual([]);
  });

  it('has a name of its own, and there are no more than a transaction has bits', () => {
    expect(new Set(HTTP1_EVENTS.map(({ name }) => name)).size).toBe(HTTP1_EVENTS.length);
    expect(HTTP1_EVENTS.length).toBeLessThanOrEqual(64);
  });
});

describe('range_invalid', () => {
  const isRaised = (value: string, body = 'abcde'): boolean =>
    read(ok(`Content-Length: ${body.length}\r\nContent-Range:${value}`, body))[0]!.events.includes('range_invalid');

  it.each(['bytes 0-4/10', 'bytes 0-4/*', 'bytes */10', 'Bytes  5-5/10', 'bytes 0-4/10, 5-6/10', 'items 1st/2'])(
    'is not raised by %j',
    (value) => {
      expect(isRaised(` ${value}`)).toBe(false);
    },
  );

  it.each([
    '',
    'bytes 0--5/*',
    'bytes 10-5/*',
    'bytes 0-4',
    'bytes=0-4/10',
    'bytes 0-4/4',
    '0-4/10',
    'bytes 4-/10',
    '*/10',
  ])('is raised by %j', (value) => {
    expect(isRaised(` ${value}`)).toBe(true);
  });

  it('is raised by a number that does not count', () => {
    expect(isRaised(' bytes 0-9223372036854775807/9223372036854775808')).toBe(true);
  });

  it('is about a body', () => {
    expect(isRaised(' bytes foo', '')).toBe(false);
  });
});
