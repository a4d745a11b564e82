/** Rules over buffers of an application that has several transports: the header says which of them are meant. */
import { describe, expect } from 'vitest';
import { inStream, labels, query } from '../app/support/dns-messages.js';
import { builtIt } from '../support/built.js';
import { alertsOfEach } from '../support/reading.js';

const ASKED = query(labels('www.example.com'), 1);
const TALKS = [
  { udp: true, serverPort: 53, said: [['>', ASKED]] },
  { serverPort: 53, said: [['>', inStream(ASKED)]] },
] as const;

describe('the transport of a header', () => {
  builtIt.each([
    ['buffers', 'dns.query; content:"example"; sid:'],
    ['numbers', 'dns.opcode:0; sid:'],
    ['names that must not be there', 'dns.query; content:!"nothing"; sid:'],
    ['buffers beside the payload', 'content:"example"; dns.query; content:"www"; sid:'],
    ['frames', 'frame:dns.pdu; content:"example"; sid:'],
  ])('holds for rules over %s', (_, options) => {
    const rules = ['udp', 'tcp', 'ip', 'dns', 'ipv6', 'sctp'].map(
      (header, index) => `alert ${header} any any -> any any (${options}${index + 1};)`,
    );
    expect(alertsOfEach(TALKS, rules).map((alerts) => [...alerts].sort())).toEqual([
      ['1>', '3>', '4>'],
      ['2>', '3>', '4>'],
    ]);
  });
});
