/** Rules with `filestore` that say nothing of files wait for one. Asked of Suricata 8.0.7. */
import { expect } from 'vitest';
import { builtIt } from '../../support/built.js';
import type { Said } from '../../support/conversation.js';
import { alertsOfEach } from '../../support/reading.js';

const TALKS: readonly (readonly Said[])[] = [
  [
    ['>', 'GET /a.exe HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['<', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nMZ'],
    ['>', 'GET /none HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['<', 'HTTP/1.1 204 No Content\r\n\r\n'],
  ],
  [
    ['>', 'POST /up HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\ndata'],
    ['<', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'],
  ],
];
const RULES = [
  'filestore;',
  'flow:to_server; filestore;',
  'http.uri; content:"/"; filestore;',
  'http.stat_code; content:"20"; filestore;',
  'http.method; content:"GET"; filestore:response,tx;',
].map((options, index) => `alert http any any -> any any (${options} sid:${index + 1};)`);

builtIt('a rule that stores files and says nothing of them waits for one of its side', () => {
  const found = alertsOfEach(
    TALKS.map((said) => ({ serverPort: 80, said })),
    RULES,
  );
  expect(found.map((alerts) => [...alerts].sort())).toEqual([
    // The last rule names the other side: it matches before the file comes.
    ['1<', '4<', '5>', '5>'],
    ['1<', '1>', '2>', '3>', '4<'],
  ]);
});
