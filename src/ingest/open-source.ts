/**
 * Chooses how mirrored datagrams are received: recvmmsg where it can be had, dgram otherwise. Stage: ingest, set-up.
 */
import { openDgramSource, type DgramSource } from './dgram-source.js';
import { loadSystem, type System } from './system.js';
import { UdpSource, type UdpSourceOptions } from './udp-source.js';

export interface OpenedSource {
  readonly source: UdpSource | DgramSource;
  readonly method: 'recvmmsg' | 'dgram';
  /** Why dgram was taken, for one line in the log; undefined with recvmmsg. */
  readonly reason: string | undefined;
}

/**
 * Opens a bound source; rejects with an Error that says what to do when the address cannot be had, whichever the
 * method. `method: 'dgram'` asks for the fall-back. With dgram there is no SO_REUSEPORT: open one socket for a port.
 */
export async function openSource(
  options: UdpSourceOptions & { readonly method?: 'auto' | 'dgram' },
  load: () => { system: System } | { reason: string } = loadSystem,
): Promise<OpenedSource> {
  const loaded = options.method === 'dgram' ? { reason: 'asked for by the configuration' } : load();
  if ('system' in loaded) {
    return { source: new UdpSource(loaded.system, options), method: 'recvmmsg', reason: undefined };
  }
  return { source: await openDgramSource(options), method: 'dgram', reason: loaded.reason };
}

/** Whether several sockets can share a port here; decide on the number of sockets with it. */
export function canSharePort(): boolean {
  return 'system' in loadSystem();
}
