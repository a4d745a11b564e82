/** One packet may complete very many messages, as behind a hole: each of them has its alerts. */
import { expect, it } from 'vitest';
import { alertsOfEach } from '../support/reading.js';

const MESSAGES = 200;
const SIDS = [1, 2, 3, 4, 5];

it('alerts for each message that a packet completes, whatever their number', () => {
  const rules = SIDS.map(
    (sid) => `alert http any any -> any any (msg:"x"; http.stat_code; content:"204"; sid:${sid};)`,
  );
  const talk = {
    serverPort: 80,
    said: [
      ['>', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(MESSAGES)],
      ['<', 'HTTP/1.1 204 A\r\n\r\n'.repeat(MESSAGES)],
    ] as const,
  };
  const [alerts] = alertsOfEach([talk], rules);
  expect(alerts).toHaveLength(MESSAGES * SIDS.length);
  expect(new Set(alerts)).toEqual(new Set(SIDS.map((sid) => `${sid}<`)));
});
