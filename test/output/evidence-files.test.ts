import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EvidenceFiles, type EvidenceFileOptions } from '../../src/output/evidence-files.js';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'periscope-evidence-'))));
afterEach(() => rmSync(folder, { recursive: true }));
const filesIn = (options: Partial<EvidenceFileOptions> = {}): EvidenceFiles =>
  new EvidenceFiles({
    directory: folder,
    totalBytes: 1e6,
    mostFiles: 100,
    bufferBytes: 1e6,
    onError: () => undefined,
    ...options,
  });
const name = (second: number): string => `20261126T1034${String(second).padStart(2, '0')}.000000Z-${second}.pcapng`;
const read = (second: number): string => readFileSync(join(folder, name(second)), 'utf8');

describe('EvidenceFiles', () => {
  it('writes files in order, for their owner alone', async () => {
    const files = filesIn();
    files.begin(name(1), Buffer.from('a'));
    files.begin(name(2), Buffer.from('b'));
    files.append(name(1), Buffer.from('c'));
    await files.drain();
    expect([read(1), read(2)]).toEqual(['ac', 'b']);
    expect(statSync(join(folder, name(1))).mode & 0o777).toBe(0o600);
    expect([files.stats, files.bytes]).toMatchObject([{ files: 2, bytes: 3, dropped: 0, errors: 0 }, 3]);
  });

  it('removes the oldest beyond the total, those of an earlier run first, and nothing else', async () => {
    writeFileSync(join(folder, name(0)), 'x'.repeat(50));
    writeFileSync(join(folder, 'notes.txt'), 'x'.repeat(500));
    const files = filesIn({ totalBytes: 100 });
    expect(files.bytes).toBe(50);
    for (let second = 1; second <= 5; second++) files.begin(name(second), Buffer.alloc(30));
    await files.drain();
    expect(readdirSync(folder).sort()).toEqual([name(3), name(4), name(5), 'notes.txt']);
    expect([files.bytes, files.stats.removed]).toEqual([90, 3]);
    files.append(name(1), Buffer.from('late'));
    await files.drain();
    expect(files.stats.dropped).toBe(1);
    expect(readdirSync(folder)).not.toContain(name(1));
  });

  it('has so many files at most, however small they are', async () => {
    const files = filesIn({ mostFiles: 3 });
    for (let second = 1; second <= 5; second++) files.begin(name(second), Buffer.from('a'));
    await files.drain();
    expect(readdirSync(folder).sort()).toEqual([name(3), name(4), name(5)]);
    expect([files.bytes, files.stats.removed]).toEqual([3, 2]);
  });

  it('keeps no more than its buffer, and a file that has lost a part gets no more', async () => {
    const files = filesIn({ bufferBytes: 10 });
    files.begin(name(1), Buffer.from('0123456789'));
    expect(files.isCrowded).toBe(true);
    files.append(name(1), Buffer.from('lost'));
    await files.drain();
    files.append(name(1), Buffer.from('late'));
    files.begin(name(2), Buffer.from('whole'));
    await files.drain();
    expect([read(1), read(2), files.stats.dropped]).toEqual(['0123456789', 'whole', 2]);
    expect(files.isCrowded).toBe(false);
  });

  it('goes on after errors, which it tells once, also where writes succeed between them', async () => {
    let clock = 0;
    const now = (): number => clock;
    const told: (string | undefined)[] = [];
    const onError = (error: Error | undefined): void =>
      void told.push((error as NodeJS.ErrnoException | undefined)?.code);
    const files = filesIn({ directory: mkdtempSync(join(folder, 'sub-')), onError, now });
    const [sub] = readdirSync(folder);
    rmSync(join(folder, sub!), { recursive: true });
    files.begin(name(1), Buffer.from('a'));
    files.append(name(1), Buffer.from('b'));
    files.begin(name(2), Buffer.from('c'));
    await files.drain();
    expect([told, files.stats]).toMatchObject([['ENOENT'], { errors: 2, dropped: 3 }]);
    mkdirSync(join(folder, sub!));
    files.begin(name(3), Buffer.from('d'));
    files.append(name(1), Buffer.from('e'));
    await files.drain();
    expect(readdirSync(join(folder, sub!))).toEqual([name(3)]);
    clock = 5000;
    rmSync(join(folder, sub!), { recursive: true });
    files.begin(name(4), Buffer.from('f'));
    await files.drain();
    mkdirSync(join(folder, sub!));
    clock = 14_000;
    files.begin(name(5), Buffer.from('g'));
    await files.drain();
    expect(told).toEqual(['ENOENT']);
    clock = 15_000;
    files.begin(name(6), Buffer.from('h'));
    files.begin(name(7), Buffer.from('i'));
    await files.drain();
    expect(told).toEqual(['ENOENT', undefined]);
  });

  it('removes a file that could not be written to its end, too', async () => {
    const directory = join(folder, 'there');
    mkdirSync(directory);
    const files = filesIn({ directory, totalBytes: 100 });
    files.begin(name(1), Buffer.alloc(30));
    await files.drain();
    renameSync(directory, join(folder, 'elsewhere'));
    files.append(name(1), Buffer.alloc(30));
    await files.drain();
    renameSync(join(folder, 'elsewhere'), directory);
    files.begin(name(2), Buffer.alloc(90));
    await files.drain();
    expect(readdirSync(directory)).toEqual([name(2)]);
    expect([files.bytes, files.stats]).toMatchObject([90, { removed: 1, dropped: 1, errors: 1 }]);
  });
});
