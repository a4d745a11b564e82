/** HTTP/2: what rules see of its streams, however the bytes come, and what happens beyond the bounds. */
import { describe, expect, it } from 'vitest';
import { HTTP2, HTTP2_EVENTS } from '../../../src/app/http2/index.js';
import { conversationTarget } from '../../fuzz/conversation-target.js';
import { describeFuzz } from '../../fuzz/fuzz-target.js';
import type { Part, Seen } from '../support/talk.js';
import {
  block,
  END_HEADERS,
  END_STREAM,
  frame,
  GET,
  newTalk,
  OK,
  PADDED,
  PREFACE,
  read,
  record,
  SPECS,
} from './frames.js';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const u32 = (value: number): Uint8Array => bytes(value >>> 24, value >>> 16, value >>> 8, value);
const text = (value: string): Uint8Array => Buffer.from(value, 'latin1');
const asks = (...frames: Uint8Array[]): Part => ['>', Buffer.concat([PREFACE, ...frames])];
const more = (...frames: Uint8Array[]): Part => ['>', Buffer.concat(frames)];
const answers = (...frames: Uint8Array[]): Part => ['<', Buffer.concat(frames)];
const headers = (stream: number, payload = GET, flags = END_HEADERS | END_STREAM): Uint8Array =>
  frame('headers', flags, stream, payload);
const value = (seen: Seen | undefined, key: string): unknown => seen?.values[key]?.[0];
const events = (said: readonly Part[]): string[] => read(said).flatMap((seen) => [...seen.events]);

describe('a stream', () => {
  it("of Node's own client and server is a request and its response, as HTTP/1.x would have said it", async () => {
    const long = 'x'.repeat(5000);
    const said = await record(
      [
        { headers: { ':path': '/a/../%62?q=%31', 'user-agent': 'u', cookie: 'k=v', ':authority': 'Host:81' } },
        { headers: { ':path': '/two', ':method': 'POST', 'content-type': 't', long }, body: 'a body' },
        { headers: { ':path': '/two', 'user-agent': 'u', long } },
      ],
      (path) => (path === '/two' ? { ':status': 404, 'set-cookie': ['a=1', 'b=2'] } : { server: 's' }),
    );
    const streams = read(said).filter((seen) => value(seen, '> http.method') !== undefined);
    expect(streams.map((seen) => value(seen, '> http.method'))).toEqual(['GET', 'POST', 'GET']);
    const [first, second, third] = streams;
    expect(first!.values).toMatchObject({
      '> http.uri': ['/b?q=1'],
      '> http.uri.raw': ['/a/../%62?q=%31'],
      '> http.request_line': ['GET /a/../%62?q=%31 HTTP/2\r\n'],
      '> http.host': ['host'],
      '> http.host.raw': ['Host:81'],
      '> http.user_agent': ['u'],
      '> http.cookie': ['k=v'],
      '> http.protocol': ['HTTP/2'],
      '> urilen': [6],
      '< http.stat_code': ['200'],
      '< http.stat_msg': [''],
      '< http.response_line': ['HTTP/2 200\r\n'],
      '< http.server': ['s'],
      '< http.response_body': ['echo '],
      '> http2.frametype': [1],
      '< http2.frametype': [1, 0],
    });
    expect(first!.values['> http2.header_name']).toContain(':authority');
    expect(String(value(first, '> http.header'))).not.toContain('cookie');
    expect(second!.values).toMatchObject({
      '> http.request_body': ['a body'],
      '< http.response_body': ['echo a body'],
      '< http.cookie': ['a=1, b=2'],
    });
    expect(value(second, '> http.request_header')).toBe(':path: /two');
    expect(value(third, '> http.user_agent')).toBe('u');
    expect(String(value(third, '> http.header'))).toContain(`long: ${long}\r\n`);
    expect(streams.flatMap((seen) => seen.events)).toEqual([]);
    expect(first!.eve).toContain('"http2":{"stream_id":1}');
  });

  const SAID: readonly Part[] = [
    asks(
      frame('settings', 0, 0, bytes(0, 4, 0, 1, 0, 0)),
      frame('headers', 0, 1, GET.subarray(0, 11)),
      frame('continuation', 0, 1, GET.subarray(11, 30)),
      frame('continuation', END_HEADERS, 1, GET.subarray(30)),
      frame('data', PADDED, 1, Buffer.concat([bytes(3), text('ab'), bytes(0, 0, 0)])),
      frame('window_update', 0, 0, u32(77)),
      frame('data', END_STREAM, 1, text('cd')),
    ),
    answers(
      frame('headers', END_HEADERS, 1, block([[':status', '103']])),
      frame('headers', END_HEADERS | PADDED, 1, Buffer.concat([bytes(2), OK, bytes(0, 0)])),
      frame('data', 0, 1, text('body')),
      frame('headers', END_HEADERS | END_STREAM, 1, block([['trailer', 't']])),
    ),
    more(headers(3), frame('rst_stream', 0, 3, u32(8))),
    answers(frame('goaway', 0, 0, Buffer.concat([u32(3), u32(11)]))),
  ];

  it('is the same however it is cut', () => {
    const whole = read(SAID);
    expect(whole[1]!.values).toMatchObject({
      '> http.uri': ['/a'],
      '> http.request_body': ['abcd'],
      '< http.stat_code': ['200'],
      '< http.response_body': ['body'],
    });
    for (let size = 1; size < 60; size++) expect(read(SAID, size)).toEqual(whole);
  });

  it('and the connection have numbers that rules compare', () => {
    const seen = read(SAID).map(({ values }) => values);
    expect(seen[0]).toMatchObject({ '> http2.frametype': [4], '> http2.settings.4': [65_536] });
    expect(seen[2]).toMatchObject({ '> http2.frametype': [8], '> http2.window': [77] });
    expect(seen[3]).toMatchObject({ '> http2.frametype': [1, 3], '> http2.errorcode': [8] });
    expect(seen[4]).toMatchObject({ '< http2.frametype': [7], '< http2.errorcode': [11] });
  });

  it('tells in events what frames say, as Suricata does; those that say nothing have none', () => {
    const weight = (stream: number, value: number): Uint8Array =>
      frame('priority', 0, stream, Buffer.concat([u32(0), bytes(value)]));
    const said = [
      asks(
        frame('settings', 0, 0, bytes(0, 1, 0, 0, 16, 0, 0, 99, 0, 0, 0, 7, 0, 8, 0, 0, 0, 1)),
        frame('settings', 0, 0, bytes()),
        frame('ping', 0, 0, new Uint8Array(8)),
        headers(1),
        weight(1, 41),
        weight(1, 77),
        frame('rst_stream', 0, 1, u32(11)),
      ),
      answers(frame('goaway', 0, 0, Buffer.concat([u32(3), u32(13)]))),
      answers(frame('goaway', 0, 0, Buffer.concat([u32(3), u32(14)]))),
    ];
    const objects = read(said).map(({ eve }) => eve.replace(/.*"http2":|\}$/g, ''));
    expect(objects).toEqual([
      '{"stream_id":0,"request":{"settings":[{"settings_id":"SETTINGSHEADERTABLESIZE","settings_value":4096},' +
        '{"settings_id":"SETTINGSENABLECONNECTPROTOCOL","settings_value":1}]}}',
      '',
      '',
      '{"stream_id":1,"request":{"priority":41,"has_multiple":"priority","error_code":"EnhanceYourCalm"}}',
      '{"stream_id":0,"response":{"error_code":"HTTP11REQUIRED"}}',
      '{"stream_id":0,"response":{"error_code":"14"}}',
    ]);
  });

  it('may be promised by the server', () => {
    const promise = frame('push_promise', END_HEADERS, 1, Buffer.concat([u32(2), GET]));
    const seen = read([asks(headers(1)), answers(promise, headers(2, OK), headers(1, OK))]);
    expect(seen.map(({ values }) => [values['> http.uri'], values['< http.stat_code']])).toEqual([
      [['/a'], ['200']],
      [['/a'], ['200']],
    ]);
  });

  it('names what is gRPC', () => {
    const call = block([
      [':method', 'POST'],
      [':path', '/pkg.Service/Call'],
      ['content-type', 'application/grpc+proto'],
    ]);
    expect(read([asks(headers(1, call))])[0]!.eve).toContain('"grpc":{"service":"pkg.Service","method":"Call"}');
  });

  it('that was upgraded has its response alone', () => {
    const [seen] = read([asks(), answers(headers(1, OK))]);
    expect([seen!.progress, value(seen, '< http.stat_code')]).toEqual([[6, 6], '200']);
  });
});

describe('events', () => {
  it.each<[string, readonly Part[]]>([
    ['invalid_client_magic', [['>', text('PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n.')]]],
    ['invalid_frame_header', [asks(frame('headers', 0, 1, GET), headers(3))]],
    ['invalid_frame_header', [asks(frame('continuation', END_HEADERS, 1, GET))]],
    ['invalid_frame_length', [asks(headers(1), frame('rst_stream', 0, 1, bytes(0)))]],
    ['invalid_header', [asks(headers(1, bytes(0xff, 0xff)))]],
    ['extra_header_data', [asks(headers(1, bytes(200, 0x82), END_HEADERS | PADDED))]],
    ['header_integer_overflow', [asks(headers(1, bytes(0xff, 0xff, 0xff, 0xff, 0xff, 0x7f)))]],
    ['header_table_overflow', [asks(headers(1, bytes(0x3f, 0xe2, 0xff, 0x03)))]],
    ['stream_id_reuse', [asks(headers(3)), answers(headers(3, OK)), more(headers(3))]],
    ['data_stream_zero', [asks(frame('data', 0, 0, text('x')))]],
    ['long_frame_data', [asks(frame('settings', 0, 0, new Uint8Array(65_538)))]],
    ['authority_host_mismatch', [asks(headers(1, Buffer.concat([GET, block([['host', 'other']])])))]],
    ['userinfo_in_uri', [asks(headers(1, block([[':authority', 'user:pw@h']])))]],
    ['gap', [asks(headers(1, GET, END_HEADERS), frame('data', 0, 1, new Uint8Array(9)).subarray(0, 12)), ['>', 6]]],
  ])('%s', (name, said) => {
    expect(events(said)).toContain(name);
  });

  it('a body goes on behind a gap in it, and so do the frames', () => {
    const data = frame('data', END_STREAM, 1, text('0123456789'));
    const said: Part[] = [
      asks(headers(1, GET, END_HEADERS), data.subarray(0, 12)),
      ['>', 4],
      more(data.subarray(16), headers(3)),
    ];
    const seen = read(said);
    expect([value(seen[0], '> http.request_body'), value(seen[1], '> http.uri')]).toEqual(['012789', '/a']);
  });
});

describe('bounds', () => {
  it('CONTINUATION without end is given up at 64 KiB', () => {
    const parts = Array.from({ length: 20 }, () => frame('continuation', 0, 1, new Uint8Array(8000)));
    const seen = read([asks(frame('headers', 0, 1, GET), ...parts)]);
    expect(seen[0]!.events).toEqual(['reassembly_limit_reached']);
  });

  it('headers that refer to the table are kept up to 64 KiB, and 256 of them', () => {
    const entry = block([['n', 'v'.repeat(4000)]]);
    entry[0] = 0x40;
    const bomb = Buffer.concat([entry, new Uint8Array(60_000).fill(0xbe)]);
    const [seen] = read([
      asks(
        ...Array.from({ length: 4 }, (_, part) =>
          frame(
            part === 0 ? 'headers' : 'continuation',
            part === 3 ? END_HEADERS : 0,
            1,
            bomb.subarray(part * 16_050, (part + 1) * 16_050),
          ),
        ),
      ),
    ]);
    expect(seen!.events).toEqual(['too_many_headers']);
    expect(String(value(seen, '> http.header')).length).toBeLessThan(65_536);
  });

  it('requests that are taken back are done with, and told of', () => {
    const talk = newTalk();
    const frames = Array.from({ length: 150 }, (_, index) => [
      headers(2 * index + 1),
      frame('rst_stream', 0, 2 * index + 1, u32(8)),
    ]);
    const seen = read([asks(...frames.flat())], 100_000, talk);
    expect(seen.every(({ progress }) => progress[0] === 6 && progress[1] === 6)).toBe(true);
    expect(seen.flatMap((one) => one.events)).toEqual(['rapid_reset']);
    expect(talk.arena.usedBytes).toBe(0);
  });

  it('streams without answer are given up, the oldest first', () => {
    const frames = Array.from({ length: 300 }, (_, index) => headers(2 * index + 1));
    const seen = read([asks(...frames)]);
    expect(seen.map((one) => one.events.length).lastIndexOf(1)).toBe(43);
  });
});

const WHOLE = Buffer.concat([
  PREFACE,
  frame('settings', 0, 0, bytes(0, 1, 0, 0, 0x20, 0)),
  headers(1, GET, END_HEADERS),
  frame('data', END_STREAM | PADDED, 1, Buffer.concat([bytes(1), text('body'), bytes(0)])),
  headers(3, Buffer.concat([bytes(0x82, 0x84, 0x40), GET.subarray(1)])),
  frame('rst_stream', 0, 3, u32(8)),
]);
const ANSWER = Buffer.concat([headers(1, OK, END_HEADERS), frame('data', END_STREAM, 1, text('ok'))]);
describeFuzz(
  conversationTarget({
    protocol: HTTP2,
    specs: SPECS,
    events: HTTP2_EVENTS,
    said: [
      [
        ['>', WHOLE],
        ['<', ANSWER],
      ],
    ],
  }),
);
