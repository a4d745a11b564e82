/** What Snort 3 says of HTTP: arguments of buffers, and keywords of its own, each on requests that tell it apart. */
import { afterAll, expect, it } from 'vitest';
import { framesOf, type Said } from '../support/conversation.js';
import { pcapFile } from '../support/pcap-writer.js';
import { Folder, periscope } from '../support/sensor.js';

const folder = new Folder();
afterAll(() => folder.remove());

const HEADERS =
  'Host: shop.example\r\nUser-Agent: HttpBrowser/1.0\r\nX-Count: 12\r\nX-Word: a1\r\nCookie: a=1; b=2; c=3\r\n';
const SAID: readonly Said[] = [
  ['>', `GET /dir/p?id=7&ID=&z=%41#frag HTTP/1.1\r\n${HEADERS}\r\n`],
  ['<', 'HTTP/1.0 200 OK\r\nSet-Cookie: s=1\r\nSet-Cookie: t=2\r\nX-Word: b2\r\nContent-Length: 0\r\n\r\n'],
];

/** Options of a rule, and whether it holds. */
const RULES: readonly (readonly [options: string, holds: boolean])[] = [
  ['http_header:field user-agent; content:"httpbrowser",nocase,startswith;', true],
  ['http_header:field User-Agent; content:"shop";', false],
  ['http_header:field x-word; content:"b2"; bsize:2;', true],
  ['http_header:field x-missing; content:!"a";', false],
  ['http_header:field x-word; content:!"zzz";', true],
  ['http_raw_header:field x-word,with_body; content:"a1";', true],
  ['http_header:request,field x-word; content:"a1";', true],
  ['http_header:request,field x-word; content:"b2";', false],
  ['http_header:field cookie; content:"b=2";', true],
  ['http_uri:path; content:"/dir/p"; bsize:6;', true],
  ['http_uri:query; content:"id=7&ID=&z=A"; bsize:12;', true],
  ['http_uri:fragment; content:"frag";', true],
  ['http_raw_uri:query; content:"z=%41";', true],
  ['http_uri:host; content:"shop.example";', true],
  ['http_param:"id"; content:"7"; bsize:1;', true],
  ['http_param:"Id",nocase; content:"7";', true],
  ['http_param:"Id"; content:"7";', false],
  ['http_param:"ID"; content:!"7";', false],
  ['http_param:"missing";', false],
  ['http_num_headers:5; http_method; content:"GET";', true],
  ['http_num_headers:>5;', false],
  ['http_num_cookies:3;', true],
  ['http_num_cookies:2; http_stat_code; content:"200";', true],
  ['http_max_header_line:27;', true],
  ['http_max_header_line:>27;', false],
  ['http_header_test:field x-count,numeric true;', true],
  ['http_header_test:field x-count,numeric false;', false],
  ['http_header_test:field x-word,numeric false;', true],
  ['http_header_test:field x-missing,absent; http_method; content:"GET";', true],
  ['http_header_test:field host,absent; http_method; content:"GET";', false],
  ['http_version_match:"1.0 2.0";', true],
  ['http_version_match:"0.9 2.0";', false],
  ['http_version_match:"malformed other";', false],
  ['http_raw_request; content:"GET /dir/p"; startswith;', true],
  ['http_raw_status; content:"200 OK";', true],
  ['http_version; content:"HTTP/1.1";', true],
  ['content:"a=1"; http_raw_cookie;', true],
];

it('keywords and arguments of Snort 3 mean what they say', async () => {
  const rules = RULES.map(([options], index) => `alert http any any -> any any (${options} sid:${index + 1};)`);
  const capture = folder.write('talk.pcap', pcapFile(framesOf({ serverPort: 80, host: 1, said: SAID })));
  const files = [capture, '--rules', folder.write('snort.rules', rules.join('\n'))];
  const { status, stdout } = await periscope(['read', ...files]);
  expect(status).toBe(0);
  const sids = new Set(
    stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (JSON.parse(line) as { alert: { signature_id: number } }).alert.signature_id),
  );
  const wrong = RULES.filter(([, holds], index) => sids.has(index + 1) !== holds);
  expect(wrong).toEqual([]);
});
