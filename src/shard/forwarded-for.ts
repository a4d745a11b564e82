/**
 * Whom a proxy speaks for, as its X-Forwarded-For says: for events, instead of the client's address or beside it.
 * Stage: shard; for events alone, so it may allocate. As Suricata has it, one of the header's addresses counts: the
 * last one, which the proxy next to the server has added, or the first, which the client's own proxy has.
 *
 * Anybody can send the header. `proxies` are the clients that are believed.
 */
import ipaddr from 'ipaddr.js';
import type { Packet } from '../decode/packet.js';
import { eveAddress } from '../detect/event/eve-text.js';
import type { ForwardedClient } from '../detect/event/event-writer.js';
import { DIRECTION, type Direction } from '../flow/flow.js';

export interface ForwardedOptions {
  readonly overwrites: boolean;
  readonly header: string;
  readonly takes: 'last' | 'first';
  /** Networks and addresses; all clients where there are none. */
  readonly proxies: readonly string[];
}

export class ForwardedFor implements ForwardedClient {
  readonly overwrites: boolean;
  readonly header: string;
  private readonly takesLast: boolean;
  private readonly proxies: readonly [ipaddr.IPv4 | ipaddr.IPv6, number][];

  constructor({ overwrites, header, takes, proxies }: ForwardedOptions) {
    this.overwrites = overwrites;
    this.header = header;
    this.takesLast = takes === 'last';
    this.proxies = proxies.map((text) => {
      if (text.includes('/')) return ipaddr.parseCIDR(text);
      const address = ipaddr.parse(text);
      return [address, address.kind() === 'ipv4' ? 32 : 128];
    });
  }

  clientOf(value: string, packet: Packet, direction: Direction): string {
    if (!this.isBelieved(packet, direction)) return '';
    const parts = value.split(',');
    const part = (this.takesLast ? parts[parts.length - 1]! : parts[0]!).trim();
    return addressIn(part);
  }

  private isBelieved({ bytes, srcIpOffset, dstIpOffset, ipVersion }: Packet, direction: Direction): boolean {
    if (this.proxies.length === 0) return true;
    const at = direction === DIRECTION.toServer ? srcIpOffset : dstIpOffset;
    const client = ipaddr.parse(eveAddress(bytes, at, ipVersion));
    return this.proxies.some(([network, length]) => network.kind() === client.kind() && client.match(network, length));
  }
}

/** The address in `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1` or `[2001:db8::1]:80`, as events print it; else ''. */
function addressIn(text: string): string {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\](?::\d+)?|([\d.]+)(?::\d+)?)$/.exec(text) ?? [];
  const address = bracketed ?? plain ?? text;
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return address;
  if (!ipaddr.IPv6.isValid(address)) return '';
  return eveAddress(Uint8Array.from(ipaddr.IPv6.parse(address).toByteArray()), 0, 6);
}
