/**
 * Frames of the kinds that h2spec's tests send, made anew (RFC 9113 and 7541 by section): where an endpoint must answer
 * with an error, an observer reads on as far as it can, names what is wrong, and keeps what was in order before.
 */
import { describe, expect, it } from 'vitest';
import type { Part } from '../support/talk.js';
import { block, END_HEADERS, END_STREAM, frame, GET, OK, PADDED, PREFACE, read } from './frames.js';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const asks = (...frames: Uint8Array[]): Part => [
  '>',
  Buffer.concat([PREFACE, frame('settings', 0, 0, bytes()), ...frames]),
];
const answers = (...frames: Uint8Array[]): Part => ['<', Buffer.concat(frames)];
const headers = (stream: number, payload = GET, flags = END_HEADERS | END_STREAM): Uint8Array =>
  frame('headers', flags, stream, payload);
const FIRST = headers(1);
const REPLY = answers(frame('settings', 0, 0, bytes()), headers(1, OK));
const POST = block([
  [':method', 'POST'],
  [':path', '/p'],
  [':scheme', 'http'],
]);
const PRIORITY = bytes(0, 0, 0, 0, 1);

/** Section, what is sent behind a request that is in order, and the requests that are seen. */
const CASES: readonly (readonly [name: string, more: readonly Uint8Array[], seen: readonly string[]])[] = [
  ['3.5: nothing but the preface and settings', [], ['GET /a']],
  [
    '4.1: a frame of a type that nobody knows',
    [bytes(0, 0, 2, 0x20, 0, 0, 0, 0, 0, 1, 2), headers(3)],
    ['GET /a', 'GET /a'],
  ],
  ['4.1: flags that nobody knows', [frame('ping', 0xfe, 0, new Uint8Array(8)), headers(3)], ['GET /a', 'GET /a']],
  [
    '4.1: the reserved bit of a stream',
    [bytes(0, 0, 8, 6, 0, 0x80, 0, 0, 0), new Uint8Array(8), headers(3)],
    ['GET /a', 'GET /a'],
  ],
  [
    '4.2: DATA as long as it may be',
    [headers(3, POST, END_HEADERS), frame('data', END_STREAM, 3, new Uint8Array(16_384))],
    ['GET /a', 'POST /p'],
  ],
  ['5.1: DATA on a stream that is idle', [frame('data', END_STREAM, 5, bytes(1)), headers(7)], ['GET /a', 'GET /a']],
  [
    '5.1: RST_STREAM on one that is idle',
    [frame('rst_stream', 0, 5, bytes(0, 0, 0, 8)), headers(7)],
    ['GET /a', 'GET /a'],
  ],
  [
    '5.1: WINDOW_UPDATE on one that is idle',
    [frame('window_update', 0, 5, bytes(0, 0, 0, 1)), headers(7)],
    ['GET /a', 'GET /a'],
  ],
  ['5.1: DATA behind the end of a stream', [frame('data', END_STREAM, 1, bytes(1)), headers(7)], ['GET /a', 'GET /a']],
  ['5.1.1: a stream with an even number', [headers(2)], ['GET /a', 'GET /a']],
  [
    '5.3.1: a stream that hangs on itself',
    [frame('priority', 0, 3, bytes(0, 0, 0, 3, 1)), headers(5)],
    ['GET /a', 'GET /a'],
  ],
  [
    '6.1: DATA with padding',
    [headers(3, POST, END_HEADERS), frame('data', END_STREAM | PADDED, 3, bytes(2, 0x61, 0, 0))],
    ['GET /a', 'POST /p a'],
  ],
  [
    '6.2: HEADERS with padding and priority',
    [headers(3, Buffer.concat([bytes(1), PRIORITY, GET, bytes(0)]), END_HEADERS | END_STREAM | PADDED | 0x20)],
    ['GET /a', 'GET /a'],
  ],
  [
    '6.2: HEADERS in parts',
    [
      headers(3, GET.subarray(0, 5), END_STREAM),
      frame('continuation', 0, 3, GET.subarray(5, 9)),
      frame('continuation', END_HEADERS, 3, GET.subarray(9)),
    ],
    ['GET /a', 'GET /a'],
  ],
  ['6.3: PRIORITY of another length', [frame('priority', 0, 3, bytes(0, 0, 0)), headers(5)], ['GET /a', 'GET /a']],
  [
    '6.5: SETTINGS that acknowledge and say something',
    [frame('settings', 1, 0, bytes(0, 1, 0, 0, 0, 1)), headers(3)],
    ['GET /a', 'GET /a'],
  ],
  [
    '6.5: SETTINGS of a length that does not fit',
    [frame('settings', 0, 0, bytes(0, 3, 0)), headers(3)],
    ['GET /a', 'GET /a'],
  ],
  [
    '6.5.2: values that are not allowed',
    [frame('settings', 0, 0, bytes(0, 2, 0, 0, 0, 2, 0, 4, 0xff, 0xff, 0xff, 0xff)), headers(3)],
    ['GET /a', 'GET /a'],
  ],
  ['6.7: PING of another length', [frame('ping', 0, 0, bytes(1, 2, 3)), headers(3)], ['GET /a', 'GET /a']],
  ['6.8: GOAWAY on a stream', [frame('goaway', 0, 1, new Uint8Array(8)), headers(3)], ['GET /a', 'GET /a']],
  [
    '6.9: WINDOW_UPDATE by nothing',
    [frame('window_update', 0, 0, bytes(0, 0, 0, 0)), headers(3)],
    ['GET /a', 'GET /a'],
  ],
  ['8.1: a second HEADERS behind the end', [headers(1), headers(3)], ['GET /a', 'GET /a']],
  [
    '8.1.2: names in capital letters',
    [headers(3, Buffer.concat([GET, block([['X-TEST', 'ok']])]))],
    ['GET /a', 'GET /a'],
  ],
  [
    '8.1.2.1: a pseudo-header that nobody knows',
    [headers(3, Buffer.concat([block([[':test', 'ok']]), GET]))],
    ['GET /a', 'GET /a'],
  ],
  [
    '8.1.2.2: Connection',
    [headers(3, Buffer.concat([GET, block([['connection', 'keep-alive']])]))],
    ['GET /a', 'GET /a'],
  ],
  ['8.1.2.3: no method', [headers(3, block([[':path', '/n']]))], ['GET /a', '- /n']],
];

function told(parts: readonly Part[], size: number): string[] {
  return read(parts, size).flatMap(({ values }) => {
    const [method] = values['> http.method'] ?? ['-'];
    const [uri] = values['> http.uri'] ?? ['-'];
    const [body = ''] = values['> http.request_body'] ?? [];
    if (method === '-' && uri === '-') return [];
    return [`${method} ${uri}${typeof body === 'string' && body.length === 1 ? ` ${body}` : ''}`];
  });
}

describe('what h2spec sends', () => {
  it.each(CASES)('%s', (_name, more, seen) => {
    for (const size of [1, 7, 100_000]) expect(told([asks(FIRST, ...more), REPLY], size)).toEqual(seen);
  });

  // What ends the reading of a side: nothing behind it can be trusted.
  it.each([
    ['4.2: HEADERS longer than any may be', headers(3, new Uint8Array(70_000))],
    ['4.3: a block that is damaged', headers(3, bytes(0xff, 0xff, 0xff, 0xff, 0xff, 0xff))],
    [
      '6.10: something between HEADERS and CONTINUATION',
      Buffer.concat([headers(3, GET, 0), frame('ping', 0, 0, new Uint8Array(8))]),
    ],
    ['6.10: CONTINUATION of nothing', frame('continuation', END_HEADERS, 3, GET)],
    ['HPACK 2.3.3: an index that is not in the tables', headers(3, bytes(0x80 | 70))],
    ['HPACK 5.1: a number that does not end', headers(3, bytes(0x7f, 0xff, 0xff, 0xff, 0xff, 0xff))],
    ['HPACK 6.1: the index 0', headers(3, bytes(0x80))],
  ])('%s is named, and what came before stays', (_name, wrong) => {
    for (const size of [1, 7, 100_000]) {
      const seen = read([asks(FIRST, wrong)], size);
      expect(told([asks(FIRST, wrong)], size)[0]).toBe('GET /a');
      expect(seen.flatMap(({ events }) => [...events]).length).toBeGreaterThan(0);
    }
  });
});
