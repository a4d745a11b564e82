/** Rules over HTTP/2 in clear text, with prior knowledge and behind an upgrade, as `read` alerts. */
import { expect } from 'vitest';
import { builtIt } from '../../support/built.js';
import type { Conversation } from '../../support/conversation.js';
import { alertsOfEach } from '../../support/reading.js';
import { block, END_HEADERS, END_STREAM, frame, GET, OK, PREFACE } from './frames.js';

const stream = (number: number, payload: Uint8Array, end = END_STREAM): Uint8Array =>
  frame('headers', END_HEADERS | end, number, payload);
const settings = frame('settings', 0, 0, Uint8Array.of(0, 5, 0, 0, 0x60, 0));
const post = block([
  [':method', 'POST'],
  [':path', '/b%41'],
]);
const client = Buffer.concat([
  PREFACE,
  settings,
  stream(1, GET),
  stream(3, post, 0),
  frame('data', END_STREAM, 3, Buffer.from('needle in a body')),
]);
const server = Buffer.concat([settings, stream(1, OK, 0), frame('data', END_STREAM, 1, Buffer.from('found it'))]);
const known: Conversation['said'] = [
  ['>', client],
  ['<', server],
];
const upgraded: Conversation['said'] = [
  [
    '>',
    'GET /first HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n',
  ],
  [
    '<',
    Buffer.concat([Buffer.from('HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'), settings]),
  ],
  ['>', Buffer.concat([PREFACE, settings, stream(3, GET)])],
  ['<', Buffer.concat([stream(1, OK), stream(3, OK)])],
];
const RULES = [
  'http any any -> any any (http.uri; content:"/a"; bsize:2;',
  'http2 any any -> any any (http.uri; content:"/bA"; http.request_body; content:"needle"; file.data; content:"in a body";',
  'http any any -> any any (http.stat_code; content:"200"; file.data; content:"found";',
  'http1 any any -> any any (http.method; content:"GET";',
  'http2 any any -> any any (http2.settings:SETTINGS_MAX_FRAME_SIZE >20000; flow:to_server;',
  'http2 any any -> any any (flow:to_client; http2.header_name; content:"server"; bsize:6;',
  'http2:request_complete any any -> any any (http.method; content:"POST";',
  'tcp any any -> any any (app-layer-protocol:http2; flow:to_server;',
].map((rule, index) => `alert ${rule} sid:${index + 1};)`);

builtIt('are tried on streams, however they are cut', () => {
  const talks = [1400, 7, 1].map((cut) => ({ serverPort: 8080, said: known, cut }));
  const found = alertsOfEach(talks, RULES).map((alerts) => [...alerts].sort());
  const expected = ['1>', '2>', '3<', '5>', '6<', '7>', '8>'];
  expect(found).toEqual([expected, expected, expected]);
});

builtIt('are tried behind an upgrade', () => {
  const [found] = alertsOfEach([{ serverPort: 80, said: upgraded }], RULES);
  expect([...found!].sort()).toEqual(['1>', '4>', '5>', '6<', '6<', '8>']);
});
