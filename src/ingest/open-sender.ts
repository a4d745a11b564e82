/** Chooses how mirrored datagrams are sent: sendmmsg where it can be had, dgram otherwise. Stage: `mirror`, set-up. */
import { lookup } from 'node:dns/promises';
import { DgramSender } from './dgram-sender.js';
import { MmsgSender } from './mmsg-sender.js';
import type { DatagramSender } from './sender.js';
import type { Endpoint } from './sockaddr.js';
import { loadSystem, type System } from './system.js';

/** Looks up `host` and makes a sender with sendmmsg, or with dgram and the reason why. Rejects for an unknown host. */
export async function openSender(
  host: string,
  port: number,
  load: () => { system: System } | { reason: string } = loadSystem,
): Promise<{ sender: DatagramSender; reason: string | undefined }> {
  const target = await resolve(host, port);
  const loaded = load();
  if ('system' in loaded) return { sender: new MmsgSender(loaded.system, target), reason: undefined };
  return { sender: new DgramSender(target), reason: loaded.reason };
}

async function resolve(host: string, port: number): Promise<Endpoint> {
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new Error(`cannot send to port ${port}: it must be from 1 to 65535`);
  try {
    const { address, family } = await lookup(host.replace(/^\[(.*)\]$/, '$1'));
    return { address, family: family === 6 ? 6 : 4, port };
  } catch (error) {
    throw new Error(`cannot send to "${host}": the name is not known (${(error as NodeJS.ErrnoException).code})`);
  }
}
