/** Connections that events go over, with real sockets on this machine; the other side does what the test says. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { SentLines } from '../../src/output/sent-lines.js';
import { SocketSink, type SocketSinkOptions } from '../../src/output/socket-sink.js';
import { parseDestination } from '../../src/util/destination.js';
import { Collector } from '../support/collector.js';
import { Folder, until } from '../support/sensor.js';

const folder = new Folder();
afterAll(() => folder.remove());
const bytes = (text: string): Uint8Array => Buffer.from(text);
const NO_TLS = { ca: '', certificate: '', key: '' };

const sinks: SocketSink[] = [];
const collectors: Collector[] = [];
afterEach(async () => {
  await Promise.all(sinks.splice(0).map((sink) => sink.close(0)));
  await Promise.all(collectors.splice(0).map((collector) => collector.close()));
});
const collector = (server?: Server): Collector => {
  const made = new Collector(server);
  collectors.push(made);
  return made;
};
const sinkTo = (text: string, options: Partial<SocketSinkOptions> = {}): SocketSink => {
  const sink = new SocketSink({
    destination: parseDestination(text)!,
    tls: NO_TLS,
    bufferBytes: 1e6,
    flushMilliseconds: 1,
    retryMilliseconds: 5,
    ...options,
  });
  sinks.push(sink);
  return sink;
};

describe('SocketSink', () => {
  it.each(['tcp', 'unix'])('sends lines over %s, in order, and all of them before it closes', async (transport) => {
    const other = collector();
    const where = transport === 'unix' ? folder.at('events.sock') : 0;
    const port = await other.listen(where);
    const sink = sinkTo(transport === 'unix' ? `unix:${where}` : `tcp://127.0.0.1:${port}`);
    const lines = Array.from({ length: 20_000 }, (_, i) => `{"number":${i},"text":"${'x'.repeat(i % 60)}"}`);
    for (const line of lines) {
      while (sink.isCrowded) await sink.drain();
      sink.write(bytes(line));
    }
    await sink.close();
    await until('all lines', () => other.lines.length === lines.length);
    expect(other.lines).toEqual(lines);
    expect(sink.stats).toMatchObject({ lines: 20_000, lost: 0, errors: 0, opened: 1, resent: 0 });
  });

  it('keeps lines until somebody listens, within its bound, and counts what did not fit', async () => {
    const other = collector();
    const port = await other.listen();
    await other.close();
    const told: (string | undefined)[] = [];
    const sink = sinkTo(`tcp://127.0.0.1:${port}`, {
      bufferBytes: 100,
      onError: (error) => told.push((error as NodeJS.ErrnoException | undefined)?.code),
    });
    expect(sink.write(bytes('a'.repeat(98)))).toBe(true);
    expect(sink.write(bytes('b'))).toBe(true);
    expect(sink.write(bytes('c'))).toBe(false);
    await until('several attempts', () => sink.stats.errors > 2);
    expect([sink.isUp, sink.isCrowded, sink.pendingBytes]).toEqual([false, false, 101]);
    const later = collector();
    await later.listen(port);
    await until('what was kept', () => later.lines.length === 2);
    expect(later.lines).toEqual(['a'.repeat(98), 'b']);
    await until('the write to be done', () => sink.pendingBytes === 0);
    expect(sink.stats).toMatchObject({ lines: 2, lost: 1, opened: 1, resent: 0 });
    expect(told).toEqual(['ECONNREFUSED', undefined]);
  });

  it('connects again when the other side goes, and sends what was on its way again', async () => {
    const other = collector();
    const port = await other.listen();
    const sink = sinkTo(`tcp://127.0.0.1:${port}`);
    sink.write(bytes('first'));
    await until('the first line', () => other.lines.length === 1);
    for (const socket of other.sockets) socket.resetAndDestroy();
    sink.write(bytes('second'));
    await until('both lines', () => other.received[1] === 'first\nsecond\n');
    await until('both to be taken', () => sink.pendingBytes === 0 && sink.stats.resent === 1);
    expect(sink.stats).toMatchObject({ lines: 2, lost: 0, errors: 1, opened: 2 });
  });

  it('loses no line, whenever connections break', async () => {
    const other = collector();
    const port = await other.listen();
    const sink = sinkTo(`tcp://127.0.0.1:${port}`, { retryMilliseconds: 1 });
    for (let i = 0; i < 300; i++) {
      sink.write(bytes(`line ${i}`));
      if (i % 20 === 19) {
        await until('a line of these', () => other.received.some((text) => text.includes(`line ${i - 10}\n`)));
        for (const socket of other.sockets) socket.resetAndDestroy();
      }
    }
    await sink.close();
    const whole = (): Set<string> => new Set(other.received.flatMap((text) => text.split('\n').slice(0, -1)));
    await until('every line', () => whole().size === 300);
    expect(sink.stats).toMatchObject({ lines: 300, lost: 0 });
  });

  it('breaks off with a reader that takes nothing', async () => {
    const other = collector();
    const port = await other.listen();

    const problems: string[] = [];
    const sink = sinkTo(`tcp://127.0.0.1:${port}`, {
      bufferBytes: 64e6,
      stallMilliseconds: 20,
      onError: (error) => problems.push(error?.message ?? 'again'),
    });
    other.server.on('connection', (socket: Socket) => socket.pause());
    const line = bytes('x'.repeat(100_000));
    for (let i = 0; i < 300; i++) sink.write(line);
    await until('the break', () => problems.length > 0);
    expect(problems[0]).toBe('nothing was taken for too long');
  });

  it('gives up at the deadline, and counts what was not sent', async () => {
    const sink = sinkTo(`unix:${folder.at('nobody.sock')}`);
    sink.write(bytes('lost'));
    await sink.close(20);
    expect(sink.stats).toMatchObject({ lines: 0, lost: 1 });
    expect(sink.write(bytes('later'))).toBe(false);
  });

  it('trusts those alone whom it is told to trust, and shows its own certificate', async () => {
    const [key, certificate] = [folder.at('key.pem'), folder.at('cert.pem')];
    execFileSync(
      'openssl',
      `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=periscope -addext subjectAltName=DNS:localhost -keyout ${key} -out ${certificate}`.split(
        ' ',
      ),
      { stdio: 'ignore' },
    );
    const pem = { key: readFileSync(key), cert: readFileSync(certificate) };
    const other = collector(createTlsServer({ ...pem, ca: pem.cert, requestCert: true, rejectUnauthorized: true }));
    const port = await other.listen();
    const problems: string[] = [];
    const stranger = sinkTo(`tls://localhost:${port}`, { onError: (error) => problems.push(String(error)) });
    stranger.write(bytes('secret'));
    await until('a refusal', () => problems.length > 0);
    expect(problems[0]).toContain('self-signed');
    const sink = sinkTo(`tls://localhost:${port}`, { tls: { ca: certificate, certificate, key } });
    sink.write(bytes('hello'));
    await until('the line', () => other.lines.length === 1);
    expect(other.lines).toEqual(['hello']);
    const absent = sinkTo(`tls://localhost:${port}`, {
      tls: { ca: folder.at('absent.pem'), certificate: '', key: '' },
      onError: (error) => problems.push(String(error)),
    });
    await until('an error', () => absent.stats.errors > 0);
    expect(problems.at(-1)).toContain('ENOENT');
  });
});

describe('SentLines', () => {
  it('keeps what is recent, within its bound', () => {
    const sent = new SentLines(1000, 10);
    const piece = (text: string): Buffer => Buffer.from(text);
    sent.add(piece('old\n'), 1, 0);
    sent.add(piece('a\n'), 1, 500);
    sent.add(piece('b\n'), 1, 1400);
    expect(sent.take(1450).map(({ bytes: each }) => each.toString())).toEqual(['a\n', 'b\n']);
    expect(sent.take(1450)).toEqual([]);
    for (const text of ['12345\n', '6789\n', 'x\n']) sent.add(piece(text), 1, 2000);
    expect(sent.take(2000).map(({ bytes: each }) => each.toString())).toEqual(['6789\n', 'x\n']);
  });
});

describe('destinations', () => {
  it.each([
    ['unix:/run/a.sock', { syslog: false, transport: 'unix', path: '/run/a.sock' }],
    ['tcp://collector:5170', { syslog: false, transport: 'tcp', host: 'collector', port: 5170 }],
    ['syslog+tls://[fd00::1]:6514', { syslog: true, transport: 'tls', host: 'fd00::1', port: 6514 }],
  ])('reads %s', (text, expected) => {
    expect(parseDestination(text)).toMatchObject({ text, ...expected });
  });

  it.each([
    'unix:relative',
    'tcp://host',
    'tcp://host:0',
    'tcp://host:65536',
    'udp://host:514',
    'tcp://a b:1',
    'x',
    '',
  ])('refuses "%s"', (text) => expect(parseDestination(text)).toBeUndefined());
});
