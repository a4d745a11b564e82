/** Rules that name states of transactions: hooks, and app-layer-state. */
import { describe, expect } from 'vitest';
import { builtIt } from '../support/built.js';
import type { Conversation } from '../support/conversation.js';
import { alertsOfEach } from '../support/reading.js';

const http = (...said: Conversation['said']): Omit<Conversation, 'host'> => ({ serverPort: 80, said });
const REQUEST = 'POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n';
const WHOLE = http(['>', `${REQUEST}ok`], ['<', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok']);

const alerts = (rules: readonly string[], talks = [WHOLE]): string[][] =>
  alertsOfEach(
    talks,
    rules.map((rule, index) => `alert ${rule} sid:${index + 1};)`),
  );

describe('a hook', () => {
  builtIt('is passed once by each side of a transaction', () => {
    const names = ['started', 'line', 'headers', 'body', 'trailer', 'complete'];
    const rules = ['request', 'response'].flatMap((side) =>
      names.map((name) => `http1:${side}_${name} any any -> any any (`),
    );
    const expected = rules.map((_, index) => `${index + 1}${index < 6 ? '>' : '<'}`);
    expect(alerts(rules)).toEqual([expected]);
  });

  builtIt('is passed once, in the order of states, however a message is cut', () => {
    const rules = ['complete', 'body', 'line', 'started'].map((name) => `http1:request_${name} any any -> any any (`);
    expect(alerts(rules, [{ ...WHOLE, cut: 1 }])).toEqual([['3>', '4>', '2>', '1>']]);
  });

  builtIt('goes with buffers and with what is asked of packets and flows', () => {
    expect(
      alerts([
        'http1:request_headers any any -> any any (http.host; content:"h";',
        'http1:request_complete any any -> any any (http.uri; content:"/a";',
        'http1:request_complete any any -> any any (http.uri; content:"/b";',
        'http1:response_complete any any -> any any (flow:established; http.stat_code; content:"200";',
        'http1:request_started any any -> any 81 (',
      ]),
    ).toEqual([['1>', '2>', '4<']]);
  });
});

describe('app-layer-state', () => {
  builtIt('is at a state, behind it, or before it', () => {
    const early = http(['>', 'GET /a HTTP/1.1\r\nHost']);
    const rules = ['request_line', '>request_line', '<request_headers', '>request_headers'].map(
      (state) => `http1 any any -> any any (app-layer-state:${state};`,
    );
    expect(
      alerts(rules, [WHOLE, { ...early, open: true, said: [...early.said, ['<', ' ']] }]).map(([...a]) => a),
    ).toEqual([
      ['1>', '2>', '4>'],
      ['1>', '3>', '2>', '4>'],
    ]);
  });
});
