/** Files end to end: events of files, files in alerts, and what rules with `filestore` leave in a directory. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { framesOf, type Conversation, type Said } from '../support/conversation.js';
import { pcapFile } from '../support/pcap-writer.js';
import { Folder, periscope } from '../support/sensor.js';

const folder = new Folder();
afterAll(() => folder.remove());

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const get = (path: string): Said => ['>', `GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`];
const serves = (body: string, headers = ''): Said => [
  '<',
  `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${headers}\r\n${body}`,
];
const posts = (path: string, body: string): Said => [
  '>',
  `POST ${path} HTTP/1.1\r\nHost: h\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
];
const web = (host: number, said: readonly Said[], more: Partial<Conversation> = {}): Conversation => ({
  serverPort: 80,
  host,
  said,
  cut: 1400,
  ...more,
});

const LARGE = 'MZ' + '0123456789abcdef'.repeat(20_000);
const LARGEST = 'MZ' + 'x'.repeat(400_000);
const two =
  '--X\r\nContent-Disposition: form-data; name="a"; filename="x.txt"\r\n\r\naaa\r\n' +
  '--X\r\nContent-Disposition: form-data; name="b"; filename="y.bin"\r\n\r\nMZ\r\n--X--\r\n';
const TALKS: readonly Conversation[] = [
  web(1, [get('/small.exe'), serves('MZ small')]),
  web(2, [get('/large.exe'), serves(LARGE)]),
  web(3, [get('/largest.exe'), serves(LARGEST)]),
  web(4, [get('/plain.txt'), serves('text'), get('/after.txt'), serves('after')]),
  web(5, [posts('/up', 'posted'), serves('answer')]),
  web(6, [
    [
      '>',
      `POST /form HTTP/1.1\r\nHost: h\r\nContent-Type: multipart/form-data; boundary=X\r\nContent-Length: ${two.length}\r\n\r\n${two}`,
    ],
    serves(''),
  ]),
  web(7, [get('/again.exe'), serves('MZ small')]),
  web(8, [get('/cut.exe'), ['<', 'HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nMZ cut']]),
  web(9, [get('/part'), ['<', 'HTTP/1.1 206 OK\r\nContent-Length: 4\r\nContent-Range: bytes 5-8/20\r\n\r\nabcd']]),
];

interface Event {
  readonly event_type: string;
  readonly src_ip: string;
  readonly alert?: { readonly signature_id: number };
  readonly fileinfo?: Readonly<Record<string, unknown>>;
  readonly files?: readonly unknown[];
  readonly http?: { readonly url: string };
}

interface Result {
  readonly events: readonly Event[];
  /** Names of stored files, in order. */
  readonly stored: readonly string[];
  readonly directory: string;
}

let runs = 0;
async function read(rules: string, settings: readonly string[] = [], store = true): Promise<Result> {
  const capture = folder.write('talks.pcap', pcapFile(TALKS.flatMap(framesOf)));
  const directory = join(folder.path, `store-${++runs}`);
  const all = [...settings, 'eve.types=alert,fileinfo', ...(store ? [`fileStore.directory=${directory}`] : [])];
  const files = [capture, '--rules', folder.write('test.rules', rules)];
  const { status, stdout } = await periscope(['read', ...files, ...all.flatMap((each) => ['--set', each])]);
  expect(status).toBe(0);
  const events = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Event);
  return { events, directory, stored: store ? storedIn(directory) : [] };
}

const storedIn = (directory: string): string[] =>
  readdirSync(directory)
    .filter((name) => name !== 'incoming')
    .flatMap((name) => readdirSync(join(directory, name)))
    .sort();

const names = (...texts: readonly string[]): string[] => texts.map(sha256).sort();
const infoOf = ({ events }: Result, filename: string): Event =>
  events.find(({ fileinfo }) => fileinfo?.filename === filename)!;

describe('events of files', () => {
  it('say what each was called, how large it was, and who sent it; nothing is stored without a directory', async () => {
    const rule = 'alert http any any -> any any (file.data; content:"MZ small"; filestore; sid:1;)';
    const result = await read(rule, ['eve.fileDigests=md5,sha256'], false);
    expect(result.events.filter(({ event_type }) => event_type === 'fileinfo')).toHaveLength(12);
    expect(infoOf(result, '/small.exe')).toMatchObject({
      src_ip: '10.9.0.1',
      http: { url: '/small.exe', status: 200 },
      app_proto: 'http',
      fileinfo: {
        gaps: false,
        state: 'CLOSED',
        md5: createHash('md5').update('MZ small').digest('hex'),
        sha256: sha256('MZ small'),
        stored: false,
        size: 8,
        tx_id: 0,
      },
    });
    expect(infoOf(result, '/large.exe').fileinfo).toMatchObject({ sha256: sha256(LARGE), size: LARGE.length });
    expect(infoOf(result, '/up').src_ip).toBe('10.8.0.5');
    expect(infoOf(result, '/cut.exe').fileinfo).toMatchObject({ state: 'CLOSED', size: 6 });
    expect(infoOf(result, '/part').fileinfo).toMatchObject({ start: 5, end: 8 });
    const [alert] = result.events.filter(({ event_type }) => event_type === 'alert');
    expect(alert!.files).toMatchObject([{ filename: '/small.exe', size: 8, stored: false, tx_id: 0 }]);
  });
});

describe('filestore', () => {
  it('stores what rules match in, whole, once, under its digest, for the owner alone', async () => {
    folder.write('digests', sha256(LARGE));
    const rules = `
      alert http any any -> any any (flow:to_client; file.data; content:"MZ"; startswith; filestore; sid:1;)
      alert http any any -> any any (filename:".bin"; filestore; sid:2;)
      alert http any any -> any any (filesha256:digests; filestore; sid:3;)
      alert http any any -> any any (filesize:6; flow:to_server; filestore; sid:4;)
      alert http any any -> any any (http.uri; content:"/plain"; filestore:response,flow; sid:5;)
      alert http any any -> any any (http.uri; content:"/up"; filestore:both,tx; sid:6;)
      alert http any any -> any any (http.uri; content:"/form"; filestore:response,tx; sid:7;)`;
    const result = await read(rules, ['fileStore.fileBytes=330000']);
    expect(result.stored).toEqual(names('MZ small', LARGE, 'MZ cut', 'MZ', 'posted', 'answer', 'text', 'after'));
    for (const name of result.stored) {
      const path = join(result.directory, name.slice(0, 2), name);
      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect(createHash('sha256').update(readFileSync(path)).digest('hex')).toBe(name);
    }
    expect(readdirSync(join(result.directory, 'incoming'))).toEqual([]);
    const said = (name: string): unknown => {
      const { sid = [], stored } = infoOf(result, name).fileinfo!;
      return [sid, stored];
    };
    expect(said('/small.exe')).toEqual([[1], true]);
    expect(said('/again.exe')).toEqual([[1], true]);
    expect(said('/large.exe')).toEqual([[1, 3], true]);
    expect(said('/largest.exe')).toEqual([[1], false]);
    expect(said('y.bin')).toEqual([[2], true]);
    expect(said('x.txt')).toEqual([[], false]);
    expect(said('/after.txt')).toEqual([[], true]);
  });
});
