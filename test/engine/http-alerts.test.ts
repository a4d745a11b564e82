/** What events of HTTP show when it is asked for: bodies, and whom a proxy speaks for; and URIs read by settings. */
import { afterAll, describe, expect, it } from 'vitest';
import { gzipSync } from 'node:zlib';
import { framesOf, type Conversation } from '../support/conversation.js';
import { concat } from '../support/packet-builder.js';
import { pcapFile } from '../support/pcap-writer.js';
import { Folder, periscope } from '../support/sensor.js';

const folder = new Folder();
afterAll(() => folder.remove());

const packed = gzipSync('answer\0');
const TALK: Conversation = {
  serverPort: 80,
  host: 1,
  said: [
    ['>', 'POST /a\\b?c=%2541+1 HTTP/1.1\r\nHost: h\r\nX-Real: 198.51.100.7\r\nContent-Length: 3\r\n\r\na\x01c'],
    ['<', concat(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${packed.length}\r\n\r\n`, packed)],
  ],
};
const RULES = `
alert http any any -> any any (http.uri; content:"/a|5c|b?c=A 1"; sid:1;)
alert http any any -> any any (http.stat_code; content:"200"; sid:2;)
`;

interface Event {
  readonly event_type: string;
  readonly src_ip: string;
  readonly dest_ip: string;
  readonly xff?: string;
}

interface Alert extends Event {
  readonly alert: { readonly signature_id: number; readonly xff?: string };
  readonly http: Readonly<Record<string, unknown>>;
}

async function events(settings: readonly string[]): Promise<Event[]> {
  const files = [folder.write('talk.pcap', pcapFile(framesOf(TALK))), '--rules', folder.write('test.rules', RULES)];
  const { status, stdout } = await periscope(['read', ...files, ...settings.flatMap((each) => ['--set', each])]);
  expect(status).toBe(0);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Event);
}

async function read(settings: readonly string[]): Promise<Alert[]> {
  const alerts = (await events(settings)) as Alert[];
  return alerts.sort((a, b) => a.alert.signature_id - b.alert.signature_id);
}

it('alerts show bodies and the client behind a proxy', async () => {
  const [uri, status] = await read([
    'eve.httpBody=true',
    'eve.httpBodyPrintable=true',
    'eve.xff.mode=overwrite',
    'eve.xff.header=x-real',
    'http.uri.backslashes=false',
    'http.uri.twiceInQuery=true',
    'http.uri.plus=true',
  ]);
  expect(uri).toMatchObject({ src_ip: '198.51.100.7', dest_ip: '10.9.0.1' });
  expect(status).toMatchObject({
    src_ip: '10.9.0.1',
    dest_ip: '198.51.100.7',
    http: {
      http_request_body_printable: 'a.c',
      http_response_body_printable: 'answer.',
      http_request_body: Buffer.from('a\x01c').toString('base64'),
      http_response_body: Buffer.from('answer\0').toString('base64'),
    },
  });
  expect(status!.alert).not.toHaveProperty('xff');
});

it('alerts name that client beside the rule; bodies are not in them unless it is asked for', async () => {
  const [status] = await read(['eve.xff.mode=extra-data', 'eve.xff.header=X-Real']);
  expect(status).toMatchObject({
    src_ip: '10.9.0.1',
    dest_ip: '10.8.0.1',
    alert: { signature_id: 2, xff: '198.51.100.7' },
  });
  expect(Object.keys(status!.http).filter((name) => name.includes('body'))).toEqual([]);
});

describe('events of HTTP and of files', () => {
  /** Type, ends, and the client beside them. */
  async function told(mode: string): Promise<readonly string[]> {
    const found = await events([`eve.xff.mode=${mode}`, 'eve.types=http,fileinfo', 'eve.xff.header=x-real']);
    return found
      .map(({ event_type, src_ip, dest_ip, xff }) => `${event_type} ${src_ip} ${dest_ip} ${xff ?? ''}`.trim())
      .sort();
  }

  it('name the client behind a proxy as alerts do', async () => {
    expect(await told('off')).toEqual([
      'fileinfo 10.8.0.1 10.9.0.1',
      'fileinfo 10.9.0.1 10.8.0.1',
      'http 10.8.0.1 10.9.0.1',
    ]);
    expect(await told('extra-data')).toEqual([
      'fileinfo 10.8.0.1 10.9.0.1 198.51.100.7',
      'fileinfo 10.9.0.1 10.8.0.1 198.51.100.7',
      'http 10.8.0.1 10.9.0.1 198.51.100.7',
    ]);
    expect(await told('overwrite')).toEqual([
      'fileinfo 10.9.0.1 198.51.100.7',
      'fileinfo 198.51.100.7 10.9.0.1',
      'http 198.51.100.7 10.9.0.1',
    ]);
  });
});
