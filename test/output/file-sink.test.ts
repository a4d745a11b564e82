import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { FileCalls } from '../../src/output/file-calls.js';
import { FileSink, type FileSinkOptions } from '../../src/output/file-sink.js';
import { LineQueue } from '../../src/output/line-queue.js';

const folder = mkdtempSync(join(tmpdir(), 'periscope-sink-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const fresh = (): string => join(folder, `events-${files++}.json`);
const bytes = (text: string): Uint8Array => Buffer.from(text);

/** A file system of which every call does what the test says next: an error code, or the number of bytes that fit. */
class Scripted implements FileCalls {
  /** Of all files that the path has led to. */
  readonly contents = [''];
  readonly opened: number[] = [];
  closed = 0;
  openResults: string[] = [];
  writeResults: (string | number)[] = [];
  /** With this set a write hangs until `release`. */
  hang = false;
  isFile = true;
  /** A write is under way. */
  writing = false;
  private readonly files = new Map<number, number>();
  private hanging: (() => void) | undefined;

  /** Of the file that the path leads to. */
  get content(): string {
    return this.contents.at(-1)!;
  }

  /** Moves the file away, as log rotation does. */
  move(): void {
    this.contents.push('');
  }

  open(_: string, flags: number): number {
    const result = this.openResults.shift();
    if (result !== undefined) throw Object.assign(new Error(result), { code: result });
    this.opened.push(flags);
    const fd = 100 + this.opened.length;
    this.files.set(fd, this.contents.length - 1);
    return fd;
  }

  write(
    fd: number,
    buffer: Buffer,
    from: number,
    length: number,
    done: (error: NodeJS.ErrnoException | null, written: number) => void,
  ): void {
    const result = this.writeResults.shift() ?? length;
    this.writing = true;
    const finish = (): void => {
      this.writing = false;
      if (typeof result === 'string') return done(Object.assign(new Error(result), { code: result }), 0);
      const written = Math.min(result, length);
      this.contents[this.files.get(fd) ?? 0] += buffer.toString('latin1', from, from + written);
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

  size(fd: number): number | undefined {
    return this.isFile ? this.contents[this.files.get(fd) ?? 0]!.length : undefined;
  }

  writtenMs(): number {
    return 0;
  }

  shorten(fd: number, size: number): void {
    const file = this.files.get(fd) ?? 0;
    this.contents[file] = this.contents[file]!.slice(0, size);
  }

  leadsTo(_: string, fd: number): boolean {
    return this.files.get(fd) === this.contents.length - 1;
  }
}

const sinkOf = (calls: FileCalls, options: Partial<FileSinkOptions> = {}): FileSink =>
  new FileSink({
    path: 'events.json',
    mode: 'append',
    bufferBytes: 1000,
    flushMilliseconds: 1,
    retryMilliseconds: 1,
    calls,
    ...options,
  });

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
    expect(
      () => new FileSink({ path: join(folder, 'no', 'such', 'folder'), mode: 'append', bufferBytes: 1000 }),
    ).toThrow(/ENOENT/);
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
    expect(sink.stats).toMatchObject({ lines: 1, bytes: 2, lost: 0, errors: 2 });
    expect(onError.mock.calls.map(([error]) => (error as NodeJS.ErrnoException | undefined)?.code)).toEqual([
      'ENOSPC',
      undefined,
    ]);
    // Each attempt after an error opens the file anew.
    expect(calls.opened).toHaveLength(3);
  });

  describe('on a disk that fills up in the middle of a line', () => {
    const torn = (options: Partial<FileSinkOptions> = {}): { calls: Scripted; sink: FileSink } => {
      const calls = new Scripted();
      calls.writeResults = [8, 'ENOSPC', 'ENOSPC'];
      const sink = sinkOf(calls, options);
      for (const line of ['first', 'second', 'third']) sink.write(bytes(line));
      return { calls, sink };
    };
    const failed = async (sink: FileSink): Promise<void> => {
      while (sink.stats.errors === 0) await sink.drain();
    };

    it('finishes the line once there is room', async () => {
      const { calls, sink } = torn();
      while (sink.pendingBytes > 0) await sink.drain();
      await sink.close();
      expect(calls.contents).toEqual(['first\nsecond\nthird\n']);
      expect(sink.stats).toMatchObject({ lines: 3, bytes: 19, lost: 0, errors: 2 });
    });

    it('takes the beginning back where the file was moved away, and writes the whole line into the next one', async () => {
      const { calls, sink } = torn();
      await failed(sink);
      calls.move();
      while (sink.pendingBytes > 0) await sink.drain();
      await sink.close();
      expect(calls.contents).toEqual(['first\n', 'second\nthird\n']);
      expect(sink.stats).toMatchObject({ lines: 3, bytes: 19, lost: 0 });
    });

    it('takes the beginning back, and counts the line, where it has to close', async () => {
      const { calls, sink } = torn();
      calls.writeResults = [8, ...Array<string>(100).fill('ENOSPC')];
      await failed(sink);
      await sink.close();
      expect(calls.contents).toEqual(['first\n']);
      expect(sink.stats).toMatchObject({ lines: 1, bytes: 6, lost: 2 });
    });

    it('begins the line again where somebody emptied the file', async () => {
      const { calls, sink } = torn();
      await failed(sink);
      calls.contents[0] = '';
      while (sink.pendingBytes > 0) await sink.drain();
      await sink.close();
      expect(calls.contents).toEqual(['second\nthird\n']);
      expect(sink.stats).toMatchObject({ lines: 3, lost: 0 });
    });

    it('takes nothing off what somebody else has added to', async () => {
      const { calls, sink } = torn();
      await failed(sink);
      calls.contents[0] += 'x';
      calls.move();
      while (sink.pendingBytes > 0) await sink.drain();
      await sink.close();
      expect(calls.contents).toEqual(['first\nsex', 'second\nthird\n']);
    });

    it('does so for stdout, which cannot be opened again', async () => {
      const { calls, sink } = torn({ path: '-' });
      while (sink.pendingBytes > 0) await sink.drain();
      await sink.close();
      expect(calls.contents).toEqual(['first\nsecond\nthird\n']);
    });
  });

  it('finishes a line in the file that is moved away before it opens the next one', async () => {
    const calls = new Scripted();
    const sink = sinkOf(calls);
    for (const line of ['first', 'second', 'third']) sink.write(bytes(line));
    calls.writeResults = [8, 2];
    const begun = sink.drain();
    calls.move();
    sink.reopen();
    await begun;
    while (sink.pendingBytes > 0) await sink.drain();
    await sink.close();
    expect(calls.contents).toEqual(['first\nsecond\n', 'third\n']);
  });

  it('gives the whole line to the next reader of a pipe', async () => {
    const calls = new Scripted();
    calls.isFile = false;
    const sink = sinkOf(calls);
    for (const line of ['first', 'second']) sink.write(bytes(line));
    calls.writeResults = [8, 'EPIPE'];
    const broken = sink.drain();
    calls.move();
    await broken;
    while (sink.pendingBytes > 0) await sink.drain();
    await sink.close();
    expect(calls.contents.at(-1)).toBe('second\n');
  });

  it('leaves whole lines in every file, each line in one or counted, whatever happens', async () => {
    const event = fc.oneof(
      { weight: 3, arbitrary: fc.integer({ min: 0, max: 30 }) },
      fc.constantFrom('ENOSPC', 'EIO', 'EAGAIN', 'move', 'reopen', 'empty', 'line'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 40 }), fc.boolean(), async (events, closesFull) => {
        const calls = new Scripted();
        const sink = sinkOf(calls, { flushMilliseconds: 0, retryMilliseconds: 0, bufferBytes: 200 });
        let lines = 0;
        let accepted = 0;
        const emptied: string[] = [];
        const writeLine = (): void =>
          void (accepted += Number(sink.write(bytes(`line-${lines++}-${'x'.repeat(lines % 7)}`))));
        for (let i = 0; i < 4; i++) writeLine();
        for (const each of events) {
          if (each === 'move') calls.move();
          else if (each === 'reopen') sink.reopen();
          else if (each === 'line') writeLine();
          else if (each === 'empty') {
            // What is under way then goes where nobody can know.
            if (calls.writing) continue;
            emptied.push(calls.content);
            calls.contents[calls.contents.length - 1] = '';
          } else {
            calls.writeResults.push(each);
            await sink.drain();
          }
        }
        calls.writeResults = closesFull ? Array<string>(50).fill('ENOSPC') : [];
        await sink.close();
        for (const content of calls.contents) expect(content).toMatch(/^(line-\d+-x*\n)*$/);
        const found = [...emptied, ...calls.contents].flatMap((content) => content.split('\n').slice(0, -1));
        expect(found).toHaveLength(sink.stats.lines);
        expect(sink.stats.lines + sink.stats.lost).toBe(lines);
        expect(accepted).toBeLessThanOrEqual(lines);
        expect(new Set(found).size).toBe(found.length);
      }),
      { numRuns: 300 },
    );
  });

  it('finishes lines over partial writes and busy pipes', async () => {
    const calls = new Scripted();
    calls.writeResults = [2, 'EAGAIN', 1, 3, 'EAGAIN'];
    const sink = sinkOf(calls);
    for (const line of ['first', 'second']) sink.write(bytes(line));
    await sink.close();
    expect(calls.content).toBe('first\nsecond\n');
    expect(sink.stats).toMatchObject({ lines: 2, bytes: 13, lost: 0, errors: 0 });
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
      fc.property(
        fc.array(fc.string({ maxLength: 20 }).map((text) => text.replaceAll('\n', '_'))),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
        (lines, steps) => {
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
          if (lines.every((line) => /^[\x20-\x7e]*$/.test(line)))
            expect(output).toBe(lines.map((line) => `${line}\n`).join(''));
        },
      ),
    );
  });

  it('takes a line of any length until it is full', () => {
    const queue = new LineQueue(10);
    expect([
      queue.push(Buffer.from('123')),
      queue.push(Buffer.from('x'.repeat(50))),
      queue.push(Buffer.from('1')),
    ]).toEqual([true, true, false]);
    expect([queue.isCrowded, queue.clear(), queue.push(Buffer.from('x'.repeat(50)))]).toEqual([true, 2, true]);
  });

  it('counts lines that are dropped, a torn one among them', () => {
    const queue = new LineQueue(1000);
    for (const line of ['first', 'second', 'third']) queue.push(Buffer.from(line));
    queue.written(8);
    expect(queue.isTorn).toBe(true);
    expect(queue.clear()).toBe(2);
    expect([queue.isEmpty, queue.isTorn, queue.rewind()]).toEqual([true, false, 0]);
  });
});
