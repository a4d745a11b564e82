/** `periscope update` against a server of its own: new rules come, and bad ones leave the old ones where they are. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CommandError } from '../../src/cli/exit.js';
import { buildProgram } from '../../src/cli/program.js';
import { runUpdate, updateRules, type UpdateOptions } from '../../src/cli/update.js';
import { readChecksum } from '../../src/load/fetch-source.js';
import { loadRules } from '../../src/load/load-rules.js';
import { tarGz, zip } from '../support/archive-writer.js';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let folder: string;
let output: string;
/** By path; what is not here is 404. */
const answers = new Map<string, Answer>();
const requests: { readonly url: string; readonly headers: IncomingMessage['headers'] }[] = [];
const server = createServer((request, response) => {
  requests.push({ url: request.url!, headers: request.headers });
  const answer = answers.get(request.url!);
  if (answer === undefined) response.writeHead(404).end('<html>not here</html>');
  else answer(request, response);
});
let base: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(
  () =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(resolve);
    }),
);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'periscope-update-'));
  output = join(folder, 'rules', 'et');
});
afterEach(() => {
  answers.clear();
  requests.length = 0;
  rmSync(folder, { recursive: true });
});

const rule = (sid: number): string =>
  `alert tcp any any -> any any (msg:"${sid}"; content:"x"; classtype:ours; sid:${sid};)\n`;
const archive = (...sids: number[]): Buffer =>
  tarGz([
    { path: 'rules/a.rules', content: sids.map(rule).join('') },
    { path: 'rules/classification.config', content: 'config classification: ours,Ours,2\n' },
    { path: 'rules/LICENSE', content: 'free' },
    { path: 'rules/tool.sh', content: '#!/bin/sh' },
  ]);
const send =
  (bytes: Uint8Array, headers: Record<string, string> = {}): Answer =>
  (_request, response) =>
    response.writeHead(200, headers).end(bytes);

interface Result {
  readonly status: number;
  readonly said: string;
}

async function update(options: Partial<UpdateOptions> = {}): Promise<Result> {
  let said = '';
  const settings = { vars: {}, vni: { names: {}, groups: {}, tenants: {} }, classificationFile: '', referenceFile: '' };
  const status = await runUpdate({
    source: `${base}/rules.tar.gz`,
    output,
    failures: 0.01,
    force: false,
    timeoutMs: 5000,
    settings,
    ...options,
    write: (text) => (said += text),
  }).catch((error: unknown) => {
    if (!(error instanceof CommandError)) throw error;
    said += error.message;
    return error.status;
  });
  return { status, said };
}

const sids = (path = output): number[] => loadRules({ rules: [path] }).programs.map(({ sid }) => sid);
/** What lies beside the output: nothing half done. */
const beside = (): string[] => (existsSync(dirname(output)) ? readdirSync(dirname(output)) : []).sort();

describe('new rules', () => {
  it('shows how far it is to who is watching', async () => {
    answers.set('/rules.tar.gz', send(archive(1, 2)));
    const shown: string[] = [];
    expect((await update({ writeProgress: (text) => void shown.push(text) })).status).toBe(0);
    expect(shown[0]).toBe(`fetching ${base}/rules.tar.gz`);
    expect(shown.find((text) => text.endsWith('MB'))).toBe(`fetching ${base}/rules.tar.gz: 0.0 MB`);
    expect(shown).toContain('checking: 2 rules read, 1 of 1 files done');
    expect(shown[shown.length - 1]).toBe('');
  });

  it('takes an archive with rules that are built into Snort, which are no failures', async () => {
    const builtin = (sid: number): string => `alert ( msg:"of the decoder"; sid:${sid}; gid:116; rev:1; )\n`;
    const bytes = tarGz([
      { path: 'rules/a.rules', content: rule(1) },
      { path: 'builtins/builtins.rules', content: builtin(1) + builtin(2) + builtin(3) },
    ]);
    answers.set('/rules.tar.gz', send(bytes));
    expect(await update({ failures: 0 })).toMatchObject({ status: 0, said: expect.stringContaining('0 failed') });
  });

  it('are fetched, unpacked, checked and put in place', async () => {
    answers.set('/rules.tar.gz', send(archive(1, 2)));
    const { status, said } = await update();
    expect(status).toBe(0);
    expect(said).toMatch(
      /no checksum is published.*\n2 rules from 1 file are in .*; 0 failed; a running sensor takes them up on SIGHUP\n$/,
    );
    expect(sids()).toEqual([1, 2]);
    expect(readdirSync(join(output, 'rules')).sort()).toEqual(['LICENSE', 'a.rules', 'classification.config']);
    expect(beside()).toEqual(['et']);
    expect(statSync(output).mode & 0o777).toBe(0o755);
    expect(requests[0]!.headers['user-agent']).toMatch(/^periscope\//);
  });

  it('take the place of those before, which stay beside them', async () => {
    for (const sid of [1, 2, 3]) {
      answers.set('/rules.tar.gz', send(archive(sid)));
      expect((await update()).status).toBe(0);
    }
    expect([sids(), sids(`${output}.previous`)]).toEqual([[3], [2]]);
    expect(beside()).toEqual(['et', 'et.previous']);
  });

  it('may come as zip, as one rule file, and from a file', async () => {
    answers.set('/rules.zip', send(zip([{ path: 'b.rules', content: rule(7) }])));
    answers.set('/b.rules.gz', send(gzipSync(rule(8))));
    expect([(await update({ source: `${base}/rules.zip` })).status, sids()]).toEqual([0, [7]]);
    expect([(await update({ source: `${base}/b.rules.gz` })).status, sids()]).toEqual([0, [8]]);
    const source = join(folder, 'local.rules');
    writeFileSync(source, rule(9));
    expect([(await update({ source })).status, sids()]).toEqual([0, [9]]);
    expect((await update({ source })).said).toContain('has not changed');
  });

  it('come with their classes, which are used in the check', async () => {
    answers.set(
      '/rules.tar.gz',
      send(
        tarGz([
          { path: 'a.rules', content: rule(1) },
          { path: 'classification.config', content: 'rubbish\n' },
        ]),
      ),
    );
    expect((await update()).said).toContain('classification.config:1:1: error');
  });
});

describe('what has not changed', () => {
  it('is not sent again by a server with ETags', async () => {
    answers.set('/rules.tar.gz', (request, response) => {
      if (request.headers['if-none-match'] === '"v1"') response.writeHead(304).end();
      else response.writeHead(200, { etag: '"v1"' }).end(archive(1));
    });
    await update();
    const { status, said } = await update();
    expect([status, sids()]).toEqual([0, [1]]);
    expect(said).toContain('has not changed');
    expect(requests.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, undefined, undefined, '"v1"']);
    requests.length = 0;
    expect((await update({ force: true })).said).toContain('1 rule from 1 file is in');
    expect(requests[0]!.headers['if-none-match']).toBeUndefined();
  });

  it('is noticed by date or content too', async () => {
    answers.set('/rules.tar.gz', send(archive(1), { 'last-modified': 'Mon, 01 Jan 2024 00:00:00 GMT' }));
    await update();
    expect((await update()).said).toContain('has not changed');
    expect(requests.at(-1)!.headers['if-modified-since']).toBe('Mon, 01 Jan 2024 00:00:00 GMT');
    // Another source is another matter.
    answers.set('/other.tar.gz', send(archive(1)));
    expect((await update({ source: `${base}/other.tar.gz` })).said).toContain('1 rule from');
  });
});

describe('a checksum', () => {
  const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');
  const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

  it('beside the archive is respected', async () => {
    answers.set('/rules.tar.gz', send(archive(1)));
    answers.set('/rules.tar.gz.md5', send(Buffer.from(`${md5(archive(1))}  rules.tar.gz\n`)));
    expect((await update()).said).not.toContain('no checksum');
    answers.set('/rules.tar.gz', send(archive(2)));
    expect(await update()).toMatchObject({
      status: 3,
      said: expect.stringMatching(/the md5 of what was fetched is not [0-9a-f]{32}; the rules in .* stay as they are/),
    });
    expect(sids()).toEqual([1]);
    // The stronger one is asked for first.
    answers.set('/rules.tar.gz.sha256', send(Buffer.from(sha256(archive(2)))));
    expect([(await update()).status, sids()]).toEqual([0, [2]]);
  });

  it('that is given goes before that', async () => {
    answers.set('/rules.tar.gz', send(archive(1)));
    answers.set('/rules.tar.gz.md5', send(Buffer.from('0'.repeat(32))));
    expect((await update({ checksum: readChecksum('f'.repeat(64)) })).status).toBe(3);
    expect((await update({ checksum: readChecksum(sha256(archive(1)).toUpperCase()) })).status).toBe(0);
  });

  it('is read as it is usually written', () => {
    expect(readChecksum(`MD5 (x) = ${'a1'.repeat(16)}\n`)).toEqual({ algorithm: 'md5', hex: 'a1'.repeat(16) });
    expect(readChecksum(`${'b'.repeat(64)} *x`)?.algorithm).toBe('sha256');
    expect(readChecksum('<html>404</html>')).toBeUndefined();
    expect(readChecksum('a'.repeat(40))).toBeUndefined();
  });
});

describe('the old rules stay', () => {
  const bad: [string, () => Answer, number, RegExp][] = [
    ['where the server fails', () => (_request, response) => response.writeHead(503).end(), 3, /answers 503/],
    ['where the archive is gone', () => (_request, response) => response.writeHead(404).end(), 3, /answers 404/],
    [
      'where the transfer breaks off',
      () => (_request, response) => {
        response.writeHead(200, { 'content-length': '1000' });
        response.write('abc', () => response.destroy());
      },
      3,
      /broke off|rules stay|terminated|other side closed/,
    ],
    ['where the archive is cut', () => send(archive(1).subarray(0, -30)), 3, /cannot be unpacked: it is damaged/],
    [
      'where a path leaves the folder',
      () =>
        send(
          tarGz([
            { path: 'a.rules', content: rule(1) },
            { path: '../../evil.rules', content: rule(2) },
          ]),
        ),
      3,
      /not one within a folder/,
    ],
    [
      'where the archive is a bomb',
      () => send(zip([{ path: 'a.rules', content: rule(1), size: 300 * 1024 * 1024 }])),
      3,
      /unpacks to more than/,
    ],
    ['where it holds no rules', () => send(tarGz([{ path: 'README.txt', content: 'x' }])), 1, /holds no rule files/],
    ['where it is a page', () => send(Buffer.from('<html>log in</html>')), 1, /none of them loads/],
    [
      'where too many rules fail',
      () =>
        send(tarGz([{ path: 'a.rules', content: rule(1) + 'alert tcp any any -> any any (contnt:"x"; sid:2;)\n' }])),
      1,
      /unknown keyword 'contnt'[^]*1 of 2 rules fail \(50\.0 %\), more than the 1 % of --max-failed/,
    ],
    [
      'where a file among them cannot be read',
      () =>
        send(
          tarGz([
            { path: 'a.rules', content: rule(1) },
            { path: 'b.rules.gz', content: Buffer.from([0x1f, 0x8b, 8, 0, 1]) },
          ]),
        ),
      1,
      /b\.rules\.gz: cannot read the file/,
    ],
  ];
  it.each(bad)('%s', async (_what, answer, status, said) => {
    answers.set('/rules.tar.gz', send(archive(11)));
    await update();
    answers.set('/rules.tar.gz', answer());
    const result = await update();
    expect(result.status).toBe(status);
    expect(result.said).toMatch(said);
    expect(result.said).toContain('stay as they are');
    expect(sids()).toEqual([11]);
    expect(beside()).toEqual(['et']);
    expect(readdirSync(folder)).toEqual(['rules']);
    // And the next good ones are taken.
    answers.set('/rules.tar.gz', send(archive(12)));
    expect([(await update()).status, sids()]).toEqual([0, [12]]);
  });

  it('where the server does not answer in time', async () => {
    answers.set('/rules.tar.gz', () => {});
    expect(await update({ timeoutMs: 50 })).toMatchObject({
      status: 3,
      said: expect.stringContaining('no answer within 0.05 s'),
    });
  });

  it('where nobody listens, the name is wrong, or the file is not there', async () => {
    expect((await update({ source: 'http://127.0.0.1:1/x' })).status).toBe(3);
    expect(await update({ source: 'ftp://127.0.0.1/x' })).toMatchObject({
      status: 3,
      said: expect.stringContaining('only http, https and files'),
    });
    expect(await update({ source: join(folder, 'absent') })).toMatchObject({
      status: 3,
      said: expect.stringContaining('no such file'),
    });
  });

  it('but some rules may fail, if that is said', async () => {
    answers.set(
      '/rules.tar.gz',
      send(tarGz([{ path: 'a.rules', content: rule(1) + 'alert tcp any any -> any any (contnt:"x"; sid:2;)\n' }])),
    );
    expect([(await update({ failures: 0.5 })).status, sids()]).toEqual([0, [1]]);
  });
});

describe('the output', () => {
  it('is not a folder with files of somebody else', async () => {
    mkdirSync(output, { recursive: true });
    writeFileSync(join(output, 'mine.rules'), rule(1));
    answers.set('/rules.tar.gz', send(archive(2)));
    expect(await update()).toMatchObject({
      status: 3,
      said: expect.stringContaining('files that update did not put there'),
    });
    expect(sids()).toEqual([1]);
    expect(requests).toEqual([]);
  });

  it('may be an empty folder, not a file', async () => {
    mkdirSync(output, { recursive: true });
    answers.set('/rules.tar.gz', send(archive(2)));
    expect((await update()).status).toBe(0);
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(await update({ output: file })).toMatchObject({
      status: 3,
      said: expect.stringContaining('is no directory'),
    });
  });
});

describe('the command line', () => {
  const flags = { source: 'x', output: 'y', maxFailed: '1', timeout: '1', var: {}, set: {} };
  it('says what is wrong with its numbers', async () => {
    await expect(updateRules({ ...flags, checksum: 'abc' })).rejects.toThrow(/--checksum takes an MD5/);
    await expect(updateRules({ ...flags, maxFailed: '101' })).rejects.toThrow(
      /--max-failed takes a number from 0 to 100/,
    );
    await expect(updateRules({ ...flags, timeout: '' })).rejects.toMatchObject({ status: 2 });
  });

  it('names Emerging Threats Open as the default', () => {
    const command = buildProgram(() => {}).commands.find((each) => each.name() === 'update')!;
    expect(command.opts()).toMatchObject({
      source: 'https://rules.emergingthreats.net/open/suricata-7.0.3/emerging.rules.tar.gz',
      maxFailed: '1',
    });
  });
});
