/**
 * Sends lines over a connection: a Unix socket, TCP or TLS; as they are, or framed as syslog. Stage: output, main
 * thread.
 *
 * Nothing that happens to the other side stops anything. Without a connection lines are kept until they fit no more,
 * then dropped and counted; a connection that cannot be made, breaks, or takes nothing for a minute is made again, at
 * growing intervals. One write is under way at a time, of whole lines; what of it was not taken is written again,
 * whole, and so is what was taken within the last second before a break (`SentLines`): a line may then come twice,
 * but is not lost.
 */
import { readFileSync } from 'node:fs';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Destination } from '../util/destination.js';
import { LineQueue } from './line-queue.js';
import { SentLines } from './sent-lines.js';
import { noStats, type Sink } from './sink.js';

/** Paths of PEM files, '' for none; read at each connection, so that they can be renewed. */
export interface TlsFiles {
  /** Who signs the other side's certificate; where empty, the authorities that Node knows. */
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

export interface SocketSinkOptions {
  readonly destination: Destination;
  readonly tls: TlsFiles;
  /** Bytes that may wait. */
  readonly bufferBytes: number;
  /** What whole lines are sent as; as they are, where left out. */
  readonly frame?: ((lines: Buffer) => Buffer) | undefined;
  /** Told of the first error of a series, and when lines are taken again (undefined). */
  readonly onError?: (error: Error | undefined) => void;
  readonly flushMilliseconds?: number;
  /** Time before the first attempt after an error; doubles up to twenty times that. */
  readonly retryMilliseconds?: number;
  /** How long a connection may take to be made, and a write to be taken. */
  readonly connectMilliseconds?: number;
  readonly stallMilliseconds?: number;
}

const FLUSH_BYTES = 64 * 1024;
const FLUSH_MS = 100;
const RETRY_MS = 500;
const MOST_RETRY_FACTOR = 20;
const CONNECT_MS = 10_000;
const STALL_MS = 60_000;
const KEEP_ALIVE_MS = 15_000;
const RESEND_MS = 1000;
const RESEND_BYTES = 256 * 1024;

export class SocketSink implements Sink {
  readonly name: string;
  readonly stats = noStats();

  private readonly options: SocketSinkOptions;
  private readonly queue: LineQueue;
  private readonly sent = new SentLines(RESEND_MS, RESEND_BYTES);
  /** What goes first over the next connection. */
  private again: { readonly bytes: Buffer; readonly lines: number }[] = [];
  private socket: Socket | undefined;
  private connected = false;
  private writing = false;
  private failing = false;
  private closing = false;
  private gaveUp = false;
  private retryMs: number;
  private timer: NodeJS.Timeout | undefined;
  private retryTimer: NodeJS.Timeout | undefined;
  private readonly waiting: (() => void)[] = [];

  /** Connects at once, in the background: a collector that is not there yet is no reason not to start. */
  constructor(options: SocketSinkOptions) {
    this.options = options;
    this.name = options.destination.text;
    this.queue = new LineQueue(options.bufferBytes);
    this.retryMs = options.retryMilliseconds ?? RETRY_MS;
    this.connect();
  }

  write(line: Uint8Array): boolean {
    if (this.closing || !this.queue.push(line)) {
      this.stats.lost++;
      return false;
    }
    if (this.queue.bytes >= FLUSH_BYTES) this.pump();
    else
      this.timer ??= setTimeout(() => {
        this.timer = undefined;
        this.pump();
      }, this.options.flushMilliseconds ?? FLUSH_MS);
    return true;
  }

  get isUp(): boolean {
    return this.connected;
  }

  get pendingBytes(): number {
    return this.queue.bytes;
  }

  get isCrowded(): boolean {
    return !this.failing && this.queue.isCrowded;
  }

  drain(): Promise<void> {
    if (this.queue.isEmpty && this.again.length === 0) return Promise.resolve();
    const done = new Promise<void>((resolve) => this.waiting.push(resolve));
    this.pump();
    return done;
  }

  reopen(): void {
    // There is no file.
  }

  /** An infinite deadline waits for a slow reader as long as it takes, and ends at the first error. */
  async close(deadlineMilliseconds = 5000): Promise<void> {
    this.closing = true;
    const patient = deadlineMilliseconds === Infinity;
    const deadline = patient ? undefined : setTimeout(() => this.giveUp(), deadlineMilliseconds);
    while (!this.gaveUp && this.hasWork && !(patient && this.failing)) await this.drain();
    await this.end();
    clearTimeout(deadline);
    clearTimeout(this.timer);
    clearTimeout(this.retryTimer);
    this.gaveUp = true;
    this.socket?.destroy();
    this.socket = undefined;
    // What was to be sent again may have been read, or not.
    this.stats.lost += this.queue.clear() + this.again.reduce((sum, { lines }) => sum + lines, 0);
  }

  private get hasWork(): boolean {
    return this.writing || !this.queue.isEmpty || this.again.length > 0;
  }

  /** Says that no more comes, and waits until the other side has taken note of it, or time is up. */
  private async end(): Promise<void> {
    const { socket } = this;
    if (socket === undefined || !this.connected || this.gaveUp) return;
    await new Promise<void>((resolve) => {
      this.waiting.push(resolve);
      socket.end(resolve);
    });
  }

  private giveUp(): void {
    this.gaveUp = true;
    this.wake();
  }

  private connect(): void {
    let socket: Socket;
    try {
      socket = open(this.options);
    } catch (error) {
      // A file of certificates that cannot be read.
      this.failed(error as Error);
      return;
    }
    this.socket = socket;
    let problem: Error | undefined;
    socket.setTimeout(this.options.connectMilliseconds ?? CONNECT_MS, () =>
      socket.destroy(new Error(this.connected ? 'nothing was taken for too long' : 'no connection within its time')),
    );
    socket.once(this.options.destination.transport === 'tls' ? 'secureConnect' : 'connect', () => this.opened(socket));
    socket.on('error', (error) => (problem = error));
    socket.once('close', () => this.broke(socket, problem ?? new Error('the other side closed the connection')));
    // What a collector answers is of no interest, but must be read to see that it closes.
    socket.resume();
  }

  private opened(socket: Socket): void {
    // From here on a write that is not taken is what takes too long.
    socket.setTimeout(0);
    this.connected = true;
    this.stats.opened++;
    this.pump();
  }

  private broke(socket: Socket, error: Error): void {
    if (this.socket !== socket) return;
    this.socket = undefined;
    this.connected = false;
    this.writing = false;
    this.again = [...this.sent.take(performance.now()), ...this.again];
    this.failed(error);
  }

  private failed(error: Error): void {
    if (this.gaveUp || (this.closing && !this.hasWork)) return this.wake();
    this.stats.errors++;
    if (!this.failing) this.options.onError?.(error);
    this.failing = true;
    this.retryTimer = setTimeout(() => this.connect(), this.retryMs);
    this.retryMs = Math.min(this.retryMs * 2, (this.options.retryMilliseconds ?? RETRY_MS) * MOST_RETRY_FACTOR);
    this.wake();
  }

  /** Starts the next write, unless one is under way or there is no connection. */
  private pump(): void {
    const { socket } = this;
    if (this.writing || !this.connected || socket === undefined) return;
    const piece = this.again[0];
    if (piece === undefined && this.queue.isEmpty) return this.wake();
    let bytes = piece?.bytes;
    if (bytes === undefined) {
      const block = this.queue.front();
      bytes = block.bytes.subarray(block.from, block.to);
    }
    this.send(socket, bytes, piece?.lines);
  }

  /** @param resent lines, where the bytes were sent before. */
  private send(socket: Socket, bytes: Buffer, resent: number | undefined): void {
    this.writing = true;
    socket.setTimeout(this.options.stallMilliseconds ?? STALL_MS);
    socket.write(this.options.frame?.(bytes) ?? bytes, (error) => {
      if (this.socket !== socket || (error !== null && error !== undefined)) return;
      socket.setTimeout(0);
      this.taken(bytes, resent);
      this.pump();
      this.wake();
    });
  }

  private taken(bytes: Buffer, resent: number | undefined): void {
    this.writing = false;
    let lines = resent;
    if (lines === undefined) {
      lines = this.queue.written(bytes.length);
      this.stats.lines += lines;
      this.stats.bytes += bytes.length;
    } else {
      this.again.shift();
      this.stats.resent += lines;
    }
    this.sent.add(bytes, lines, performance.now());
    if (this.failing) this.options.onError?.(undefined);
    this.failing = false;
    this.retryMs = this.options.retryMilliseconds ?? RETRY_MS;
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}

function open({ destination, tls }: SocketSinkOptions): Socket {
  const { transport, path, host, port } = destination;
  if (transport === 'unix') return connect({ path });
  const keepAlive = { keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS, noDelay: true };
  if (transport === 'tcp') return connect({ host, port, ...keepAlive });
  const socket = connectTls({
    host,
    port,
    minVersion: 'TLSv1.2',
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(tls.ca === '' ? {} : { ca: readFileSync(tls.ca) }),
    ...(tls.certificate === '' ? {} : { cert: readFileSync(tls.certificate), key: readFileSync(tls.key) }),
  });
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  socket.setNoDelay(true);
  return socket;
}
