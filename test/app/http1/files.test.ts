/** Bodies, and the parts of forms, as files: what they are called, and which bytes are theirs. */
import { describe, expect, it } from 'vitest';
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { DIGEST, type DigestName } from '../../../src/app/file/digests.js';
import { FILE_STATE } from '../../../src/app/file/file.js';
import { FILES_LIMIT } from '../../../src/app/file/file-list.js';
import { fileNeeds } from '../../../src/app/file/needs.js';
import { talkInPieces } from '../support/talk.js';
import { answers, asks, GET, newTalk, OK, type HttpTalk, type Part } from './reading.js';

const form = (body: string, type = 'multipart/form-data; boundary=AaB03x', method = 'POST'): Part =>
  asks(
    `${method} /up/to?x=y HTTP/1.1\r\nHost: h\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
const part = (disposition: string, data: string, more = ''): string =>
  `--AaB03x\r\nContent-Disposition: form-data; ${disposition}\r\n${more}\r\n${data}\r\n`;
const END = '--AaB03x--\r\n';
const response = (body: string, headers = ''): Part =>
  answers(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${headers}\r\n${body}`);
const request = (line: string): Part => asks(`${line} HTTP/1.1\r\nHost: h\r\n\r\n`);

function hear(parts: readonly Part[], size = 100_000, talk = newTalk()): HttpTalk {
  talkInPieces(talk, parts, size);
  for (const side of ['>', '<'] as const) talk.close(side);
  return talk;
}

/** `name: data` of each file of a side of the first transaction. */
function filesOf(parts: readonly Part[], side: '>' | '<', size?: number): string[] {
  const [seen] = hear(parts, size).seen;
  const names = seen!.values[`${side} file.name`] ?? [];
  return (seen!.values[`${side} file.data`] ?? []).map((data, index) => `${names[index]}: ${data}`);
}

describe('the body of a response', () => {
  it.each([
    ['GET /dir/a%20b.exe?x=/c', '', '/dir/a b.exe'],
    ['GET http://h/x/../b.exe', '', '/b.exe'],
    ['GET /a', 'Content-Disposition: attachment; filename="b c.pdf"\r\n', 'b c.pdf'],
    ['GET /a', 'Content-Disposition: inline; FileName=plain.txt; size=3\r\n', 'plain.txt'],
    ['GET /a', 'Content-Disposition: attachment; x="filename=n"; filename="q\\"r"\r\n', 'q"r'],
    ['GET /a', 'Content-Disposition: attachment; filename=""\r\n', '/a'],
    ['GET /a', "Content-Disposition: attachment; filename*=UTF-8''b\r\n", '/a'],
  ])('of %s with %j is %s', (line, headers, name) => {
    expect(filesOf([request(line), response('MZ', headers)], '<')).toEqual([`${name}: MZ`]);
  });

  it('is none where it is empty', () => {
    expect(filesOf([GET, response('')], '<')).toEqual([]);
  });

  it.each([
    ['bytes 5-9/20', [5, 9]],
    ['bytes 0-19/20', [-1, -1]],
    ['bytes 5-9/*', [-1, -1]],
    ['bytes 9-5/20', [-1, -1]],
    ['bytes 5-20/20', [-1, -1]],
  ])('may be a part of a larger file: %s', (range, part) => {
    const talk = hear([GET, response('abcde', `Content-Range: ${range}\r\n`)]);
    const file = talk.connection.transactions[0]!.files(1)!.at(0);
    file.askName();
    expect([file.rangeStart, file.rangeEnd]).toEqual(part);
  });
});

describe('the body of a request', () => {
  it('is a file where it is posted or put, named by the path', () => {
    for (const method of ['POST', 'PUT'])
      expect(filesOf([form('a=b', 'text/plain', method), OK], '>')).toEqual(['/up/to: a=b']);
    for (const method of ['DELETE', 'PATCH', 'post'])
      expect(filesOf([form('a=b', 'text/plain', method), OK], '>')).toEqual([]);
  });

  it('that is put is one file, whatever it holds', () => {
    const body = part('name="a"; filename="x"', 'abc') + END;
    expect(filesOf([form(body, undefined, 'PUT'), OK], '>')).toEqual([`/up/to: ${body}`]);
  });
});

describe('a form', () => {
  const two =
    part('name="a"; filename="x.exe"', 'MZ\r\n--AaB03\r\n') +
    part('name="n"', 'value') +
    part('name="b"; filename=y.txt', '', 'Content-Type: text/plain\r\n');
  const FILES = ['x.exe: MZ\r\n--AaB03\r\n', 'y.txt: '];

  it.each([
    ['two files and a value', two + END, FILES],
    ['text around its parts', `before\r\n${two}${END}behind --AaB03x`, FILES],
    ['lines that end with LF', (part('name="a"; filename="x"', 'abc') + END).replaceAll('\r\n', '\n'), ['x: abc']],
    ['no end', part('name="a"; filename="x"', 'abc'), ['x: abc']],
    ['no end at all', part('name="a"; filename="x"', 'abc').slice(0, -2), ['x: abc']],
    ['no names', part('name="a"; filename=""', 'abc') + part("name=b; filename*=UTF-8''n", 'abc') + END, []],
    ['other text', 'a=b&c=d', []],
    ['nothing behind its delimiter', '--AaB03x', []],
    [
      'only blanks behind its delimiter',
      `--AaB03x  \r\nContent-Disposition: x; filename=f\r\n\r\nabc\r\n${END}`,
      ['f: abc'],
    ],
  ])('with %s has its files, however it is cut', (_name, body, files) => {
    for (let size = 1; size < 70; size++) expect(filesOf([form(body), OK], '>', size)).toEqual(files);
    const repeated = 'multipart/form-data; boundary=AaB03x\r\nContent-Type: multipart/form-data; boundary=AaB03x';
    for (const type of ['multipart/mixed; boundary="AaB03x"', 'MULTIPART/form-data; x=y; Boundary=AaB03x; z', repeated])
      expect(filesOf([form(body, type), OK], '>')).toEqual(files);
  });

  it('has so many files at most', () => {
    const talk = hear([form(part('name="a"; filename="x"', 'abc').repeat(FILES_LIMIT + 2) + END)]);
    expect(talk.connection.transactions[0]!.files(0)!.count).toBe(FILES_LIMIT);
    expect(fileNeeds(talk.arena).refused).toBe(2);
  });
});

describe('digests', () => {
  const large = 'large body '.repeat(20_000);
  const digests = (parts: readonly Part[], wanted: number): (string | undefined)[] => {
    const talk = newTalk();
    fileNeeds(talk.arena).digests = wanted;
    const [seen] = hear(parts, 1000, talk).seen;
    talk.reset();
    expect(talk.arena.usedBytes).toBe(0);
    return (['md5', 'sha1', 'sha256'] as const).map((name) => {
      const found = seen!.values[`< file.${name}`]?.[0];
      return found === undefined ? undefined : Buffer.from(String(found), 'latin1').toString('hex');
    });
  };
  const digest = (name: DigestName, data: string): string => createHash(name).update(data).digest('hex');

  it('are those of the whole file, also where only its start is inspected', () => {
    expect(digests([GET, response(large)], DIGEST.md5 | DIGEST.sha1 | DIGEST.sha256)).toEqual([
      digest('md5', large),
      digest('sha1', large),
      digest('sha256', large),
    ]);
  });

  it('are made where they are asked for alone', () => {
    expect(digests([GET, response('abc')], DIGEST.sha256)).toEqual([undefined, undefined, digest('sha256', 'abc')]);
    expect(digests([GET, response('abc')], 0)).toEqual([undefined, undefined, undefined]);
  });

  it('of what is compressed are of what it is', () => {
    const packed = gzipSync('some text').toString('latin1');
    expect(digests([GET, response(packed, 'Content-Encoding: gzip\r\n')], DIGEST.md5)[0]).toBe(
      digest('md5', 'some text'),
    );
  });
});

describe('a file', () => {
  const stateOf = (parts: readonly Part[]) => hear(parts).connection.transactions[0]!.files(1)!.at(0);

  it('that is larger than what is inspected has its size, and is truncated', () => {
    const file = stateOf([GET, response('x'.repeat(150_000))]);
    expect([file.state, file.size, file.finalSize, file.length]).toEqual([
      FILE_STATE.truncated,
      150_000,
      150_000,
      102_400,
    ]);
  });

  it('that ends with its connection is closed', () => {
    const file = stateOf([GET, answers('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc')]);
    expect([file.state, file.finalSize]).toEqual([FILE_STATE.closed, 3]);
  });
});
