import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { FileSink, type FileCalls, type FileSinkOptions } from '../../src/output/file-sink.js';
import { LineQueue } from '../../src/output/line-queue.js';

const folder = mkdtempSync(join(tmpdir(), 'periscope-sink-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const fresh = (): string => join(folder, `events-${files++}.json`);
const bytes = (text: string): Uint8Array => Buffer.from(text);

/** A file system of which every call does what the test says next: an error code, or the number of bytes that fit. */
class Scripted implements FileCalls {
  content = '';
  readonly opened: number[] = [];
  closed = 0;
  openResults: string[] = [];
  writeResults: (string | number)[] = [];
  /** With this set a write hangs until `release`. */
  hang = false;
  private hanging: (() => void) | undefined;

  open(_: string, flags: number): number {
    const result = this.openResults.shift();
    if (result !== undefined) throw Object.assign(new Error(result), { code: result });
    this.opened.push(flags);
    return 100 + this.opened.length;
  }

  write(_: number, buffer: Buffer, from: number, length: number, done: (error: NodeJS.ErrnoException | null, written: number) => void): void {
    const result = this.writeResults.shift() ?? length;
    const finish = (): void => {
      if (typeof result === 'string') return done(Object.assign(new Error(result), { code: result }), 0);
      const written = Math.min(result, length);
      this.content += buffer.toString('latin1', from, from + written);
      done(null, written);
    };
    if (this.hang) this.hanging = finish;
    else setImmediate(finish);
  }

  release(): void {
    this.hang = false;
    this.hanging!();
  }

  close(): void {
    this.closed++;
  }
}

const sinkOf = (calls: FileCalls, options: Partial<FileSinkOptions> = {}): FileSink =>
  new FileSink({ path: 'events.json', mode: 'append', bufferBytes: 1000, flushMilliseconds: 1, retryMilliseconds: 1, calls, ...options });

describe('FileSink on a file', () => {
  it('writes lines, truncating or appending', async () => {
    const path = fresh();
    writeFileSync(path, 'old\n');
    for (const mode of ['append', 'truncate'] as const) {
      const sink = new FileSink({ path, mode, bufferBytes: 1e6 });
      expect(sink.write(bytes(`{"mode":"${mode}"}`))).toBe(true);
      await sink.close();
      expect(readFileSync(path, 'utf8')).toBe(mode === 'append' ? 'old\n{"mode":"append"}\n' : '{"mode":"truncate"}\n');
      expect(sink.stats).toMatchObject({ lines: 1, lost: 0, errors: 0 });
    }
  });

  it('writes what is larger than its blocks, in order', async () => {
    const path = fresh();
    const sink = new FileSink({ path, mode: 'truncate', bufferBytes: 16e6 });
    const lines = Array.from({ length: 300 }, (_, i) => `${i}`.padEnd(i % 50 === 0 ? 400_000 : 5000, '.'));
    for (const line of lines) {
      if (sink.isCrowded) await sink.drain();
      expect(sink.write(bytes(line))).toBe(true);
    }
    await sink.close();
    expect(readFileSync(path, 'utf8') === `${lines.join('\n')}\n`).toBe(true);
    expect(sink.stats).toMatchObject({ lines: 300, lost: 0 });
  });

  it('goes on in a new file after log rotation, without truncating', async () => {
    const path = fresh();
    const sink = new FileSink({ path, mode: 'truncate', bufferBytes: 1e6 });
    sink.write(bytes('one'));
    await sink.drain();
    renameSync(path, `${path}.1`);
    sink.reopen();
    expect(existsSync(path)).toBe(true);
    sink.write(bytes('two'));
    await sink.drain();
    sink.reopen();
    sink.write(bytes('three'));
    await sink.close();
    expect([readFileSync(`${path}.1`, 'utf8'), readFileSync(path, 'utf8')]).toEqual(['one\n', 'two\nthree\n']);
  });

  it('waits for the reader of a pipe, and loses nothing', async () => {
    const path = join(folder, `pipe-${files++}`);
    execFileSync('mkfifo', [path]);
    let told = 0;
    const sink = new FileSink({ path, mode: 'truncate', bufferBytes: 1e6, onPipeWithoutReader: () => told++ });
    sink.write(bytes('one'));
    const closed = sink.close(Infinity);
    const reader = spawn('cat', [path], { stdio: ['ignore', 'pipe', 'inherit'] });
    let content = '';
    reader.stdout.on('data', (chunk: Buffer) => (content += chunk.toString()));
    await Promise.all([closed, once(reader, 'close')]);
    expect({ content, told, ...sink.stats }).toMatchObject({ content: 'one\n', told: 1, lines: 1, lost: 0, errors: 0 });
  });

  it('gives up a pipe that gets no reader when its time is over', async () => {
    const path = join(folder, `pipe-${files++}`);
    execFileSync('mkfifo', [path]);
    const sink = new FileSink({ path, mode: 'append', bufferBytes: 1e6 });
    sink.write(bytes('one'));
    await sink.close(1);
    expect(sink.stats).toMatchObject({ lines: 0, lost: 1 });
  });

  it('refuses a path that cannot be opened when it starts', () => {
    expect(() => new FileSink({ path: join(folder, 'no', 'such', 'folder'), mode: 'append', bufferBytes: 1000 })).toThrow(/ENOENT/);
  });

  it.skipIf(!existsSync('/dev/full'))('counts a full disk and loses lines rather than stopping', async () => {
    const sink = new FileSink({ path: '/dev/full', mode: 'append', bufferBytes: 100, retryMilliseconds: 1 });
    for (let i = 0; i < 20; i++) sink.write(bytes('0123456789'));
    await sink.close();
    expect(sink.stats).toMatchObject({ lines: 0, lost: 20 });
    expect(sink.stats.errors).toBeGreaterThan(0);
  });
});

describe('FileSink when things go wrong', () => {
  it('keeps lines through a full disk and says so once', async () => {
    const calls = new Scripted();
    calls.writeResults = ['ENOSPC', 'ENOSPC'];
    const onError = vi.fn();
    const sink = sinkOf(calls, { onError });
    sink.write(bytes('a'));
    while (sink.stats.lines === 0) await sink.drain();
    await sink.close();
    expect(calls.content).toBe('a\n');
    expect(sink.stats).toEqual({ lines: 1, bytes: 2, lost: 0, errors: 2 });
    expect(onError.mock.calls.map(([error]) => (error as NodeJS.ErrnoException | undefined)?.code)).toEqual(['ENOSPC', undefined]);
    // Each attempt after an error opens the file anew.
    expect(calls.opened).toHaveLength(3);
  });

  it('does not put the end of a torn line into another file', async () => {
    const calls = new Scripted();
    const sink = sinkOf(calls);
    sink.write(bytes('first'));
    sink.write(bytes('second'));
    sink.write(bytes('third'));
    calls.writeResults = [8, 'ENOSPC'];
    while (sink.pendingBytes > 0) await sink.drain();
    expect(calls.content).toBe('first\nsethird\n');
    expect(sink.stats).toMatchObject({ lines: 2, lost: 1, errors: 1 });
    await sink.close();
  });

  it('finishes lines over partial writes and busy pipes', async () => {
    const calls = new Scripted();
    calls.writeResults = [2, 'EAGAIN', 1, 3, 'EAGAIN'];
    const sink = sinkOf(calls);
    for (const line of ['first', 'second']) sink.write(bytes(line));
    await sink.close();
    expect(calls.content).toBe('first\nsecond\n');
    expect(sink.stats).toEqual({ lines: 2, bytes: 13, lost: 0, errors: 0 });
  });

  it('drops and counts what does not fit while a reader is slow', async () => {
    const calls = new Scripted();
    calls.hang = true;
    const sink = sinkOf(calls, { bufferBytes: 30 });
    const accepted = Array.from({ length: 10 }, () => sink.write(bytes('012345678')));
    expect(accepted.filter(Boolean)).toHaveLength(3);
    expect(sink.stats.lost).toBe(7);
    const drained = sink.drain();
    calls.release();
    await drained;
    expect(sink.write(bytes('again'))).toBe(true);
    await sink.close();
    expect(calls.content).toBe('012345678\n'.repeat(3) + 'again\n');
  });

  it('loses everything to a closed stdout, without an exception', async () => {
    const calls = new Scripted();
    calls.writeResults = Array<string>(100).fill('EPIPE');
    const sink = sinkOf(calls, { path: '-' });
    for (let i = 0; i < 5; i++) sink.write(bytes('line'));
    await sink.close();
    expect(sink.stats).toMatchObject({ lines: 0, lost: 5 });
    expect(sink.stats.errors).toBeGreaterThan(0);
  });

  it('makes nobody wait while writing fails', async () => {
    const calls = new Scripted();
    calls.writeResults = Array<string>(100).fill('ENOSPC');
    const sink = sinkOf(calls, { bufferBytes: 100 });
    let written = 0;
    for (; written < 50; written++) {
      while (sink.isCrowded) await sink.drain();
      sink.write(bytes('0123456789'));
    }
    await sink.close();
    expect(sink.stats).toMatchObject({ lines: 0, lost: written });
  });

  it('tries again later when the file cannot be opened anew', async () => {
    const calls = new Scripted();
    const sink = sinkOf(calls);
    calls.openResults = ['EACCES', 'EACCES'];
    sink.reopen();
    sink.write(bytes('kept'));
    while (sink.stats.lines === 0) await sink.drain();
    await sink.close();
    expect(calls.content).toBe('kept\n');
    expect(sink.stats).toMatchObject({ errors: 2, lost: 0 });
  });

  it('waits for the reader of a pipe as long as it takes, when told so', async () => {
    const calls = new Scripted();
    calls.writeResults = Array<string>(1_000_000).fill('EAGAIN');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance', 'Date'] });
    try {
      const sink = sinkOf(calls);
      sink.write(bytes('patience'));
      const closed = sink.close(Infinity);
      await vi.advanceTimersByTimeAsync(6000);
      expect([calls.content, sink.stats.lost, calls.closed]).toEqual(['', 0, 0]);
      calls.writeResults = [];
      await vi.advanceTimersByTimeAsync(10);
      await closed;
      expect([calls.content, sink.stats.lost, calls.closed]).toEqual(['patience\n', 0, 1]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('gives up at its deadline when a write hangs, and counts what is left', async () => {
    const calls = new Scripted();
    calls.hang = true;
    const sink = sinkOf(calls);
    sink.write(bytes('one'));
    sink.write(bytes('two'));
    await sink.close(5);
    expect(sink.stats).toMatchObject({ lines: 0, lost: 2 });
    expect(sink.write(bytes('late'))).toBe(false);
    calls.release();
    expect(calls.closed).toBe(1);
  });
});

describe('LineQueue', () => {
  it('gives back the lines pushed, however they are written', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 20 }).map((text) => text.replaceAll('\n', '_'))), fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (lines, steps) => {
        const queue = new LineQueue(1e6);
        let output = '';
        let ended = 0;
        for (const [i, line] of lines.entries()) {
          expect(queue.push(Buffer.from(line))).toBe(true);
          if (i % 3 !== 0) continue;
          const { bytes: block, from, to } = queue.front();
          const count = Math.min(steps[i % steps.length], to - from);
          output += block.toString('utf8', from, from + count);
          ended += queue.written(count);
        }
        while (!queue.isEmpty) {
          const { bytes: block, from, to } = queue.front();
          output += block.toString('utf8', from, to);
          ended += queue.written(to - from);
        }
        expect(ended).toBe(lines.length);
        expect(Buffer.from(output, 'utf8').length >= lines.length).toBe(true);
        if (lines.every((line) => /^[\x20-\x7e]*$/.test(line))) expect(output).toBe(lines.map((line) => `${line}\n`).join(''));
      }),
    );
  });

  it('takes a line of any length until it is full', () => {
    const queue = new LineQueue(10);
    expect([queue.push(Buffer.from('123')), queue.push(Buffer.from('x'.repeat(50))), queue.push(Buffer.from('1'))]).toEqual([true, true, false]);
    expect([queue.isCrowded, queue.clear(), queue.push(Buffer.from('x'.repeat(50)))]).toEqual([true, 2, true]);
  });

  it('counts lines that are dropped, a torn one among them', () => {
    const queue = new LineQueue(1000);
    for (const line of ['first', 'second', 'third']) queue.push(Buffer.from(line));
    queue.written(8);
    expect(queue.isTorn).toBe(true);
    expect(queue.clear()).toBe(2);
    expect([queue.isEmpty, queue.isTorn, queue.dropTorn()]).toEqual([true, false, 0]);
  });
});
