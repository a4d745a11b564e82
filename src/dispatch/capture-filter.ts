/**
 * What is not to be inspected: mirror sessions, protocols, ports and networks that the configuration names. Stage:
 * dispatch, before the rings. A frame is left out when its outermost IP layer under the mirror header is of one of
 * them, from either end; it is a drop with a reason of its own (stage `filter`). A fragment has no ports: its datagram
 * has them.
 *
 * Lists are short and bounded (MAX_FILTER_ENTRIES), and walked; nothing is allocated after construction.
 */
import ipaddr from 'ipaddr.js';
import { LAYER, LAYER_FLAG, type DecodedFrame } from '../decode/packet.js';
import { DISPATCHER_SLOTS } from '../counters/names.js';

export const MAX_FILTER_ENTRIES = 64;

export interface FilterOptions {
  readonly vnis: readonly number[];
  /** Numbers of IP protocols. */
  readonly protocols: readonly number[];
  readonly ports: readonly number[];
  /** Networks, `10.0.0.0/8` or `fd00::/8`, and addresses. */
  readonly addresses: readonly string[];
}

export const NO_FILTER: FilterOptions = { vnis: [], protocols: [], ports: [], addresses: [] };
/** No reason. */
export const INSPECTED = -1;

export class CaptureFilter {
  private readonly vnis: Int32Array;
  private readonly protocols: Int32Array;
  private readonly ports: Int32Array;
  private readonly networks: readonly Network[];
  private readonly isEmpty: boolean;

  constructor({ vnis, protocols, ports, addresses }: FilterOptions = NO_FILTER) {
    this.vnis = Int32Array.from(vnis);
    this.protocols = Int32Array.from(protocols);
    this.ports = Int32Array.from(ports);
    this.networks = addresses.map(networkOf);
    this.isEmpty = vnis.length + protocols.length + ports.length + addresses.length === 0;
  }

  /** The counter of the reason for which the frame is left out, or INSPECTED. */
  reasonOf(bytes: Uint8Array, frame: DecodedFrame): number {
    if (this.isEmpty || frame.layerCount === 0) return INSPECTED;
    const { layers } = frame;
    const version = layers[LAYER.ipVersion];
    if (this.vnis.includes(frame.vni)) return DISPATCHER_SLOTS.droppedFilterVni;
    if (version === 0) return INSPECTED;
    if (this.protocols.includes(layers[LAYER.protocol])) return DISPATCHER_SLOTS.droppedFilterProtocol;
    if (this.hasPort(layers)) return DISPATCHER_SLOTS.droppedFilterPort;
    const source = layers[LAYER.ipOffset] + (version === 4 ? 12 : 8);
    return this.hasAddress(bytes, source, version) ? DISPATCHER_SLOTS.droppedFilterAddress : INSPECTED;
  }

  private hasPort(layers: Int32Array): boolean {
    if (this.ports.length === 0 || (layers[LAYER.flags] & LAYER_FLAG.fragment) !== 0) return false;
    const source = layers[LAYER.srcPort];
    const destination = layers[LAYER.dstPort];
    return this.ports.includes(source) || this.ports.includes(destination);
  }

  private hasAddress(bytes: Uint8Array, source: number, version: number): boolean {
    const { networks } = this;
    const size = version === 4 ? 4 : 16;
    for (let i = 0; i < networks.length; i++) {
      const network = networks[i];
      if (network.bytes.length !== size) continue;
      if (holds(network, bytes, source) || holds(network, bytes, source + size)) return true;
    }
    return false;
  }
}

interface Network {
  readonly bytes: Uint8Array;
  /** Bits that count. */
  readonly length: number;
}

/** Whether a text names a network or an address. */
export function isNetwork(text: string): boolean {
  if (text.includes('/')) return ipaddr.isValidCIDR(text);
  return text.includes(':') ? ipaddr.isValid(text) : ipaddr.IPv4.isValidFourPartDecimal(text);
}

function networkOf(text: string): Network {
  const [address, length] = text.includes('/') ? ipaddr.parseCIDR(text) : [ipaddr.parse(text), 128];
  const bytes = Uint8Array.from(address.toByteArray());
  return { bytes, length: Math.min(length, 8 * bytes.length) };
}

function holds({ bytes, length }: Network, from: Uint8Array, at: number): boolean {
  const whole = length >>> 3;
  for (let i = 0; i < whole; i++) if (from[at + i] !== bytes[i]) return false;
  const mask = (0xff00 >>> (length & 7)) & 0xff;
  return mask === 0 || ((from[at + whole] ^ bytes[whole]) & mask) === 0;
}
