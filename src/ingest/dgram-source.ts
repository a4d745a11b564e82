/**
 * Mirrored datagrams through node:dgram, where recvmmsg cannot be had. Stage: ingest; needs its thread's event loop.
 *
 * Node hands over one datagram at a time in a buffer of its own; they are copied into slots and delivered once per turn
 * of the event loop, or when the batch is full. This path allocates, in Node. There is no SO_REUSEPORT in Node 20's
 * dgram, so one socket serves a port.
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { WallClock } from './clock.js';
import { DropCounter, procDrops } from './kernel-drops.js';
import { addressBytes, parseAddress, type Endpoint } from './sockaddr.js';
import { addressError, listenError, portError } from './socket-error.js';
import { FrameBatch, type Deliver, type Source } from './source.js';
import { RECEIVE_TIMEOUT_MS, isPort } from './udp-socket.js';
import { SLOT_BYTES, type UdpSourceOptions } from './udp-source.js';

const BATCH_SIZE = 256;
/** What a stopped source still reads: what was in the socket, but not for ever when more keeps coming. */
const MAX_DRAIN_MS = 500;

export type DgramSourceOptions = Omit<UdpSourceOptions, 'reusePort' | 'reuseportFilter'>;

/** Opens and binds the socket; rejects with an Error that says what to do when that fails. */
export async function openDgramSource(options: DgramSourceOptions): Promise<DgramSource> {
  const parsed = parseAddress(options.address);
  if (parsed === undefined) throw addressError(options.address);
  if (!isPort(options.port)) throw portError(options.port);
  const socket = createSocket({
    type: parsed.family === 4 ? 'udp4' : 'udp6',
    ipv6Only: parsed.family === 6 && options.ipv6Only === true,
  });
  const source = new DgramSource(socket, options);
  await new Promise<void>((resolve, reject) => {
    socket.once('error', (error: NodeJS.ErrnoException) => {
      source.close();
      reject(listenError(error.code ?? 'unknown', parsed.address, options.port));
    });
    socket.bind({ address: parsed.address, port: options.port, exclusive: true }, () => {
      socket.removeAllListeners('error');
      resolve();
    });
  });
  source.bound();
  return source;
}

export class DgramSource implements Source {
  local: Endpoint = { address: '0.0.0.0', family: 4, port: 0 };
  readonly requestedBufferBytes: number;
  /** In the unit of the request: equal to it when granted in full. */
  grantedBufferBytes = 0;
  /** Datagrams longer than a slot, which were delivered cut. */
  truncated = 0;
  private readonly socket: Socket;
  private readonly batch = new FrameBatch(new Uint8Array(BATCH_SIZE * SLOT_BYTES), BATCH_SIZE);
  private readonly clock = new WallClock();
  private readonly drops = new DropCounter();
  private count = 0;
  private received = 0;
  private nowUs = 0;
  private flushPending = false;
  private deliver: Deliver | undefined;
  /** Node reads from the moment of binding; what does not fit before `run` counts with the kernel's drops. */
  private lostBeforeRun = 0;
  private closed = false;
  private lastAddress = '';
  private lastBytes: number[] = [];

  /** Use `openDgramSource`. */
  constructor(socket: Socket, options: DgramSourceOptions) {
    this.socket = socket;
    this.requestedBufferBytes = options.receiveBufferBytes;
    for (let i = 0; i < BATCH_SIZE; i++) this.batch.offset[i] = i * SLOT_BYTES;
    this.batch.linkType.fill(options.linkType);
    socket.on('message', (message, remote) => this.take(message, remote));
  }

  /** Completes the set-up that needs a bound socket. */
  bound(): void {
    const { address, family, port } = this.socket.address();
    this.local = { address, family: family === 'IPv6' ? 6 : 4, port };
    try {
      this.socket.setRecvBufferSize(Math.min(this.requestedBufferBytes, 0x3fffffff));
    } catch {
      // A refusal leaves the default, which is then what is reported as granted.
    }
    this.grantedBufferBytes = this.socket.getRecvBufferSize() / 2;
  }

  run(deliver: Deliver, stopRequested: () => boolean): Promise<void> {
    this.deliver = deliver;
    this.flush();
    return new Promise((resolve, reject) => {
      const end = (error?: Error): void => {
        clearInterval(timer);
        this.socket.off('error', end);
        this.flush();
        this.deliver = undefined;
        if (error === undefined) resolve();
        else reject(error);
      };
      const timer = setInterval(() => {
        if (this.count === 0) deliver(this.batch, 0);
        if (stopRequested()) this.drain(performance.now() + MAX_DRAIN_MS, end);
      }, RECEIVE_TIMEOUT_MS);
      this.socket.on('error', end);
    });
  }

  kernelDrops(): number {
    return this.drops.update(this.closed ? undefined : procDrops(this.local)) + this.lostBeforeRun;
  }

  close(): void {
    if (this.closed) return;
    this.kernelDrops();
    this.closed = true;
    this.socket.close();
  }

  /** Empties the socket: ends at the first turn of the event loop that brings nothing, or at the deadline. */
  private drain(deadlineMs: number, end: () => void): void {
    const before = this.received;
    // The first callback may come before this turn has polled the socket, the second has a poll behind it.
    setImmediate(() =>
      setImmediate(() => {
        if (this.received === before || performance.now() > deadlineMs) end();
        else this.drain(deadlineMs, end);
      }),
    );
  }

  private take(message: Buffer, remote: RemoteInfo): void {
    const { batch, count } = this;
    if (count === BATCH_SIZE) {
      this.lostBeforeRun++;
      return;
    }
    const length = Math.min(message.length, SLOT_BYTES);
    if (length < message.length) this.truncated++;
    message.copy(batch.bytes, count * SLOT_BYTES, 0, length);
    batch.length[count] = length;
    batch.wireLength[count] = message.length;
    if (count === 0) this.nowUs = this.clock.nowUs();
    batch.timeUs[count] = this.nowUs;
    this.takeSource(count, remote);
    this.count++;
    this.received++;
    if (this.deliver === undefined) return;
    if (this.count === BATCH_SIZE) this.flush();
    else if (!this.flushPending) this.flushSoon();
  }

  /** Mirror sessions come from few addresses: the last one is mostly the next one too. */
  private takeSource(index: number, remote: RemoteInfo): void {
    if (remote.address !== this.lastAddress) {
      this.lastAddress = remote.address;
      const bytes = addressBytes(remote.address.replace(/%.*/, ''));
      this.lastBytes = bytes.length === 16 && remote.address.startsWith('::ffff:') ? bytes.slice(12) : bytes;
    }
    this.batch.srcIpVersion[index] = this.lastBytes.length === 4 ? 4 : 6;
    this.batch.srcIp.set(this.lastBytes, index * 16);
    this.batch.srcPort[index] = remote.port;
  }

  private flushSoon(): void {
    this.flushPending = true;
    setImmediate(() => {
      this.flushPending = false;
      this.flush();
    });
  }

  private flush(): void {
    if (this.count === 0 || this.deliver === undefined) return;
    const count = this.count;
    this.count = 0;
    this.deliver(this.batch, count);
  }
}
