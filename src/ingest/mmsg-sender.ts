/**
 * Sends datagrams with sendmmsg (see sender.ts). Allocates nothing per datagram; a socket is opened once per source
 * port.
 */
import { MessageTable } from './message-table.js';
import { FIRST_SOURCE_PORT, SOURCE_PORTS, SendCounts, SendError, type DatagramSender } from './sender.js';
import { formatEndpoint, writeSockaddr, type Endpoint } from './sockaddr.js';
import {
  EAGAIN,
  ECONNREFUSED,
  EINTR,
  ENOBUFS,
  ENOMEM,
  SOL_SOCKET,
  SO_ERROR,
  errorName,
  type NativeMemory,
  type System,
} from './system.js';

const BATCH_SIZE = 64;
/** Header bytes of a datagram, at most: VXLAN and a made-up Ethernet header are 22. */
const HEADER_STRIDE = 32;
/** Tries for one datagram while the system is short of buffers, 1 ms apart. */
const MAX_TRIES = 100;

export class MmsgSender implements DatagramSender {
  readonly method = 'sendmmsg';
  readonly counts = new SendCounts();
  readonly replacedPorts: number[] = [];
  private readonly system: System;
  private readonly target: Endpoint;
  private readonly table: MessageTable;
  private readonly headers: NativeMemory;
  /** Descriptor of each lane, -1 before its first use. */
  private readonly sockets = new Int32Array(SOURCE_PORTS).fill(-1);
  private readonly pause = new Int32Array(new SharedArrayBuffer(4));
  private frames: NativeMemory | undefined;
  private framesAddress = 0;
  private lane = 0;
  private count = 0;

  constructor(system: System, target: Endpoint) {
    this.system = system;
    this.target = target;
    this.table = new MessageTable(system, BATCH_SIZE, 2, 0);
    this.headers = system.allocate(BATCH_SIZE * HEADER_STRIDE);
  }

  push(
    lane: number,
    header: Uint8Array,
    headerLength: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
  ): boolean {
    if (lane !== this.lane || this.count === BATCH_SIZE || this.frames?.bytes !== bytes) this.start(lane, bytes);
    const at = this.count * HEADER_STRIDE;
    for (let i = 0; i < headerLength; i++) this.headers.bytes[at + i] = header[i];
    this.table.setVector(this.count, 0, Number(this.headers.address) + at, headerLength);
    this.table.setVector(this.count, 1, this.framesAddress + offset, length);
    this.count++;
    return false;
  }

  flush(): void {
    let done = 0;
    let tries = 0;
    while (done < this.count) {
      const fd = this.socketOf(this.lane);
      const result = this.system.sendmmsg(fd, this.table.address(done), this.count - done, 0);
      if (result > 0) {
        this.counts.sent += result;
        done += result;
        tries = 0;
      } else if (!this.canRetry(-result) || ++tries > MAX_TRIES) {
        this.counts.failed++;
        this.counts.lastError = errorName(result);
        done++;
        tries = 0;
      }
    }
    this.count = 0;
  }

  takeLateAnswers(): void {
    for (const fd of this.sockets) {
      if (fd >= 0 && this.system.getIntOption(fd, SOL_SOCKET, SO_ERROR) === ECONNREFUSED) this.counts.refused++;
    }
  }

  close(): void {
    for (const fd of this.sockets) if (fd >= 0) this.system.close(fd);
    this.sockets.fill(-1);
    this.table.release();
    this.system.release(this.headers);
    if (this.frames !== undefined) this.system.release(this.frames);
  }

  /** Sends what is queued and begins a batch for `lane` with frames in `bytes`. */
  private start(lane: number, bytes: Uint8Array): void {
    this.flush();
    this.lane = lane;
    if (this.frames?.bytes === bytes) return;
    if (this.frames !== undefined) this.system.release(this.frames);
    this.frames = this.system.pin(bytes);
    this.framesAddress = Number(this.frames.address);
  }

  private canRetry(errno: number): boolean {
    // A pending ICMP error is reported in place of the next datagram, which has not been sent then.
    if (errno === ECONNREFUSED) this.counts.refused++;
    if (errno === EAGAIN || errno === ENOBUFS || errno === ENOMEM) Atomics.wait(this.pause, 0, 0, 1);
    return errno === ECONNREFUSED || errno === EAGAIN || errno === ENOBUFS || errno === ENOMEM || errno === EINTR;
  }

  private socketOf(lane: number): number {
    if (this.sockets[lane] < 0) this.sockets[lane] = this.open(FIRST_SOURCE_PORT + lane);
    return this.sockets[lane];
  }

  private open(port: number): number {
    const { system, target } = this;
    const sockaddr = system.allocate(32);
    const fd = this.check(system.udpSocket(target.family));
    const local = { address: target.family === 4 ? '0.0.0.0' : '::', family: target.family, port };
    if (system.bind(fd, sockaddr, writeSockaddr(sockaddr.bytes, local)) < 0) this.replacedPorts.push(port);
    this.check(system.connect(fd, sockaddr, writeSockaddr(sockaddr.bytes, target)));
    system.release(sockaddr);
    return fd;
  }

  private check(result: number): number {
    if (result >= 0) return result;
    throw new SendError(
      `cannot send to ${formatEndpoint(this.target.address, this.target.port)}: ${errorName(result)}`,
    );
  }
}
