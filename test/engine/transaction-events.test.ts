/** Events of transactions, end to end: what they say, when they are written, and what alerts tell of transactions. */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { address, dnsMessage, labels, pointer, query, TYPE } from '../app/support/dns-messages.js';
import { cryptoFrame, initialPacket } from '../app/support/quic-packets.js';
import {
  clientHello,
  handshake,
  message,
  MESSAGE,
  record,
  RECORD,
  serverHello,
  serverName,
} from '../app/support/tls-messages.js';
import { httpRequest, httpResponse } from '../support/application-messages.js';
import { framesOf, type Conversation } from '../support/conversation.js';
import { hasEveSchema, violations } from '../support/eve-schema.js';
import { concat } from '../support/packet-builder.js';
import { pcapFile } from '../support/pcap-writer.js';
import { Folder, periscope } from '../support/sensor.js';

interface Event {
  readonly event_type: string;
  readonly src_ip: string;
  readonly src_port: number;
  readonly pcap_cnt: number;
  readonly tx_id?: number;
  readonly metadata?: unknown;
  readonly alert?: { readonly signature_id: number };
  readonly dns?: Readonly<Record<string, unknown>>;
  readonly http?: Readonly<Record<string, unknown>>;
}

const folder = new Folder();
afterAll(() => folder.remove());
const ALL = 'alert,dns,tls,quic,http';

async function read(
  talks: readonly Conversation[],
  { types = ALL, rules = '', workers = 1 }: { types?: string; rules?: string; workers?: number } = {},
): Promise<Event[]> {
  const capture = folder.write('talks.pcap', pcapFile(talks.flatMap(framesOf)));
  const files = [capture, '--rules', folder.write('test.rules', rules), '--workers', String(workers)];
  const { status, stdout } = await periscope(['read', ...files, '--set', `eve.types=${types}`]);
  expect(status).toBe(0);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Event);
}

const answer = dnsMessage({
  id: 7,
  flags: 0x8180,
  queries: [{ name: labels('www.example.com'), type: TYPE.a }],
  answers: [{ name: pointer(12), type: TYPE.a, data: address('192.0.2.1') }],
});
const lookup: Conversation = {
  udp: true,
  serverPort: 53,
  host: 1,
  said: [
    ['>', query(labels('www.example.com'), TYPE.a, { id: 7 })],
    ['<', answer],
  ],
};
const web: Conversation = {
  serverPort: 80,
  host: 2,
  said: [
    ['>', httpRequest('GET /a') + httpRequest('GET /b')],
    ['<', httpResponse('200 OK', 'first') + httpResponse('404 Not Found', 'second one')],
  ],
};
const secure: Conversation = {
  serverPort: 443,
  host: 3,
  said: [
    ['>', handshake(MESSAGE.clientHello, clientHello({ extensions: [serverName('shop.example')] }))],
    ['<', concat(handshake(MESSAGE.serverHello, serverHello()), handshake(MESSAGE.helloDone, []))],
    ['>', concat(record(RECORD.changeCipherSpec, [1]), record(RECORD.handshake, [9, 9, 9, 9]))],
    ['<', concat(record(RECORD.changeCipherSpec, [1]), record(RECORD.handshake, [9, 9, 9, 9]))],
    ['>', record(RECORD.data, [1, 2, 3])],
    ['<', record(RECORD.data, [1, 2, 3])],
  ],
};
const quicHello = clientHello({ extensions: [serverName('q.example')] });
const quic: Conversation = {
  udp: true,
  serverPort: 443,
  host: 4,
  said: [['>', initialPacket(cryptoFrame(0, message(MESSAGE.clientHello, quicHello)))]],
};
const talks = [lookup, web, secure, quic];

const RULES = `
alert dns any any -> any any (msg:"query"; dns.query; content:"example"; sid:1;)
alert dns any any -> any any (msg:"message"; content:"www"; sid:2;)
alert udp any any -> any 53 (msg:"datagram"; content:"www"; sid:3;)
alert http any any -> any any (msg:"second"; http.uri; content:"/b"; sid:4;)
alert http any any -> any any (msg:"status"; http.stat_code; content:"404"; sid:5;)
alert tls any any -> any any (msg:"name"; tls.sni; content:"shop"; sid:6;)
alert quic any any -> any any (msg:"name"; quic.sni; content:"q."; sid:7;)
alert tcp any any -> any 80 (msg:"stream"; content:"GET"; sid:8;)
`;

/** All events of all talks, read once. */
let all: Promise<Event[]> | undefined;
const everything = (): Promise<Event[]> => (all ??= read(talks, { rules: RULES }));

/** A message of NTP of that mode. */
const clock = (mode: number): Uint8Array => concat([0x20 | mode, 2], new Uint8Array(46));

it('shows what rules have left at the flow by then, and so do events of flows and files', async () => {
  const rules =
    'alert http any any -> any any (flow:to_server; http.uri; content:"/b"; flowbits:set,asked; noalert; sid:1;)\n' +
    'alert http any any -> any any (http.stat_code; content:"404"; flowint:lost,+,1; noalert; sid:2;)\n';
  const events = await read([web, lookup], { types: 'http,flow,fileinfo,dns', rules });
  const of = (type: string): unknown[] => events.filter((one) => one.event_type === type).map((one) => one.metadata);
  const marks = { flowbits: ['asked'], flowints: { lost: 1 } };
  expect(of('http')).toEqual([marks, marks]);
  expect(of('fileinfo')).toEqual([marks, marks]);
  expect(of('flow')).toContainEqual(marks);
  expect(of('dns')).toEqual([undefined, undefined]);
});

it('has the sender of a message as its source, where each message is an event', async () => {
  const ask: Conversation = {
    udp: true,
    serverPort: 123,
    host: 5,
    said: [
      ['>', clock(3)],
      ['<', clock(4)],
    ],
  };
  const events = await read([ask], { types: 'ntp' });
  expect(events.map(({ src_port: port }) => port === 123)).toEqual([false, true]);
});

describe('rules with config', () => {
  const silence = 'config:logging disable, type tx, scope tx;';
  const written = async (rules: string, of: readonly Conversation[] = talks): Promise<unknown[]> =>
    (await read(of, { types: 'alert,dns,http,tls', rules: `${rules}\n` })).map(
      ({ event_type, alert, dns, http }) => alert?.signature_id ?? http?.['url'] ?? dns?.['type'] ?? event_type,
    );

  it('keep the transaction that they match out of the log, and no other', async () => {
    const rule = `config http any any -> any any (http.uri; content:"/b"; ${silence} sid:1;)`;
    expect(await written(rule)).toEqual(['request', 'response', '/a', 'tls']);
  });

  it('alert where their action does', async () => {
    const rule = `alert dns any any -> any any (msg:"x"; dns.query; content:"example"; ${silence} sid:1;)`;
    expect(await written(rule, [lookup])).toEqual([1, 'response']);
  });

  it('mean what is at hand where they look at packets or streams', async () => {
    const datagram = `config udp any any -> any 53 (content:"www"; ${silence} sid:1;)`;
    expect(await written(datagram)).toEqual(['response', '/a', '/b', 'tls']);
    const stream = `config tcp any any -> any 80 (content:"GET /b"; ${silence} sid:1;)`;
    expect(await written(stream)).toEqual(['request', 'response', 'tls']);
    const application = `config tls any any -> any any (flow:to_server; ${silence} sid:1;)`;
    expect(await written(application)).toEqual(['request', 'response', '/a', '/b']);
  });

  it('leave what their flow is silent about counted', async () => {
    const stats = folder.at('stats.json');
    const capture = folder.write('talks.pcap', pcapFile(talks.flatMap(framesOf)));
    const rules = folder.write(
      'test.rules',
      `config http any any -> any any (http.uri; content:"/"; ${silence} sid:1;)\n`,
    );
    const options = ['--rules', rules, '--stats', stats, '--set', 'eve.types=http'];
    expect((await periscope(['read', capture, ...options])).stdout).toBe('');
    const { metrics } = JSON.parse(readFileSync(stats, 'utf8')) as { metrics: Record<string, unknown> };
    expect(metrics['app_events_silenced_total{protocol="http"}']).toBe(2);
  });
});

describe('events of transactions', () => {
  it('are one for each message of DNS, as it went, and one for each request, connection and hello of others', async () => {
    const events = await read(talks, { types: 'dns,tls,quic,http' });
    expect(events).toMatchObject([
      { event_type: 'dns', src_ip: '10.8.0.1', src_port: 40_000, pcap_cnt: 1, tx_id: 0, app_proto: 'dns' },
      { event_type: 'dns', src_ip: '10.9.0.1', src_port: 53, pcap_cnt: 2, tx_id: 1 },
      { event_type: 'http', src_ip: '10.8.0.2', tx_id: 0, http: { url: '/a', status: 200, length: 5 } },
      { event_type: 'http', src_ip: '10.8.0.2', tx_id: 1, http: { url: '/b', status: 404, length: 10 } },
      { event_type: 'tls', src_ip: '10.8.0.3', tx_id: 0, tls: { sni: 'shop.example', version: 'TLS 1.2' } },
      { event_type: 'quic', src_ip: '10.8.0.4', tx_id: 0, quic: { version: '1', sni: 'q.example' } },
    ]);
    expect(events[0].dns).toMatchObject({ version: 3, type: 'request', tx_id: 0, id: 7 });
    expect(events[1].dns).toMatchObject({ type: 'response', grouped: { A: ['192.0.2.1'] } });
  });

  it('are written for the types alone that are asked for, and for no other applications', async () => {
    expect((await read(talks, { types: 'tls' })).map(({ event_type }) => event_type)).toEqual(['tls']);
    expect(await read(talks, { types: 'alert' })).toEqual([]);
  });

  it('are the same for any number of shards, behind the alerts of their packet', async () => {
    const alone = await everything();
    expect(await read(talks, { rules: RULES, workers: 3 })).toEqual(alone);
    const names = alone.map(({ event_type, alert }) => String(alert?.signature_id ?? event_type));
    expect(names.slice(0, 5)).toEqual(['1', '2', '3', 'dns', '2']);
  });

  it('come with the end of the flow where an answer does not', async () => {
    const asked: Conversation = { ...web, said: [['>', httpRequest('GET /a')]] };
    const [event] = await read([asked, lookup], { types: 'http' });
    expect(event).toMatchObject({ event_type: 'http', src_ip: '10.8.0.2', http: { url: '/a', length: 0 } });
    expect(event).not.toHaveProperty('http.status');
  });

  it('are written of flows that a pass rule covers, too', async () => {
    const rules = 'pass tcp any any -> any 80 (msg:"ours"; sid:9;)\n';
    const events = await read([web], { rules: `${rules}${RULES}` });
    expect(events.map(({ event_type, http }) => [event_type, http?.['url']])).toEqual([
      ['http', '/a'],
      ['http', '/b'],
    ]);
  });

  it.skipIf(!hasEveSchema)("fit Suricata's schema, and so do the same objects on alerts", async () => {
    const events = await everything();
    expect(events.length).toBeGreaterThan(12);
    for (const event of events) expect(violations(event)).toEqual([]);
  });
});

describe('alerts', () => {
  it('tell of the transaction that their rule has matched, and its number', async () => {
    const alerts = (await everything()).filter(({ event_type }) => event_type === 'alert');
    const told = new Map(alerts.map((event) => [event.alert!.signature_id, event]));
    expect(told.get(1)).toMatchObject({ tx_id: 0, dns: { type: 'request', queries: [{ rrname: 'www.example.com' }] } });
    expect(told.get(4)).toMatchObject({ tx_id: 1, http: { url: '/b' } });
    expect(told.get(5)).toMatchObject({ tx_id: 1, http: { url: '/b', status: 404 } });
    expect(told.get(6)).toMatchObject({ tx_id: 0, tls: { sni: 'shop.example' } });
    expect(told.get(7)).toMatchObject({ tx_id: 0, quic: { sni: 'q.example' } });
  });

  it('of rules about an application tell of the message that a datagram is, and name no groups', async () => {
    const alerts = await read([lookup], { types: 'alert', rules: RULES });
    const of = (sid: number): Event[] => alerts.filter(({ alert }) => alert!.signature_id === sid);
    expect(of(2)).toMatchObject([{ dns: { type: 'request' } }, { tx_id: 1, dns: { type: 'response' } }]);
    expect(of(2)[1].dns).not.toHaveProperty('grouped');
    expect(of(3)[0]).not.toHaveProperty('dns');
  });

  it('of packets and streams tell of none', async () => {
    const alerts = await read([web], { types: 'alert', rules: RULES });
    const stream = alerts.find(({ alert }) => alert!.signature_id === 8);
    expect(stream).toBeDefined();
    expect(stream).not.toHaveProperty('http');
    expect(stream).not.toHaveProperty('tx_id');
  });

  it('tell of a transaction that ends with its protocol', async () => {
    const tunnelled: Conversation = {
      ...web,
      said: [
        ['>', 'CONNECT shop.example:443 HTTP/1.1\r\nHost: shop.example:443\r\n\r\n'],
        ['<', 'HTTP/1.1 200 OK\r\n\r\n'],
        ...secure.said,
      ],
    };
    const rules = `alert http any any -> any any (msg:"tunnel"; http.stat_code; content:"200"; sid:1;)\n${RULES}`;
    const events = await read([tunnelled], { rules });
    expect(events).toMatchObject([
      { event_type: 'http' },
      { alert: { signature_id: 1 }, tx_id: 0, http: { http_method: 'CONNECT', status: 200 } },
      { alert: { signature_id: 6 }, tls: { sni: 'shop.example' } },
      { event_type: 'tls' },
    ]);
  });
});
