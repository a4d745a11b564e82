/** Marks of transactions (xbits, track tx). */
import { describe, expect, it } from 'vitest';
import { obstacle } from '../../src/compile/compile-rules.js';
import { lintText } from '../rule/support/compile.js';
import { programOf } from '../support/rule-options.js';
import { alertsOfEach } from '../support/reading.js';
import type { Conversation } from '../support/conversation.js';
import { askSuricata, hasSuricata } from '../support/suricata.js';

const request = (uri: string): string => `GET ${uri} HTTP/1.1\r\nHost: example.com\r\n\r\n`;
const response = (status: string, body = 'hi'): string =>
  `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const TALK: Omit<Conversation, 'host'> = {
  serverPort: 80,
  said: [
    ['>', request('/a')],
    ['<', response('200 OK')],
    ['>', request('/b')],
    ['<', response('404 No')],
    ['>', request('/a')],
    ['<', response('500 Oh')],
  ],
};

/** Those that Suricata takes as well. */
const SHARED = [
  'alert http any any -> any any (http.uri; content:"/a"; xbits:set,m,track tx; sid:1;)',
  'alert http1:response_line any any -> any any (xbits:isset,m,track tx; sid:2;)',
  'alert http1:response_line any any -> any any (http.stat_code; content:"0"; xbits:isset,m,track tx; sid:3;)',
  'alert http1:request_complete any any -> any any (xbits:set,n,track tx; noalert; sid:4;)',
  'alert http1:response_complete any any -> any any (xbits:isset,n,track tx; sid:5;)',
  'alert http1:response_complete any any -> any any (xbits:isset,never,track tx; sid:6;)',
];

describe('marks of transactions', () => {
  it('are asked for in the same transaction alone', () => {
    expect(alertsOfEach([TALK], SHARED)).toEqual([['1>', '2<', '3<', '5<', '5<', '1>', '2<', '3<', '5<']]);
  });

  it('are unset and toggled, and are not set in rules over messages, too', () => {
    const rules = [
      'alert http any any -> any any (http.method; content:"GET"; xbits:set,m,track tx; noalert; sid:1;)',
      'alert http any any -> any any (http.uri; content:"/a"; xbits:unset,m,track tx; noalert; sid:2;)',
      'alert http any any -> any any (http.stat_code; content:"0"; xbits:isset,m,track tx; sid:3;)',
      'alert http any any -> any any (http.stat_code; content:"0"; xbits:isnotset,m,track tx; sid:4;)',
      'alert http any any -> any any (http.host; content:"example"; xbits:toggle,t,track tx; noalert; sid:5;)',
      'alert http any any -> any any (http.uri; content:"/b"; xbits:toggle,t,track tx; noalert; sid:6;)',
      'alert http any any -> any any (http.stat_code; content:"0"; xbits:isset,t,track tx; sid:7;)',
      'alert http any any -> any any (http.stat_code; content:"0"; xbits:isset,x|m,track tx; sid:8;)',
    ];
    expect(alertsOfEach([TALK], rules.slice(0, 7))).toEqual([['4<', '7<', '3<', '4<', '7<']]);
  });

  it('are told where a rule looks at no transaction', () => {
    const rule = 'alert tcp any any -> any any (msg:"m"; content:"GET x"; xbits:set,m,track tx; sid:1;)';
    expect(lintText(rule)).toEqual(["warning without-effect 'set,m,track tx'"]);
    expect(obstacle(programOf('content:"GET x"; xbits:isset,m,track tx;'))).toMatchObject({ keywords: ['xbits'] });
    expect(obstacle(programOf('http.uri; content:"x"; xbits:isset,m,track tx;'))).toBeUndefined();
  });

  it.skipIf(!hasSuricata)('are those of Suricata', () => {
    const [answer] = askSuricata([{ ...TALK, host: 1 }], SHARED);
    const alerts = answer!.alerts.map((alert) => alert.replace(/@.*/, ''));
    expect(alerts.sort()).toEqual([...alertsOfEach([TALK], SHARED)[0]!].sort());
  });
});
