/** Raw contents beside buffers in one rule, as `read` alerts: each of them is found when it comes. */
import { expect } from 'vitest';
import { builtIt } from '../../support/built.js';
import type { Said } from '../../support/conversation.js';
import { alertsOfEach } from '../../support/reading.js';

const REQUESTS: Said = ['>', 'GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\nX: asked\r\n\r\n'];
/** With the end of the first one the range of the stream ends; the body of the second ends with the connection. */
const ANSWERS = 'HTTP/1.1 204 No\r\n\r\nHTTP/1.1 200 OK\r\nX: early\r\n\r\nbody late';
const RULES = [
  '(content:"early"; file.data; content:"body";',
  '(content:"early"; file.data; content:"late"; endswith;',
  '(file.data; content:"late"; pkt_data; content:"200 OK"; content:"early"; distance:0;',
  '(content:!"nowhere"; content:"early"; file.data; content:"body";',
  '(content:"nowhere"; file.data; content:"body";',
  '(content:!"nowhere"; file.data; content:"body";',
  '(content:!"early"; file.data; content:"body";',
  '(content:"asked"; http.stat_code; content:"200";',
].map((rule, index) => `alert http any any -> any any ${rule} sid:${index + 1};)`);

builtIt('a raw content is found in front of a body that is known at the end of the connection', () => {
  const found = alertsOfEach([{ serverPort: 80, said: [REQUESTS, ['<', ANSWERS]] }], RULES);
  expect([...found[0]!].sort()).toEqual(['1<', '2<', '3<', '4<', '6<']);
});

/** Longer than what is inspected of a stream at once, and what that looks back to. */
const LONG = 'x'.repeat(9000);

builtIt('a raw content is found however much of its message comes behind it', () => {
  const request = (uri: string, body: string): string =>
    `POST ${uri} HTTP/1.1\r\nHost: h\r\nCookie: ${LONG}\r\nUser-Agent: agent\r\n` +
    `Content-Length: ${body.length}\r\n\r\n${body}`;
  const answer = (server: string, body: string): string =>
    `HTTP/1.1 200 OK\r\nServer: ${server}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const rules = [
    '(content:"/early"; http.user_agent; content:"agent";',
    '(content:"/early"; http.request_body; content:"late";',
    '(content:"/early"; fast_pattern; http.request_body; content:"late";',
    '(content:"prompt"; file.data; content:"late"; flow:to_client;',
    '(content:"prompt"; content:!"nowhere"; file.data; content:"late"; flow:to_client;',
    '(content:"prompt"; content:!"late"; file.data; content:"late"; flow:to_client;',
    '(content:"nowhere"; file.data; content:"late"; flow:to_client;',
  ].map((rule, index) => `alert http any any -> any any ${rule} sid:${index + 1};)`);
  const talk = (uri: string, server: string): Said[] => [
    ['>', request(uri, `${LONG}late`)],
    ['<', answer(server, `${LONG.repeat(8)}late`)],
  ];
  const another = talk('/another', 'another');
  const found = alertsOfEach(
    [
      { serverPort: 80, said: talk('/early', 'prompt') },
      { serverPort: 80, said: another },
      // What another message has said is none of this one's.
      {
        serverPort: 80,
        said: [['>', 'GET /early HTTP/1.1\r\n\r\n'], ['<', answer('prompt', 'x')], ...another],
      },
    ],
    rules,
  );
  expect(found.map((alerts) => [...alerts].sort())).toEqual([['1>', '2>', '3>', '4<'], [], []]);
});

builtIt('a raw content beside a buffer is looked for in no packet that is in no stream', () => {
  const rules = ['alert http any any -> any any (content:"payload"; http.uri; absent; sid:1;)'];
  const talk = { serverPort: 443, midstream: true, said: [['>', 'a payload of nothing known']] as Said[] };
  expect(alertsOfEach([talk], rules, ['stream.midstream=false'])).toEqual([[]]);
});
