import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileSink } from '../../src/output/file-sink.js';
import { Rotation } from '../../src/output/rotation.js';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'periscope-rotation-'))));
afterEach(() => rmSync(folder, { recursive: true }));
const path = (): string => join(folder, 'eve.json');

const write = async (sink: FileSink, ...lines: readonly string[]): Promise<void> => {
  for (const line of lines) {
    sink.write(Buffer.from(line));
    await sink.drain();
  }
};
const sinkWith = (bytes: number, seconds: number, keep: number): FileSink =>
  new FileSink({ path: path(), mode: 'append', bufferBytes: 1e6, rotation: new Rotation({ bytes, seconds, keep }) });
const moved = (): string[] => readdirSync(folder).filter((name) => name !== 'eve.json');

describe('a file that is rotated', () => {
  it('is moved away before it grows too large, with every line whole, and once', async () => {
    const sink = sinkWith(100, 0, 1000);
    const lines = Array.from({ length: 50 }, (_, i) => `{"line":${i},"x":"${'x'.repeat(i)}"}`);
    await write(sink, ...lines);
    await sink.close();
    const contents = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
    expect(contents.every((text) => text.length <= 100 && text.endsWith('\n'))).toBe(true);
    expect(contents.join('').split('\n').slice(0, -1).sort()).toEqual([...lines].sort());
    expect(moved().every((name) => /^eve\.json\.\d{8}T\d{6}Z(\.\d+)?$/.test(name))).toBe(true);
    expect(sink.stats).toMatchObject({ lines: 50, lost: 0, errors: 0, opened: contents.length });
  });

  it('keeps the newest files, and what is not its own', async () => {
    writeFileSync(join(folder, 'eve.json.20200101T000000Z'), 'old\n');
    writeFileSync(join(folder, 'eve.json.bak'), 'mine\n');
    const sink = sinkWith(10, 0, 2);
    await write(sink, ...Array.from({ length: 15 }, (_, i) => `line ${i + 10}`));
    await sink.close();
    expect(moved().length).toBe(3);
    expect(moved()).toContain('eve.json.bak');
    const kept = moved().filter((name) => name !== 'eve.json.bak');
    expect(kept.map((name) => readFileSync(join(folder, name), 'utf8')).sort()).toEqual(['line 22\n', 'line 23\n']);
    expect(readFileSync(path(), 'utf8')).toBe('line 24\n');
  });

  it('is moved away with the period of the clock, over a restart too; an empty one stays', async () => {
    writeFileSync(path(), 'of yesterday\n');
    utimesSync(path(), new Date(Date.now() - 86_400_000), new Date(Date.now() - 86_400_000));
    const sink = sinkWith(0, 86_400, 10);
    await write(sink, 'of today');
    await sink.close();
    expect(readFileSync(path(), 'utf8')).toBe('of today\n');
    expect(moved().map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(['of yesterday\n']);
  });

  it('grows on where it cannot be moved, which is counted and not tried at each line', async () => {
    const rotation = new Rotation({ bytes: 10, seconds: 0, keep: 1 });
    const sink = new FileSink({ path: path(), mode: 'append', bufferBytes: 1e6, rotation });
    sink.write(Buffer.from('a line that is long'));
    await sink.drain();
    rmSync(path());
    await write(sink, 'x'.repeat(20), 'y', 'z');
    await sink.close();
    expect(sink.stats).toMatchObject({ lines: 4, lost: 0, errors: 1 });
  });

  it('goes on in a new file, and removes others, where one that is too old cannot be removed', async () => {
    mkdirSync(join(folder, 'eve.json.20200101T000000Z'));
    writeFileSync(join(folder, 'eve.json.20200102T000000Z'), 'old\n');
    const sink = sinkWith(10, 0, 1);
    await write(sink, 'the first', 'the second');
    await sink.close();
    expect(readFileSync(path(), 'utf8')).toBe('the second\n');
    const kept = moved().filter((name) => name !== 'eve.json.20200101T000000Z');
    expect(kept.map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(['the first\n']);
    expect(sink.stats).toMatchObject({ lines: 2, lost: 0, errors: 1, opened: 2 });
  });

  it('knows when it is due', () => {
    const rotation = new Rotation({ bytes: 100, seconds: 3600, keep: 1 });
    expect(rotation.isDue(0, 1000, 0, 7200e3)).toBe(false);
    expect(rotation.isDue(50, 50, 3600e3, 7199e3)).toBe(false);
    expect(rotation.isDue(50, 51, 3600e3, 7199e3)).toBe(true);
    expect(rotation.isDue(50, 1, 3600e3, 7200e3)).toBe(true);
  });
});
