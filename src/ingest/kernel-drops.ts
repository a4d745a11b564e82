/**
 * How many datagrams the kernel dropped for a socket. Stage: ingest; called about once a second, never per packet.
 *
 * Three places tell. SO_RXQ_OVFL comes with the next datagram only, so the drops at the end of a burst stay unknown.
 * SO_MEMINFO (Linux 4.12) reads the socket's own counter at any time, exactly, in one call without privileges, and is
 * used where there is a descriptor. The `drops` column of /proc/net/udp is the same counter, for sockets whose
 * descriptor Node keeps to itself; reading it takes time in proportion to the sockets of the network namespace.
 * Both count 32 bits and wrap.
 */
import { readFileSync } from 'node:fs';
import { SOL_SOCKET, SO_MEMINFO, type System } from './system.js';
import { addressBytes, type Endpoint } from './sockaddr.js';

/** Position of SK_MEMINFO_DROPS among the 32-bit words of SO_MEMINFO. */
const MEMINFO_DROPS = 8;

/** Adds up a 32-bit counter that wraps. */
export class DropCounter {
  private last = 0;
  private total = 0;

  /** Takes the counter's present value, or undefined when it could not be read, and returns the sum so far. */
  update(value: number | undefined): number {
    if (value === undefined) return this.total;
    this.total += (value - this.last) >>> 0;
    this.last = value;
    return this.total;
  }
}

/** Drops of an open socket, undefined where the kernel does not tell. */
export function socketDrops(system: System, fd: number): number | undefined {
  const words = new Uint32Array(MEMINFO_DROPS + 1);
  const written = system.getOption(fd, SOL_SOCKET, SO_MEMINFO, new Uint8Array(words.buffer));
  return written === words.byteLength ? words[MEMINFO_DROPS] : undefined;
}

/** Drops of the socket bound to `local`, out of /proc/net/udp; undefined where it is not there. */
export function procDrops(local: Endpoint): number | undefined {
  try {
    return findDrops(readFileSync(local.family === 4 ? '/proc/net/udp' : '/proc/net/udp6', 'latin1'), local);
  } catch {
    return undefined;
  }
}

/** Finds the `drops` of a local address in the text of /proc/net/udp or udp6. */
export function findDrops(table: string, local: Endpoint): number | undefined {
  const wanted = procAddress(local);
  for (const line of table.split('\n')) {
    const fields = line.trim().split(/\s+/);
    if (fields[1] === wanted && fields.length >= 13) return Number(fields[12]) >>> 0;
  }
  return undefined;
}

/** The kernel prints each 32-bit word of an address as a number in host order, that is, with its bytes reversed. */
function procAddress({ address, port }: Endpoint): string {
  const hex = (byte: number): string => byte.toString(16).padStart(2, '0');
  const bytes = addressBytes(address);
  let text = '';
  for (let word = 0; word < bytes.length; word += 4)
    text += bytes
      .slice(word, word + 4)
      .reverse()
      .map(hex)
      .join('');
  return `${text}:${hex(port >> 8)}${hex(port & 0xff)}`.toUpperCase();
}
