/** Rules about files, end to end: several in a message, lists of digests, and conditions that wait for the end. */
import { createHash } from 'node:crypto';
import { afterAll, expect, it } from 'vitest';
import { Recording } from '../support/recording.js';
import { Folder, periscope } from '../support/sensor.js';
import { pcapOf } from './traffic.js';

const folder = new Folder();
afterAll(() => folder.remove());

const EVIL = `MZ${'evil '.repeat(9000)}`;
const part = (name: string, data: string): string =>
  `--AaB03x\r\nContent-Disposition: form-data; name="f"; filename="${name}"\r\n\r\n${data}\r\n`;

const RULES = [
  'file.data; content:"MZ"; startswith;',
  'file.data; content:"second"; startswith; bsize:11;',
  'file.data; content:"evil"; file.data; content:"second";',
  'file.data; content:!"evil";',
  'fileext:"EXE";',
  'filename:"nothing";',
  'file.name; content:"two.txt"; startswith; endswith;',
  'file.name; content:"one"; file.name; content:"two";',
  'file.name; content:"one"; content:"two";',
  'filesize:11;',
  'filesize:>40000; fileext:"exe";',
  'filesize:<5;',
  'filesha256:bad.txt;',
  'filemd5:!bad-md5.txt;',
  'filesha1:bad-sha1.txt; file.data; content:"second";',
  'file.data; to_sha1; content:"|00|"; filename:"one";',
];

it('rules find each file of a message', async () => {
  const digest = (name: string, data: string): string => createHash(name).update(data).digest('hex');
  folder.write('bad.txt', `${digest('sha256', 'other')}\n${digest('sha256', EVIL)}  one.exe\n`);
  folder.write('bad-md5.txt', `${digest('md5', EVIL)}\n`);
  folder.write('bad-sha1.txt', `# a comment\n${digest('sha1', 'second file').toUpperCase()}\n`);
  const rules = folder.write(
    'files.rules',
    RULES.map(
      (options, index) => `alert http any any -> any any (flow:to_server; ${options} sid:${index + 1};)\n`,
    ).join(''),
  );
  const body = `${part('one.exe', EVIL)}${part('two.txt', 'second file')}--AaB03x--\r\n`;
  const recording = new Recording();
  const talk = recording.tcp('10.0.0.1:40000', '10.0.0.2:80').open();
  const head = `POST /up HTTP/1.1\r\nHost: h\r\nContent-Type: multipart/form-data; boundary=AaB03x\r\nContent-Length: ${body.length}\r\n\r\n`;
  for (let at = 0; at < head.length + body.length; at += 1400) talk.client((head + body).slice(at, at + 1400));
  talk.server('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n').close();
  const capture = folder.write('files.pcap', pcapOf(recording));
  const { status, stdout, stderr } = await periscope(['read', capture, '--rules', rules]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const sids = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => alertOf(line).alert.signature_id);
  expect(sids.sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 7, 8, 10, 11, 13, 14, 15]);
});

const alertOf = (line: string) => JSON.parse(line) as { readonly alert: { readonly signature_id: number } };
