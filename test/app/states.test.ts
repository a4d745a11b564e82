/** Rules that name states of transactions: hooks, and app-layer-state. */
import { describe, expect } from 'vitest';
import { APPLICATION_SAMPLES } from '../support/application-samples.js';
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

describe('hooks of other protocols', () => {
  builtIt('of a mail: its data come behind its envelope', () => {
    const commands = ['EHLO c', 'MAIL FROM:<a@x>', 'RCPT TO:<b@y>', 'DATA', 'Subject: s\r\n\r\ntext\r\n.', 'QUIT'];
    const replies = ['250 mx', '250 ok', '250 ok', '354 go', '250 queued', '221 bye'];
    const said = commands.flatMap((command, index): Conversation['said'] => [
      ['>', `${command}\r\n`],
      ['<', `${replies[index]!}\r\n`],
    ]);
    const names = ['request_started', 'request_data', 'request_complete', 'response_complete'];
    expect(
      alerts(
        names.map((name) => `smtp:${name} any any -> any any (`),
        [{ serverPort: 25, said: [['<', '220 mx\r\n'], ...said] }],
      ),
    ).toEqual([['1>', '2>', '3>', '4<']]);
  });

  builtIt('are there for every protocol that is parsed, and passed by its messages', () => {
    const told = ['krb5', 'ldap', 'modbus', 'snmp', 'tftp', 'ntp', 'nfs', 'dcerpc'];
    const samples = told.map((name) => APPLICATION_SAMPLES.find((sample) => sample.name === name)!);
    const found = alerts(
      told.map((name) => `${name}:request_complete any any -> any any (`),
      samples.map(({ port, udp = false, said }) => ({ serverPort: port, udp, said })),
    );
    expect(found.map((one) => [...new Set(one)])).toEqual(told.map((_, index) => [`${index + 1}>`]));
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
