/**
 * Mirrored datagrams from a UDP socket, many to a system call. Stage: ingest; runs on a dispatcher's thread and blocks
 * it, for at most `RECEIVE_TIMEOUT_MS` at a time.
 *
 * The kernel writes datagrams straight into the slots of one slab that is re-used, and their source addresses into the
 * message table's. Nothing is allocated per datagram or per batch. sent = received + kernel drops holds for everything
 * that reached the socket, since `run` empties it after a stop.
 */
import { LINK_TYPE } from '../decode/packet.js';
import { WallClock } from './clock.js';
import { DropCounter, procDrops, socketDrops } from './kernel-drops.js';
import { CONTROL_STRIDE, MessageTable, SOCKADDR_STRIDE } from './message-table.js';
import { SOCKADDR_IN6_BYTES, SOCKADDR_IN_BYTES, type Endpoint } from './sockaddr.js';
import { FrameBatch, type Deliver, type Source } from './source.js';
import {
  EAGAIN,
  EINTR,
  ENOBUFS,
  ENOMEM,
  IP_PKTINFO,
  MSG_DONTWAIT,
  MSG_TRUNC,
  MSG_WAITFORONE,
  errorName,
  type NativeMemory,
  type System,
} from './system.js';
import { openUdpSocket, type UdpSocketOptions } from './udp-socket.js';

/** Room for one datagram: a jumbo frame of 9001 bytes, rounded up to whole cache lines. */
export const SLOT_BYTES = 9216;
const BATCH_SIZE = 256;
/** What a stopped source still reads: what was in the socket, but not for ever when more keeps coming. */
const MAX_DRAIN_BATCHES = 4096;
const MAX_DRAIN_MS = 500;

/**
 * The control message with the address that a datagram was sent to, at the start of its room:
 *
 *   0 length (8)  8 level (4)  12 type (4)  16 IPv4: interface (4), local address (4), destination (4); IPv6:
 *   destination (16)
 */
const CONTROL = { type: 12, ipv4: 24, ipv6: 16 } as const;
const CONTROL_BYTES = 28;

export interface UdpSourceOptions extends UdpSocketOptions {
  readonly linkType: typeof LINK_TYPE.vxlan | typeof LINK_TYPE.geneve;
}

export class UdpSource implements Source {
  readonly local: Endpoint;
  readonly requestedBufferBytes: number;
  /** In the unit of the request: equal to it when granted in full. */
  readonly grantedBufferBytes: number;
  /** Datagrams longer than a slot, which were delivered cut. */
  truncated = 0;
  private readonly system: System;
  private readonly memory: NativeMemory;
  private readonly table: MessageTable;
  private readonly batch: FrameBatch;
  private readonly clock = new WallClock();
  private readonly drops = new DropCounter();
  private fd: number;

  /** Opens and binds the socket; throws an Error that says what to do when that fails. */
  constructor(system: System, options: UdpSourceOptions) {
    const socket = openUdpSocket(system, options);
    this.system = system;
    this.fd = socket.fd;
    this.local = socket.local;
    this.requestedBufferBytes = options.receiveBufferBytes;
    this.grantedBufferBytes = socket.grantedBufferBytes;
    this.memory = system.allocate(BATCH_SIZE * SLOT_BYTES);
    this.batch = new FrameBatch(this.memory.bytes, BATCH_SIZE);
    const isIpv4 = socket.local.family === 4;
    this.table = new MessageTable(
      system,
      BATCH_SIZE,
      1,
      isIpv4 ? SOCKADDR_IN_BYTES : SOCKADDR_IN6_BYTES,
      socket.tellsDestination,
    );
    for (let i = 0; i < BATCH_SIZE; i++) {
      this.batch.offset[i] = i * SLOT_BYTES;
      this.table.setVector(i, 0, Number(this.memory.address) + i * SLOT_BYTES, SLOT_BYTES);
    }
    this.batch.linkType.fill(options.linkType);
    this.batch.srcIpVersion.fill(socket.local.family);
    this.batch.tellsDestination = socket.tellsDestination;
  }

  async run(deliver: Deliver, stopRequested: () => boolean): Promise<void> {
    while (!stopRequested()) deliver(this.batch, this.receive(MSG_WAITFORONE));
    const deadlineMs = performance.now() + MAX_DRAIN_MS;
    for (let i = 0; i < MAX_DRAIN_BATCHES && performance.now() < deadlineMs; i++) {
      const count = this.receive(MSG_DONTWAIT);
      if (count === 0) break;
      deliver(this.batch, count);
    }
  }

  kernelDrops(): number {
    if (this.fd < 0) return this.drops.update(undefined);
    return this.drops.update(socketDrops(this.system, this.fd) ?? procDrops(this.local));
  }

  close(): void {
    if (this.fd < 0) return;
    this.kernelDrops();
    this.system.close(this.fd);
    this.fd = -1;
    this.table.release();
    this.system.release(this.memory);
  }

  /** Fills the batch and returns the number of datagrams, 0 when none came. */
  private receive(flags: number): number {
    // MSG_TRUNC makes the kernel report a datagram's own length even where the slot was too short for it.
    const count = this.system.recvmmsg(this.fd, this.table.address(0), BATCH_SIZE, flags | MSG_TRUNC);
    if (count <= 0) {
      if (count === 0 || isTransient(-count)) return 0;
      throw new Error(`receiving on UDP port ${this.local.port} failed: ${errorName(count)}`);
    }
    const { batch, table } = this;
    const nowUs = this.clock.nowUs();
    for (let i = 0; i < count; i++) {
      const wireLength = table.length(i);
      batch.wireLength[i] = wireLength;
      batch.length[i] = wireLength > SLOT_BYTES ? SLOT_BYTES : wireLength;
      if (wireLength > SLOT_BYTES) this.truncated++;
      batch.timeUs[i] = nowUs;
      this.takeSource(i);
      if (batch.tellsDestination) this.takeDestination(i);
    }
    if (batch.tellsDestination) table.resetControls(count);
    return count;
  }

  /** Copies a source address out of its sockaddr; IPv4 that came in through an IPv6 socket is IPv4 again. */
  private takeSource(index: number): void {
    const { batch } = this;
    const { names } = this.table;
    const name = index * SOCKADDR_STRIDE;
    const to = index * 16;
    batch.srcPort[index] = (names[name + 2] << 8) | names[name + 3];
    if (this.local.family === 4) {
      for (let i = 0; i < 4; i++) batch.srcIp[to + i] = names[name + 4 + i];
    } else if (isMappedIpv4(names, name + 8)) {
      batch.srcIpVersion[index] = 4;
      for (let i = 0; i < 4; i++) batch.srcIp[to + i] = names[name + 20 + i];
    } else {
      batch.srcIpVersion[index] = 6;
      for (let i = 0; i < 16; i++) batch.srcIp[to + i] = names[name + 8 + i];
    }
  }

  /** Copies the address that a datagram was sent to out of its control message. */
  private takeDestination(index: number): void {
    const { batch, table } = this;
    const { controls } = table;
    const control = index * CONTROL_STRIDE;
    const to = index * 16;
    const isTold = table.controlLength(index) >= CONTROL_BYTES;
    const isIpv4 = batch.srcIpVersion[index] === 4;
    // An IPv6 socket tells of IPv4 in the mapped form.
    const from =
      control +
      (controls[control + CONTROL.type] === IP_PKTINFO ? CONTROL.ipv4 : isIpv4 ? CONTROL.ipv6 + 12 : CONTROL.ipv6);
    const size = isIpv4 ? 4 : 16;
    for (let i = 0; i < size; i++) batch.dstIp[to + i] = isTold ? controls[from + i] : 0;
  }
}

function isTransient(errno: number): boolean {
  return errno === EAGAIN || errno === EINTR || errno === ENOBUFS || errno === ENOMEM;
}

/** ::ffff:a.b.c.d (RFC 4291, section 2.5.5.2). */
function isMappedIpv4(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < 10; i++) if (bytes[at + i] !== 0) return false;
  return bytes[at + 10] === 0xff && bytes[at + 11] === 0xff;
}
