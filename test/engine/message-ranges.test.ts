/** What rules over streams see of messages that follow each other: of HTTP each by itself. */
import { describe, expect, it } from 'vitest';
import type { Said } from '../support/conversation.js';
import { concat } from '../support/packet-builder.js';
import { alertsOfEach } from '../support/reading.js';

const FIRST = 'GET /one HTTP/1.1\r\nHost: h\r\nReferer: r\r\n\r\n';
const SECOND = 'GET /two HTTP/1.1\r\nHost: h\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const RULES = [
  'alert http any any -> any any (flow:to_server; content:"/two"; content:!"Referer"; sid:1;)',
  'alert tcp any any -> any any (flow:to_server,only_stream; content:"GET"; startswith; sid:2;)',
  'alert http any any -> any any (flow:to_server; content:"/one"; content:"/two"; sid:3;)',
  'alert http any any -> any any (flow:to_server; content:"/two"; sid:4;)',
  'alert smtp any any -> any any (flow:to_server; content:"one"; content:"two"; sid:5;)',
];

function inPieces(text: string, size: number): Said[] {
  const bytes = concat(text);
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, i) => ['>', bytes.slice(i * size, (i + 1) * size)] as const);
}

const inTurn = (size: number): Said[] => [...inPieces(FIRST, size), ['<', OK], ...inPieces(SECOND, size), ['<', OK]];
const CUT = SECOND.indexOf('wo');
const TALKS: readonly Said[][] = [
  inTurn(1),
  inTurn(7),
  inTurn(1000),
  [
    ['>', FIRST + SECOND.slice(0, CUT)],
    ['>', SECOND.slice(CUT)],
    ['<', OK + OK],
  ],
  [
    ['<', '220 s\r\n'],
    ['>', 'HELO one\r\n'],
    ['<', '250 s\r\n'],
    ['>', 'MAIL FROM:<two@example>\r\n'],
    ['<', '250 ok\r\n'],
  ],
];
const [byte, some, whole, begun, mail] = alertsOfEach(
  TALKS.map((said, index) => ({ serverPort: index < 4 ? 80 : 25, said })),
  RULES,
);

describe('requests of a connection', () => {
  it('are inspected each by itself, and from their start on, however they are cut', () => {
    for (const alerts of [byte, some, whole]) expect(alerts!.sort()).toEqual(['1>', '2>', '2>', '4>']);
  });

  it('are inspected with what came before them where one has begun when the other ends', () => {
    expect(begun!.filter((alert) => alert === '4>')).toEqual(['4>']);
  });
});

it('commands of SMTP are one talk: contents of several are found together', () => {
  expect(mail).toEqual(['5>']);
});
