/**
 * The system calls that Node does not offer, through koffi. Stage: below ingest; the only file that imports koffi.
 *
 * A thin layer over libc for Linux on x64 and arm64, which share data layouts (LP64, little-endian) and constants
 * (asm-generic). Calls answer like the kernel does: a result, or the negated errno; nothing throws after loading. koffi
 * is loaded on demand, so that a platform without it gets a reason and not a crash. No call allocates, but for
 * `setOption` and `getOption`.
 *
 * The kernel writes to addresses; V8 moves nothing that lies outside its heap, but frees a buffer after its last use in
 * the code, even inside a running function. So every address comes from a `NativeMemory`, which the `System` itself
 * references until it is released.
 */
import { createRequire } from 'node:module';
import { endianness } from 'node:os';
import { getSystemErrorName } from 'node:util';

export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOL_SOCKET = 1;
export const SO_RCVBUF = 8;
export const SO_ERROR = 4;
export const SO_REUSEPORT = 15;
export const SO_RCVTIMEO = 20;
export const SO_RCVBUFFORCE = 33;
export const SO_ATTACH_REUSEPORT_CBPF = 51;
export const SO_MEMINFO = 55;
export const IPPROTO_IP = 0;
export const IP_PKTINFO = 8;
export const IPPROTO_IPV6 = 41;
export const IPV6_RECVPKTINFO = 49;
export const IPV6_V6ONLY = 26;
export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;
export const MSG_WAITFORONE = 0x10000;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0x80000;

export const EINTR = 4;
export const EBADF = 9;
export const EAGAIN = 11;
export const ENOMEM = 12;
export const ENOSYS = 38;
export const ENOBUFS = 105;
export const ECONNREFUSED = 111;

/** Bytes at an address that stays valid until `System.release`. */
export interface NativeMemory {
  readonly bytes: Uint8Array;
  readonly address: bigint;
}

type Pointer = bigint | null;

interface Libc {
  socket(family: number, type: number, protocol: number): number;
  bind(fd: number, address: Pointer, length: number): number;
  connect(fd: number, address: Pointer, length: number): number;
  getsockname(fd: number, address: Pointer, length: Pointer): number;
  setsockopt(fd: number, level: number, option: number, value: Pointer, length: number): number;
  getsockopt(fd: number, level: number, option: number, value: Pointer, length: Pointer): number;
  recvmmsg(fd: number, headers: Pointer, count: number, flags: number, timeout: Pointer): number;
  sendmmsg(fd: number, headers: Pointer, count: number, flags: number): number;
  close(fd: number): number;
}

/** Argument types of each call; every one returns an int. */
const SIGNATURES: Readonly<Record<keyof Libc, string[]>> = {
  socket: ['int', 'int', 'int'],
  bind: ['int', 'void *', 'uint32_t'],
  connect: ['int', 'void *', 'uint32_t'],
  getsockname: ['int', 'void *', 'void *'],
  setsockopt: ['int', 'int', 'int', 'void *', 'uint32_t'],
  getsockopt: ['int', 'int', 'int', 'void *', 'void *'],
  recvmmsg: ['int', 'void *', 'uint32_t', 'int', 'void *'],
  sendmmsg: ['int', 'void *', 'uint32_t', 'int'],
  close: ['int'],
};

/** The part of koffi that is used here. */
interface Koffi {
  load(path: null): { func(name: string, result: string, args: string[]): unknown };
  address(value: Uint8Array): bigint;
  errno(): number;
}

export class System {
  private readonly koffi: Koffi;
  private readonly libc: Libc;
  /** PINNED: keeps the memory that the kernel knows the address of. */
  private readonly pinned = new Set<NativeMemory>();

  constructor(koffi: Koffi, libc: Libc) {
    this.koffi = koffi;
    this.libc = libc;
  }

  /** Zeroed memory outside V8's heap. */
  allocate(length: number): NativeMemory {
    return this.pin(new Uint8Array(new ArrayBuffer(length)));
  }

  /**
   * The address of `bytes`, which lie in an ArrayBuffer of their own of fixed size: V8 keeps short typed arrays in its
   * heap.
   */
  pin(bytes: Uint8Array): NativeMemory {
    const memory = { bytes, address: this.koffi.address(bytes) };
    this.pinned.add(memory);
    return memory;
  }

  /** To be called once no system call can use the memory any more. */
  release(memory: NativeMemory): void {
    this.pinned.delete(memory);
  }

  /** A UDP socket, closed on exec. */
  udpSocket(family: 4 | 6): number {
    return this.result(this.libc.socket(family === 4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  }

  bind(fd: number, sockaddr: NativeMemory, length: number): number {
    return this.result(this.libc.bind(fd, sockaddr.address, length));
  }

  connect(fd: number, sockaddr: NativeMemory, length: number): number {
    return this.result(this.libc.connect(fd, sockaddr.address, length));
  }

  /** Fills `sockaddr` with the local address. */
  getsockname(fd: number, sockaddr: NativeMemory): number {
    const length = this.allocate(4);
    new DataView(length.bytes.buffer).setUint32(0, sockaddr.bytes.length, true);
    const result = this.result(this.libc.getsockname(fd, sockaddr.address, length.address));
    this.release(length);
    return result;
  }

  setOption(fd: number, level: number, option: number, value: Uint8Array): number {
    const memory = this.allocate(value.length);
    memory.bytes.set(value);
    const result = this.result(this.libc.setsockopt(fd, level, option, memory.address, value.length));
    this.release(memory);
    return result;
  }

  setIntOption(fd: number, level: number, option: number, value: number): number {
    return this.setOption(fd, level, option, new Uint8Array(Int32Array.of(value).buffer));
  }

  /** Fills `value` and returns the number of bytes that the kernel wrote. */
  getOption(fd: number, level: number, option: number, value: Uint8Array): number {
    const memory = this.allocate(value.length + 4);
    const length = new DataView(memory.bytes.buffer, value.length, 4);
    length.setUint32(0, value.length, true);
    const lengthAddress = memory.address + BigInt(value.length);
    const result = this.result(this.libc.getsockopt(fd, level, option, memory.address, lengthAddress));
    this.release(memory);
    if (result < 0) return result;
    value.set(memory.bytes.subarray(0, value.length));
    return length.getUint32(0, true);
  }

  /** The value of an int option, or the negated errno. */
  getIntOption(fd: number, level: number, option: number): number {
    const value = new Int32Array(1);
    const result = this.getOption(fd, level, option, new Uint8Array(value.buffer));
    return result < 0 ? result : value[0];
  }

  /** `headers` is an array of `mmsghdr` (message-table.ts). */
  recvmmsg(fd: number, headers: bigint, count: number, flags: number): number {
    return this.result(this.libc.recvmmsg(fd, headers, count, flags, null));
  }

  sendmmsg(fd: number, headers: bigint, count: number, flags: number): number {
    return this.result(this.libc.sendmmsg(fd, headers, count, flags));
  }

  close(fd: number): number {
    return this.result(this.libc.close(fd));
  }

  private result(value: number): number {
    return value < 0 ? -this.koffi.errno() : value;
  }
}

/** The name of a negated errno, such as `EADDRINUSE`. */
export function errorName(negatedErrno: number): string {
  return getSystemErrorName(negatedErrno);
}

/** Loads koffi and finds every call, or says why that is not possible here. */
export function loadSystem(load: () => Koffi = requireKoffi): { system: System } | { reason: string } {
  const platform = `${process.platform} on ${process.arch}`;
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch) || endianness() !== 'LE') {
    return { reason: `recvmmsg is used on Linux with x64 or arm64 only, and this is ${platform}` };
  }
  try {
    const koffi = load();
    const library = koffi.load(null);
    const calls = Object.entries(SIGNATURES).map(([name, args]) => [name, library.func(name, 'int', args)]);
    const system = new System(koffi, Object.fromEntries(calls) as Libc);
    // A sandbox may refuse the call itself; a bad descriptor is what a kernel that has it complains of.
    const probe = system.recvmmsg(-1, 0n, 0, 0);
    return probe === -EBADF ? { system } : { reason: `the kernel refuses recvmmsg (${errorName(probe)})` };
  } catch (error) {
    const message = error instanceof Error ? error.message.split('\n')[0] : String(error);
    return { reason: `koffi cannot be used on ${platform}: ${message}` };
  }
}

function requireKoffi(): Koffi {
  return createRequire(import.meta.url)('koffi') as Koffi;
}
