/** One update of the rules that a sensor fetches: from whom, into what, and what leaves all as it was. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { restorePrevious } from '../../src/load/install-rules.js';
import { loadRules } from '../../src/load/load-rules.js';
import { rulesFolder, updateRuleSet, type UpdateRequest } from '../../src/load/rule-update.js';
import { tarGz } from '../support/archive-writer.js';

/** By path; what is not here is 404. */
const served = new Map<string, Uint8Array | string>();
const asked: string[] = [];
const server = createServer(({ url, headers }, response) => {
  const content = served.get(url!);
  const tag = content === undefined ? '' : `"${content.length}"`;
  const isKnown = content !== undefined && headers['if-none-match'] === tag;
  asked.push(`${url} ${isKnown ? 304 : content === undefined ? 404 : 200}`);
  response.writeHead(isKnown ? 304 : content === undefined ? 404 : 200, tag === '' ? {} : { etag: tag });
  response.end(isKnown ? undefined : content);
});
let base = '';
let directory = '';
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'periscope-update-'))));
afterEach(() => {
  served.clear();
  asked.length = 0;
  rmSync(directory, { recursive: true });
});

const rule = (sid: number, more = ''): string => `alert tcp any any -> any any (msg:"${sid}"; ${more}sid:${sid};)\n`;
const archive = (...rules: string[]): Buffer => tarGz([{ path: 'rules/a.rules', content: rules.join('') }]);
const list = (name: string, text: string): string => {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
};
const update = (sources: readonly string[], more: Partial<UpdateRequest> = {}) =>
  updateRuleSet({
    sources: sources.map((source) => `${base}${source}`),
    directory,
    lists: { enable: '', disable: '', modify: '', drop: '' },
    failures: 0.1,
    fetching: { timeoutMs: 5000, maximumBytes: 100_000, userAgent: 'test' },
    settings: { variables: {}, classificationFile: '', referenceFile: '' },
    ...more,
  });
const sids = (): number[] => loadRules({ rules: [rulesFolder(directory)] }).programs.map(({ sid }) => sid);

describe('an update', () => {
  it('makes one set of all sources, and fetches again only what has changed', async () => {
    served.set('/one', archive(rule(1), rule(2))).set('/two', rule(3));
    expect(await update(['/one', '/two'])).toMatchObject({ kind: 'installed', loaded: 3, failed: 0, problems: [] });
    expect(sids().sort()).toEqual([1, 2, 3]);
    expect(await update(['/one', '/two'])).toMatchObject({ kind: 'unchanged' });
    served.set('/two', rule(3) + rule(4));
    asked.length = 0;
    expect(await update(['/one', '/two'])).toMatchObject({ kind: 'installed', loaded: 4 });
    expect(asked.filter((line) => !line.includes('.'))).toEqual(['/one 304', '/two 200']);
    expect(await update(['/one'])).toMatchObject({ kind: 'installed', loaded: 2 });
  });

  it('keeps again what was lost of a source', async () => {
    served.set('/one', archive(rule(1)));
    await update(['/one']);
    rmSync(join(directory, 'sources'), { recursive: true });
    expect(await update(['/one'])).toMatchObject({ kind: 'unchanged' });
    asked.length = 0;
    expect(await update(['/one'])).toMatchObject({ kind: 'unchanged' });
    expect(asked).toEqual(['/one 304']);
  });

  it('has the set be what lists make of it, anew when they change', async () => {
    served.set('/one', archive(rule(1), rule(2), `# ${rule(3)}`));
    const lists = { enable: list('e', '3'), disable: list('d', '1'), modify: list('m', '2 "any any" any'), drop: '' };
    const listed = { enabled: 1, disabled: 1, modified: 1, dropping: 0 };
    expect(await update(['/one'], { lists, failures: 0.5 })).toMatchObject({ loaded: 1, failed: 1, listed });
    expect(sids()).toEqual([3]);
    list('m', '');
    expect(await update(['/one'], { lists })).toMatchObject({ kind: 'installed', loaded: 2, failed: 0 });
    list('d', 'everything');
    await expect(update(['/one'], { lists })).rejects.toThrow(/d:1: 'everything' names no rules/);
    expect(sids().sort()).toEqual([2, 3]);
  });

  it('goes on with what a source had last time where it cannot be had', async () => {
    served.set('/one', archive(rule(1))).set('/two', archive(rule(2)));
    await update(['/one', '/two']);
    served.delete('/one');
    served.set('/two', archive(rule(2), rule(3)));
    const { kind, problems } = await update(['/one', '/two']);
    expect([kind, problems]).toEqual(['installed', [`${base}/one: the server answers 404 Not Found`]]);
    expect(sids().sort()).toEqual([1, 2, 3]);
    served.set('/two', 'PK\x03\x04 is damaged');
    expect((await update(['/one', '/two'])).problems).toHaveLength(2);
    expect(sids().sort()).toEqual([1, 2, 3]);
  });

  it('takes nothing that is not what its checksum says', async () => {
    served.set('/one', archive(rule(1))).set('/one.sha256', '0'.repeat(64));
    await expect(update(['/one'])).rejects.toThrow(/the sha256 of what was fetched is not 0000/);
    expect(existsSync(rulesFolder(directory))).toBe(false);
  });

  it('refuses a set of which too many rules fail, and looks at it again', async () => {
    served.set('/one', archive(rule(1)));
    await update(['/one']);
    served.set('/one', archive(rule(1), rule(2, 'contnt:"x"; '), rule(3)));
    for (let time = 0; time < 2; time++) {
      const { kind, reason } = await update(['/one']);
      expect([kind, reason]).toEqual([
        'refused',
        expect.stringMatching(/^1 of 3 rules fail .* reload.maxFailedPercent/),
      ]);
    }
    expect(sids()).toEqual([1]);
    expect(readdirSync(directory).sort()).toEqual(['rules', 'sources']);
  });

  it('has nothing to go on with where no source was ever had', async () => {
    await expect(update(['/none', '/nor'])).rejects.toThrow(/none: the server answers 404 Not Found; .*nor: /);
  });

  it('never replaces a folder of others', async () => {
    served.set('/one', archive(rule(1)));
    await update(['/one']);
    rmSync(join(rulesFolder(directory), 'periscope-source.json'));
    await expect(update(['/one'])).rejects.toThrow(/holds files that update did not put there/);
  });

  it('can be taken back', async () => {
    served.set('/one', archive(rule(1)));
    await update(['/one']);
    expect(restorePrevious(rulesFolder(directory))).toBe(false);
    served.set('/one', archive(rule(1), rule(2)));
    await update(['/one']);
    expect(restorePrevious(rulesFolder(directory))).toBe(true);
    expect(sids()).toEqual([1]);
    expect(readFileSync(join(rulesFolder(directory), 'periscope-source.json'), 'utf8')).toContain(base);
  });
});
