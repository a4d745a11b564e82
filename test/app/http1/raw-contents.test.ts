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
