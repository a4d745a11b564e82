/** Loopback datagrams for tests of sources and senders. Bounded: nothing here sends more than it is given. */
import { createSocket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import type { Source } from '../../src/ingest/source.js';

/** Whether this machine has ::1. */
export const HAS_IPV6 = Object.values(networkInterfaces())
  .flat()
  .some((each) => each?.address === '::1');
if (!HAS_IPV6) console.warn('tests over IPv6 are skipped: this machine has no ::1');

export interface Received {
  bytes: Buffer;
  wireLength: number;
  timeUs: number;
  linkType: number;
  source: string;
  port: number;
  /** Where the source tells it. */
  destination: string | undefined;
}

/**
 * Sends to a loopback port, one after the other; resolves with the port they came from once all are in the kernel's
 * hands.
 */
export async function sendAll(port: number, datagrams: readonly Uint8Array[], address = '127.0.0.1'): Promise<number> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  for (const datagram of datagrams) {
    await new Promise<void>((resolve, reject) =>
      socket.send(datagram, port, address, (error) => (error ? reject(error) : resolve())),
    );
  }
  const { port: from } = socket.address();
  socket.close();
  return from;
}

/** Runs a source until it has been silent for one of its timeouts, and returns what it delivered. */
export async function receiveAll(source: Source): Promise<Received[]> {
  const received: Received[] = [];
  let silent = false;
  await source.run(
    (batch, count) => {
      silent = count === 0;
      for (let i = 0; i < count; i++) {
        const textOf = (addresses: Uint8Array): string => {
          const ip = addresses.subarray(i * 16, i * 16 + (batch.srcIpVersion[i] === 4 ? 4 : 16));
          return ip.length === 4 ? [...ip].join('.') : Buffer.from(ip).toString('hex');
        };
        received.push({
          bytes: Buffer.from(batch.bytes.subarray(batch.offset[i], batch.offset[i] + batch.length[i])),
          wireLength: batch.wireLength[i],
          timeUs: batch.timeUs[i],
          linkType: batch.linkType[i],
          source: textOf(batch.srcIp),
          destination: batch.tellsDestination ? textOf(batch.dstIp) : undefined,
          port: batch.srcPort[i],
        });
      }
    },
    () => silent,
  );
  return received;
}
