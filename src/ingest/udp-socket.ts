/** Opens the UDP socket of a mirror target through koffi and sets its options. Stage: ingest, set-up only. */
import {
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_RECVPKTINFO,
  IPV6_V6ONLY,
  IP_PKTINFO,
  SOL_SOCKET,
  SO_ATTACH_REUSEPORT_CBPF,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SO_RCVTIMEO,
  SO_REUSEPORT,
  errorName,
  type System,
} from './system.js';
import { encodeFilter, type FilterInstruction } from './reuseport-filter.js';
import { parseAddress, readSockaddr, writeSockaddr, type Endpoint } from './sockaddr.js';
import { addressError, listenError, portError } from './socket-error.js';

/** How long a receive call waits, and so how long a stop can go unseen. */
export const RECEIVE_TIMEOUT_MS = 100;

export interface UdpSocketOptions {
  /** IPv4 or IPv6; `::` takes IPv4 as well unless `ipv6Only`. */
  readonly address: string;
  /** 0 lets the kernel choose. */
  readonly port: number;
  readonly receiveBufferBytes: number;
  readonly reusePort?: boolean;
  /** Attached to the whole group of sockets that share the port (reuseport-filter.ts). */
  readonly reuseportFilter?: readonly FilterInstruction[] | undefined;
  readonly ipv6Only?: boolean;
}

export interface UdpSocket {
  readonly fd: number;
  readonly local: Endpoint;
  readonly grantedBufferBytes: number;
  /**
   * Whether each datagram comes with the address that it was sent to: it can be any, as the socket is bound to none.
   */
  readonly tellsDestination: boolean;
}

/** Opens and binds; throws an Error that says what to do when that fails. */
export function openUdpSocket(system: System, options: UdpSocketOptions): UdpSocket {
  const parsed = parseAddress(options.address);
  if (parsed === undefined) throw addressError(options.address);
  if (!isPort(options.port)) throw portError(options.port);
  const wanted: Endpoint = { ...parsed, port: options.port };
  const check = (result: number): number => {
    if (result < 0) throw listenError(errorName(result), wanted.address, wanted.port);
    return result;
  };
  const fd = check(system.udpSocket(wanted.family));
  try {
    if (options.reusePort === true) check(system.setIntOption(fd, SOL_SOCKET, SO_REUSEPORT, 1));
    if (wanted.family === 6)
      check(system.setIntOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, options.ipv6Only === true ? 1 : 0));
    check(setReceiveTimeout(system, fd));
    const grantedBufferBytes = setReceiveBuffer(system, fd, options.receiveBufferBytes);
    const local = bindSocket(system, fd, wanted, check);
    // After bind: a socket with a filter of its own cannot join a group. The first one is alone while it has none, and
    // later ones join a group that has it; attaching it again changes nothing.
    if (options.reuseportFilter !== undefined) check(attachFilter(system, fd, options.reuseportFilter));
    return {
      fd,
      local,
      grantedBufferBytes,
      tellsDestination: isWildcard(local) && askForDestination(system, fd, local.family),
    };
  } catch (error) {
    system.close(fd);
    throw error;
  }
}

export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 0 && port <= 65535;
}

const isWildcard = ({ address }: Endpoint): boolean => address === '0.0.0.0' || address === '::';

/** A socket that is not told goes on without. IPv6 sockets tell it of IPv4, too. */
function askForDestination(system: System, fd: number, family: 4 | 6): boolean {
  return (
    (family === 4
      ? system.setIntOption(fd, IPPROTO_IP, IP_PKTINFO, 1)
      : system.setIntOption(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1)) >= 0
  );
}

function bindSocket(system: System, fd: number, wanted: Endpoint, check: (result: number) => number): Endpoint {
  const sockaddr = system.allocate(32);
  try {
    check(system.bind(fd, sockaddr, writeSockaddr(sockaddr.bytes, wanted)));
    check(system.getsockname(fd, sockaddr));
    return readSockaddr(sockaddr.bytes);
  } finally {
    system.release(sockaddr);
  }
}

/**
 * Asks for a receive buffer and returns what was granted, in the unit that was asked in: the kernel doubles the figure
 * for its own bookkeeping and reports the double. SO_RCVBUFFORCE goes past `net.core.rmem_max`, but needs NET_ADMIN.
 */
function setReceiveBuffer(system: System, fd: number, bytes: number): number {
  const wanted = Math.min(bytes, 0x3fffffff);
  if (system.setIntOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, wanted) < 0)
    system.setIntOption(fd, SOL_SOCKET, SO_RCVBUF, wanted);
  return Math.max(0, system.getIntOption(fd, SOL_SOCKET, SO_RCVBUF)) / 2;
}

/** `struct timeval`: seconds and microseconds, 8 bytes each. */
function setReceiveTimeout(system: System, fd: number): number {
  const timeval = BigInt64Array.of(0n, BigInt(RECEIVE_TIMEOUT_MS * 1000));
  return system.setOption(fd, SOL_SOCKET, SO_RCVTIMEO, new Uint8Array(timeval.buffer));
}

/** `struct sock_fprog`: number of instructions (2), padding (6), address of the first. */
function attachFilter(system: System, fd: number, filter: readonly FilterInstruction[]): number {
  const program = system.pin(encodeFilter(filter));
  const header = new DataView(new ArrayBuffer(16));
  header.setUint16(0, filter.length, true);
  header.setBigUint64(8, program.address, true);
  const result = system.setOption(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, new Uint8Array(header.buffer));
  system.release(program);
  return result;
}
