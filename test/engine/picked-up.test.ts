/** Connections of which the beginning was not seen: who asks in them, and which response answers what. */
import { describe, expect } from 'vitest';
import { builtIt } from '../support/built.js';
import type { Said } from '../support/conversation.js';
import { alertsOfEach } from '../support/reading.js';

const exchange = (path: string, status: number): Said[] => [
  ['>', `GET /${path} HTTP/1.1\r\nHost: a\r\n\r\n`],
  ['<', `HTTP/1.1 ${status} OK\r\nContent-Length: 2\r\n\r\nok`],
];
const SAID = [...exchange('one', 201), ...exchange('two', 202)];
const RULES = [
  'alert http any any => any any (http.uri; content:"/one"; http.stat_code; content:"201"; sid:1;)',
  'alert http any any => any any (http.uri; content:"/two"; http.stat_code; content:"202"; sid:2;)',
  'alert http any any -> any any (app-layer-event:http.unable_to_match_response_to_request; sid:3;)',
];

/** RegisterSession of EtherNet/IP: requests and answers begin alike. */
const ENIP = 'e\0\x04\0\0\0\0\x01' + '\0'.repeat(16) + '\x01\0\0\0';
const ENIP_RULES = [
  'alert enip any any -> any 44818 (flow:to_server; enip_command:101; sid:1;)',
  'alert enip any 44818 -> any any (flow:to_client; enip_command:101; sid:2;)',
];

describe('a connection that is picked up', () => {
  builtIt.each([
    ['with a request', {}],
    ['with a request to a port above that of the client', { clientPort: 1984, serverPort: 8080 }],
  ])('%s has its responses belong to its requests', (_, ports) => {
    expect(alertsOfEach([{ serverPort: 80, midstream: true, said: SAID, ...ports }], RULES)).toEqual([['1<', '2<']]);
  });

  builtIt('has the server at the port of its protocol, where the messages of both sides begin alike', () => {
    const ports = { clientPort: 2430, serverPort: 44818, midstream: true };
    const said: Said[][] = [[['>', ENIP], ['<', ENIP]], [['<', ENIP], ['>', ENIP]]]; // prettier-ignore
    const conversations = said.map((each) => ({ ...ports, said: each }));
    expect(alertsOfEach(conversations, ENIP_RULES)).toEqual([['1>', '2<'], ['2<', '1>']]); // prettier-ignore
  });
});
