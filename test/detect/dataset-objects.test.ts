/** Alerts of rules over datasets in JSON: the object that was found is in the event, and no other one. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { clientAddress, framesOf, type Conversation } from '../support/conversation.js';
import { pcapFile } from '../support/pcap-writer.js';
import { Folder, MAIN } from '../support/sensor.js';

const folder = new Folder();
afterAll(() => folder.remove());

const request = (host: string, path: string): string => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
const RESPONSE = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc';
const talk = (host: string, path: string): Omit<Conversation, 'host'> => ({
  serverPort: 80,
  said: [
    ['>', request(host, path)],
    ['<', RESPONSE],
  ],
});

/** By talk: sids of its alerts with what is in `alert.context`. */
function contexts(talks: readonly Omit<Conversation, 'host'>[], rules: readonly string[]): unknown[][] {
  const capture = folder.write('talks.pcap', pcapFile(talks.flatMap((each, i) => framesOf({ ...each, host: i + 1 }))));
  const file = folder.write('test.rules', `${rules.join('\n')}\n`);
  const events = folder.at('events.ndjson');
  const options = ['--rules', file, '--eve', events, '--workers', '1', '--strict'];
  execFileSync(process.execPath, [MAIN, 'read', capture, ...options], { stdio: 'pipe' });
  const alerts = readFileSync(events, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"event_type":"alert"'))
    .map((line) => JSON.parse(line) as { src_ip: string; dest_ip: string; alert: Record<string, unknown> });
  return talks.map((_, i) =>
    alerts
      .filter(({ src_ip, dest_ip }) => [src_ip, dest_ip].includes(clientAddress(i + 1)))
      .map(({ alert }) => [alert['signature_id'], alert['context']]),
  );
}

const rule = (sid: number, options: string): string =>
  `alert http any any -> any any (msg:"x"; ${options} sid:${sid}; rev:1;)`;

describe('an alert', () => {
  folder.write('bad.json', '{"list":[{"host":"evil.example","by":"é"},{"host":"worse.example","by":[2]}]}');
  folder.write('path.ndjson', '{"path":"/a","n":1}\n{"path":"/b","n":2}\n');
  const BAD =
    'http.host; dataset:isset,bad,type string,load bad.json,format json,array_key list,value_key host,context_key who;';
  const PATH =
    'http.uri; dataset:isset,path,type string,load path.ndjson,format jsonline,value_key path,enrichment_key where,remove_key;';
  const evil = { who: { host: 'evil.example', by: 'é' } };
  const worse = { who: { host: 'worse.example', by: [2] } };

  it('shows the objects of what was found, of several sets and of a buffer that passed before', () => {
    const found = contexts(
      [talk('evil.example', '/a'), talk('worse.example', '/x'), talk('good.example', '/b')],
      [
        rule(1, BAD),
        rule(2, `${BAD} ${PATH}`),
        rule(3, PATH),
        rule(4, 'http.host; dataset:isnotset,bad;'),
        rule(5, 'http.host; content:"example";'),
        rule(6, 'http.host; dataset:isset,bad; http.response_body; content:"c";').replace('->', '=>'),
      ],
    );
    expect(found).toEqual([
      [
        [1, evil],
        [2, { ...evil, where: { n: 1 } }],
        [3, { where: { n: 1 } }],
        [5, undefined],
        [6, evil],
      ],
      [
        [1, worse],
        [5, undefined],
        [6, worse],
      ],
      [
        [3, { where: { n: 2 } }],
        [4, undefined],
        [5, undefined],
      ],
    ]);
  });

  it('of one request shows what that one has found, where several wait for their answers', () => {
    const requests = [request('evil.example', '/a'), request('worse.example', '/a'), request('good.example', '/a')];
    const several: Omit<Conversation, 'host'> = {
      serverPort: 80,
      said: [
        ['>', requests.join('')],
        ['<', RESPONSE.repeat(3)],
      ],
    };
    const both = rule(1, `${BAD} http.response_body; content:"b";`).replace('->', '=>');
    expect(contexts([several], [both])).toEqual([
      [
        [1, evil],
        [1, worse],
      ],
    ]);
  });
});
