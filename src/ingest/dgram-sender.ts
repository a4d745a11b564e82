/** Sends datagrams through node:dgram, where sendmmsg cannot be had (see sender.ts). This path allocates. */
import { createSocket, type Socket } from 'node:dgram';
import { FIRST_SOURCE_PORT, SendCounts, type DatagramSender } from './sender.js';
import type { Endpoint } from './sockaddr.js';

const QUEUE_SIZE = 64;

interface Queued {
  readonly lane: number;
  readonly parts: Uint8Array[];
}

export class DgramSender implements DatagramSender {
  readonly method = 'dgram';
  readonly counts = new SendCounts();
  readonly replacedPorts: number[] = [];
  private readonly target: Endpoint;
  private readonly sockets = new Map<number, Socket>();
  private queue: Queued[] = [];

  constructor(target: Endpoint) {
    this.target = target;
  }

  push(
    lane: number,
    header: Uint8Array,
    headerLength: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
  ): boolean {
    this.queue.push({ lane, parts: [header.slice(0, headerLength), bytes.subarray(offset, offset + length)] });
    return this.queue.length >= QUEUE_SIZE;
  }

  async flush(): Promise<void> {
    const queue = this.queue;
    this.queue = [];
    const sent: Promise<void>[] = [];
    for (const { lane, parts } of queue) {
      const socket = this.sockets.get(lane) ?? (await this.open(lane));
      sent.push(new Promise((resolve) => socket.send(parts, (error) => resolve(this.count(error)))));
    }
    await Promise.all(sent);
  }

  close(): void {
    for (const socket of this.sockets.values()) socket.close();
    this.sockets.clear();
  }

  private count(error: Error | null): void {
    if (error === null) {
      this.counts.sent++;
      return;
    }
    const { code } = error as NodeJS.ErrnoException;
    // Node reports a pending ICMP error once, in place of the datagram.
    if (code === 'ECONNREFUSED') this.counts.refused++;
    this.counts.failed++;
    this.counts.lastError = code;
  }

  private async open(lane: number): Promise<Socket> {
    const port = FIRST_SOURCE_PORT + lane;
    const socket = await this.bind(port).catch(() => {
      this.replacedPorts.push(port);
      return this.bind(0);
    });
    await new Promise<void>((resolve, reject) => {
      socket.connect(this.target.port, this.target.address, ((error?: Error) =>
        error ? reject(error) : resolve()) as () => void);
    });
    socket.on('error', () => undefined);
    this.sockets.set(lane, socket);
    return socket;
  }

  private bind(port: number): Promise<Socket> {
    const socket = createSocket(this.target.family === 4 ? 'udp4' : 'udp6');
    return new Promise((resolve, reject) => {
      socket.once('error', (error) => {
        socket.close();
        reject(error);
      });
      socket.bind({ port, exclusive: true }, () => {
        socket.removeAllListeners('error');
        resolve(socket);
      });
    });
  }
}
